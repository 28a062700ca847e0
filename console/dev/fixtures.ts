/** An invented bank, small enough to read, with something in every list. */

const NOW = Date.now();
const MIN = 60_000;
const DAY = 24 * 3600_000;

type Row = Record<string, unknown>;

const unit = (
	id: number,
	parent_id: number | null,
	kind: string,
	code: string,
	name: string,
	path: string,
	mode: string,
	people: number,
	terminals: number,
): Row => ({
	id,
	parent_id,
	kind,
	code,
	name,
	path,
	mode,
	ended_at: null,
	people,
	terminals,
	online: Math.floor(terminals * 0.7),
	isolated: id % 3,
});

export const units: Row[] = [
	unit(1, null, 'head-office', 'HO', '总行', '/1/', 'observe', 2, 0),
	unit(2, 1, 'department', 'HO-IT', '科技部', '/1/2/', 'enforce', 18, 22),
	unit(3, 1, 'department', 'HO-AUD', '审计部', '/1/3/', 'warn', 6, 6),
	unit(4, 1, 'branch', 'B01', '东城分行', '/1/4/', 'enforce', 3, 0),
	unit(5, 4, 'department', 'B01-OPS', '运营部', '/1/4/5/', 'enforce', 25, 31),
	unit(6, 4, 'outlet', 'B01-001', '东城分行营业部人民路第一支行网点', '/1/4/6/', 'enforce', 9, 14),
	unit(7, 1, 'branch', 'B02', '西城分行', '/1/7/', 'observe', 4, 0),
	unit(8, 7, 'outlet', 'B02-001', '学院路支行', '/1/7/8/', 'observe', 7, 11),
];
const unitName = (id: number) => units.find((u) => u.id === id)?.name as string;

const REASONS: [string, string, string, string, string, string][] = [
	['ok', '', '准许接入', 'admitted', '', ''],
	['observed', '', '监测模式，准许接入', 'admitted because the unit only observes', '', ''],
	[
		'terminal-unknown',
		'D06',
		'设备未登记',
		'device is not registered',
		'请先提交终端入网申请，或在隔离修复区用登记码登记',
		'file an onboarding request, or enrol with a code in the isolation network',
	],
	[
		'permit-other-port',
		'D09',
		'设备换了端口，与入网许可不符',
		'device is on another port than its permit says',
		'请接回原端口，或提交附表二变更申请',
		'plug it back or file annex 2 for the move',
	],
	[
		'posture-bad',
		'D02',
		'终端安全检查未通过',
		'terminal failed its posture check',
		'请按客户端提示修复，修复后自动恢复',
		'mend what the client names; access comes back by itself',
	],
	[
		'account-live-elsewhere',
		'D08',
		'该账号正在另一台终端上使用',
		'account is live on another terminal',
		'请先在另一台终端退出；如非本人使用，请立即报告',
		'log off there first; if that is not you, report it at once',
	],
	[
		'isolated-by-person',
		'D07',
		'管理员已将终端隔离',
		'isolated by an administrator',
		'请联系本机构桌面管理员',
		'ask your desktop administrator',
	],
];
export const reasons: Row[] = REASONS.map(([code, clause, zh, en, zh_todo, en_todo]) => ({
	code,
	clause,
	zh,
	en,
	zh_todo,
	en_todo,
}));

export const switches: Row[] = [
	['sw-ho-3f-01', '10.1.0.2', 'huawei', 2],
	['sw-b01-ops', '10.4.0.2', 'h3c', 5],
	['box-b01-001', '10.4.6.2', 'menshen-port', 6],
	['sw-b02-001', '10.7.8.2', 'ruijie', 8],
].map(([name, address, vendor, unit_id], i) => ({
	id: i + 1,
	unit_id,
	unit_name: unitName(unit_id as number),
	name,
	address,
	vendor,
	coa_port: 3799,
	vlan_normal: '10',
	vlan_isolation: i === 2 ? '' : '99',
	acl_isolation: i === 2 ? 'isolation' : '',
	mab_unsigned_until: i === 3 ? NOW + 40 * DAY : null,
	created_at: NOW - 200 * DAY,
	ended_at: null,
}));

