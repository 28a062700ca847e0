import { catalogue } from '../words/catalogue';

export const words = catalogue({
	skip: ['跳到正文', 'Skip to content'],
	menu: ['主菜单', 'Main menu'],
	tabs: ['本栏页面', 'Pages of this section'],
	search: ['搜索', 'Search'],
	searchHint: [
		'姓名、工号、MAC地址（任何写法）、IP地址、资产编号、申请单号',
		'Person, MAC address in any notation, IP address, asset or request number',
	],
	seenAt: (at: string, port: string, when: string) => [
		`${when} 见于交换机${at}端口${port}`,
		`seen at switch ${at} port ${port}, ${when}`,
	],
	searchNothing: ['没有找到', 'Nothing found'],
	searchShort: ['至少输入两个字符', 'Type at least two characters'],
	keys: ['键盘操作', 'Keyboard'],
	keySearch: ['搜索', 'Search'],
	keyRows: ['下一行 / 上一行', 'Next row / previous row'],
	keyOpen: ['打开所选行', 'Open the chosen row'],
	keyApprove: ['同意（审批页面）', 'Approve (on a request)'],
	keyHelp: ['本帮助', 'This help'],
	settings: ['个人设置', 'Settings'],
	logOut: ['退出登录', 'Log out'],
	streamLost: ['实时更新中断，正在重连', 'Live updates are interrupted; reconnecting'],
	alarm: ['告警', 'Alarm'],
	zone: ['时间均为北京时间（UTC+8）', 'Times are China Standard Time (UTC+8)'],
});
