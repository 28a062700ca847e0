import type { TableColumnsType } from 'antd';
import { Button, Drawer, Form, Input, InputNumber } from 'antd';
import { api, call, type Schema, TOKEN } from '../../api/client';
import { useMay } from '../../api/session';
import { useAsk } from '../../parts/ask';
import { Mac, TerminalLink } from '../../parts/cells';
import { CodeOnce } from '../../parts/code-once';
import { useFilters } from '../../parts/filters';
import { Mark } from '../../parts/mark';
import { Page } from '../../parts/page';
import { PAGE_ROWS, Rows, usePage } from '../../parts/rows';
import { DAY_MS, dateText, dayStart, Time } from '../../parts/time';
import { UnitSelect } from '../../parts/unit-select';
import { useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { type CampaignItem, parseCampaignList } from './campaign-list';
import { words } from './words';

type Campaign = Schema['Campaign'];

function NewFields() {
	const w = useWords(words);
	const c = useWords(common);
	const needed = { required: true, message: c.required };
	const checkList = (_: unknown, text: string | undefined) => {
		const list = parseCampaignList(text ?? '');
		if (list.badLine) return Promise.reject(w.campaignBadLine(list.badLine));
		return list.items.length > 0 ? Promise.resolve() : Promise.reject(w.campaignEmpty);
	};
	return (
		<>
			<Form.Item name="unit_id" label={c.unit} rules={[needed]}>
				<UnitSelect label={c.unit} />
			</Form.Item>
			<Form.Item name="name" label={c.name} rules={[needed]}>
				<Input maxLength={64} />
			</Form.Item>
			<Form.Item name="places" label={w.places} rules={[needed]}>
				<InputNumber min={1} max={5000} />
			</Form.Item>
			<Form.Item name="until" label={c.until} rules={[needed]}>
				<Input type="date" />
			</Form.Item>
			<Form.Item
				name="list"
				label={w.campaignList}
				extra={w.campaignListHint}
				rules={[{ validator: checkList }]}
			>
				<Input.TextArea rows={6} className="mono" />
			</Form.Item>
		</>
	);
}

function Items({ campaign, close }: { campaign: Campaign | undefined; close: () => void }) {
	const w = useWords(words);
	return (
		<Drawer open={!!campaign} onClose={close} title={campaign?.name} size={760}>
			{campaign && <ItemRows id={campaign.id} label={w.campaignList} />}
		</Drawer>
	);
}

function ItemRows({ id, label }: { id: number; label: string }) {
	const w = useWords(words);
	const c = useWords(common);
	const page = usePage(['campaign-items', id], (after) =>
		call(
			api.GET('/campaigns/{id}/items', {
				params: { path: { id }, query: { after, limit: PAGE_ROWS } },
			}),
		),
	);
	return (
		<Rows
			label={label}
			query={page}
			rowKey={(item) => item.id}
			columns={[
				{ title: c.mac, render: (_, i) => <Mac of={i.mac} /> },
				{ title: c.asset, dataIndex: 'asset_no' },
				{ title: c.name, render: (_, i) => i.name || '—' },
				{ title: c.owner, render: (_, i) => i.owner_name ?? '—' },
				{
					title: w.enrolled,
					render: (_, i) =>
						i.terminal_id ? <TerminalLink id={i.terminal_id} name={i.asset_no} /> : '—',
				},
			]}
		/>
	);
}

export default function Campaigns() {
	const w = useWords(words);
	const c = useWords(common);
	const ask = useAsk();
	const may = useMay('security', 'regional');
	const filters = useFilters();
	const query = { unit: filters.number('unit'), limit: PAGE_ROWS };
	const page = usePage<Campaign>(['campaigns', query], (after) =>
		call(api.GET('/campaigns', { params: { query: { ...query, after } } })),
	);
	const chosen = page.data?.rows.find((row) => row.id === filters.number('campaign'));
	const open = () =>
		ask({
			title: w.campaignNew,
			text: w.campaignText,
			noReason: true,
			initial: { unit_id: query.unit, places: 50, until: dateText(Date.now() + 30 * DAY_MS) },
			fields: <NewFields />,
			run: ({ unit_id, name, places, until, list }) =>
				call(
					api.POST('/campaigns', {
						params: { header: TOKEN },
						body: {
							unit_id,
							name,
							places,
							until_at: dayStart(until) + DAY_MS,
							items: parseCampaignList(list).items as CampaignItem[],
						},
					}),
				),
			result: (answer) => {
				const { code, campaign } = answer as { code: string; campaign: Campaign };
				return <CodeOnce label={w.campaignCode} code={code} until={campaign.until_at} />;
			},
		});
	const end = (row: Campaign) =>
		ask({
			title: w.campaignEnd,
			text: w.campaignEndText,
			danger: true,
			noReason: true,
			run: () =>
				call(
					api.POST('/campaigns/{id}/end', {
						params: { path: { id: row.id }, header: TOKEN },
					}),
				),
		});
	const columns: TableColumnsType<Campaign> = [
		{ title: c.name, dataIndex: 'name' },
		{ title: c.unit, dataIndex: 'unit_name' },
		{
			title: w.state,
			render: (_, r) =>
				r.ended_at || r.until_at < Date.now() ? (
					<Mark>{w.over}</Mark>
				) : (
					<Mark tone="good">{w.running}</Mark>
				),
		},
		{
			title: w.used,
			align: 'right',
			render: (_, r) => (
				<span className="num">
					{r.used} / {r.places}
				</span>
			),
		},
		{ title: w.listed, align: 'right', dataIndex: 'items' },
		{ title: c.until, render: (_, r) => <Time at={r.until_at} /> },
		{
			title: c.actions,
			render: (_, r) =>
				may &&
				!r.ended_at && (
					<Button size="small" danger onClick={() => end(r)}>
						{c.end}
					</Button>
				),
		},
	];
	return (
		<Page
			title={w.campaigns}
			hint={w.campaignText}
			tree="terminals"
			end={
				may && (
					<Button type="primary" onClick={open}>
						{w.campaignNew}
					</Button>
				)
			}
		>
			<Rows
				label={w.campaigns}
				empty={w.campaignsNone}
				query={page}
				columns={columns}
				rowKey={(r) => r.id}
				open={(r) => filters.set({ campaign: String(r.id) })}
			/>
			<Items campaign={chosen} close={() => filters.set({ campaign: undefined })} />
		</Page>
	);
}