export const gates: Row[] = [
	{ id: 1, name: 'north', unit_id: 4, connected: true, cosigned_size: 41 },
	{ id: 2, name: 'west', unit_id: 7, connected: false, cosigned_size: 12 },
].map((g) => ({
	...g,
	unit_name: unitName(g.unit_id),
	created_at: NOW - 200 * DAY,
	ended_at: null,
	certificate_until_at: NOW + 165 * DAY,
}));

const NAMES = [
	'王建国',
	'李秀英',
	'张伟',
	'刘洋',
	'陈静',
	'杨帆',
	'赵敏',
	'周杰',
	'吴桐',
	'欧阳明月',
];
export const people: Row[] = NAMES.map((name, i) => ({
	id: i + 1,
	unit_id: [2, 2, 3, 5, 5, 6, 6, 8, 8, 5][i],
	unit_name: unitName([2, 2, 3, 5, 5, 6, 6, 8, 8, 5][i] as number),
	name,
	staff_no: `1000${i}`,
	post: ['', '', '', 'department-head', 'device-officer', '', '', '', '', ''][i],
	phone: i % 2 ? '' : `021-5555${1000 + i}`,
	ended_at: i === 8 ? NOW - 9 * DAY : null,
	account_id: i < 7 ? i + 1 : null,
	account: i < 7 ? ['wangjg', 'lixy', 'zhangw', 'liuy', 'chenj', 'yangf', 'zhaom'][i] : null,
}));

const grant = (id: number, role: string, unit_id: number) => ({
	id,
	role,
	unit_id,
	unit_name: unitName(unit_id),
	granted_at: NOW - 100 * DAY,
});
export const ROLES: Record<string, [string, number][]> = {
	wangjg: [['security', 1]],
	lixy: [['system', 1]],
	zhangw: [['auditor', 1]],
	liuy: [['approver', 5]],
	chenj: [['device-officer', 5]],
	yangf: [['regional', 4]],
	zhaom: [],
};
export const accounts: Row[] = people
	.filter((p) => p.account)
	.map((p, i) => ({
		id: p.account_id,
		name: p.account,
		person_id: p.id,
		person_name: p.name,
		unit_id: p.unit_id,
		unit_name: p.unit_name,
		enabled: i !== 5,
		must_change: i === 6,
		password_at: NOW - (i * 11 + 3) * DAY,
		locked_until: i === 4 ? NOW + 9 * MIN : null,
		totp: i < 4,
		roles: (ROLES[p.account as string] ?? []).map(([role, u], n) => grant(10 * i + n + 1, role, u)),
		awaits_entry: i === 2,
		entry_expires_at: i === 2 ? NOW + 5 * DAY : null,
	}));

const KINDS = ['pc', 'pc', 'printer', 'xpe', 'pc', 'atm', 'camera', 'pc'];
const VERDICTS = ['admit', 'admit', 'admit', 'isolate', 'admit', 'admit', 'reject', 'isolate'];
const WHY = [
	'ok',
	'ok',
	'ok',
	'posture-bad',
	'observed',
	'ok',
	'permit-other-port',
	'isolated-by-person',
];
const mac = (i: number) =>
	`3c:52:82:${((i * 37) % 256).toString(16).padStart(2, '0')}:1a:${(i % 256).toString(16).padStart(2, '0')}`;

export const terminals: Row[] = Array.from({ length: 137 }, (_, i) => {
	const k = i % 8;
	const unit_id = [2, 5, 5, 6, 8, 6, 8, 2][k] as number;
	return {
		id: i + 1,
		uuid: `5f0c1e2a-7b1d-4c6e-9a3f-${String(i).padStart(12, '0')}`,
		asset_no: `PC-2026-${String(i + 1).padStart(6, '0')}`,
		kind: KINDS[k],
		unit_id,
		unit_name: unitName(unit_id),
		owner_id: k === 2 || k === 6 ? null : (i % 10) + 1,
		owner_name: k === 2 || k === 6 ? null : NAMES[i % 10],
		name: ['柜面一号机', '', '激光打印机', '瘦终端', '', '大堂自助机', '门口摄像机', '办公机'][k],
		place: ['3楼东区', '2楼', '2楼打印间', '1号柜台', '', '大堂', '大门', '301'][k],
		status: i === 9 ? 'scrapped' : i === 12 ? 'approved' : 'in-use',
		lifeline: k === 5,
		posture: ['good', 'good', 'unknown', 'bad', 'silent', 'good', 'unknown', 'good'][k],
		isolated_at: k === 7 ? NOW - 3 * 3600_000 : null,
		isolated_until: null,
		mac: mac(i),
		online: k !== 6 && k !== 4,
		address: k !== 6 && k !== 4 ? `10.${unit_id}.${i % 3}.${10 + i}` : null,
		seen_at: k === 2 || k === 6 ? null : NOW - (k === 4 ? 4 * DAY : k * 20_000),
		verdict: i === 12 ? null : VERDICTS[k],
		reason: i === 12 ? null : WHY[k],
	};
});

