// Lays a compressed neighbour beside each file that gains by it; the server sends what is taken.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const SMALL = 1024;
for (const name of readdirSync('dist', { recursive: true })) {
	const file = join('dist', String(name));
	if (!/\.(js|css|svg)$/.test(file)) continue;
	const bytes = readFileSync(file);
	if (bytes.length < SMALL) continue;
	writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
	const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
	writeFileSync(`${file}.br`, brotliCompressSync(bytes, options));
}
