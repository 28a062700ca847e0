import { catalogue } from '../../words/catalogue';

export const words = catalogue({
	history: ['在网历史', 'History'],
	hint: [
		'谁在什么时候、在哪个端口、用哪个地址在网。输入MAC地址（任何写法）、IP地址或网段、账号、姓名、工号或资产编号即可查询；在网的排在最前。',
		'Who was on the network when, at which port, with which address. Type a MAC in any notation, an address or a network, an account, a name, a staff or an asset number; who is there now comes first.',
	],
	none: ['没有符合条件的在网记录', 'No stay matches'],
	typed: ['查询', 'Find'],
	asMac: ['按MAC地址查询', 'Looked up as a MAC address'],
	asAddress: ['按IP地址查询', 'Looked up as an address'],
	asNetwork: ['按网段查询', 'Looked up as a network'],
	asWords: [
		'按账号、姓名、工号、资产编号查询',
		'Looked up as account, name, staff or asset number',
	],
	from: ['在网时间不早于', 'There since'],
	until: ['在网时间不晚于', 'There until'],
	who: ['人员', 'Who'],
	began: ['上线', 'Began'],
	ended: ['下线', 'Ended'],
	goesOn: ['在网', 'There now'],
	heard: ['最近计量', 'Last heard'],
	why: ['下线原因', 'Why it ended'],
	note: ['交换机的说明', 'As the switch said'],
	addresses: ['地址及来源', 'Addresses and who told them'],
	lasted: ['时长', 'Lasted'],
	traffic: ['流量（入/出）', 'Traffic (in/out)'],
	gate: ['区域准入服务器', 'Gate'],
	session: ['会话号', 'Session'],
	stay: ['在网记录', 'Stay'],
	export: ['导出CSV', 'Export CSV'],
	exported: (n: number) => [`已导出${n}条`, `${n} exported`],
	cut: (n: number) => [
		`只导出了前${n}条，请缩小查询范围`,
		`Only the first ${n} were exported; narrow the question`,
	],
	samePort: ['该端口的在网历史', 'History of this port'],
	timeLine: ['终端时间线', "The terminal's time line"],
	allOfMac: ['该MAC的在网历史', 'History of this MAC'],
	duration: (minutes: number) => [
		minutes < 60
			? `${minutes}分钟`
			: minutes < 1440
				? `${Math.floor(minutes / 60)}小时${minutes % 60}分`
				: `${Math.floor(minutes / 1440)}天${Math.floor((minutes % 1440) / 60)}小时`,
		minutes < 60
			? `${minutes} min`
			: minutes < 1440
				? `${Math.floor(minutes / 60)} h ${minutes % 60} min`
				: `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`,
	],
});

export const whyNames = catalogue({
	stop: ['正常下线', 'Stopped'],
	lost: ['失去音讯', 'Lost'],
	moved: ['换了位置', 'Moved'],
	closed: ['账号在别处使用', 'Account used elsewhere'],
	disconnect: ['被断开', 'Disconnected'],
	restart: ['交换机重启', 'Switch restarted'],
});

export const sourceNames = catalogue({
	accounting: ['交换机计费', 'accounting'],
	dhcp: ['DHCP分配', 'DHCP'],
	arp: ['ARP监听', 'ARP'],
	nd: ['邻居发现', 'ND'],
});
