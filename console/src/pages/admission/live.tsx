import type { TableColumnsType } from 'antd';
import { useEffect, useMemo, useState } from 'react';
import { api, call } from '../../api/client';
import { useUnits } from '../../api/units';
import { useLive } from '../../live/stream';
import { Mac, TerminalLink, useReasons } from '../../parts/cells';
import { ChoiceFilter, FilterBar, TextFilter, useFilters, yesNo } from '../../parts/filters';
import { Page } from '../../parts/page';
import { PAGE_ROWS, Rows, usePage } from '../../parts/rows';
import { Time } from '../../parts/time';
import { type Pair, useNames, useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { methodNames, verdictNames } from '../../words/names';
import { type Knock, MAC_INPUT, Told, Where, WouldBe } from './knocks';
import { words } from './words';

const FRESH_MAX = 200;

const bare = (mac: string) => mac.toLowerCase().replace(/[^0-9a-f]/g, '');

export default function Live() {
	const w = useWords(words);
	const c = useWords(common);
	const methodName = useNames(methodNames);
	const filters = useFilters();
	const units = useUnits();
	const reasons = useReasons();
	const { verdict, reason } = filters.values;
	const unit = filters.number('unit');
	const typed = filters.values.mac;
	const mac = typed && MAC_INPUT.test(typed) ? typed : undefined;
	const differ = filters.flag('would_differ');
	const query = {
		verdict: verdict as 'admit' | 'isolate' | 'reject' | undefined,
		reason,
		unit,
		mac,
		would_differ: differ,
		limit: PAGE_ROWS,
	};
	const key = JSON.stringify(query);
	const page = usePage<Knock>(['knocks', query], (after) =>
		call(api.GET('/admission/knocks', { params: { query: { ...query, after } } })),
	);

	const [fresh, setFresh] = useState<Knock[]>([]);
	// biome-ignore lint/correctness/useExhaustiveDependencies: other filters, other rows
	useEffect(() => setFresh([]), [key]);
	const below = useMemo(() => {
		const root = units.data?.find((u) => u.id === unit);
		return new Set(
			units.data?.filter((u) => root && u.path.startsWith(root.path)).map((u) => u.id),
		);
	}, [units.data, unit]);
	useLive('knock', (data) => {
		const knock = data as Knock;
		if (!knock.mac || filters.values.after) return;
		const fits =
			(!verdict || knock.verdict === verdict) &&
			(!reason || knock.reason === reason) &&
			(!mac || bare(knock.mac) === bare(mac)) &&
			(!differ || knock.would_be !== knock.verdict) &&
			(!unit || below.has(knock.unit_id ?? 0));
		if (fits)
			setFresh((old) => [knock, ...old.filter((k) => k.mac !== knock.mac)].slice(0, FRESH_MAX));
	});
	const freshMacs = new Set(fresh.map((k) => k.mac));
	const shown = page.data && {
		...page.data,
		rows: [...fresh, ...page.data.rows.filter((k) => !freshMacs.has(k.mac))],
	};
	const reasonOptions = Object.fromEntries(
		(reasons.data ?? [])
			.filter((r) => r.code !== 'none')
			.map((r) => [r.code, [r.zh, r.en] satisfies Pair]),
	);
	const columns: TableColumnsType<Knock> = [
		{ title: c.time, render: (_, k) => <Time at={k.last_at} /> },
		{ title: c.mac, render: (_, k) => <Mac of={k.mac} /> },
		{ title: c.terminal, render: (_, k) => <TerminalLink id={k.terminal_id} name={k.asset_no} /> },
		{ title: c.account, render: (_, k) => k.account || '—' },
		{ title: c.verdict, render: (_, k) => <Told of={k} /> },
		{ title: w.wouldBe, render: (_, k) => <WouldBe of={k} /> },
		{ title: c.switchAndPort, render: (_, k) => <Where of={k} /> },
		{ title: c.unit, render: (_, k) => k.unit_name ?? '—' },
		{ title: c.method, render: (_, k) => methodName(k.method) },
		{ title: c.times, align: 'right', render: (_, k) => <span className="num">{k.count}</span> },
	];
	return (
		<Page title={w.live} hint={w.liveHint} tree="terminals">
			<FilterBar filters={filters}>
				<TextFilter filters={filters} name="mac" label={c.mac} />
				<ChoiceFilter filters={filters} name="verdict" label={c.verdict} options={verdictNames} />
				<ChoiceFilter filters={filters} name="reason" label={c.why} options={reasonOptions} />
				<ChoiceFilter filters={filters} name="would_differ" label={w.wouldDiffer} options={yesNo} />
			</FilterBar>
			<Rows
				label={w.live}
				empty={w.liveNone}
				query={{ ...page, data: shown }}
				columns={columns}
				rowKey={(k) => k.mac}
				rowClass={(k) => (freshMacs.has(k.mac) ? 'row-fresh' : '')}
			/>
		</Page>
	);
}
