/** The one door to the server: typed by api/openapi.yaml, errors as sentences of both languages. */
import createClient from 'openapi-fetch';
import type { Language } from '../words/catalogue';
import type { components, paths } from './schema';

export type Schema = components['schemas'];
export type Session = Schema['Session'];
export type Role = Schema['Role'];

export class ApiError extends Error {
	constructor(
		readonly status: number,
		readonly code: string,
		readonly zh: string,
		readonly en: string,
		readonly field?: string,
	) {
		super(`${code}: ${en}`);
	}

	in(language: Language): string {
		return language === 'zh' ? this.zh : this.en;
	}
}

const unreachable = () =>
	new ApiError(
		0,
		'unreachable',
		'无法连接服务器，请检查网络后重试',
		'The server cannot be reached; check the network and try again',
	);

function asError(status: number, body: unknown): ApiError {
	const e = body as Partial<Schema['Error']> | undefined;
	if (typeof e?.code === 'string' && e.message_zh && e.message_en)
		return new ApiError(status, e.code, e.message_zh, e.message_en, e.field);
	return new ApiError(
		status,
		`http-${status}`,
		`服务器没有给出说明（${status}），请稍后再试`,
		`The server gave no explanation (${status}); try again later`,
	);
}

let csrf = '';

export function setCsrf(token: string): void {
	csrf = token;
}

export const api = createClient<paths>({
	baseUrl: '/api/v1',
	credentials: 'same-origin',
	fetch: async (request) => {
		try {
			return await fetch(request);
		} catch {
			throw unreachable();
		}
	},
});

api.use({
	onRequest({ request }) {
		if (request.method !== 'GET' && csrf) request.headers.set('X-CSRF-Token', csrf);
		return request;
	},
});

/**
 * Every write of the contract demands this header; the middleware above fills it in, so that no
 * page handles the token. `params: { header: TOKEN }` satisfies the types.
 */
export const TOKEN = { 'X-CSRF-Token': '' };

interface Answer<T> {
	data?: T;
	error?: unknown;
	response: Response;
}

/** The data of an answer, or an ApiError. */
export async function call<T>(answer: Promise<Answer<T>>): Promise<T> {
	const { data, error, response } = await answer;
	if (!response.ok) throw asError(response.status, error);
	return data as T;
}
