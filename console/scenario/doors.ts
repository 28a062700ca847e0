/** What gates, listeners and surveys report, and what a person does about it. */
import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { Person } from './person.ts';
import type { FilledBank } from './server.ts';
import { check, step } from './tap.ts';

const save = (p: Person, button: string) =>
	p.page
		.locator('.ant-modal-footer:visible')
		.getByRole('button', { name: button, exact: true })
		.click();
const gone = (p: Person) => p.page.locator('.ant-modal:visible').waitFor({ state: 'detached' });

async function findings(p: Person): Promise<void> {
	const { page } = p;
	const drawer = page.locator('.ant-drawer');
	await step('a finding says where and what to do, and is settled with a reason', async () => {
		await p.open('/admission/findings');
		await p.shot('findings');
		await p.choose('发现', '存在未经授权的DHCP服务器');
		await page.locator('.ant-table-row').getByText('存在未经授权的DHCP服务器').first().click();
		await drawer.getByText('断开该设备；如属授权').waitFor();
		await drawer.getByText('Gi0/0/7').waitFor();
		await drawer.getByText('Xensource').waitFor();
		await p.shot('finding');
		const found = await p.barriers();
		check(found.length === 0, found.join('\n'));
		await drawer.getByRole('button', { name: '标记为已处置' }).click();
		await p.dialogue.getByLabel('理由').fill('已拆除私接路由器');
		await save(p, '标记为已处置');
		await gone(p);
		await drawer.getByText('已拆除私接路由器').waitFor();
		await p.open('/admission/findings?state=settled');
		await page.locator('.ant-table-row').getByText('已处置').waitFor();
		check((await page.locator('.ant-table-row').count()) === 1, 'more is settled than was');
	});
	await step('from a finding its terminal is isolated, with a reason', async () => {
		await p.open('/admission/findings?code=clone');
		await page.locator('.ant-table-row').first().click();
		await drawer.getByRole('button', { name: '隔离', exact: true }).click();
		await p.dialogue.getByLabel('理由').fill('疑似仿冒打印机');
		await save(p, '隔离');
		await gone(p);
		await drawer.getByRole('link', { name: '查看终端' }).click();
		await page.getByText('管理员已将终端隔离').waitFor();
	});
}

async function addresses(p: Person): Promise<void> {
	const { page } = p;
	await step('the address plan comes in from a file, and shows who uses another', async () => {
		await p.open('/organisation/import');
		await page.getByText('地址规划', { exact: true }).last().click();
		const table = ['ip,mac', '10.0.0.3,00:16:3e:00:00:03', '10.0.0.44,00:16:3e:00:00:04'];
		await page.locator('input[type=file]').setInputFiles({
			name: 'plan.csv',
			mimeType: 'text/csv',
			buffer: Buffer.from(table.join('\n')),
		});
		await page.getByRole('button', { name: '检查' }).click();
		await page.getByText('没有错误，可以导入').waitFor();
		await page.getByRole('button', { name: '导入', exact: true }).click();
		await page.getByText('导入完成').waitFor();
		await p.open('/admission/addresses');
		const row = page.locator('.ant-table-row', { hasText: '10.0.0.44' });
		await row.getByText('与规划不符').waitFor();
		check((await page.getByText('与规划不符').count()) === 1, 'who keeps to the plan is told off');
		await p.shot('addresses');
		await row.getByRole('button', { name: '收回' }).click();
		await p.dialogue.getByLabel('理由').fill('终端已停用');
		await save(p, '收回');
		await gone(p);
		await row.waitFor({ state: 'detached' });
		await page.getByRole('button', { name: '绑定地址' }).click();
		await p.dialogue.getByLabel('IP地址').fill('10.0.0.3');
		await p.dialogue.getByLabel('MAC地址').fill('0016.3e00.0005');
		await p.dialogue.getByLabel('理由').fill('更换网卡');
		await save(p, '绑定地址');
		await p.dialogue.getByRole('alert').getByText('已被使用').waitFor();
		await p.dialogue.getByRole('button', { name: '取消' }).click();
	});
}

