import { catalogue } from '../../words/catalogue';

export const words = catalogue({
	gear: ['网络设备登记', 'Network gear'],
	hint: [
		'经批准架设的交换机、路由器、无线设备和DHCP服务器。登记在册的设备不再列为未处置的监听发现，到期自动退出。',
		'Switches, routers, access points and DHCP servers that were approved. What stands here is no open finding; an entry ends by itself.',
	],
	none: [
		'还没有登记的网络设备。由部门提交“网络设备架设申请”，批准后自动登记。',
		'No gear yet. A department files a request, and its approval puts the gear here.',
	],
	apply: ['申请架设', 'File a request'],
	place: ['放置地点', 'Place'],
	owner: ['设备负责人', 'Person in charge'],
	request: ['申请单', 'Request'],
	findings: ['相关发现', 'Its findings'],
	ended: ['已退出', 'Ended'],
	end: ['退出登记', 'Take off'],
	endText: (name: string) => [
		`${name} 退出登记后，其行为将重新列为监听发现。`,
		`Without its entry, what ${name} does is a finding again.`,
	],
});

export const gearKindNames = catalogue({
	switch: ['交换机', 'Switch'],
	router: ['路由器或子网', 'Router or subnet'],
	'access-point': ['无线设备', 'Access point'],
	'dhcp-server': ['DHCP服务器', 'DHCP server'],
});
