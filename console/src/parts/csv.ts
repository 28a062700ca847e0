/** A table as spreadsheets read it (RFC 4180), with a mark that says UTF-8. */
const BOM = '\uFEFF';

/** A text that a spreadsheet would take for a formula is led by an apostrophe. */
function cell(value: string | number | null): string {
	const text = value === null ? '' : String(value);
	const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
	return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csvText(rows: (string | number | null)[][]): string {
	return BOM + rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}
