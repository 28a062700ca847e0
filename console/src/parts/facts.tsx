/** The small facts that records, entries and proposals hold, in words. */
import {
	catalogue,
	type Language,
	type Pair,
	pick,
	useLanguage,
	useNames,
} from '../words/catalogue';
import {
	findingNames,
	methodNames,
	modeNames,
	postureNames,
	roleNames,
	terminalKindNames,
	terminalStatusNames,
	unitKindNames,
	vendorNames,
	verdictNames,
} from '../words/names';
import { actNames } from './proposal';
import { timeText } from './time';

/** What an entry's detail or a record's body calls it, and what people do. */
export const factNames = catalogue({
	account: ['账号', 'account'],
	act: ['事项', 'act'],
	address: ['IP地址', 'address'],
	agent: ['客户端', 'agent'],
	asset_no: ['资产编号', 'asset'],
	at: ['时间', 'at'],
	by: ['方式', 'by'],
	campaign: ['存量终端登记', 'campaign'],
	cause: ['原因', 'cause'],
	certificate: ['证书', 'certificate'],
	code: ['代码', 'code'],
	committed: ['归集数', 'committed'],
	confirmed_by: ['复核人', 'confirmed by'],
	count: ['数量', 'count'],
	created: ['新增', 'created'],
	deny: ['禁止接入记录', 'deny'],
	effect: ['措施', 'effect'],
	epoch: ['批次', 'epoch'],
	expires: ['有效期至', 'expires'],
	failing: ['未通过', 'failing'],
	from: ['原为', 'was'],
	gate: ['准入服务器', 'gate'],
	grant: ['授权编号', 'grant'],
	how: ['验证方式', 'how'],
	key: ['密钥', 'key'],
	kind: ['类型', 'kind'],
	lifeline: ['保障终端', 'life-line'],
	line: ['行号', 'line'],
	lines: ['行数', 'lines'],
	login: ['登录编号', 'login'],
	mac: ['MAC地址', 'MAC'],
	method: ['认证方式', 'method'],
	minutes: ['分钟', 'minutes'],
	mode: ['模式', 'mode'],
	name: ['名称', 'name'],
	next: ['下一号', 'next'],
	note: ['说明', 'note'],
	now: ['当前数量', 'now'],
	number: ['编号', 'number'],
	origin: ['发起处', 'from'],
	os: ['操作系统', 'system'],
	owner: ['责任人工号', 'owner'],
	per_s: ['每秒', 'per second'],
	permit: ['入网许可', 'permit'],
	person: ['人员编号', 'person'],
	places: ['名额', 'places'],
	port: ['端口', 'port'],
	posture: ['安全检查', 'posture'],
	proposal: ['复核编号', 'proposal'],
	reason: ['理由', 'reason'],
	records: ['含接入记录', 'with records'],
	request: ['申请', 'request'],
	role: ['角色', 'role'],
	serial: ['证书序列号', 'serial'],
	size: ['日志条数', 'size'],
	staff_no: ['工号', 'staff number'],
	step: ['环节', 'step'],
	switch: ['交换机', 'switch'],
	terminal: ['终端', 'terminal'],
	to: ['改为', 'now'],
	totp_due: ['待动态口令', 'code due'],
	unit: ['机构', 'unit'],
	unit_before: ['原机构', 'unit before'],
	until: ['至', 'until'],
	until_at: ['至', 'until'],
	user: ['使用人', 'user'],
	version: ['版本', 'version'],
	was: ['原为', 'was'],
	why: ['原因', 'why'],
	zone: ['区域', 'zone'],
});

const words = catalogue({
	true: ['是', 'yes'],
	false: ['否', 'no'],
	asAbove: ['随上级机构', 'as the unit above'],
	untilReleased: ['直到解除', 'until released'],
	source: ['来源', 'from'],
	password: ['口令', 'password'],
	totp: ['动态口令', 'one-time password'],
	console: ['管理控制台', 'console'],
});

const valueNames: Record<string, Pair> = {
	...terminalKindNames,
	...unitKindNames,
	...vendorNames,
	...terminalStatusNames,
	...roleNames,
	...modeNames,
	...methodNames,
	...verdictNames,
	...postureNames,
	...findingNames,
	...actNames,
	'as-above': words.asAbove,
	true: words.true,
	false: words.false,
	password: words.password,
	totp: words.totp,
	console: words.console,
};

const TIMES = ['at', 'until', 'expires'];

function factText(name: string, v: unknown, value: (code: string) => string, none: string): string {
	if (typeof v === 'number' && (name.endsWith('_at') || TIMES.includes(name)))
		return v === 0 ? none : timeText(v);
	return v === '' ? '—' : String(v).split(',').map(value).join(', ');
}

function isPlain(v: unknown): boolean {
	return ['string', 'number', 'boolean'].includes(typeof v);
}

/** "from" is what it was where "to" is there too, else where it came from. */
function said(name: string, facts: Record<string, unknown>, language: Language): string {
	if (name === 'from' && !('to' in facts)) return pick(words.source, language);
	const pair = (factNames as Record<string, Pair>)[name];
	return pair ? pick(pair, language) : name;
}

/** One line out of them. `all`: also those that have no word, and what lies deeper, as they are. */
export function useFacts(): (facts: Record<string, unknown>, all?: boolean) => string {
	const language = useLanguage();
	const value = useNames(valueNames);
	const colon = language === 'zh' ? '：' : ': ';
	return (facts, all = false) =>
		Object.entries(facts)
			.filter(([name, v]) => (isPlain(v) ? all || (name in factNames && v !== '') : all))
			.filter(([, v]) => isPlain(v) || (v !== null && Object.keys(v as object).length > 0))
			.map(([name, v]) => {
				const text = isPlain(v)
					? factText(name, v, value, pick(words.untilReleased, language))
					: JSON.stringify(v);
				return `${said(name, facts, language)}${colon}${text}`;
			})
			.join(' · ');
}
