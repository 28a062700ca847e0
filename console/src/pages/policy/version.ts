/** Versions of the policy, as the server has them. */
import { useQuery } from '@tanstack/react-query';
import { api, call, type Schema } from '../../api/client';

export type Row = Schema['PolicyRow'];

export const versionText = (p: { epoch: number; number: number }) => `${p.epoch}.${p.number}`;

/** The newest 200: whoever looks further back opens a version from the list. */
export function useVersions() {
	return useQuery({
		queryKey: ['policies', 'versions'],
		queryFn: async () =>
			(await call(api.GET('/policies', { params: { query: { limit: 200 } } }))).rows,
	});
}

/** null: none was published. */
export function useNewest() {
	return useQuery({
		queryKey: ['policies', 'newest'],
		queryFn: async (): Promise<Row | null> =>
			(await call(api.GET('/policies', { params: { query: { limit: 1 } } }))).rows[0] ?? null,
	});
}

export function usePolicy(id: number | undefined) {
	return useQuery({
		queryKey: ['policy', id],
		enabled: id !== undefined,
		queryFn: () => call(api.GET('/policies/{id}', { params: { path: { id: id ?? 0 } } })),
	});
}
