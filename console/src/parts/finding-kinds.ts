/** The kinds of findings with their words, as the server tells them. */
import { useQuery } from '@tanstack/react-query';
import { api, call, type Schema } from '../api/client';
import { useLanguage } from '../words/catalogue';

type Kind = Schema['FindingKind'];

export function useFindingKinds() {
	const kinds = useQuery({
		queryKey: ['finding-kinds'],
		staleTime: Number.POSITIVE_INFINITY,
		queryFn: async () => (await call(api.GET('/finding-kinds'))).rows,
	});
	const language = useLanguage();
	const find = (code: string): Kind | undefined => kinds.data?.find((k) => k.code === code);
	return {
		all: kinds.data ?? [],
		name: (code: string) => find(code)?.[language] ?? code,
		todo: (code: string) => find(code)?.[language === 'zh' ? 'zh_todo' : 'en_todo'] ?? '',
		clause: (code: string) => find(code)?.clause ?? '',
	};
}
