/** What was published, newest first, and what waits for a second person. */
import { useQuery } from '@tanstack/react-query';
import type { TableColumnsType } from 'antd';
import { Alert, Button } from 'antd';
import { Link, useNavigate } from 'react-router';
import { api, call, type Schema } from '../../api/client';
import { useMay } from '../../api/session';
import { Mark } from '../../parts/mark';
import { Page } from '../../parts/page';
import { PAGE_ROWS, Rows, usePage } from '../../parts/rows';
import { Time } from '../../parts/time';
import { useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { Reach } from './reach';
import { useNewest } from './version';
import { words } from './words';

type Row = Schema['PolicyRow'];

function Pending() {
	const w = useWords(words);
	const open = useQuery({
		queryKey: ['proposals', { open: true }, 'policy.publish'],
		queryFn: async () =>
			(
				await call(api.GET('/proposals', { params: { query: { open: true, limit: 200 } } }))
			).rows.filter((p) => p.act === 'policy.publish').length,
	});
	if (!open.data) return null;
	return (
		<Alert
			type="info"
			showIcon
			title={w.pending(open.data)}
			action={<Link to="/proposals?open=true">{w.look}</Link>}
		/>
	);
}

export default function Policies() {
	const w = useWords(words);
	const c = useWords(common);
	const mayPropose = useMay('security');
	const navigate = useNavigate();
	const newest = useNewest();
	const page = usePage<Row>(['policies'], (after) =>
		call(api.GET('/policies', { params: { query: { limit: PAGE_ROWS, after } } })),
	);
	const columns: TableColumnsType<Row> = [
		{
			title: w.version,
			render: (_, p) => (
				<Link to={`/policies/${p.id}`} className="num">
					{p.epoch}.{p.number}
				</Link>
			),
		},
		{
			title: c.status,
			render: (_, p) =>
				p.id === newest.data?.id ? <Mark tone="good">{w.newest}</Mark> : <Mark>{w.older}</Mark>,
		},
		{ title: w.published, render: (_, p) => <Time at={p.published_at} /> },
		{ title: w.publishedBy, render: (_, p) => p.published_by_name ?? '—' },
	];
	return (
		<Page
			title={w.title}
			hint={w.hint}
			end={
				mayPropose && (
					<Button type="primary" onClick={() => navigate('/policies/new')}>
						{w.propose}
					</Button>
				)
			}
		>
			<Pending />
			<Rows
				label={w.title}
				empty={w.none}
				query={page}
				columns={columns}
				rowKey={(p) => p.id}
				open={(p) => navigate(`/policies/${p.id}`)}
			/>
			<Reach />
		</Page>
	);
}
