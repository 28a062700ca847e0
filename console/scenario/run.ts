/**
 * The console as people use it, in Chromium against a server of its own: the system administrator
 * builds an organisation, an officer applies, two people approve, the auditor proves the log, and a
 * log that was tampered with is found out. Every page is looked at by axe-core on the way.
 */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { doors } from './doors.ts';
import { launch, Person } from './person.ts';
import { type FilledBank, type Server, startFilledBank, startServer } from './server.ts';
import { check, done, must, step } from './tap.ts';

const NEXT = 'Bank-Wall-2026';

/** Pages by who may see them. */
const PAGES: Record<string, string[]> = {
	sysadmin: [
		'/work',
		'/overview',
		'/terminals',
		'/admission/gear',
		'/admission/addresses',
		'/admission/reports',
		'/admission/exemptions',
		'/admission/modes',
		'/admission/periods',
		'/admission/bypasses',
		'/admission/switches',
		'/admission/gates',
		'/organisation/people',
		'/organisation/accounts',
		'/organisation/units',
		'/organisation/import',
		'/requests',
		'/proposals',
		'/settings',
	],
	admin: [
		'/policies/new',
		'/policies',
		'/admission/live',
		'/admission/findings',
		'/admission/explain',
		'/admission/unknown',
		'/admission/sessions',
		'/admission/history',
		'/admission/permits',
		'/admission/denies',
		'/admission/campaigns',
	],
	auditor: ['/audit'],
	chenj: ['/requests/new', '/requests/new/terminal-onboarding', '/requests/new/mac-admission'],
};

const save = async (page: Page, button: string) => {
	await page
		.locator('.ant-modal-footer:visible')
		.getByRole('button', { name: button, exact: true })
		.click();
};
const gone = (page: Page) => page.locator('.ant-modal:visible').waitFor({ state: 'detached' });

async function addUnit(p: Person, parent: string, kind: string, code: string, name: string) {
	await p.open('/organisation/units');
	await p.page.getByRole('button', { name: '新增机构' }).click();
	await p.choose('上级机构', parent);
	await p.choose('类型', kind);
	await p.dialogue.getByLabel('机构号').fill(code);
	await p.dialogue.getByLabel('名称').fill(name);
	await save(p.page, '保存');
	await gone(p.page);
	await p.page.getByRole('cell', { name }).first().waitFor();
}

async function addPerson(p: Person, unit: string, name: string, staffNo: string) {
	await p.open('/organisation/people');
	await p.page.getByRole('button', { name: '新增人员' }).click();
	await p.choose('机构', unit);
	await p.dialogue.getByLabel('姓名').fill(name);
	await p.dialogue.getByLabel('工号', { exact: true }).fill(staffNo);
	await save(p.page, '保存');
	await gone(p.page);
	await p.page.getByRole('cell', { name, exact: true }).waitFor();
}

async function openAccount(p: Person, name: string, account: string): Promise<string> {
	await p.open('/organisation/people');
	const row = p.page.locator('.ant-table-row', { hasText: name });
	await row.getByRole('button', { name: '开通账号' }).click();
	await p.dialogue.getByLabel('账号名').fill(account);
	await save(p.page, '确定');
	const password = (await p.page.locator('.code-once .secret').textContent()) ?? '';
	await save(p.page, '关闭');
	return password;
}

async function grant(p: Person, account: string, role: string, unit: string) {
	await p.open('/organisation/accounts');
	const row = p.page.locator('.ant-table-row', { hasText: account });
	await row.getByRole('button', { name: '更多' }).click();
	await p.page.getByRole('menuitem', { name: '授予角色' }).click();
	await p.choose('角色', role);
	await p.choose('机构', unit);
	await p.dialogue.getByLabel('理由').fill('演练环境岗位');
	await save(p.page, '确定');
	await gone(p.page);
}

/** The entry code that a confirmation shows, once, and whose account it is for. */
async function entryCode(p: Person): Promise<[string, string]> {
	const shown = p.dialogue.filter({ hasText: '请当面交付本人确认码' });
	const label = (await shown.locator('.code-once').innerText()).split('\n')[0] ?? '';
	const code = (await shown.locator('.secret').textContent()) ?? '';
	await shown.getByRole('button', { name: '关闭' }).click();
	await gone(p.page);
	return [label.replace(/.*· /, ''), code];
}

