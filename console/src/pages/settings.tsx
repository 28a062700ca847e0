import { App, Button, Segmented } from 'antd';
import { useState } from 'react';
import { useMe } from '../api/session';
import { ChangePassword } from '../app/login/password';
import { EnrolTotp } from '../app/login/totp';
import { words as loginWords } from '../app/login/words';
import { type Colours, usePreferences } from '../app/preferences';
import { Mark } from '../parts/mark';
import { Facts, Page, Panel } from '../parts/page';
import { Time } from '../parts/time';
import { catalogue, type Language, useNames, useWords } from '../words/catalogue';
import { common } from '../words/common';
import { roleNames } from '../words/names';

const words = catalogue({
	title: ['个人设置', 'Settings'],
	me: ['账号信息', 'Account'],
	roles: ['角色与范围', 'Roles and scope'],
	noRole: ['员工（只能查看本人事项）', 'Staff (sees only own matters)'],
	passwordUntil: ['口令到期', 'Password expires'],
	sessionUntil: ['本次登录至', 'This session ends'],
	totp: ['动态口令', 'One-time passwords'],
	bound: [
		'已绑定。更换手机请联系系统管理员，由两人共同重置。',
		'Set up. For another phone ask a system administrator; two persons reset it.',
	],
	setUp: ['现在绑定', 'Set up now'],
	look: ['界面', 'Appearance'],
	colours: ['颜色', 'Colours'],
	light: ['浅色', 'Light'],
	dark: ['深色', 'Dark'],
	system: ['跟随系统', 'As the system'],
});

export default function Settings() {
	const w = useWords(words);
	const c = useWords(common);
	const l = useWords(loginWords);
	const me = useMe();
	const roleName = useNames(roleNames);
	const { message } = App.useApp();
	const { language, setLanguage, colours, setColours } = usePreferences();
	const [binding, setBinding] = useState(false);
	return (
		<Page title={w.title}>
			<div className="two">
				<div className="stack">
					<Panel title={w.me}>
						<Facts
							rows={[
								[c.person, me.name],
								[
									c.account,
									<span key="account" className="mono">
										{me.account}
									</span>,
								],
								[c.unit, me.unit_name],
								[
									w.roles,
									me.roles.length === 0 ? (
										w.noRole
									) : (
										<span key="roles" className="row">
											{me.roles.map((g) => (
												<Mark key={g.id} tone="info">
													{roleName(g.role)} · {g.unit_name}
												</Mark>
											))}
										</span>
									),
								],
								[w.passwordUntil, <Time key="password" at={me.password_expires_at} />],
								[w.sessionUntil, <Time key="session" at={me.expires_at} />],
							]}
						/>
					</Panel>
					<Panel title={w.look}>
						<Facts
							rows={[
								[
									c.language,
									<Segmented<Language>
										key="language"
										aria-label={c.language}
										value={language}
										onChange={setLanguage}
										options={[
											{ value: 'zh', label: '中文' },
											{ value: 'en', label: 'English' },
										]}
									/>,
								],
								[
									w.colours,
									<Segmented<Colours>
										key="colours"
										aria-label={w.colours}
										value={colours}
										onChange={setColours}
										options={[
											{ value: 'light', label: w.light },
											{ value: 'dark', label: w.dark },
											{ value: 'system', label: w.system },
										]}
									/>,
								],
							]}
						/>
					</Panel>
					<Panel title={w.totp}>
						{me.totp && !binding && <p>{w.bound}</p>}
						{!me.totp && !binding && <Button onClick={() => setBinding(true)}>{w.setUp}</Button>}
						{binding && (
							<EnrolTotp
								changed={() => {
									setBinding(false);
									message.success(l.bound);
								}}
							/>
						)}
					</Panel>
				</div>
				<Panel title={l.changeTitle}>
					<ChangePassword session={me} changed={() => message.success(l.changed)} />
				</Panel>
			</div>
		</Page>
	);
}