export function permit(i: number, t: Row): Row {
	return {
		id: i + 1,
		terminal_id: t.id,
		asset_no: t.asset_no,
		kind: t.kind,
		unit_id: t.unit_id,
		unit_name: t.unit_name,
		mac: t.mac,
		switch_id: 2,
		switch_name: 'sw-b01-ops',
		port: `GigabitEthernet1/0/${i + 1}`,
		from_at: NOW - 100 * DAY,
		until_at: i === 1 ? NOW - DAY : NOW + 260 * DAY,
		request_id: i === 0 ? 1 : null,
		ended_at: i === 2 ? NOW - 10 * DAY : null,
	};
}
export const permits: Row[] = terminals
	.filter((t) => t.kind === 'printer' || t.kind === 'camera')
	.slice(0, 9)
	.map((t, i) => permit(i, t));

export function terminal(t: Row): Row {
	return {
		...t,
		hardware_serial: 'PF3K9XQ2',
		os: 'Debian GNU/Linux 12',
		agent_version: '1.0.0',
		posture_at: NOW - 40 * MIN,
		posture_failing: t.posture === 'bad' ? 'antivirus.stopped,antivirus.outdated' : '',
		isolated_reason: t.isolated_at ? '终端疑似感染病毒，等待查杀' : '',
		certificate: '4d0f0c9be2a1',
		registered_at: NOW - 90 * DAY,
		created_at: NOW - 95 * DAY,
		user: 'liuy',
		macs: [t.mac],
		accounts: [{ account_id: 4, account: 'liuy', person_name: '刘洋' }],
		permits: permits.filter((p) => p.terminal_id === t.id),
	};
}

export function knock(i: number, at = NOW - i * 7 * MIN): Row {
	const unknown = i % 4 === 1;
	const t = terminals[i % terminals.length] as Row;
	const k = i % 8;
	return {
		mac: unknown
			? i % 8 === 1
				? `8a:1f:00:22:33:${i.toString(16).padStart(2, '0')}`
				: mac(i + 500)
			: t.mac,
		first_at: at - 3 * DAY,
		last_at: at,
		count: 1 + ((i * 13) % 400),
		switch_id: (i % 4) + 1,
		switch_name: switches[i % 4]?.name,
		port: `GigabitEthernet1/0/${(i % 24) + 1}`,
		unit_id: t.unit_id,
		unit_name: t.unit_name,
		terminal_id: unknown ? null : t.id,
		asset_no: unknown ? null : t.asset_no,
		account: unknown || k === 2 ? '' : 'liuy',
		method: unknown || k === 2 ? 'mab' : 'eap-password',
		verdict: unknown ? (k === 5 ? 'isolate' : 'reject') : (t.verdict ?? 'admit'),
		reason: unknown ? 'terminal-unknown' : (t.reason ?? 'ok'),
		would_be:
			t.reason === 'observed' && !unknown ? 'isolate' : unknown ? 'reject' : (t.verdict ?? 'admit'),
		would_be_reason: t.reason === 'observed' ? 'posture-bad' : 'ok',
	};
}
export const knocks: Row[] = Array.from({ length: 90 }, (_, i) => knock(i));