/** What waits for a second person takes effect by this one's word; the entry codes by account. */
async function confirmAll(p: Person, act = ''): Promise<Map<string, string>> {
	const codes = new Map<string, string>();
	await p.open('/proposals?open=true');
	await p.settled();
	const confirm = p.page.getByRole('button', { name: '确认生效' });
	const waiting = p.page.locator('.ant-table-row', { hasText: act }).filter({ has: confirm });
	await waiting.first().waitFor();
	const rows = await p.page.locator('.ant-table-row').count();
	let decided = 0;
	for (let left = await waiting.count(); left > 0; left--) {
		const appoints = (await waiting.first().innerText()).includes('授予角色');
		await waiting.first().getByRole('button', { name: '确认生效' }).click();
		await p.page.locator('.ant-popover:visible').getByRole('button', { name: '确定' }).click();
		if (appoints) codes.set(...(await entryCode(p)));
		await p.page.waitForFunction(
			(n) => document.querySelectorAll('.ant-table-row').length <= n,
			rows - ++decided,
		);
	}
	return codes;
}

class Story {
	readonly people = new Map<string, Person>();
	readonly passwords: Map<string, string>;
	codes = new Map<string, string>();
	private readonly browser: Browser;
	readonly server: Server;
	readonly bundle: string;
	request = '';

	constructor(browser: Browser, server: Server) {
		this.browser = browser;
		this.server = server;
		this.passwords = server.passwords;
		this.bundle = `${server.folder}/bundle`;
	}

	async arrive(account: string): Promise<Person> {
		const person = await Person.sitDown(this.browser, this.server.url, account);
		this.people.set(account, person);
		await person.logInFirst(this.passwords.get(account) ?? '', NEXT, this.codes.get(account));
		return person;
	}

	get(account: string): Person {
		const person = this.people.get(account);
		if (!person) throw new Error(`${account} is not logged in`);
		return person;
	}
}

async function organisation(s: Story): Promise<void> {
	await must('a wrong password is refused in Chinese', async () => {
		const p = await s.arrive('sysadmin');
		await p.logOut();
		await p.page.getByLabel('OA账号').fill('sysadmin');
		await p.page.getByLabel('口令').fill('not-this-one');
		await p.page.getByRole('button', { name: '登录' }).click();
		await p.page.getByRole('alert').filter({ hasText: /口令/ }).waitFor();
		await p.logIn();
	});
	await must('the system administrator builds the organisation in the browser', async () => {
		const p = s.get('sysadmin');
		await addUnit(p, '总行', '分行', 'B01', '东城分行');
		await addUnit(p, '东城分行', '部门', 'B01-OPS', '东城运营部');
	});
	await must('people get accounts, first passwords shown once, and roles', async () => {
		const p = s.get('sysadmin');
		const staff: [string, string, string, string, string][] = [
			['陈静', '10001', 'chenj', '设备负责人', '东城运营部'],
			['刘洋', '10002', 'liuy', '部门负责人', '东城运营部'],
			['杨帆', '10003', 'yangf', '区域管理员', '东城分行'],
		];
		for (const [name, staffNo, account, role, unit] of staff) {
			await addPerson(p, unit, name, staffNo);
			s.passwords.set(account, await openAccount(p, name, account));
			await grant(p, account, role, unit);
		}
		await p.page.getByText('设备负责人').first().waitFor();
		check((await p.page.getByText('部门负责人').count()) === 0, 'one person made an approver');
	});
	await must('who decides over others is appointed by a second person', async () => {
		const second = await s.arrive('admin');
		s.codes = await confirmAll(second);
		check([...s.codes.keys()].sort().join() === 'liuy,yangf', 'an entry code for each of the two');
		const p = s.get('sysadmin');
		await p.open('/organisation/accounts');
		for (const role of ['部门负责人 · 东城运营部', '区域管理员 · 东城分行'])
			await p.page.getByText(role).waitFor();
	});
}

