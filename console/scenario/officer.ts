/**
 * One onboarding in the browser, on a server that runs already: the user files it, the department's
 * head approves, the branch administrator approves and reads the code, which is the last line printed.
 *
 *   officer.ts URL < {"form": {...}, "people": [{account, password, totp}, ...three of them]}
 */
import { readFileSync } from 'node:fs';
import { launch, Person } from './person.ts';

interface Known {
	account: string;
	password: string;
	totp?: string;
}
interface Story {
	form: { name: string; owner: string; place: string; mac: string; reason: string };
	people: Known[];
}

const url = process.argv[2] ?? '';
const story: Story = JSON.parse(readFileSync(0, 'utf8'));
const browser = await launch();

async function arrive(known: Known): Promise<Person> {
	const person = await Person.sitDown(browser, url, known.account);
	person.remember(known.password, known.totp ?? '');
	await person.logIn();
	return person;
}

async function file(p: Person): Promise<string> {
	const { page } = p;
	await p.open('/requests/new/terminal-onboarding');
	await page.getByLabel('终端名称').fill(story.form.name);
	await p.choose('终端类型', '计算机');
	await p.choose('使用人', story.form.owner);
	await page.getByLabel('放置地点').fill(story.form.place);
	await page.getByLabel('MAC地址').fill(story.form.mac);
	await page.getByLabel('申请事由').fill(story.form.reason);
	await page.getByRole('button', { name: '提交申请' }).click();
	await page.waitForURL(/\/requests\/\d+$/);
	return new URL(page.url()).pathname;
}

async function approve(p: Person, request: string): Promise<void> {
	await p.open(request);
	await p.page.getByRole('button', { name: '同意', exact: true }).click();
}

try {
	const [user, head, administrator] = story.people as [Known, Known, Known];
	const request = await file(await arrive(user));
	const second = await arrive(head);
	await approve(second, request);
	await second.page.locator('.items').getByText('同意', { exact: true }).waitFor();
	const third = await arrive(administrator);
	await approve(third, request);
	console.log(await third.page.locator('.code-once .secret').textContent());
} finally {
	await browser.close();
}
