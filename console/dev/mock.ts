/**
 * Answers /api/v1 from fixtures while a page is being made: `npm run dev` without a server. Log in
 * as any account of fixtures.ts (wangjg security, lixy system, zhangw auditor, liuy approver, chenj
 * device officer, yangf regional, zhaom staff) with any password; `new` as the password leads
 * through the forced change and the TOTP enrolment; 123456 is the code. Never part of a build.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Plugin } from 'vite';
import * as f from './fixtures.ts';
import { Log } from './log.ts';

type Row = Record<string, unknown>;
type Answer = [status: number, body?: unknown];
type Handler = (match: string[], query: URLSearchParams, body: Row) => Answer;

const log = new Log(42);
let account: string | null = null;
let stage = 'full';

const error = (status: number, code: string, message_zh: string, message_en: string): Answer => [
	status,
	{ code, message_zh, message_en },
];
const missing = () => error(404, 'not-found', '没有这条记录', 'There is no such thing');

function session(): Row {
	const a = f.accounts.find((row) => row.name === account) as Row;
	return {
		stage,
		csrf: '0123456789abcdef0123456789abcdef',
		account_id: a.id,
		account: a.name,
		person_id: a.person_id,
		name: a.person_name,
		unit_id: a.unit_id,
		unit_name: a.unit_name,
		totp: a.totp,
		roles: stage === 'full' ? a.roles : [],
		password_expires_at: Date.now() + 60 * 86_400_000,
		expires_at: Date.now() + 12 * 3_600_000,
	};
}

function below(unit: string | null): Set<unknown> {
	const root = f.units.find((u) => String(u.id) === unit);
	return new Set(
		f.units.filter((u) => !root || String(u.path).startsWith(String(root.path))).map((u) => u.id),
	);
}

/** A page of rows, cut to a unit, to equal columns and to a text anywhere. */
function page(rows: Row[], query: URLSearchParams, equal: string[] = []): Answer {
	const scope = below(query.get('unit'));
	const q = query.get('q')?.toLowerCase();
	const all = rows.filter(
		(row) =>
			(!query.has('unit') || scope.has(row.unit_id)) &&
			equal.every((name) => !query.has(name) || String(row[name]) === query.get(name)) &&
			(!q || JSON.stringify(row).toLowerCase().includes(q)),
	);
	const from = Number(query.get('after') ?? 0);
	const limit = Number(query.get('limit') ?? 50);
	const next = from + limit < all.length ? String(from + limit) : null;
	return [200, { rows: all.slice(from, from + limit), next, total: all.length }];
}

const one = (
	rows: Row[],
	id: string | undefined,
	full: (row: Row) => Row = (row) => row,
): Answer => {
	const row = rows.find((r) => String(r.id) === id);
	return row ? [200, full(row)] : missing();
};

function why(id: string | undefined): Answer {
	const t = f.terminals.find((row) => String(row.id) === id);
	if (!t) return missing();
	const knock = f.knocks.find((k) => k.terminal_id === t.id) ?? { ...f.knock(0), mac: t.mac };
	return [
		200,
		{
			online: t.online,
			verdict: t.verdict,
			reason: f.reasons.find((r) => r.code === t.reason) ?? null,
			would_be: t.reason === 'observed' ? f.reasons.find((r) => r.code === 'posture-bad') : null,
			knock: t.verdict ? { ...knock, verdict: t.verdict, reason: t.reason } : null,
			findings: t.posture === 'bad' ? ['antivirus.stopped', 'antivirus.outdated'] : [],
			isolated_by_person: t.isolated_at !== null,
		},
	];
}

function logIn(body: Row): Answer {
	if (body.password === 'wrong')
		return error(401, 'login-failed', '账号或口令不正确', 'account or password is wrong');
	if (!f.accounts.some((a) => a.name === body.account))
		return error(401, 'login-failed', '账号或口令不正确', 'account or password is wrong');
	account = String(body.account);
	const totp = f.accounts.find((a) => a.name === account)?.totp;
	const due = { new: 'password-change', handed: 'entry' }[String(body.password)];
	stage = due ?? (totp ? 'totp' : 'full');
	return [200, session()];
}

function enter(body: Row): Answer {
	if (body.code !== '123456')
		return error(422, 'totp-wrong', '动态口令不正确', 'the one-time password is wrong');
	stage = 'full';
	return [200, session()];
}

function confirm(id: string | undefined, body: Row): Answer {
	const proposal = f.proposals.find((p) => String(p.id) === id);
	if (!proposal) return missing();
	Object.assign(proposal, { decision: body.decision, decided_at: Date.now(), may_decide: false });
	const given = body.decision === 'confirmed' && /^(account|role)\./.test(String(proposal.act));
	return [200, { ...proposal, ...(given && { entry_code: code() }) }];
}