async function requests(s: Story): Promise<void> {
	await must(
		'an officer files an onboarding request from the form that the server describes',
		async () => {
			const p = await s.arrive('chenj');
			await p.open('/requests/new/terminal-onboarding');
			await p.page.getByRole('button', { name: '提交申请' }).click();
			await p.page.getByText('请填写此项').first().waitFor();
			await p.page.getByLabel('终端名称').fill('柜面一号机');
			await p.choose('终端类型', '计算机');
			await p.choose('使用人', '陈静');
			await p.page.getByLabel('放置地点').fill('一号柜台');
			await p.page.getByLabel('申请事由').fill('新增柜面办公用机');
			await p.page.getByRole('button', { name: '提交申请' }).click();
			await p.page.waitForURL(/\/requests\/\d+$/);
			s.request = new URL(p.page.url()).pathname;
			await p.page.getByText('审批中').first().waitFor();
			check(
				!(await p.page.getByRole('button', { name: '同意', exact: true }).isVisible()),
				'may not approve her own',
			);
		},
	);
	await must('the department head finds it in her work and approves with one key', async () => {
		const p = await s.arrive('liuy');
		await p.open('/work');
		await p.page.locator(`a[href="${s.request}"]`).first().click();
		await p.page.getByText('审批意见').waitFor();
		await p.page.locator('h1').click();
		await p.page.keyboard.press('a');
		await p.page.locator('.ant-modal:visible').getByRole('button', { name: '同意' }).click();
		await p.page.locator('.items').getByText('同意', { exact: true }).waitFor();
	});
	await must(
		'the branch administrator approves, and the enrolment code is shown once',
		async () => {
			const p = await s.arrive('yangf');
			await p.open(s.request);
			await p.page.getByLabel('审批意见').fill('同意入网');
			await p.page.getByRole('button', { name: '同意', exact: true }).click();
			const code = await p.page.locator('.code-once .secret').textContent();
			check(/^[0-9A-Z]{4}(-[0-9A-Z]{4})+$/.test(code ?? ''), `a code, not '${code}'`);
			await p.page.reload();
			await p.page.getByText('已批准').first().waitFor();
			check((await p.page.locator('.code-once').count()) === 0, 'the code is shown a second time');
		},
	);
	await must(
		'the officer sees it approved, takes a code of her own, and finds the terminal',
		async () => {
			const p = s.get('chenj');
			await p.open(s.request);
			await p.page.getByRole('button', { name: '领取登记码' }).click();
			await save(p.page, '领取登记码');
			await p.page.locator('.code-once .secret').waitFor();
			await save(p.page, '关闭');
			await p.page.getByRole('link', { name: '查看终端' }).click();
			await p.page.getByText('柜面一号机').first().waitFor();
			await p.page.getByText('终端还没有发起过接入请求').waitFor();
		},
	);
	await must('what was proposed by one person waits for another', async () => {
		const p = s.get('admin');
		await p.open('/admission/denies');
		await p.page.getByRole('button', { name: '添加' }).click();
		await p.dialogue.getByLabel('MAC地址').fill('00E0.4C68.0177');
		await p.dialogue.getByLabel('理由').fill('外来笔记本');
		await save(p.page, '禁止接入');
		await p.page.getByText('00:e0:4c:68:01:77').waitFor();
		await p.page.getByRole('button', { name: '移出名单' }).click();
		await p.dialogue.getByLabel('理由').fill('误列');
		await save(p.page, '确定');
		await p.open('/proposals?open=true');
		await p.page.getByText('移出禁止接入名单').waitFor();
		check(
			(await p.page.getByRole('button', { name: '确认生效' }).count()) === 0,
			'may confirm the own proposal',
		);
		const second = s.get('sysadmin');
		await second.open('/proposals?open=true');
		await second.page.getByText('移出禁止接入名单').waitFor();
	});
}

/** Chooses a CSV as the page's file, checks it, and says what the page makes of it. */
async function checkFile(page: Page, name: string, lines: string[]): Promise<void> {
	await page
		.locator('input[type=file]')
		.setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(lines.join('\n')) });
	await page.getByRole('button', { name: '检查' }).click();
}

