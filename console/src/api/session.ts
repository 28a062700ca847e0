/** Who is logged in, and what that person may do. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiError, api, call, type Role, type Session, setCsrf } from './client';
import { endSession } from './query';

export function useSession() {
	return useQuery({
		queryKey: ['session'],
		staleTime: Number.POSITIVE_INFINITY,
		retry: false,
		queryFn: async (): Promise<Session | null> => {
			try {
				const session = await call(api.GET('/session'));
				setCsrf(session.csrf);
				return session;
			} catch (error) {
				if (error instanceof ApiError && error.status === 401) return null;
				throw error;
			}
		},
	});
}

export function useSetSession() {
	const client = useQueryClient();
	return (session: Session | null) => {
		setCsrf(session?.csrf ?? '');
		if (session === null) endSession();
		else client.setQueryData(['session'], session);
	};
}

/** Of a page below the shell, where somebody is logged in for certain. */
export function useMe(): Session {
	const { data } = useSession();
	if (!data) throw new Error('nobody is logged in');
	return data;
}

export function holds(session: Session, ...roles: Role[]): boolean {
	return session.roles.some((grant) => roles.includes(grant.role));
}

export function useMay(...roles: Role[]): boolean {
	return holds(useMe(), ...roles);
}