function decide(id: string | undefined, body: Row): Answer {
	const request = f.requests.find((r) => String(r.id) === id);
	if (!request) return missing();
	Object.assign(request, {
		status: body.decision,
		may_decide: false,
		step_name: null,
		may_withdraw: false,
	});
	return [200, { ...request, ...(request.kind === 'onboarding' && { once: code() }) }];
}

const code = () => ({ code: 'K7QD-2M4X-9RTA', expires_at: Date.now() + 3 * 86_400_000 });

const search = (q: string): Row[] => [
	...f.terminals
		.filter((t) => JSON.stringify(t).toLowerCase().includes(q.toLowerCase()))
		.slice(0, 6)
		.map((t) => ({
			kind: 'terminal',
			id: String(t.id),
			title: t.asset_no,
			detail: `${t.unit_name} ${t.mac}`,
		})),
	...f.people
		.filter((p) => JSON.stringify(p).includes(q))
		.slice(0, 4)
		.map((p) => ({
			kind: 'person',
			id: String(p.id),
			title: p.name,
			detail: `${p.staff_no} ${p.unit_name}`,
		})),
];

const routes: [method: string, path: RegExp, handler: Handler][] = [
	['GET', /^session$/, () => [200, session()]],
	['POST', /^session$/, (_m, _q, body) => logIn(body)],
	[
		'DELETE',
		/^session$/,
		() => {
			account = null;
			return [204];
		},
	],
	[
		'POST',
		/^session\/totp\/enrol$/,
		() => [
			200,
			{
				secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
				uri: 'otpauth://totp/Menshen:wangjg?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Menshen',
			},
		],
	],
	['POST', /^session\/totp\/(verify|confirm)$/, (_m, _q, body) => enter(body)],
	[
		'POST',
		/^session\/entry$/,
		() => {
			stage = 'password-change';
			return [200, session()];
		},
	],
	[
		'POST',
		/^session\/password$/,
		() => {
			if (stage === 'password-change') stage = 'totp-enrol';
			return [200, session()];
		},
	],
	[
		'GET',
		/^work$/,
		() => [
			200,
			{
				approvals_count: 1,
				approvals: f.requests.slice(0, 1),
				requests: f.requests.slice(1),
				terminals: f.terminals.slice(2, 5),
				proposals: f.proposals.slice(0, 2),
			},
		],
	],
	['GET', /^units$/, () => [200, { rows: f.units }]],
	['POST', /^units\/(\d+)\/mode$/, () => [202, f.proposals[1]]],
	['GET', /^people$/, (_m, q) => page(f.people, q)],
	['GET', /^people\/(\d+)$/, ([, id]) => one(f.people, id)],
	['GET', /^accounts$/, (_m, q) => page(f.accounts, q, ['enabled'])],
	[
		'POST',
		/^accounts\/(\d+)\/password-reset$/,
		([, id]) => [
			200,
			{ account: f.accounts.find((a) => String(a.id) === id), first_password: 'Tq7-mRz2-pLw9' },
		],
	],
	['GET', /^imports\/(\w+)\/template$/, () => [200, 'unit,name,staff_no\r\n']],
	[
		'POST',
		/^imports\/(\w+)$/,
		([, kind], q) => [
			200,
			{
				...f.importReport,
				kind,
				...(q.get('commit') === 'true' && { committed: true, bad: [], bad_count: 0 }),
			},
		],
	],
	['GET', /^terminals$/, (_m, q) => page(f.terminals, q, ['kind', 'status', 'posture', 'online'])],
	['GET', /^terminals\/(\d+)$/, ([, id]) => one(f.terminals, id, f.terminal)],
	['GET', /^terminals\/(\d+)\/why$/, ([, id]) => why(id)],
	[
		'GET',
		/^terminals\/(\d+)\/timeline$/,
		() => [200, { rows: f.timeline, next: null, total: f.timeline.length }],
	],
	[
		'GET',
		/^terminals\/(\d+)\/inventory$/,
		() => [200, { rows: f.inventory, next: null, total: f.inventory.length }],
	],
	['POST', /^terminals\/(\d+)\/enrol-code$/, () => [200, code()]],
	['POST', /^terminals\/(\d+)\/\w+$/, ([, id]) => one(f.terminals, id, f.terminal)],
	[
		'GET',
		/^admission\/knocks$/,
		(_m, q) =>
			page(
				q.get('unknown') === 'true'
					? f.knocks.filter((k) => !k.terminal_id)
					: q.get('would_differ') === 'true'
						? f.knocks.filter((k) => k.would_be !== k.verdict)
						: f.knocks,
				q,
				['verdict', 'reason', 'mac'],
			),
	],
	[
		'GET',
		/^admission\/sessions$/,
		(_m, q) =>
			page(q.get('open') === 'true' ? f.sessions.filter((s) => !s.ended_at) : f.sessions, q, [
				'mac',
				'account',
			]),
	],
	['GET', /^admission\/permits$/, (_m, q) => page(f.permits, q, ['mac'])],
	['GET', /^admission\/denies$/, (_m, q) => page(f.denies, q, ['mac'])],
	['POST', /^admission\/denies$/, () => [201, f.denies[0]]],
	['GET', /^bypasses$/, (_m, q) => page(f.bypasses, q)],
	['POST', /^bypasses$/, () => [202, f.proposals[0]]],
	['GET', /^campaigns$/, (_m, q) => page(f.campaigns, q)],
	['POST', /^campaigns$/, () => [201, { campaign: f.campaigns[0], code: 'W2XE-77KD-A9QM' }]],
	['GET', /^campaigns\/(\d+)\/items$/, (_m, q) => page(f.campaignItems, q)],
	['GET', /^switches$/, (_m, q) => page(f.switches, q)],
	['GET', /^switches\/(\d+)$/, ([, id]) => one(f.switches, id)],
	['GET', /^gates$/, () => [200, { rows: f.gates }]],
	['GET', /^request-kinds$/, () => [200, { rows: f.kinds }]],
	['GET', /^requests$/, (_m, q) => page(f.requests, q, ['kind', 'status'])],
	['POST', /^requests$/, () => [201, f.requests[0]]],
	['GET', /^requests\/(\d+)$/, ([, id]) => one(f.requests, id)],
	['POST', /^proposals\/(\d+)\/decide$/, ([, id], _q, body) => confirm(id, body)],
	['POST', /^requests\/(\d+)\/decide$/, ([, id], _q, body) => decide(id, body)],
	['POST', /^requests\/(\d+)\/code$/, () => [200, code()]],
	[
		'GET',
		/^proposals$/,
		(_m, q) =>
			page(q.get('open') === 'true' ? f.proposals.filter((p) => !p.decision) : f.proposals, q),
	],
	['GET', /^audit\/entries$/, (_m, q) => page(log.entries.map((e) => log.row(e)).reverse(), q)],
	['GET', /^audit\/entries\/(\d+)$/, ([, seq]) => [200, log.proof(Number(seq))]],
	['GET', /^audit\/heads$/, () => [200, { rows: [log.head()], next: null, total: 1 }]],
	[
		'GET',
		/^audit\/keys$/,
		() => [200, { rows: [{ key: log.keyId, sign: 'sm2', pem: log.pem() }] }],
	],
	[
		'GET',
		/^audit\/consistency$/,
		(_m, q) => [200, log.consistency(Number(q.get('from')), Number(q.get('to')))],
	],
	['GET', /^overview$/, () => [200, f.overview]],
	['GET', /^search$/, (_m, q) => [200, { rows: search(q.get('q') ?? '') }]],
	['GET', /^reasons$/, () => [200, { rows: f.reasons }]],
];