export const sessions: Row[] = knocks
	.filter((k) => k.terminal_id)
	.map((k, i) => ({
		id: i + 1,
		gate: 'north',
		mac: k.mac,
		terminal_id: k.terminal_id,
		asset_no: k.asset_no,
		account: k.account,
		switch_id: k.switch_id,
		switch_name: k.switch_name,
		port: k.port,
		unit_id: k.unit_id,
		unit_name: k.unit_name,
		address: `10.4.6.${i + 10}`,
		method: k.method,
		verdict: k.verdict,
		reason: k.reason,
		started_at: k.last_at,
		seen_at: NOW - 30_000,
		ended_at: i % 5 === 4 ? NOW - MIN : null,
		end_cause: i % 5 === 4 ? 'Lost-Carrier' : '',
		octets_in: i * 1_234_567,
		octets_out: i * 345_678,
	}));

export const denies: Row[] = [
	{
		id: 1,
		mac: '00:e0:4c:68:01:77',
		reason: '外来人员笔记本，多次尝试接入',
		created_at: NOW - 5 * DAY,
		until_at: null,
		ended_at: null,
	},
	{
		id: 2,
		mac: '00:e0:4c:68:01:78',
		reason: '遗失的移动打印机',
		created_at: NOW - 50 * DAY,
		until_at: NOW + 40 * DAY,
		ended_at: null,
	},
];

export const bypasses: Row[] = [
	{
		id: 2,
		unit_id: 6,
		reason: '早间开门前认证服务器故障，先保证营业',
		origin: 'gate',
		proposed_by: null,
		confirmed_by: null,
		from_at: NOW - 20 * MIN,
		until_at: NOW + 40 * MIN,
		ended_at: null,
	},
	{
		id: 1,
		unit_id: 8,
		reason: '机房搬迁演练',
		origin: 'console',
		proposed_by: 'yangf',
		confirmed_by: 'wangjg',
		from_at: NOW - 30 * DAY,
		until_at: NOW - 30 * DAY + 120 * MIN,
		ended_at: NOW - 30 * DAY + 60 * MIN,
	},
].map((b) => ({ ...b, unit_name: unitName(b.unit_id) }));

export const campaigns: Row[] = [
	{
		id: 1,
		unit_id: 6,
		name: '人民路网点存量终端',
		places: 40,
		used: 12,
		items: 38,
		until_at: NOW + 20 * DAY,
		ended_at: null,
	},
	{
		id: 2,
		unit_id: 8,
		name: '学院路支行首批',
		places: 20,
		used: 20,
		items: 20,
		until_at: NOW - 3 * DAY,
		ended_at: null,
	},
].map((c) => ({ ...c, unit_name: unitName(c.unit_id), created_at: NOW - 40 * DAY }));

export const campaignItems: Row[] = terminals.slice(20, 32).map((t, i) => ({
	id: i + 1,
	mac: t.mac,
	asset_no: t.asset_no,
	name: t.name,
	owner_id: t.owner_id,
	owner_name: t.owner_name,
	terminal_id: i < 5 ? t.id : null,
}));

const field = (
	name: string,
	type: string,
	zh: string,
	en: string,
	required = true,
	max = 0,
	options: Row[] = [],
) => ({
	name,
	type,
	zh,
	en,
	required,
	max,
	options,
});
const choice = (value: string, zh: string, en: string) => ({ value, zh, en });
const ROUTE = [
	{ name: 'department', zh: '部门负责人审批', en: 'Department head', role: 'approver' },
	{ name: 'technology', zh: '科技部审批', en: 'Technology department', role: 'security' },
];
export const kinds: Row[] = [
	{
		id: 'onboarding',
		zh: '终端入网申请',
		en: 'Terminal onboarding',
		clauses: ['D05', 'D12'],
		may_file: true,
		fields: [
			field('kind', 'choice', '终端类型', 'Kind of terminal', true, 0, [
				choice('pc', '计算机', 'PC'),
				choice('xpe', 'XPE瘦终端', 'XPE thin client'),
			]),
			field('owner', 'person', '使用人', 'Whose it is'),
			field('name', 'text', '终端名称', 'Name of the terminal', false, 64),
			field('place', 'text', '放置位置', 'Place', true, 96),
			field('purpose', 'long-text', '申请理由', 'Purpose', true, 500),
		],
		route: ROUTE,
	},
	{
		id: 'mac-admission',
		zh: '无法注册客户端设备入网申请单（附件一）',
		en: 'Admission of a device without client (annex 1)',
		clauses: ['D03', 'D40'],
		may_file: true,
		fields: [
			field('kind', 'choice', '设备类型', 'Kind of device', true, 0, [
				choice('printer', '打印机', 'Printer'),
				choice('camera', '摄像机', 'Camera'),
			]),
			field('mac', 'mac', 'MAC地址', 'MAC address'),
			field('switch', 'switch', '接入交换机', 'Switch'),
			field('port', 'text', '端口', 'Port', true, 32),
			field('days', 'days', '许可天数', 'For how many days', true, 365),
			field('from', 'date', '生效日期', 'From', false),
			field('purpose', 'long-text', '用途说明', 'Purpose', true, 500),
		],
		route: ROUTE,
	},
];

