import { catalogue } from '../../words/catalogue';

export const words = catalogue({
	addresses: ['地址规划', 'Address plan'],
	hint: [
		'IP地址由网络管理员统一分配，与MAC地址绑定；各区域的网络监听据此发现擅改和冲用地址的设备。批量分配请在“导入”中导入地址规划。',
		'Addresses are assigned centrally and bound to MACs; the listeners of every region find by this plan who took another. Bring in many with Import.',
	],
	none: [
		'还没有地址规划。请导入，或由部门提交“IP地址申请”，批准后自动绑定。',
		'No plan yet. Import one, or departments file requests, whose approvals bind.',
	],
	ip: ['IP地址（开头）', 'Address (its beginning)'],
	used: ['当前使用', 'Used now'],
	differs: ['与规划不符', 'Not the planned one'],
	note: ['备注', 'Note'],
	request: ['申请单', 'Request'],
	bound: ['绑定时间', 'Bound'],
	ended: ['已收回', 'Given back'],
	bind: ['绑定地址', 'Bind an address'],
	bindText: [
		'已登记的网卡归其终端的机构；未登记的须选择机构。',
		'A registered card belongs to its terminal’s unit; for another one choose the unit.',
	],
	release: ['收回', 'Give back'],
	releaseText: (ip: string, mac: string) => [
		`${ip} 不再绑定到 ${mac}，可以另行分配。`,
		`${ip} is bound to ${mac} no longer and may be assigned again.`,
	],
	badMac: ['请输入MAC地址，任何写法都可以', 'Enter a MAC address, in any notation'],
	importPlan: ['导入', 'Import'],
	apply: ['申请地址', 'File a request'],
});
