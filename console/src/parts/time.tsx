/** Times are stored in UTC and shown in China Standard Time, whatever the browser's zone. */

const ZONE = 'Asia/Shanghai';

const parts = new Intl.DateTimeFormat('en-CA', {
	timeZone: ZONE,
	year: 'numeric',
	month: '2-digit',
	day: '2-digit',
	hour: '2-digit',
	minute: '2-digit',
	second: '2-digit',
	hourCycle: 'h23',
});

export function timeText(at: number): string {
	const p = Object.fromEntries(parts.formatToParts(at).map(({ type, value }) => [type, value]));
	return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}:${p.second}`;
}

export function dateText(at: number): string {
	return timeText(at).slice(0, 10);
}

/** 14:05 today, 2026-11-23 14:05 on another day. */
export function momentText(at: number, now = Date.now()): string {
	const text = timeText(at).slice(0, 16);
	return text.slice(0, 10) === dateText(now) ? text.slice(11) : text;
}

/** The first moment of a day written as 2026-11-23, in China Standard Time. */
export function dayStart(date: string): number {
	return Date.parse(`${date}T00:00:00+08:00`);
}

export const DAY_MS = 24 * 3600 * 1000;

export function Time({ at, empty = '' }: { at: number | null | undefined; empty?: string }) {
	if (!at) return <span>{empty}</span>;
	return (
		<time className="num" dateTime={new Date(at).toISOString()} title={`${timeText(at)} UTC+08:00`}>
			{timeText(at)}
		</time>
	);
}