async function operation(s: Story): Promise<void> {
	const HEAD = 'asset_no,kind,unit_code,owner_staff_no,mac';
	const good = ['PC-0701,pc,B01,10003,00:16:3e:70:00:01', 'PC-0702,pc,B01-OPS,,00:16:3e:70:00:02'];
	await must('an import is tried first, and its bad rows are named', async () => {
		const { page } = s.get('admin');
		await s.get('admin').open('/organisation/import');
		await page.getByText('终端', { exact: true }).last().click();
		await checkFile(page, 'bad.csv', [
			HEAD,
			...good,
			'PC-0703,pc,B99,,00:16:3e:70:00:03',
			'PC-0704,toaster,B01,,',
		]);
		await page.getByText('有2处错误，未导入任何数据').waitFor();
		const bad = await page.locator('.ant-table-row').allInnerTexts();
		check(
			/4[\s\S]*B99/.test(bad[0] ?? '') && /5[\s\S]*toaster/.test(bad[1] ?? ''),
			bad.join(' | '),
		);
		const commit = page.getByRole('button', { name: '导入', exact: true });
		check(await commit.isDisabled(), 'bad rows may be brought in');
		await checkFile(page, 'good.csv', [HEAD, ...good]);
		await page.getByText('没有错误，可以导入').waitFor();
		await commit.click();
		await page.getByText('导入完成').waitFor();
	});
	await step('a campaign names its bad line, and shows its code once', async () => {
		const p = s.get('admin');
		await p.open('/admission/campaigns');
		await p.page.getByRole('button', { name: '新建登记' }).click();
		await p.choose('机构', '东城分行');
		await p.dialogue.getByLabel('名称').fill('柜面存量终端');
		await p.dialogue.getByLabel('终端清单').fill('00:16:3e:70:00:11,PC-0711\nnonsense');
		await save(p.page, '确定');
		await p.dialogue.getByText('第2行写法不对').waitFor();
		await p.dialogue.getByLabel('终端清单').fill('0016.3e70.0011,PC-0711,柜面机');
		await save(p.page, '确定');
		const code = await p.page.locator('.code-once .secret').textContent();
		check(/^[0-9A-Z]{4}(-[0-9A-Z]{4})+$/.test(code ?? ''), `a code, not '${code}'`);
		await save(p.page, '关闭');
		await p.page.getByRole('cell', { name: '柜面存量终端' }).click();
		await p.page.locator('.ant-drawer').getByText('00:16:3e:70:00:11').waitFor();
	});
	await step(
		'before a unit enforces its dialogue and a dry run say whom it would keep out',
		async () => {
			const p = s.get('admin');
			await p.open('/admission/modes');
			const row = p.page.locator('.ant-table-row', { hasText: '东城分行' });
			await row.getByRole('button', { name: '变更模式' }).click();
			await p.dialogue.locator('label', { hasText: '强制模式' }).first().click();
			await p.dialogue.getByText(/强制后将拦下 \d+ 台/).waitFor();
			await p.dialogue.getByRole('button', { name: '取消' }).click();
			await gone(p.page);
			await row.getByRole('button', { name: '试算' }).click();
			await p.dialogue.getByRole('button', { name: '开始试算' }).click();
			await p.dialogue.getByText(/重新判定 \d+ 次接入请求/).waitFor();
			await p.dialogue.getByLabel('策略', { exact: true }).click();
			await p.page.getByTitle('自行填写的草案').click();
			const draft = p.dialogue.getByLabel('策略草案（JSON）');
			await draft.fill('{"guards": ');
			await p.dialogue.getByText('填写的不是策略').waitFor();
			await draft.fill(
				'{"guards": {"antivirus": {"mode": "enforce", "definitions_max_days": "x"}}}',
			);
			await p.dialogue.getByRole('button', { name: '开始试算' }).click();
			await p.dialogue.getByText('填写的内容不正确').waitFor();
			await draft.fill('{"guards": {"antivirus": {"mode": "enforce"}}}');
			await p.dialogue.getByRole('button', { name: '开始试算' }).click();
			await p.dialogue.getByText(/重新判定 \d+ 次接入请求/).waitFor();
			await p.shot('dry-run-draft');
			await p.dialogue.getByRole('button', { name: '关闭' }).last().click();
			await gone(p.page);
		},
	);
	await step('a frozen period waits for a second person', async () => {
		const p = s.get('admin');
		await p.open('/admission/periods');
		await p.page.getByRole('button', { name: '提议' }).click();
		await p.dialogue.locator('label', { hasText: '封网期' }).first().click();
		await p.choose('机构（含下级）', '东城分行');
		const day = (ahead: number) =>
			new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 16);
		await p.dialogue.getByLabel('开始').fill(day(30));
		await p.dialogue.getByLabel('结束').fill(day(40));
		await p.dialogue.getByLabel('理由').fill('年终决算封网');
		await save(p.page, '确定');
		await p.page.getByText('待第二人确认后生效').waitFor();
		await gone(p.page);
	});
	await step('a unit goes from observing to enforcing at once, and back by two', async () => {
		const p = s.get('admin');
		await p.open('/admission/modes');
		const row = p.page.locator('.ant-table-row', { hasText: '东城分行' });
		const change = async (mode: string) => {
			await row.getByRole('button', { name: '变更模式' }).click();
			await p.dialogue.locator('label', { hasText: mode }).first().click();
			await p.dialogue.getByLabel('理由').fill('按计划调整');
			await save(p.page, '变更模式');
			await gone(p.page);
		};
		await change('强制模式');
		await row.getByText('强制模式').waitFor();
		await change('监测模式');
		await p.page.getByText('待第二人确认后生效').waitFor();
		check(await row.getByText('强制模式').isVisible(), 'one person loosened a mode');
	});
	await step('what a unit lets through waits for two, what it stops is one person’s', async () => {
		const p = s.get('admin');
		await p.open('/organisation/units');
		const row = p.page.locator('.ant-table-row', { hasText: '东城分行' });
		const choose = async (button: string, label: string, value: string) => {
			await row.getByRole('button', { name: button, exact: true }).click();
			await p.dialogue.getByLabel(label).fill(value);
			await p.dialogue.getByLabel('理由').fill('按值班安排');
			await save(p.page, '保存');
			await gone(p.page);
		};
		for (const [button, label, act] of [
			['目录不可用时', '目录不可用时沿用口令（天）', '目录不可用时沿用口令'],
			['宽限', '安全检查宽限（小时）', '安全检查宽限'],
		] as const) {
			await choose(button, label, '17');
			await p.page.getByText('待第二人确认后生效').last().waitFor();
			check(await row.getByText('17', { exact: true }).isHidden(), 'one person weakened a unit');
			await confirmAll(s.get('sysadmin'), act);
			await p.open('/organisation/units');
			await row.getByText('17', { exact: true }).waitFor();
			await choose(button, label, '0');
			await row.getByText('17', { exact: true }).waitFor({ state: 'hidden' });
		}
	});
	await step(
		'a terminal is isolated and released with a reason, which its time line tells',
		async () => {
			const p = s.get('admin');
			await p.open('/terminals?q=PC-0701');
			await p.page.getByRole('link', { name: 'PC-0701' }).click();
			await p.page.getByRole('button', { name: '隔离', exact: true }).click();
			await save(p.page, '隔离');
			await p.dialogue.getByText('理由至少两个字').waitFor();
			await p.dialogue.getByLabel('理由').fill('疑似感染病毒');
			await save(p.page, '隔离');
			await gone(p.page);
			await p.page.getByText('管理员已将终端隔离').waitFor();
			await p.page.getByRole('button', { name: '解除隔离', exact: true }).click();
			await p.dialogue.getByLabel('理由').fill('已清除病毒');
			await save(p.page, '解除隔离');
			await gone(p.page);
			const line = p.page.locator('.items li');
			await line.filter({ hasText: '隔离终端' }).getByText('疑似感染病毒').waitFor();
			await line.filter({ hasText: '解除隔离' }).getByText('已清除病毒').waitFor();
			const raw = (await line.allInnerTexts()).filter((t) =>
				/terminal\.|until|from:|asset_no/.test(t),
			);
			check(raw.length === 0, `raw words: ${raw.join(' | ')}`);
		},
	);
	await step('a bypass waits for a second person, is shown in force, and is ended', async () => {
		const p = s.get('admin');
		await p.open('/admission/bypasses');
		await p.page.getByRole('button', { name: '提议应急旁路' }).click();
		await p.choose('机构', '东城分行');
		await p.dialogue.getByLabel('理由').fill('认证系统故障');
		await save(p.page, '确定');
		await gone(p.page);
		await p.page.getByText('没有应急旁路').waitFor();
		await confirmAll(s.get('sysadmin'), '应急旁路');
		await p.open('/admission/bypasses');
		await p.page.getByText('旁路中').waitFor();
		await p.page.getByRole('button', { name: '立即结束' }).click();
		await p.dialogue.getByLabel('理由').fill('故障已排除');
		await save(p.page, '确定');
		await gone(p.page);
		await p.page.getByText('已结束').waitFor();
	});
}

