/**
 * What a policy holds, as a form knows it: the guards with their settings, and what differs between
 * two bodies. A guard or a word that is younger than this table is kept as it is.
 */
import type { Pair } from '../words/catalogue';
import { catalogue } from '../words/catalogue';

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Body = { [name: string]: Json };
export type GuardMode = 'off' | 'observe' | 'warn' | 'enforce';

export const GUARD_MODES: GuardMode[] = ['off', 'observe', 'warn', 'enforce'];
export const HEARTBEAT_MAX_S = 3600;

export interface Setting {
	name: string;
	/**
	 * whole: a whole number up to `max`; choices: some of `options`, none chosen: any; one: one of
	 * them; texts: what somebody types, one after the other; yes: true or not there.
	 */
	kind: 'whole' | 'choices' | 'one' | 'texts' | 'yes';
	max?: number;
	usual?: number;
	options?: { value: string; label?: string }[];
}

export interface Guard {
	name: string;
	settings: Setting[];
}

/** As the agents read them: src/agent/guards; `policy` is head office's own: src/policy/freshness.h. */
export const GUARDS: Guard[] = [
	{
		name: 'antivirus',
		settings: [
			{ name: 'definitions_max_days', kind: 'whole', max: 3649, usual: 7 },
			{ name: 'products', kind: 'choices', options: [{ value: 'clamav', label: 'ClamAV' }] },
		],
	},
	{
		name: 'policy',
		settings: [{ name: 'behind_hours', kind: 'whole', max: 720, usual: 24 }],
	},
	{
		name: 'accounts',
		settings: [
			{ name: 'max_days', kind: 'whole', max: 3649, usual: 90 },
			{ name: 'admins', kind: 'texts' },
			{ name: 'accounts', kind: 'texts' },
			{ name: 'words', kind: 'texts' },
		],
	},
	{
		name: 'baseline',
		settings: [
			{ name: 'score_min', kind: 'whole', max: 100, usual: 90 },
			{ name: 'mend', kind: 'yes' },
		],
	},
	{
		name: 'address',
		settings: [
			{ name: 'bank', kind: 'texts' },
			{ name: 'leases', kind: 'yes' },
			{ name: 'generation', kind: 'whole', max: 1000000, usual: 1 },
		],
	},
	{
		name: 'egress',
		settings: [
			{ name: 'bank', kind: 'texts' },
			{
				name: 'allow',
				kind: 'choices',
				options: ['wire', 'wifi', 'modem', 'tunnel', 'bridge'].map((value) => ({ value })),
			},
			{ name: 'away', kind: 'one', options: [{ value: 'record' }, { value: 'cut' }] },
		],
	},
	{
		name: 'session',
		settings: [
			{ name: 'lock_min', kind: 'whole', max: 1440, usual: 10 },
			{ name: 'logoff_min', kind: 'whole', max: 1440, usual: 120 },
			{ name: 'hours', kind: 'texts' },
			{ name: 'warn_min', kind: 'whole', max: 1440, usual: 15 },
			{ name: 'poweroff', kind: 'one', options: [{ value: 'idle' }, { value: 'all' }] },
		],
	},
	{
		name: 'shares',
		settings: [
			{
				name: 'close',
				kind: 'one',
				options: ['guest', 'everyone', 'all'].map((value) => ({ value })),
			},
		],
	},
	{
		name: 'files',
		settings: [
			{ name: 'places', kind: 'texts' },
			{ name: 'reads', kind: 'yes' },
		],
	},
	{
		name: 'software',
		settings: [
			{ name: 'default', kind: 'one', options: [{ value: 'run' }, { value: 'deny' }] },
			{ name: 'denied', kind: 'texts' },
			{ name: 'allowed', kind: 'texts' },
		],
	},
	{
		name: 'storage',
		settings: [
			{
				name: 'default',
				kind: 'one',
				options: ['none', 'read', 'write'].map((value) => ({ value })),
			},
		],
	},
];

/** What an option is called where its own name is no word. */
export const optionNames = catalogue({
	wire: ['有线', 'Wire'],
	wifi: ['无线', 'Wi-Fi'],
	modem: ['移动网卡', 'Mobile network'],
	tunnel: ['VPN隧道', 'VPN or tunnel'],
	bridge: ['网桥', 'Bridge'],
	record: ['仅记录', 'Record only'],
	cut: ['切断', 'Cut'],
	guest: ['无口令的共享', 'Shares without a password'],
	everyone: ['无口令或人人可用的共享', 'Those and what everyone gets at'],
	all: ['全部', 'All of them'],
	idle: ['仅无人使用的', 'Only who is idle'],
	run: ['可以运行', 'Runs'],
	deny: ['禁止运行', 'Does not run'],
	none: ['禁用', 'Not let in'],
	read: ['只读', 'Read-only'],
	write: ['可读写', 'Read and write'],
});

