import { catalogue } from '../../words/catalogue';

export const words = catalogue({
	reports: ['准入报表', 'Reports of admission'],
	hint: [
		'定期报表，按左侧所选机构统计。每次下载都会写入审计日志。',
		'Standing reports, of the unit chosen at the left. Each download is written to the audit log.',
	],
	'illegal-access': ['非法接入及未装客户端终端报表', 'Illegal access, terminals without client'],
	illegalText: [
		'未登记设备、未装客户端的终端和监听发现，含交换机、端口、MAC地址、厂商、最近IP、首次和最近出现时间。（制度条款D07）',
		'Unknown devices, terminals without client and findings, with switch, port, MAC, maker, last address, first and last time. (Clause D07)',
	],
	admission: ['准入情况报表', 'Admission'],
	admissionText: [
		'各机构登记终端、在线、隔离、拒绝、未登记设备、未处置发现和入网许可的数量，以及拒绝和隔离的原因。（制度条款D31）',
		'By unit: terminals, online, isolated, refused, unknown devices, open findings and permits; and why any were kept out. (Clause D31)',
	],
	xlsx: ['下载XLSX', 'XLSX'],
	pdf: ['下载PDF', 'PDF'],
});