async function policy(s: Story): Promise<void> {
	const propose = async (p: Person, mode: string, days: string, reason: string) => {
		await p.open('/policies/new');
		await p.settled();
		const guard = p.page.getByRole('region', { name: '防病毒' });
		await guard.locator('label', { hasText: mode }).click();
		await guard.getByLabel('病毒库最多几天未更新').fill(days);
		await p.page.getByLabel('理由').fill(reason);
		await p.page.getByRole('button', { name: '提交提议' }).click();
		await p.page.waitForURL(/\/policies$/);
		await p.page.getByText('有1份策略待第二人确认').waitFor();
	};
	await step('a policy is made in a form, and takes effect by a second person', async () => {
		const p = s.get('admin');
		await p.open('/policies/new');
		await p.settled();
		check(
			await p.page.getByRole('button', { name: '提交提议' }).isDisabled(),
			'nothing changes, and may be proposed',
		);
		await propose(p, '提醒', '9', '先提醒一个月');
		const second = s.get('sysadmin');
		await second.open('/proposals?open=true');
		await second.page.getByText('防病毒 · 方式: 监测 → 提醒').waitFor();
		await confirmAll(second, '发布策略');
		await p.open('/policies');
		await p.page.getByRole('link', { name: '1.2' }).waitFor();
	});
	await step('a version says what it changed, and is compared with any other', async () => {
		const p = s.get('admin');
		await propose(p, '强制', '5', '监测期满');
		await confirmAll(s.get('sysadmin'), '发布策略');
		await p.open('/policies');
		await p.page.getByRole('link', { name: '1.3' }).click();
		const changed = p.page.getByRole('region', { name: '相对上一版本的变化' });
		await changed.locator('.ant-table-row').nth(1).waitFor();
		const lines = await changed.locator('.ant-table-row').allInnerTexts();
		check(/9\s+5/.test(lines.join()) && /提醒\s+强制/.test(lines.join()), lines.join(' | '));
		await p.choose('比较版本', '1.1');
		await p.page.getByText('从1.1到1.3').waitFor();
		await p.page.getByRole('region', { name: '与另一版本比较' }).getByText('强制').waitFor();
	});
}