async function switches(p: Person, system: Person): Promise<void> {
	await step('a switch shows its ports, who is at one, and what to type into it', async () => {
		const { page } = p;
		await p.open('/admission/switches');
		await page.getByRole('link', { name: 'sw-fin' }).click();
		await page.getByRole('button', { name: /^Gi0\/0\/7 .*在线/ }).click();
		await page.getByRole('link', { name: 'T-000006' }).first().waitFor();
		check(
			(await page.locator('.port').count()) >= 40,
			`${await page.locator('.port').count()} ports`,
		);
		await p.shot('switch');
		await page.getByText('S5735-L24T4S-A1').waitFor();
		await page.getByRole('button', { name: /^Gi0\/0\/9 .*未连接/ }).waitFor();
		await page.getByRole('button', { name: /^Gi0\/0\/24 .*上联 10G/ }).click();
		await page.getByText('已登记交换机').waitFor();
		await page.getByRole('button', { name: /^Gi0\/0\/7 .*对端设备未登记/ }).click();
		await page.getByText('tp-link').waitFor();
		await page.getByRole('button', { name: /^Gi0\/0\/8 .*1台设备无会话/ }).click();
		await page.getByText('00:1b:44:11:3a:b7').first().waitFor();
		await p.shot('switch-port');
		await page.getByLabel('区域准入服务器地址').fill('10.1.0.5');
		await page.getByRole('button', { name: '生成配置' }).click();
		await page.locator('.configuration').getByText('10.1.0.5').first().waitFor();
		await page.locator('.configuration').getByText('<secret-of-this-switch>').first().waitFor();
		await p.shot('switch-configuration');
		const found = await p.barriers();
		check(found.length === 0, found.join('\n'));
	});
	await step('how it is asked, and how many its ports may have, is set in forms', async () => {
		const { page } = system;
		await system.open('/admission/switches');
		await page.getByRole('link', { name: 'sw-fin' }).click();
		await page.getByRole('button', { name: '设置SNMP凭据' }).click();
		await system.dialogue.getByLabel('用户名').fill('menshen');
		await system.dialogue.getByLabel('认证口令').fill('a-proof-of-it');
		await system.dialogue.getByLabel('加密口令').fill('a-privacy-of-it');
		await system.shot('snmp');
		await save(system, '确定');
		await gone(system);
		await page.locator('.facts').getByText('v3', { exact: true }).waitFor();
		await p.page.reload();
		await p.page.getByRole('button', { name: '设置端口终端数上限' }).click();
		await p.dialogue.getByLabel('每个端口最多终端数').fill('2');
		await p.dialogue.getByLabel('理由').fill('一机一话');
		await save(p, '确定');
		await gone(p);
		await p.page.locator('.facts').getByText('2台').waitFor();
		await system.open('/admission/switches');
		await page.getByRole('button', { name: '修改' }).first().click();
		await system.dialogue.getByLabel('来访VLAN').fill('77');
		await save(system, '保存');
		await gone(system);
		await page.getByRole('link', { name: 'sw-fin' }).click();
		await page.locator('.facts').getByText('77', { exact: true }).waitFor();
	});
	await step('a device is found where a switch sees it, with and without a terminal', async () => {
		const { page } = p;
		await p.open('/');
		await page.keyboard.press('Control+k');
		await page.locator('#search-text').fill('001b44113ab7');
		await page.getByText(/\d\d:\d\d 见于交换机sw-fin端口Gi0\/0\/8/).waitFor();
		await p.shot('search-place');
		await page.locator('#search-text').fill('00163e000004');
		await page.getByText(/见于交换机sw-fin端口Gi0\/0\/5/).waitFor();
		await page.locator('.hit', { hasText: 'T-000004' }).click();
		await page.getByText(/\d\d:\d\d 见于交换机sw-fin端口Gi0\/0\/5/).waitFor();
		await p.shot('terminal-place');
	});
}

