import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** Set MENSHEN_URL to work against a running server instead of the fixtures of dev/. */
const server = process.env.MENSHEN_URL;

export default defineConfig(async ({ command, mode }) => {
	const fixtures = command === 'serve' && mode === 'development' && !server;
	const mock = fixtures ? [(await import('./dev/mock.ts')).mockServer()] : [];
	return {
		plugins: [react(), ...mock],
		html: { cspNonce: '__CSP_NONCE__' },
		server: {
			host: '127.0.0.1',
			fs: { allow: ['.', '../docs'] },
			proxy: server ? { '/api': { target: server, secure: false, changeOrigin: true } } : undefined,
		},
		build: {
			target: 'chrome109',
			modulePreload: { polyfill: false },
			assetsInlineLimit: 0,
			chunkSizeWarningLimit: 1200,
		},
		test: {
			include: ['test/**/*.test.{ts,tsx}'],
			environment: 'node',
			testTimeout: 20_000,
		},
	};
});
