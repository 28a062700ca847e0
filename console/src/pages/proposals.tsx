import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { TableColumnsType } from 'antd';
import { App, Button, Popconfirm } from 'antd';
import { api, call, type Schema, TOKEN } from '../api/client';
import { useMe } from '../api/session';
import { CodeOnce } from '../parts/code-once';
import { useFacts } from '../parts/facts';
import { useSentence } from '../parts/failure';
import { ChoiceFilter, FilterBar, useFilters, yesNo } from '../parts/filters';
import { Mark } from '../parts/mark';
import { Page } from '../parts/page';
import type { Change } from '../parts/policy-body';
import { PolicyChangeLines } from '../parts/policy-changes';
import { useActNames } from '../parts/proposal';
import { PAGE_ROWS, Rows, usePage } from '../parts/rows';
import { Time } from '../parts/time';
import { catalogue, useNames, useWords } from '../words/catalogue';
import { common } from '../words/common';
import { decisionNames } from '../words/names';

type Proposal = Schema['Proposal'];

const words = catalogue({
	title: ['双人复核', 'Second person'],
	hint: [
		'会减弱防护的操作由一人提议、另一人确认后才生效，过期自动作废。',
		'What weakens protection is proposed by one person and takes effect when another confirms; left alone it lapses.',
	],
	none: ['没有待复核或已复核的事项', 'Nothing was proposed yet'],
	act: ['事项', 'Act'],
	subject: ['对象', 'Subject'],
	detail: ['内容', 'What will be done'],
	proposedBy: ['提议人', 'Proposed by'],
	proposed: ['提议时间', 'Proposed'],
	expires: ['作废时间', 'Lapses'],
	decision: ['复核', 'Decision'],
	open: ['待复核', 'Open'],
	confirm: ['确认生效', 'Confirm'],
	refuse: ['不同意', 'Refuse'],
	takeBack: ['撤回', 'Take back'],
	entryTitle: ['请当面交付本人确认码', 'Hand over the entry code'],
	entryCode: ['本人确认码', 'Entry code'],
	entryText: [
		'请当面核实后把本人确认码交给账号使用人本人，不要交给提议人或由他人转交。使用人登录后输入它，设置新口令和动态口令，在此之前该账号不能做任何操作。如使用人的口令登录不上，说明口令已被他人修改，请不要再次发放，先查审计日志。',
		'Give it to the owner of the account in person, not to whoever proposed this and not through others. The owner logs in, enters it, and chooses a new password and phone; before that the account can do nothing. If the owner cannot log in, somebody else has changed the password: look at the audit log first.',
	],
	sure: ['确认后立即生效', 'It takes effect at once'],
});

function Detail({ of }: { of: Record<string, unknown> }) {
	const facts = useFacts();
	if (Array.isArray(of.changes)) return <PolicyChangeLines of={of.changes as Change[]} />;
	return <span className="wrap">{facts(of) || '—'}</span>;
}

function Decide({ of }: { of: Proposal }) {
	const w = useWords(words);
	const c = useWords(common);
	const me = useMe();
	const client = useQueryClient();
	const sentence = useSentence();
	const { message, modal } = App.useApp();
	const decide = useMutation({
		mutationFn: (decision: 'confirmed' | 'refused') =>
			call(
				api.POST('/proposals/{id}/decide', {
					params: { path: { id: of.id }, header: TOKEN },
					body: { decision },
				}),
			),
		onSuccess: ({ entry_code: given }) => {
			client.invalidateQueries();
			if (!given) {
				message.success(c.done);
				return;
			}
			modal.info({
				title: w.entryTitle,
				content: (
					<div className="stack">
						<p>{w.entryText}</p>
						<CodeOnce
							label={`${w.entryCode} · ${of.detail.account ?? ''}`}
							code={given.code}
							until={given.expires_at}
						/>
					</div>
				),
				okText: c.close,
				width: 560,
			});
		},
		onError: (error) => message.error(sentence(error)),
	});
	const own = of.proposed_by === me.account_id;
	if (of.decision !== null || (!of.may_decide && !own)) return null;
	return (
		<span className="row nowrap">
			{of.may_decide && (
				<Popconfirm title={w.sure} onConfirm={() => decide.mutate('confirmed')}>
					<Button size="small" type="primary" loading={decide.isPending}>
						{w.confirm}
					</Button>
				</Popconfirm>
			)}
			<Button size="small" danger onClick={() => decide.mutate('refused')}>
				{own ? w.takeBack : w.refuse}
			</Button>
		</span>
	);
}

export default function Proposals() {
	const w = useWords(words);
	const c = useWords(common);
	const act = useActNames();
	const decisionName = useNames(decisionNames);
	const filters = useFilters();
	const query = { open: filters.flag('open'), limit: PAGE_ROWS };
	const page = usePage<Proposal>(['proposals', query], (after) =>
		call(api.GET('/proposals', { params: { query: { ...query, after } } })),
	);
	const columns: TableColumnsType<Proposal> = [
		{ title: w.act, render: (_, p) => <strong className="nowrap">{act(p.act)}</strong> },
		{
			title: w.subject,
			render: (_, p) => <span className="mono">{p.subject.replace(/^[^:]*:0$/, '') || '—'}</span>,
		},
		{ title: w.detail, render: (_, p) => <Detail of={p.detail} /> },
		{ title: c.unit, dataIndex: 'unit_name' },
		{ title: c.reason, dataIndex: 'reason' },
		{ title: w.proposedBy, dataIndex: 'proposed_by_name' },
		{ title: w.proposed, render: (_, p) => <Time at={p.proposed_at} /> },
		{
			title: w.decision,
			render: (_, p) =>
				p.decision ? (
					<span className="row nowrap">
						<Mark tone={p.decision === 'confirmed' ? 'good' : 'plain'}>
							{decisionName(p.decision)}
						</Mark>
						{p.decided_by_name} <Time at={p.decided_at} />
					</span>
				) : (
					<span className="row nowrap">
						<Mark tone="info">{w.open}</Mark>
						{w.expires} <Time at={p.expires_at} />
					</span>
				),
		},
		{ title: c.actions, fixed: 'right', render: (_, p) => <Decide of={p} /> },
	];
	return (
		<Page title={w.title} hint={w.hint}>
			<FilterBar filters={filters}>
				<ChoiceFilter filters={filters} name="open" label={w.open} options={yesNo} />
			</FilterBar>
			<Rows label={w.title} empty={w.none} query={page} columns={columns} rowKey={(p) => p.id} />
		</Page>
	);
}
