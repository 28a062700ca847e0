/** Octets as people read them. */
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

export function amount(octets: number): string {
	let n = octets;
	let unit = 0;
	while (n >= 1000 && unit < UNITS.length - 1) {
		n /= 1000;
		unit++;
	}
	return `${unit === 0 ? n : n.toFixed(1)} ${UNITS[unit]}`;
}