async function readBody(request: IncomingMessage): Promise<Row> {
	let text = '';
	for await (const chunk of request) text += chunk;
	try {
		return JSON.parse(text) as Row;
	} catch {
		return {};
	}
}

function stream(response: ServerResponse): void {
	response.writeHead(200, { 'Content-Type': 'text/event-stream' });
	response.write(': here\n\n');
	let n = 0;
	const timer = setInterval(() => {
		const data = f.knock(200 + n++, Date.now());
		response.write(`id: ${n}\nevent: knock\ndata: ${JSON.stringify(data)}\n\n`);
	}, 3_000);
	response.on('close', () => clearInterval(timer));
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
	const url = new URL(request.url ?? '/', 'http://mock');
	const path = url.pathname.replace(/^\//, '');
	if (path === 'stream') return stream(response);
	const body = await readBody(request);
	let found: Answer = error(
		405,
		'no-mock',
		'演练数据中没有这个操作',
		'the fixtures have no such act',
	);
	for (const [method, pattern, handler] of routes) {
		const match = pattern.exec(path);
		if (!match || method !== request.method) continue;
		const open = method === 'POST' && path === 'session';
		found =
			account || open
				? handler([...match], url.searchParams, body)
				: error(401, 'not-logged-in', '请先登录', 'log in first');
		break;
	}
	const [status, content] = found;
	const text = typeof content === 'string';
	response.writeHead(status, { 'Content-Type': text ? 'text/csv' : 'application/json' });
	response.end(content === undefined ? undefined : text ? content : JSON.stringify(content));
}

export function mockServer(): Plugin {
	return {
		name: 'mock-server',
		apply: 'serve',
		configureServer(server) {
			server.middlewares.use('/api/v1', (request, response) => {
				answer(request, response).catch((reason) => {
					response.writeHead(500);
					response.end(String(reason));
				});
			});
		},
		transformIndexHtml: (html) => html.replaceAll('__CSP_NONCE__', 'development'),
	};
}
