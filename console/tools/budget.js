// Holds the entry to its budget: the entry script with everything it imports at once, compressed.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET_KB = 400;
const html = readFileSync('dist/index.html', 'utf8');
const scripts = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map((m) => m[1]);
if (scripts.length === 0) throw new Error('dist/index.html names no script');
const sizes = scripts.map((name) => gzipSync(readFileSync(`dist/${name}`)).length);
const total_kb = sizes.reduce((sum, size) => sum + size, 0) / 1000;
console.log(
	`entry: ${total_kb.toFixed(0)} kB compressed in ${scripts.length} scripts, budget ${BUDGET_KB} kB`,
);
if (total_kb > BUDGET_KB) {
	console.error('The entry is over its budget: load what a page needs with that page.');
	process.exit(1);
}