const step = (
	n: number,
	name: string,
	role: string,
	unit_id: number,
	done?: [string, string, string],
) => ({
	step: n,
	name,
	role,
	unit_id,
	unit_name: unitName(unit_id),
	decision: done?.[0] ?? null,
	comment: done?.[2] ?? '',
	decided_by: done ? 4 : null,
	decided_by_name: done?.[1] ?? null,
	decided_at: done ? NOW - 2 * DAY : null,
});

export const requests: Row[] = [
	{
		id: 3,
		number: 'DR-2026-000003',
		kind: 'mac-admission',
		status: 'pending',
		step: 1,
		step_name: 'technology',
		summary: '打印机 3c:52:82:4a:1a:02 · sw-b01-ops GigabitEthernet1/0/3',
		form: {
			kind: 'printer',
			mac: '3c:52:82:4a:1a:02',
			switch: 2,
			port: 'GigabitEthernet1/0/3',
			days: 365,
			purpose: '运营部公用打印机',
		},
		effect: {},
		steps: [
			step(0, 'department', 'approver', 5, ['approved', '刘洋', '情况属实，同意']),
			step(1, 'technology', 'security', 1),
		],
		closed_at: null,
		may_decide: true,
	},
	{
		id: 2,
		number: 'DR-2026-000002',
		kind: 'onboarding',
		status: 'approved',
		step: 2,
		step_name: null,
		summary: '计算机 · 柜面二号机 · 王建国',
		form: { kind: 'pc', owner: 1, name: '柜面二号机', place: '1号柜台', purpose: '新员工办公用机' },
		effect: { terminal_id: 13, asset_no: 'PC-2026-000013' },
		steps: [
			step(0, 'department', 'approver', 5, ['approved', '刘洋', '']),
			step(1, 'technology', 'security', 1, ['approved', '王建国', '同意']),
		],
		closed_at: NOW - DAY,
		may_decide: false,
		may_take_code: true,
	},
	{
		id: 1,
		number: 'DR-2026-000001',
		kind: 'mac-admission',
		status: 'refused',
		step: 0,
		step_name: null,
		summary: '摄像机 3c:52:82:de:1a:06',
		form: {
			kind: 'camera',
			mac: '3c:52:82:de:1a:06',
			switch: 3,
			port: 'p4',
			days: 30,
			purpose: '临时监控',
		},
		effect: {},
		steps: [step(0, 'department', 'approver', 5, ['refused', '刘洋', '请说明临时监控的审批依据'])],
		closed_at: NOW - 6 * DAY,
		may_decide: false,
	},
].map((r) => ({
	may_take_code: false,
	...r,
	unit_id: 5,
	unit_name: unitName(5),
	applicant_id: 5,
	applicant_name: '陈静',
	created_at: NOW - (4 - (r.id as number)) * 3 * DAY,
	may_withdraw: r.status === 'pending',
}));

export const proposals: Row[] = [
	{
		id: 3,
		act: 'bypass.begin',
		subject: 'unit:6',
		unit_id: 6,
		detail: { minutes: 60 },
		reason: '认证服务器升级，避免影响开门营业',
		decision: null,
		may_decide: true,
	},
	{
		id: 2,
		act: 'unit.mode',
		subject: 'unit:4',
		unit_id: 4,
		detail: { mode: 'warn' },
		reason: '批量更换打印机期间放宽',
		decision: null,
		may_decide: true,
	},
	{
		id: 1,
		act: 'account.totp-reset',
		subject: 'account:chenj',
		unit_id: 5,
		detail: { account: 'chenj' },
		reason: '手机遗失',
		decision: 'confirmed',
		may_decide: false,
	},
].map((p) => ({
	...p,
	unit_name: unitName(p.unit_id),
	proposed_by: 6,
	proposed_by_name: '杨帆',
	proposed_at: NOW - 3 * 3600_000,
	expires_at: NOW + DAY,
	decided_by: p.decision ? 1 : null,
	decided_by_name: p.decision ? '王建国' : null,
	decided_at: p.decision ? NOW - 3600_000 : null,
}));

