import { catalogue } from '../../words/catalogue';

export const words = catalogue({
	exemptions: ['例外', 'Exemptions'],
	hint: [
		'当前削弱防护的全部事项：终端例外、应急旁路、封网期、维护窗口、放宽的端口、交换机认证例外、应急入网许可、保障终端。到期的自动消失。',
		'All that weakens protection now: exemptions, bypasses, frozen periods, maintenance windows, ports with a weaker mode, unsigned switches, emergency permits, life-line terminals. What is over disappears by itself.',
	],
	none: ['当前没有削弱防护的事项', 'Nothing weakens protection now'],
	what: ['内容', 'What'],
	subject: ['对象', 'Of'],
	askedBy: ['申请人', 'Asked by'],
	confirmedBy: ['复核人', 'Confirmed by'],
	from: ['开始', 'From'],
	noEnd: ['长期', 'No end'],
	end: ['结束例外', 'End it'],
	propose: ['申请例外', 'Propose an exemption'],
	proposeText: [
		'例外须由第二人确认后生效，最长90天，到期自动结束。',
		'A second person confirms it; it lasts 90 days at most and ends by itself.',
	],
	supplicant: ['无需802.1X认证', 'Need not speak 802.1X'],
	'account-live': ['同一账号可多处在线', 'Its account may be live elsewhere'],
	antivirus: ['全部防病毒检查', 'Every antivirus check'],
	noTerminal: ['没有这个资产编号的终端', 'No terminal has this asset number'],
	exemption: ['终端例外', 'Exemption'],
	bypass: ['应急旁路', 'Bypass'],
	frozen: ['封网期', 'Frozen period'],
	maintenance: ['维护窗口', 'Maintenance window'],
	'port-mode': ['端口准入模式放宽', 'Port with a weaker mode'],
	'unsigned-switch': ['交换机认证例外', 'Unsigned switch'],
	'emergency-permit': ['应急入网许可', 'Emergency permit'],
	lifeline: ['保障终端', 'Life-line terminal'],
});