async function weakening(p: Person, second: Person): Promise<void> {
	const { page } = p;
	await step('an exemption is proposed in a form, and stands in the register by two', async () => {
		await p.open('/admission/exemptions');
		await page.getByRole('button', { name: '申请例外' }).click();
		await p.dialogue.getByLabel('资产编号').fill('T-999999');
		await p.choose('内容', '全部防病毒检查');
		await p.dialogue.getByLabel('理由').fill('升级期间');
		await save(p, '确定');
		await p.dialogue.getByText('没有这个资产编号的终端').waitFor();
		await p.dialogue.getByLabel('资产编号').fill('T-000010');
		await save(p, '确定');
		await gone(p);
		await confirm(second, 'T-000010');
		await p.open('/admission/exemptions');
		await page.locator('.ant-table-row').getByText('T-000010').waitFor();
		await p.shot('exemptions');
	});
	await step('a breaker that has tripped is reset by two persons', async () => {
		await p.open('/overview');
		await page.getByText('熔断：城东支行').waitFor();
		await page.getByText('60 台终端中的 42 台').waitFor();
		await p.shot('breaker');
		await page.getByRole('button', { name: '复位' }).click();
		await p.dialogue.getByLabel('理由').fill('计划内停电');
		await save(p, '确定');
		await gone(p);
		await confirm(second, '城东支行');
		await p.open('/overview');
		await page.getByText('熔断：城东支行').waitFor();
		await page.getByRole('button', { name: '复位' }).waitFor({ state: 'detached' });
	});
}

async function confirm(p: Person, about: string): Promise<void> {
	await p.open('/proposals?open=true');
	const row = p.page.locator('.ant-table-row', { hasText: about });
	await row.getByRole('button', { name: '确认生效' }).click();
	await p.page.locator('.ant-popover:visible').getByRole('button', { name: '确定' }).click();
	await row.waitFor({ state: 'detached' });
}

async function reports(p: Person): Promise<void> {
	await step('the standing reports are taken as XLSX and PDF', async () => {
		await p.open('/admission/reports');
		await p.shot('reports');
		for (const [button, begin] of [
			['下载XLSX', 'PK'],
			['下载PDF', '%PDF'],
		] as const) {
			const [download] = await Promise.all([
				p.page.waitForEvent('download'),
				p.page.getByRole('link', { name: button }).first().click(),
			]);
			const bytes = readFileSync(await download.path());
			check(bytes.subarray(0, begin.length).toString() === begin, `${button} is none`);
		}
	});
}

/** Somebody of the small bank, logged in for the first time. */
async function arrive(browser: Browser, bank: FilledBank, account: string): Promise<Person> {
	const person = await Person.sitDown(browser, bank.url, account);
	await person.logInFirst('First-Pass-2026', 'Bank-Wall-2026');
	return person;
}

const approve = async (p: Person, request: string) => {
	await p.open(request);
	await p.page.getByRole('button', { name: '同意', exact: true }).click();
	await p.page.locator('.items').getByText('同意', { exact: true }).first().waitFor();
};

async function permits(branch: Person, officer: Person, head: Person): Promise<void> {
	const { page } = branch;
	const row = page.locator('.ant-table-row', { hasText: '02:00:00:00:00:50' });
	await step('the branch gives a permit of a day at once, and sets its hours', async () => {
		await branch.open('/admission/permits');
		await page.getByRole('button', { name: '发放应急入网许可' }).click();
		await branch.dialogue.getByLabel('MAC地址').fill('0200.0000.0050');
		await branch.choose('接入交换机', 'sw-fin');
		await branch.dialogue.getByLabel('端口').fill('Gi0/0/30');
		await branch.dialogue.getByLabel('理由').fill('周六打印机损坏');
		await branch.shot('emergency');
		await save(branch, '发放');
		await gone(branch);
		await row.getByText('有效').waitFor();
		await row.getByRole('button', { name: '使用时段' }).click();
		await branch.dialogue.getByRole('button', { name: '添加时段' }).click();
		await branch.dialogue.getByLabel('理由').fill('营业时间');
		await branch.shot('hours');
		await save(branch, '确定');
		await gone(branch);
		await row.getByText('08:30–17:30').waitFor();
		await branch.shot('permits');
	});
	await step('annex 2 comes filled in from the permit, and moves it by two approvals', async () => {
		await officer.open('/admission/permits?mac=020000000050');
		await officer.page.getByRole('button', { name: '申请换端口' }).click();
		await officer.page.getByLabel('新交换机端口').fill('Gi0/0/31');
		await officer.page.getByLabel('新放置地点').fill('三楼');
		await officer.page.getByLabel('变更原因').fill('柜台调整');
		await officer.shot('port-move');
		await officer.page.getByRole('button', { name: '提交申请' }).click();
		await officer.page.waitForURL(/\/requests\/\d+$/);
		const request = new URL(officer.page.url()).pathname;
		await approve(head, request);
		await approve(branch, request);
		await branch.page.getByText('已批准').first().waitFor();
		await branch.shot('moved');
		await branch.open('/admission/permits?mac=020000000050');
		await row.getByText('Gi0/0/31').waitFor();
	});
}

