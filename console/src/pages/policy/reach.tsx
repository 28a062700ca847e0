/** Whom a policy reaches: every terminal with an agent, now or when it returns. */
import { useQuery } from '@tanstack/react-query';
import { api, call } from '../../api/client';
import { Panel } from '../../parts/page';
import { useWords } from '../../words/catalogue';
import { words } from './words';

const AGENT_KINDS = ['pc', 'xpe'] as const;

async function count(online?: boolean): Promise<number> {
	const counts = AGENT_KINDS.map(async (kind) => {
		const query = { kind, status: 'in-use' as const, online, limit: 1 };
		return (await call(api.GET('/terminals', { params: { query } }))).total ?? 0;
	});
	return (await Promise.all(counts)).reduce((sum, n) => sum + n, 0);
}

export function Reach() {
	const w = useWords(words);
	const reach = useQuery({
		queryKey: ['terminals', 'reach'],
		queryFn: async () => ({ all: await count(), online: await count(true) }),
	});
	return (
		<Panel title={w.reach}>
			{reach.data ? w.reachText(reach.data.all, reach.data.online) : '…'}
		</Panel>
	);
}