export const timeline: Row[] = [
	{
		at: NOW - 5 * MIN,
		kind: 'knock',
		source: 'record',
		verdict: 'isolate',
		reason: 'posture-bad',
		account: 'liuy',
		switch_id: 3,
		port: 'p2',
		body: { method: 'eap-password' },
	},
	{
		at: NOW - 40 * MIN,
		kind: 'terminal.posture',
		source: 'act',
		verdict: null,
		reason: null,
		account: null,
		switch_id: null,
		port: null,
		body: { was: 'good', posture: 'bad', failing: 'antivirus.stopped' },
	},
	{
		at: NOW - 3 * 3600_000,
		kind: 'session.start',
		source: 'record',
		verdict: 'admit',
		reason: 'ok',
		account: 'liuy',
		switch_id: 3,
		port: 'p2',
		body: { address: '10.4.6.12' },
	},
	{
		at: NOW - 2 * DAY,
		kind: 'terminal.release',
		source: 'act',
		verdict: null,
		reason: null,
		account: 'yangf',
		switch_id: null,
		port: null,
		body: { reason: '病毒已清除' },
	},
	{
		at: NOW - 3 * DAY,
		kind: 'terminal.isolate',
		source: 'act',
		verdict: null,
		reason: null,
		account: 'yangf',
		switch_id: null,
		port: null,
		body: { reason: '疑似感染病毒' },
	},
	{
		at: NOW - 90 * DAY,
		kind: 'terminal.enrol',
		source: 'act',
		verdict: null,
		reason: null,
		account: null,
		switch_id: null,
		port: null,
		body: { os: 'Debian GNU/Linux 12' },
	},
];

export const inventory: Row[] = [
	{
		section: 'hardware',
		name: '',
		body: { cpu: 'Intel Core i5-12500', memory_mib: 16384, disk_gib: 512 },
	},
	{ section: 'system', name: '', body: { os: 'Debian GNU/Linux 12', kernel: '6.1.0-25' } },
	{ section: 'network', name: 'eth0', body: { mac: '3c:52:82:6f:1a:03', address: '10.4.6.12' } },
	{ section: 'packages', name: 'clamav', body: { version: '1.0.7' } },
	{ section: 'users', name: 'teller', body: { uid: 1000 } },
].map((row) => ({ ...row, reported_at: NOW - 40 * MIN }));

export const overview: Row = {
	terminals: 137,
	by_status: { 'in-use': 130, approved: 5, scrapped: 2 },
	by_posture: { good: 80, bad: 12, silent: 9, unknown: 36 },
	isolated_by_person: 17,
	sessions_open: 96,
	sessions_isolated: 11,
	unknown_devices: 23,
	knocks_refused_today: 31,
	requests_pending: 1,
	proposals_open: 2,
	bypasses_open: 1,
	units_by_mode: { observe: 3, warn: 1, enforce: 4 },
	gates: 2,
	gates_connected: 1,
	audit_size: 42,
};

export const importReport: Row = {
	kind: 'people',
	committed: false,
	lines: 120,
	creates: 100,
	updates: 12,
	unchanged: 5,
	bad_count: 3,
	bad: [
		{
			line: 7,
			column: 'staff_no',
			value: '1000A!',
			code: 'bad-code',
			message_zh: '工号只能含字母、数字、点、横线和下划线',
			message_en: 'a staff number holds letters, digits, dots and hyphens',
		},
		{
			line: 19,
			column: 'unit',
			value: 'B09-001',
			code: 'unit-unknown',
			message_zh: '没有这个机构号',
			message_en: 'no unit has this code',
		},
		{
			line: 44,
			column: '',
			value: '',
			code: 'columns',
			message_zh: '列数不对：应为6列，实为5列',
			message_en: '6 columns expected, 5 found',
		},
	],
};