async function gear(p: Person, branch: Person, officer: Person, head: Person): Promise<void> {
	await step('what a finding shows is filed as gear, and settled by the register', async () => {
		await officer.open('/requests/new/network-gear?mac=00163e00000d&kind=switch');
		await officer.page.getByLabel('设备名称及型号').fill('五口交换机');
		await officer.page.getByLabel('放置地点').fill('会议室');
		await officer.choose('设备负责人', '李');
		await officer.page.getByLabel('有效期').fill('30');
		await officer.page.getByLabel('架设原因及用途').fill('临时会议');
		await officer.page.getByRole('button', { name: '提交申请' }).click();
		await officer.page.waitForURL(/\/requests\/\d+$/);
		const request = new URL(officer.page.url()).pathname;
		await approve(head, request);
		await approve(branch, request);
		await branch.page.getByText('已批准').first().waitFor();
		await p.open('/admission/findings?code=bridge');
		await p.page.locator('.ant-table-row').getByText('已登记设备').waitFor();
		await p.open('/admission/gear');
		await p.page.locator('.ant-table-row').getByText('五口交换机').waitFor();
		await p.shot('gear');
		const found = await p.barriers();
		check(found.length === 0, found.join('\n'));
	});
}

async function history(p: Person, bank: FilledBank): Promise<void> {
	const { page } = p;
	const rows = page.locator('.ant-table-row');
	for (const stay of [
		'00:1b:44:00:00:21 staff 10.9.0.7 120',
		'00:1b:44:00:00:21 staff 2001:db8::7 60',
		'00:1b:44:00:00:22 officer 10.9.0.8 90',
		'00:1b:44:00:00:21 staff 10.9.0.9 0',
	])
		await bank.tell(`stay ${stay}`);
	const find = async (typed: string, understood: string, count: number) => {
		await page.getByLabel('查询', { exact: true }).fill(typed);
		await page.getByLabel('查询', { exact: true }).press('Enter');
		await page.getByText(understood).waitFor();
		await page.waitForFunction(
			(n) => document.querySelectorAll('.ant-table-row').length === n,
			count,
		);
	};
	await step('who was where when is found by whatever is typed, and given as CSV', async () => {
		await p.open('/admission/history');
		await find('10.9.0.0/24', '按网段查询', 3);
		await find('10.9.0.8', '按IP地址查询', 1);
		await find('001b.4400.0021', '按MAC地址查询', 3);
		await rows.getByText('在网', { exact: true }).waitFor();
		await p.shot('history');
		const found = await p.barriers();
		check(found.length === 0, found.join('\n'));
		await rows.nth(1).click();
		const drawer = page.locator('.ant-drawer');
		await drawer.getByText('2001:db8::7').waitFor();
		await drawer.getByText('正常下线').waitFor();
		await p.shot('stay');
		await drawer.getByRole('link', { name: '该端口的在网历史' }).click();
		await page.waitForURL(/switch=\d+&port=Gi0/);
		await rows.getByText('00:1b:44:00:00:22').waitFor();
		const saved = page.waitForEvent('download');
		await page.getByRole('button', { name: '导出CSV' }).click();
		const text = readFileSync(await (await saved).path(), 'utf8');
		check(text.startsWith('\uFEFF上线,') && text.includes('10.9.0.8'), text.slice(0, 200));
	});
}

export async function doors(p: Person, browser: Browser, bank: FilledBank): Promise<void> {
	const branch = await arrive(browser, bank, 'tech');
	const officer = await arrive(browser, bank, 'officer');
	const head = await arrive(browser, bank, 'finhead');
	await findings(p);
	await history(p, bank);
	await permits(branch, officer, head);
	await gear(p, branch, officer, head);
	await addresses(p);
	const system = await arrive(browser, bank, 'sys');
	const second = await arrive(browser, bank, 'sec2');
	await switches(p, system);
	await weakening(p, second);
	await reports(p);
	for (const one of [branch, officer, head, system, second]) {
		p.complaints.push(...one.complaints);
		await one.leave();
	}
}