async function gates(s: Story): Promise<void> {
	await step('a further gate is added by two persons, from the file of its machine', async () => {
		const p = s.get('sysadmin');
		const out = `${s.server.folder}/south`;
		const made = s.server.menshen('gate', 'request', 'south', '--out', out);
		const print = /fingerprint (\S+)/.exec(made.text)?.[1] ?? made.text;
		await p.open('/admission/gates');
		await p.page.getByRole('button', { name: '新增' }).click();
		await p.choose('机构', '东城分行');
		const file = p.dialogue.locator('input[type=file]');
		await file.setInputFiles({
			name: 'x.json',
			mimeType: 'application/json',
			buffer: Buffer.from('{}'),
		});
		await p.dialogue.getByText('这不是 menshen gate request').waitFor();
		await file.setInputFiles(`${out}/request.json`);
		await p.dialogue.getByText(print).waitFor();
		await p.dialogue.getByLabel('理由').fill('南区上线');
		await save(p.page, '确定');
		await gone(p.page);
		await confirmAll(s.get('admin'), '登记区域准入服务器');
		await p.open('/admission/gates');
		const row = p.page.locator('.ant-table-row', { hasText: 'south' });
		const [download] = await Promise.all([
			p.page.waitForEvent('download'),
			row.getByRole('button', { name: '下载 bundle.json' }).click(),
		]);
		const bundle = JSON.parse(readFileSync(await download.path(), 'utf8'));
		check(
			bundle.name === 'south' && bundle.certificate.includes('BEGIN CERTIFICATE'),
			'the bundle holds no certificate',
		);
	});
	await step('a gate is ended with a reason', async () => {
		const p = s.get('sysadmin');
		const row = p.page.locator('.ant-table-row', { hasText: 'south' });
		await row.getByRole('button', { name: '停用' }).click();
		await p.dialogue.getByLabel('理由').fill('机房搬迁');
		await save(p.page, '停用');
		await gone(p.page);
		await row.getByText('已停用').waitFor();
	});
}

async function whatIf(s: Story): Promise<void> {
	await step('without a gate nobody says what would become of a knock', async () => {
		const p = s.get('sysadmin');
		await p.open('/admission/switches');
		await p.page.getByRole('button', { name: '登记交换机' }).click();
		await p.choose('机构', '东城分行');
		await p.dialogue.getByLabel('名称').fill('sw-dc-1');
		await p.dialogue.getByLabel('IP地址').fill('10.8.0.11');
		await p.dialogue.getByLabel('共享密钥').fill('a-secret-of-12-and-more');
		await p.dialogue.getByLabel('正常VLAN').fill('10');
		await p.dialogue.getByLabel('隔离VLAN').fill('900');
		await save(p.page, '保存');
		await gone(p.page);
		const row = p.page.locator('.ant-table-row', { hasText: 'sw-dc-1' });
		await row.getByRole('button', { name: '修改' }).click();
		await p.dialogue.getByLabel('隔离VLAN').fill('901');
		await save(p.page, '保存');
		await gone(p.page);
		await row.getByText('901').waitFor();
		const asker = s.get('admin');
		await asker.open('/admission/explain');
		await asker.page.getByLabel('MAC地址').fill('0016.3e70.0001');
		await asker.choose('交换机', 'sw-dc-1');
		await asker.page.getByLabel('端口').fill('GE0/0/1');
		await asker.page.getByRole('button', { name: '询问' }).click();
		await asker.page.getByText('没有区域准入服务器可以回答').waitFor();
	});
	await step('a real gate says how it would decide, why, and what to do', async () => {
		await s.server.startGate();
		const { page } = s.get('admin');
		const answer = page.getByRole('region', { name: '准入结果' });
		await page.getByRole('button', { name: '询问' }).click();
		await answer.getByText('north', { exact: true }).waitFor();
		const known = await answer.innerText();
		check(/00:16:3e:70:00:01/.test(known) && /MAC认证/.test(known), known);
		check(/将|被/.test(known) && /强制模式/.test(known), known);
		await page.getByLabel('OA账号').fill('nobody');
		await page.getByRole('button', { name: '询问' }).click();
		await answer.getByText('account-unknown', { exact: true }).waitFor();
		await answer.getByText('802.1X（账号口令）').waitFor();
	});
}

