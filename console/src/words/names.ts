/** The names of codes that travel over the contract; words.md of the project decides them. */
import { catalogue, type Pair } from './catalogue';

const named = <const N extends Record<string, Pair>>(names: N): N => catalogue(names);

export const roleNames = named({
	security: ['安全管理员', 'Security administrator'],
	system: ['系统管理员', 'System administrator'],
	regional: ['区域管理员', 'Regional administrator'],
	auditor: ['审计管理员', 'Audit administrator'],
	approver: ['部门负责人', 'Department head'],
	'device-officer': ['设备负责人', 'Device officer'],
	staff: ['员工', 'Staff'],
});

export const verdictNames = named({
	admit: ['准许', 'Admitted'],
	isolate: ['隔离', 'Isolated'],
	reject: ['拒绝', 'Refused'],
});

export const postureNames = named({
	good: ['合格', 'Good'],
	bad: ['不合格', 'Failed'],
	silent: ['未报到', 'Silent'],
	unknown: ['未知', 'Unknown'],
});

export const modeNames = named({
	observe: ['监测模式', 'Observe'],
	warn: ['提醒模式', 'Warn'],
	enforce: ['强制模式', 'Enforce'],
});

export const terminalKindNames = named({
	pc: ['计算机', 'PC'],
	xpe: ['XPE瘦终端', 'XPE thin client'],
	ce: ['CE瘦终端', 'CE thin client'],
	printer: ['打印机', 'Printer'],
	camera: ['摄像机', 'Camera'],
	atm: ['自助设备', 'Self-service machine'],
	phone: ['网络电话', 'IP phone'],
	other: ['其他设备', 'Other device'],
	visitor: ['来访设备', 'Visitor'],
});

export const terminalStatusNames = named({
	applied: ['申请中', 'Applied for'],
	approved: ['待登记', 'Approved'],
	'in-use': ['在用', 'In use'],
	'in-repair': ['维修中', 'In repair'],
	scrapped: ['已报废', 'Scrapped'],
});

export const unitKindNames = named({
	'head-office': ['总行', 'Head office'],
	branch: ['分行', 'Branch'],
	outlet: ['网点', 'Outlet'],
	department: ['部门', 'Department'],
});

export const postNames = named({
	'department-head': ['部门负责人', 'Department head'],
	'device-officer': ['设备负责人', 'Device officer'],
});

export const requestStatusNames = named({
	pending: ['审批中', 'Pending'],
	approved: ['已批准', 'Approved'],
	refused: ['已退回', 'Refused'],
	withdrawn: ['已撤回', 'Withdrawn'],
});

export const decisionNames = named({
	approved: ['同意', 'Approved'],
	confirmed: ['已确认', 'Confirmed'],
	refused: ['不同意', 'Refused'],
	expired: ['已过期', 'Expired'],
});

export const methodNames = named({
	mab: ['MAC认证', 'MAC authentication'],
	'eap-password': ['802.1X（账号口令）', '802.1X (password)'],
	'eap-tls': ['802.1X（证书）', '802.1X (certificate)'],
});

export const vendorNames = named({
	'menshen-port': ['接入控制盒', 'menshen-port'],
	huawei: ['华为', 'Huawei'],
	h3c: ['新华三', 'H3C'],
	ruijie: ['锐捷', 'Ruijie'],
	zte: ['中兴', 'ZTE'],
	cisco: ['思科', 'Cisco'],
	aruba: ['安移通（Aruba）', 'Aruba'],
	hostapd: ['Linux交换机（hostapd）', 'Linux switch (hostapd)'],
	other: ['其他厂商', 'Other'],
});

export const importKindNames = named({
	units: ['机构', 'Units'],
	people: ['人员', 'People'],
	terminals: ['终端', 'Terminals'],
	macs: ['MAC地址表', 'MAC table'],
	addresses: ['地址规划', 'Address plan'],
});

export const searchKindNames = named({
	terminal: ['终端', 'Terminal'],
	person: ['人员', 'Person'],
	request: ['申请', 'Request'],
	switch: ['交换机', 'Switch'],
	knock: ['接入设备', 'Device'],
	place: ['未登记设备', 'Unknown device'],
});

/** The codes of posture checks that agents report: guard.reason. */
export const findingNames = named({
	'antivirus.missing': ['没有安装防病毒软件', 'No antivirus is installed'],
	'antivirus.stopped': ['防病毒软件没有运行', 'The antivirus does not run'],
	'antivirus.no-definitions': ['防病毒软件没有病毒库', 'The antivirus has no virus definitions'],
	'antivirus.outdated': ['病毒库过期', 'The virus definitions are out of date'],
	'antivirus.unreadable': ['无法检查防病毒软件', 'The antivirus could not be checked'],
	'accounts.trouble': [
		'本机账号或口令不符合规定',
		'A local account or password is against the rules',
	],
	'accounts.unreadable': ['无法检查本机账号', 'The local accounts could not be checked'],
	'baseline.below': ['安全配置不符合基线', 'The settings are below the baseline'],
	'baseline.unreadable': ['无法检查安全配置', 'The settings could not be checked'],
	'egress.second-network': [
		'连接了行内网络以外的网络',
		"Connected to a network that is not the bank's",
	],
	'egress.mixed': [
		'行内网卡上有行内以外的地址、网关或路由',
		"The bank's card leads elsewhere, too",
	],
	'egress.away': ['不在行内网络', "Not on the bank's network"],
	'egress.cut-failed': ['未能切断违规外联', 'The second network could not be cut'],
	'address.changed': [
		'网卡的地址、网关或MAC不是分配的',
		'A card has another address, gateway or MAC than it was given',
	],
	'address.not-restored': ['未能恢复分配的网络设置', 'The given address could not be restored'],
	'address.rules': ['策略中的地址规则有误', "The policy's rules for addresses are not understood"],
	'session.no-means': [
		'本机无法自动锁屏、注销或关机',
		'The computer has no means to lock or switch off',
	],
	'session.not-seen': ['无法得知登录情况或空闲时间', 'Who is there cannot be seen'],
	'session.rules': [
		'策略中的锁屏和关机规则有误',
		"The policy's rules for sessions are not understood",
	],
	'shares.open': ['有不允许的共享', 'A share that is not allowed'],
	'shares.not-closed': ['未能关闭不允许的共享', 'A share could not be closed'],
	'shares.rules': ['策略中的共享规则有误', "The policy's rules for shares are not understood"],
	'files.not-watched': ['无法审计文件操作', 'What is done with files cannot be watched'],
	'software.not-held': ['无法阻止违规软件运行', 'Programs cannot be kept from running'],
	'software.ran': ['运行过禁止使用的软件', 'A program that is not allowed was run'],
	'software.rules': ['策略中的软件规则有误', "The policy's rules for software are not understood"],
	'storage.unregistered': [
		'插有未经许可的移动存储或手机',
		'A storage device or telephone that is not allowed is plugged in',
	],
	'storage.not-held': ['未能禁用不允许的移动存储', 'A storage device could not be put off'],
	'storage.not-watched': ['无法监视USB设备', 'USB devices cannot be watched'],
	'storage.rules': [
		'策略中的移动存储规则有误',
		"The policy's rules for storage are not understood",
	],
	'egress.rules': ['策略中的行内地址段有误', "The policy's addresses are not understood"],
});
