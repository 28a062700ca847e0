import { QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError } from './client';

/** 401 anywhere means the session has ended: the root then shows the login. */
function ended(error: unknown): void {
	if (error instanceof ApiError && error.status === 401) endSession();
}

/** Nothing that one person loaded is there for the next. */
export function endSession(): void {
	queryClient.setQueryData(['session'], null);
	queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
}

export const queryClient: QueryClient = new QueryClient({
	queryCache: new QueryCache({ onError: ended }),
	defaultOptions: {
		queries: {
			staleTime: 10_000,
			refetchOnWindowFocus: false,
			retry: (count, error) => error instanceof ApiError && error.status === 503 && count < 3,
		},
		mutations: { onError: ended },
	},
});