async function exports(s: Story): Promise<void> {
	await must('the auditor takes the log away, when a second person has confirmed', async () => {
		const p = s.get('auditor');
		await p.open('/audit');
		await p.page.getByRole('button', { name: '导出日志' }).click();
		await p.dialogue.getByLabel('理由').fill('季度检查');
		await save(p.page, '确定');
		await gone(p.page);
		await confirmAll(s.get('admin'), '导出审计日志');
		await p.open('/audit');
		const [download] = await Promise.all([
			p.page.waitForEvent('download'),
			p.page.getByRole('link', { name: '下载已确认的导出' }).click(),
		]);
		copyFileSync(await download.path(), s.bundle);
	});
	await step(
		'menshen verifies what the browser brought, and finds one byte that was changed',
		async () => {
			const whole = s.server.menshen('verify', '--key', s.server.logKey, s.bundle);
			check(whole.good, whole.text);
			const bytes = readFileSync(s.bundle);
			const at = bytes.indexOf('疑似感染病毒');
			check(at > 0, 'the log does not hold the reason');
			bytes[at] = (bytes[at] ?? 0) ^ 1;
			writeFileSync(s.bundle, bytes);
			const forged = s.server.menshen('verify', '--key', s.server.logKey, s.bundle);
			check(!forged.good, forged.text);
		},
	);
}

async function audit(s: Story): Promise<void> {
	const verdict = '[data-proof]:not([data-proof=checking])';
	const judged = async (page: Page, scope = '') => {
		const alert = page.locator(`${scope} ${verdict}`).first();
		await alert.waitFor();
		return `${await alert.getAttribute('data-proof')}: ${await alert.textContent()}`;
	};
	await must('the auditor proves the log in the page, and remembers its head', async () => {
		const p = await s.arrive('auditor');
		await p.open('/audit');
		const first = await judged(p.page);
		check(/^good.*首次核验/.test(first), first);
		await p.page.reload();
		const later = await judged(p.page);
		check(/^good.*日志完好/.test(later), later);
	});
	await step('an entry is proved from its bytes, and shows who approved what', async () => {
		const p = s.get('auditor');
		await p.open('/audit?act=request');
		await p.page.locator('.ant-table-row').first().click();
		const text = await judged(p.page, '.ant-drawer');
		check(text.startsWith('good'), text);
		check((await p.page.locator('.ant-drawer .mark-bad').count()) === 0, 'a step failed');
		await p.page.keyboard.press('Escape');
	});
	await step('an entry changed on its way by one character is found out', async () => {
		const p = s.get('auditor');
		await p.page.route(/\/audit\/entries\/\d+/, async (route) => {
			const answer = await route.fetch();
			const body = await answer.json();
			body.bytes = body.bytes.replace('"at":1', '"at":2');
			await route.fulfill({ response: answer, json: body });
		});
		await p.open('/audit?entry=3');
		const text = await judged(p.page, '.ant-drawer');
		check(text.startsWith('bad'), text);
		await p.page.unroute(/\/audit\/entries\/\d+/);
	});
	await step('a log that is not the continuation of the head kept here is found out', async () => {
		const p = s.get('auditor');
		await p.page.evaluate(() => {
			const kept = JSON.parse(localStorage.getItem('menshen.audit.head') ?? '{}');
			kept.root = kept.root.replace(/^./, (c: string) => (c === '0' ? '1' : '0'));
			localStorage.setItem('menshen.audit.head', JSON.stringify(kept));
		});
		await p.open('/audit');
		const text = await judged(p.page);
		check(/^bad.*改写/.test(text), text);
		await p.page.evaluate(() => localStorage.removeItem('menshen.audit.head'));
	});
	await step('a head with a wrong signature is found out', async () => {
		const p = s.get('auditor');
		await p.page.route(/\/audit\/heads/, async (route) => {
			const answer = await route.fetch();
			const body = await answer.json();
			for (const head of body.rows) head.at += 1;
			await route.fulfill({ response: answer, json: body });
		});
		await p.open('/audit');
		const text = await judged(p.page);
		check(/^bad.*签名/.test(text), text);
		await p.page.unroute(/\/audit\/heads/);
	});
	await step('whoever may not see a page is told so', async () => {
		const p = s.get('chenj');
		await p.open('/audit');
		await p.page.getByText('您没有查看这个页面的权限').waitFor();
	});
}

