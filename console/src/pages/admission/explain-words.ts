import { catalogue } from '../../words/catalogue';

export const words = catalogue({
	title: ['如果在此接入', 'What if it knocked here'],
	hint: [
		'向已连接的区域准入服务器询问：这个MAC地址（和账号）现在从这个端口接入会怎样。只是询问，不产生接入记录。',
		'Asks a connected gate what would become of this MAC, with this account, at this port now. It is a question only: nothing knocks and no admission is recorded.',
	],
	at: ['交换机', 'Switch'],
	account: ['OA账号（可空）', 'Account (may be empty)'],
	accountHint: [
		'填写时按账号口令已通过验证计算；不填则按MAC地址或终端证书计算',
		'Given, its password counts as proven; without it the MAC address or the certificate counts',
	],
	badMac: ['请输入MAC地址，任何写法都可以', 'Enter a MAC address, in any notation'],
	ask: ['询问', 'Ask'],
	answer: ['准入结果', 'The answer'],
	admit: ['准许接入', 'It would be admitted'],
	isolate: ['将进入隔离修复区', 'It would go to isolation'],
	reject: ['将被拒绝接入', 'It would be refused'],
	enforced: ['强制模式下将不能入网', 'Enforcing would keep it out'],
	code: ['原因代码', 'Reason code'],
	clause: ['制度依据', 'Clause'],
	standing: ['现在就在此端口在线', 'On this port now'],
	said: ['作答的区域准入服务器', 'Which gate said so'],
});
