/** What a request kind and its steps are called: the server's own table, in both languages. */
import { useQuery } from '@tanstack/react-query';
import { api, call, type Schema } from '../api/client';
import { useLanguage } from '../words/catalogue';

export type RequestKind = Schema['RequestKind'];

export function useRequestKinds() {
	return useQuery({
		queryKey: ['request-kinds'],
		staleTime: Number.POSITIVE_INFINITY,
		queryFn: async () => (await call(api.GET('/request-kinds'))).rows,
	});
}

export function useKindNames() {
	const language = useLanguage();
	const kinds = useRequestKinds();
	const find = (id: string) => kinds.data?.find((k) => k.id === id);
	return {
		kind: (id: string) => find(id)?.[language] ?? id,
		step: (id: string, step: string | null) =>
			step === null ? '' : (find(id)?.route.find((s) => s.name === step)?.[language] ?? step),
	};
}