/** What gates and agents report, where they have reported. */
async function reported(browser: Browser, bank: FilledBank): Promise<void> {
	const p = await Person.sitDown(browser, bank.url, 'sec');
	await must(
		'sessions are found by what one knows of them, and lead to their terminal',
		async () => {
			await p.logInFirst('First-Pass-2026', NEXT);
			await p.open('/admission/sessions');
			const rows = p.page.locator('.ant-table-row');
			await rows.nth(49).waitFor();
			await p.page.getByRole('button', { name: '下一页' }).click();
			await p.page.getByRole('button', { name: '首页' }).waitFor();
			await p.open('/admission/sessions?mac=0016.3e00.0007');
			await rows.getByText('00:16:3e:00:00:07').waitFor();
			check((await rows.count()) === 1, `${await rows.count()} sessions of one MAC`);
			await rows.getByRole('button', { name: '结束失联会话' }).click();
			await p.dialogue.getByLabel('理由').fill('准入服务器重装');
			await save(p.page, '确定');
			await p.dialogue.getByRole('alert').waitFor();
			await p.shot('session-end');
			await p.dialogue.getByRole('button', { name: '取消' }).click();
			await gone(p.page);
			await rows.getByRole('link', { name: 'T-000007' }).click();
			await p.page.getByText('终端可以入网').waitFor();
		},
	);
	await step('a time line tells in words what a gate recorded', async () => {
		const line = p.page.locator('ol.items li');
		await line.first().waitFor();
		const text = (await line.allInnerTexts()).join('\n');
		check(/会话|接入请求/.test(text), text);
		check(!/session\.|terminal\.|method|menshend/.test(text), text);
	});
	await doors(p, browser, bank);
	check(p.complaints.length === 0, p.complaints.join('\n'));
	await p.leave();
}

async function looks(s: Story): Promise<void> {
	for (const [account, paths] of Object.entries(PAGES))
		await step(
			`the pages of ${account} have no serious barrier, in both languages and colours`,
			async () => {
				const p = s.get(account);
				const found: string[] = [];
				for (const [language, colours] of [
					['zh', 'light'],
					['en', 'dark'],
				]) {
					await p.page.evaluate(
						([l, c]) => {
							localStorage.setItem('menshen.language', l ?? '');
							localStorage.setItem('menshen.colours', c ?? '');
						},
						[language, colours],
					);
					await p.open(paths[0] ?? '/');
					for (const path of paths) {
						await p.walk(path);
						found.push(...(await p.barriers()));
						const over = await p.page.evaluate(
							() => document.documentElement.scrollWidth - window.innerWidth,
						);
						if (over > 0) found.push(`${path}: ${over} pixels too wide`);
					}
				}
				check(found.length === 0, found.join('\n'));
			},
		);
	await step('the page broke neither the content policy nor down', async () => {
		const all = [...s.people.values()].flatMap((p) =>
			p.complaints.map((c) => `${p.account}: ${c}`),
		);
		check(all.length === 0, all.join('\n'));
	});
	await step('live updates arrive through the one shared stream', async () => {
		const p = s.get('admin');
		await p.open('/overview');
		await p.page.waitForTimeout(1500);
		check(
			(await p.page.locator('[role=status].mark-warn').count()) === 0,
			'the stream is not open',
		);
	});
}

const [build, dist] = process.argv.slice(2);
if (!build || !dist) throw new Error('usage: run.ts BUILD-DIRECTORY CONSOLE-DIST');
const server = await startServer(build, dist);
const browser = await launch();
let bank: FilledBank | undefined;
try {
	const story = new Story(browser, server);
	await organisation(story);
	await requests(story);
	await operation(story);
	await policy(story);
	await gates(story);
	await whatIf(story);
	await audit(story);
	await exports(story);
	await looks(story);
	bank = await startFilledBank(build, dist);
	await reported(browser, bank);
} catch (reason) {
	console.log(`# ${reason instanceof Error ? reason.message : reason}`);
	process.exitCode = 1;
} finally {
	await browser.close();
	await server.stop();
	await bank?.stop();
}
done();
