import { catalogue } from '../../words/catalogue';

/** What came of asking a switch over SNMP. */
export const surveyWords = catalogue({
	ok: ['应答正常', 'It answered'],
	silent: ['没有应答', 'No answer'],
	refused: ['拒绝查询', 'It refused'],
	'broke-off': ['应答中断', 'It broke off'],
	failed: ['应答无法识别', 'Its answer is none'],
});

export const neighbourKinds = catalogue({
	switch: ['交换机', 'Switch'],
	router: ['路由器', 'Router'],
	'access-point': ['无线接入点', 'Access point'],
	phone: ['网络电话', 'Telephone'],
	other: ['其他设备', 'Device'],
});