export const guardNames = catalogue({
	antivirus: ['防病毒', 'Antivirus'],
	accounts: ['本机账号与口令', 'Local accounts'],
	baseline: ['安全配置基线', 'Security baseline'],
	policy: ['策略时效', 'Newest policy'],
	address: ['网络地址', 'Network address'],
	egress: ['违规外联', 'Second networks'],
	session: ['锁屏与关机', 'Lock and power-off'],
	shares: ['文件共享', 'Shared folders'],
	files: ['文件操作审计', 'File audit'],
	software: ['软件', 'Software'],
	storage: ['移动存储', 'Removable storage'],
});

export const guardModeNames = catalogue({
	off: ['关闭', 'Off'],
	observe: ['监测', 'Observe'],
	warn: ['提醒', 'Warn'],
	enforce: ['强制', 'Enforce'],
});

export const settingNames = catalogue({
	mode: ['方式', 'Mode'],
	heartbeat_s: ['客户端报到间隔（秒）', 'Agents report every (s)'],
	definitions_max_days: ['病毒库最多几天未更新', 'Definitions at most (days) old'],
	products: ['认可的产品', 'Accepted products'],
	behind_hours: ['最多落后最新策略几小时', 'Behind the newest policy at most (hours)'],
	max_days: ['口令最长使用天数', 'A password lasts at most (days)'],
	admins: ['允许的本机管理员账号', 'Accounts that may administer'],
	accounts: ['允许的本机账号', 'Accounts that may exist'],
	words: ['本行常见弱口令词', 'Words that make a password weak here'],
	score_min: ['最低得分', 'Lowest score'],
	mend: ['能自动整改的自动整改', 'Mend by itself what can be'],
	bank: ['行内地址段', "The bank's addresses"],
	leases: ['地址由DHCP分配', 'Addresses come from DHCP'],
	generation: ['重新登记地址的批次', 'Generation of the addresses'],
	allow: ['允许接入行内网络的方式', "Ways into the bank's network"],
	away: ['不在行内时', 'Away from the bank'],
	close: ['关闭哪些共享', 'Shares to close'],
	lock_min: ['离座几分钟后锁屏', 'Lock after minutes away'],
	logoff_min: ['离座几分钟后注销', 'Log off after minutes away'],
	hours: ['上班时间（如 1-5 08:00-18:30）', 'Hours of work (1-5 08:00-18:30)'],
	warn_min: ['关机前几分钟提醒', 'Warning before power-off (minutes)'],
	poweroff: ['下班后关闭哪些电脑', 'Switched off after work'],
	default: ['没有匹配条目时', 'When no entry fits'],
	places: ['另外审计的挂载位置', 'Further mounts to audit'],
	reads: ['读取也记录', 'Reading is told, too'],
	denied: ['禁止的软件（黑名单）', 'Denied programs'],
	allowed: ['允许的软件（白名单）', 'Allowed programs'],
}) satisfies Record<string, Pair>;

function isObject(v: Json | undefined): v is { [name: string]: Json } {
	return typeof v === 'object' && v !== null && !Array.isArray(v);
}

/** What people decide: the version is the server's affair. */
export function withoutVersion(body: Body): Body {
	const { epoch: _e, number: _n, ...rest } = body;
	return rest;
}

export function guardsOf(body: Body): { [name: string]: { [name: string]: Json } } {
	const guards = isObject(body.guards) ? body.guards : {};
	return Object.fromEntries(
		Object.entries(guards).map(([name, guard]) => [name, isObject(guard) ? guard : {}]),
	);
}

/** The guards of this table first, then those that only the body knows. */
export function allGuards(body: Body): Guard[] {
	const own = GUARDS.map((g) => g.name);
	const more = Object.keys(guardsOf(body)).filter((name) => !own.includes(name));
	return [...GUARDS, ...more.map((name) => ({ name, settings: [] }))];
}

/** `value` undefined takes the word out. */
export function withSetting(body: Body, guard: string, name: string, value?: Json): Body {
	const guards = guardsOf(body);
	const { [name]: _, ...rest } = guards[guard] ?? { mode: 'off' };
	const now = value === undefined ? rest : { ...rest, [name]: value };
	return { ...body, guards: { ...guards, [guard]: now } };
}

export interface Change {
	path: string;
	was?: Json;
	is?: Json;
}

function compare(path: string, was: Json | undefined, is: Json | undefined): Change[] {
	if (path === 'epoch' || path === 'number') return [];
	if ((was !== undefined && !isObject(was)) || (is !== undefined && !isObject(is)))
		return JSON.stringify(was) === JSON.stringify(is)
			? []
			: [{ path, ...(was !== undefined && { was }), ...(is !== undefined && { is }) }];
	const names = new Set([...Object.keys(was ?? {}), ...Object.keys(is ?? {})]);
	return [...names].flatMap((name) =>
		compare(path ? `${path}.${name}` : name, was?.[name], is?.[name]),
	);
}

/** As the server tells it of two versions (src/policy/body.h), in order of the paths. */
export function changesOf(was: Body, is: Body): Change[] {
	return compare('', was, is).sort((a, b) => (a.path < b.path ? -1 : 1));
}
