/** A server of one's own for the length of a test: fresh keys, fresh store, free ports. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Server {
	url: string;
	/** Gone with the server. */
	folder: string;
	/** The public half of the key that signs the log, as a file. */
	logKey: string;
	/** First passwords by account. */
	passwords: Map<string, string>;
	stop(): Promise<void>;
	log(): string;
	/** The gate that `menshen init` registered, on this server's line and without RADIUS. */
	startGate(): Promise<void>;
	/** The menshen program of the same build: what it says, and whether it ended well. */
	menshen(...words: string[]): { good: boolean; text: string };
}

export interface FilledBank {
	url: string;
	/** A line of tests/unit/server/bank_server.c: what a gate would report. */
	tell(line: string): Promise<void>;
	stop(): Promise<void>;
}

/** The small bank of tests/unit/server/bank.h with terminals, sessions and records: what gates and
 * agents would have reported. Its people share one first password. */
export async function startFilledBank(build: string, consoleDir: string): Promise<FilledBank> {
	const child = spawn(
		join(build, 'tests/unit/server/bank_server'),
		['--console', consoleDir, '--fill', '120', '1200'],
		{ stdio: ['pipe', 'pipe', 'inherit'] },
	);
	const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
	const line = await new Promise<string>((resolve) => {
		child.stdout.once('data', (data) => resolve(String(data)));
		child.on('exit', () => resolve(''));
	});
	const port = /^ready (\d+) /.exec(line)?.[1];
	if (!port) throw new Error('bank_server did not start');
	return {
		url: `https://localhost:${port}`,
		tell: (said) =>
			new Promise<void>((resolve) => {
				child.stdout.once('data', () => resolve());
				child.stdin.write(`${said}\n`);
			}),
		stop: () => {
			child.stdin.end();
			return ended;
		},
	};
}

function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const probe = createServer();
		probe.on('error', reject);
		probe.listen(0, '127.0.0.1', () => {
			const address = probe.address();
			probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
		});
	});
}

async function ready(child: ChildProcess, log: () => string): Promise<void> {
	for (let tries = 0; tries < 200; tries++) {
		if (/ready:/.test(log())) return;
		if (child.exitCode !== null) throw new Error(`menshend ended at once:\n${log()}`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	throw new Error(`menshend is not ready within 10 s:\n${log()}`);
}

export async function startServer(build: string, consoleDir: string): Promise<Server> {
	const dir = mkdtempSync(join(tmpdir(), 'menshen-console-'));
	const console_at = `127.0.0.1:${await freePort()}`;
	const gateway_at = `127.0.0.1:${await freePort()}`;
	const told = execFileSync(
		join(build, 'src/cli/menshen'),
		// biome-ignore format: a command line
		['init', '--dir', join(dir, 'bank'), '--console', console_at, '--gateway', gateway_at, '--console-dir', consoleDir, '--gate-runs', 'here'],
		{ encoding: 'utf8' },
	);
	const passwords = new Map(
		[...told.matchAll(/^account (\S+)\s+password (\S+)/gm)].map((m) => [m[1] ?? '', m[2] ?? '']),
	);
	const logFile = join(dir, 'log');
	const child = spawn(
		'/bin/sh',
		[
			'-c',
			'exec "$0" "$1" >"$2" 2>&1',
			join(build, 'src/server/menshend'),
			join(dir, 'bank/menshend.conf'),
			logFile,
		],
		{ stdio: 'ignore' },
	);
	const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
	const log = () => {
		try {
			return readFileSync(logFile, 'utf8');
		} catch {
			return '';
		}
	};
	let gate: ChildProcess | undefined;
	const startGate = async () => {
		const conf = join(dir, 'bank/gates/north/gate.conf');
		const said = join(dir, 'gate.log');
		const text = readFileSync(conf, 'utf8').replace('[engine]\n', '[engine]\nenabled = no\n');
		writeFileSync(conf, `${text}[radius]\nauth = none\nacct = none\nauth6 = none\nacct6 = none\n`);
		gate = spawn(
			'/bin/sh',
			['-c', 'exec "$0" -c "$1" 2>"$2"', join(build, 'src/gate/menshen-gate'), conf, said],
			{ stdio: 'ignore' },
		);
		for (let tries = 0; tries < 400; tries++) {
			if (/snapshot from head office/.test(readFileSync(said, { encoding: 'utf8', flag: 'a+' })))
				return;
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
		throw new Error(`the gate has no snapshot within 20 s:\n${readFileSync(said, 'utf8')}`);
	};
	const stop = async () => {
		gate?.kill('SIGTERM');
		child.kill('SIGTERM');
		await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 5000))]);
		if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
		await ended;
		rmSync(dir, { recursive: true, force: true });
	};
	try {
		await ready(child, log);
	} catch (reason) {
		await stop();
		throw reason;
	}
	const menshen = (...words: string[]) => {
		const done = spawnSync(join(build, 'src/cli/menshen'), words, { encoding: 'utf8' });
		return { good: done.status === 0, text: done.stdout + done.stderr };
	};
	return {
		url: `https://${console_at}`,
		folder: dir,
		logKey: join(dir, 'bank/keys/log.pub'),
		passwords,
		startGate,
		stop,
		log,
		menshen,
	};
}
