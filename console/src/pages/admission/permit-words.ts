import { catalogue } from '../../words/catalogue';

export const words = catalogue({
	end: ['终止许可', 'End the permit'],
	endText: (mac: string) => [
		`${mac} 将立即失去入网许可并断开。`,
		`${mac} loses its permit and is disconnected at once.`,
	],
	hours: ['使用时段', 'Hours'],
	hoursOf: (asset: string) => [`设置使用时段 ${asset}`, `Hours of ${asset}`],
	hoursText: [
		'许可只在所列时段内有效（北京时间），到时自动断开；不列时段则全天有效。',
		'The permit holds in these hours alone (China Standard Time) and is cut when they end; without any it holds always.',
	],
	move: ['申请换端口', 'Move'],
	emergency: ['发放应急入网许可', 'Emergency permit'],
	emergencyText: [
		'许可立即生效，24小时后自动结束；同时自动提交补办申请，由总行审批。同一设备七天内只能发放一次。',
		'It holds at once and for 24 hours; a request for its approval goes to head office by itself. One for a device in seven days.',
	],
	grant: ['发放', 'Grant'],
	switch: ['接入交换机', 'Switch'],
	portHint: ['不填则该交换机任意端口', 'Left empty: any port of the switch'],
	days: ['补办申请的有效期（天）', 'Days that the request asks for'],
	daysHint: ['审批通过后许可的有效期', 'How long the permit lasts once approved'],
	badMac: ['请输入MAC地址，任何写法都可以', 'Enter a MAC address, in any notation'],
});
