/** What gates, listeners and surveys report, and what a person does about it. */
import type { Person } from './person.ts';
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

export async function doors(p: Person): Promise<void> {
	await findings(p);
}
