/** Somebody at a browser of their own: logs in as people do, clicks what people click. */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
	type Browser,
	type BrowserContext,
	chromium,
	type Locator,
	type Page,
} from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
	'--headless',
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
	'--ignore-certificate-errors',
];

export function launch(): Promise<Browser> {
	return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

function fromBase32(text: string): Buffer {
	const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
	const bits = [...text].map((c) => letters.indexOf(c).toString(2).padStart(5, '0')).join('');
	return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** RFC 6238 with six digits and 30 s. */
export function totp(secret: string, at = Date.now()): string {
	const counter = Buffer.alloc(8);
	counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
	const mac = createHmac('sha1', fromBase32(secret)).update(counter).digest();
	const offset = (mac.at(-1) ?? 0) & 15;
	return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

export class Person {
	/** What the browser complained of: script errors, refusals of the content policy. */
	readonly complaints: string[] = [];
	private secret = '';
	password = '';

	readonly account: string;
	readonly context: BrowserContext;
	readonly page: Page;
	private readonly url: string;

	private constructor(account: string, context: BrowserContext, page: Page, url: string) {
		this.account = account;
		this.context = context;
		this.page = page;
		this.url = url;
	}

	static async sitDown(browser: Browser, url: string, account: string): Promise<Person> {
		const context = await browser.newContext({
			ignoreHTTPSErrors: true,
			viewport: { width: 1366, height: 768 },
			locale: 'zh-CN',
		});
		const page = await context.newPage();
		page.setDefaultTimeout(20_000);
		const person = new Person(account, context, page, url);
		page.on('pageerror', (error) => person.complaints.push(error.message));
		page.on('console', (message) => {
			if (/Content Security Policy|Content-Security-Policy/.test(message.text()))
				person.complaints.push(message.text());
		});
		return person;
	}

	get dialogue(): Locator {
		return this.page.locator('.ant-modal:visible');
	}

	async open(path: string): Promise<void> {
		await this.page.goto(this.url + path);
		await this.page.waitForSelector('.page-title, .nowhere');
	}

	/** As a click on a link does: without loading the page anew. */
	async walk(path: string): Promise<void> {
		await this.page.evaluate((to) => {
			history.pushState(null, '', to);
			dispatchEvent(new PopStateEvent('popstate'));
		}, path);
		await this.page.waitForSelector('.page-title, .nowhere');
		await this.settled();
	}

	/** Nothing on the page says that it is still loading. */
	async settled(): Promise<void> {
		await this.page.waitForFunction(
			() => !document.querySelector('.ant-spin-spinning, .ant-skeleton-active'),
		);
		await this.page.waitForTimeout(150);
	}

	/** The first login of an account: password, the code of whoever confirmed its role, the change of
	 * the password, the binding of a phone. */
	async logInFirst(first: string, next: string, code?: string): Promise<void> {
		const { page } = this;
		await page.goto(`${this.url}/`);
		await page.getByLabel('OA账号').fill(this.account);
		await page.getByLabel('口令').fill(first);
		await page.getByRole('button', { name: '登录' }).click();
		if (code) {
			await page.getByRole('heading', { name: '本人确认' }).waitFor();
			await page.getByLabel('本人确认码').fill(code);
			await page.getByRole('button', { name: '验证' }).click();
		}
		await page.getByRole('heading', { name: '修改口令' }).waitFor();
		await page.getByLabel('新口令', { exact: true }).fill(next);
		await page.getByLabel('再次输入新口令').fill(next);
		await page.getByRole('button', { name: '修改' }).click();
		this.password = next;
		await page.waitForSelector('.shell, h1:has-text("绑定动态口令")');
		if (await page.$('.shell')) return;
		await page.getByRole('button', { name: '显示二维码' }).click();
		await page.waitForSelector('.qr svg');
		this.secret = ((await page.textContent('.key')) ?? '').replace(/\s/g, '');
		await page.getByLabel('6位动态口令').fill(totp(this.secret));
		await page.getByRole('button', { name: '验证' }).click();
		await page.waitForSelector('.shell');
	}

	/** Somebody who has been here before. */
	remember(password: string, secret: string): void {
		this.password = password;
		this.secret = secret;
	}

	/** A later login; a code that has been used waits for its successor. */
	async logIn(): Promise<void> {
		const { page } = this;
		await page.goto(`${this.url}/`);
		await page.getByLabel('OA账号').fill(this.account);
		await page.getByLabel('口令').fill(this.password);
		await page.getByRole('button', { name: '登录' }).click();
		if (this.secret) {
			await page.getByLabel('6位动态口令').fill(totp(this.secret, Date.now() + 30_000));
			await page.getByRole('button', { name: '验证' }).click();
		}
		await page.waitForSelector('.shell');
	}

	async logOut(): Promise<void> {
		await this.page.locator('.person').click();
		await this.page.getByRole('menuitem', { name: '退出登录' }).click();
		await this.page.getByLabel('OA账号').waitFor();
	}

	/** Chooses in an antd select or tree select by what is shown. */
	async choose(label: string, option: string): Promise<void> {
		const { page } = this;
		const form = (await this.dialogue.count()) > 0 ? this.dialogue : page;
		await form.getByRole('combobox', { name: label }).click();
		await page
			.locator('.ant-select-dropdown:visible')
			.locator('.ant-select-item-option, .ant-select-tree-node-content-wrapper')
			.filter({ hasText: option })
			.first()
			.click();
	}

	/** axe-core's findings that are serious or critical, one line each. */
	async barriers(): Promise<string[]> {
		await this.page.evaluate(AXE);
		return this.page.evaluate(async () => {
			// biome-ignore lint/suspicious/noExplicitAny: axe lives in the page
			const found = await (window as any).axe.run(document, { resultTypes: ['violations'] });
			return found.violations
				.filter((v: { impact: string }) => ['serious', 'critical'].includes(v.impact))
				.map(
					(v: { id: string; nodes: { html: string }[] }) =>
						`${location.pathname}: ${v.id}: ${v.nodes[0]?.html.slice(0, 160)}`,
				);
		});
	}

	/** A picture of the whole page, into the folder that SHOTS names; without it none is taken. */
	async shot(name: string): Promise<void> {
		const folder = process.env.SHOTS;
		if (!folder) return;
		await this.settled();
		await this.page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
	}

	async leave(): Promise<void> {
		await this.context.close();
	}
}
