import { describe, expect, it } from 'vitest';
import { typedAs } from '../src/pages/admission/typed';
import { csvText } from '../src/parts/csv';

describe("the history's box", () => {
	it('says what was typed', () => {
		for (const mac of ['00:1b:44:00:00:21', '00-1B-44-00-00-21', '001b.4400.0021', '001b44000021'])
			expect(typedAs(mac)).toBe('asMac');
		for (const address of ['10.9.0.7', '2001:db8::7', '::1'])
			expect(typedAs(address)).toBe('asAddress');
		for (const network of ['10.9.0.0/24', '2001:db8::/32'])
			expect(typedAs(network)).toBe('asNetwork');
		for (const word of ['王丽', 'staff', 'T-000012', '10.9']) expect(typedAs(word)).toBe('asWords');
	});
});

describe('a table as CSV', () => {
	it('quotes what needs it, and lets no text be a formula', () => {
		expect(csvText([['a,b', 'say "x"', 7, null]])).toBe('\uFEFF"a,b","say ""x""",7,\r\n');
		expect(csvText([['=1+1', '-']])).toBe("\uFEFF'=1+1,'-\r\n");
	});
});
