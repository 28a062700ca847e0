/** Test Anything Protocol: one line a step, a plan at the end. */
let count = 0;
let failures = 0;

export async function step(name: string, run: () => Promise<void>): Promise<boolean> {
	count++;
	try {
		await run();
		console.log(`ok ${count} - ${name}`);
		return true;
	} catch (reason) {
		failures++;
		console.log(`not ok ${count} - ${name}`);
		const text = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
		for (const line of text.split('\n').slice(0, 14)) console.log(`# ${line}`);
		return false;
	}
}

/** A step without which the rest makes no sense. */
export async function must(name: string, run: () => Promise<void>): Promise<void> {
	if (!(await step(name, run))) throw new Error(`the rest depends on: ${name}`);
}

export function check(good: boolean, what: string): void {
	if (!good) throw new Error(what);
}

export function done(): void {
	console.log(`1..${count}`);
	process.exitCode = failures > 0 ? 1 : 0;
}
