import { catalogue } from '../../words/catalogue';

export const words = catalogue({
	title: ['区域准入服务器', 'Gates'],
	add: ['新增', 'Add a gate'],
	addTitle: ['新增区域准入服务器', 'Add a gate'],
	addText: [
		'须由第二人确认后签发证书。',
		'Its certificates are issued once a second person confirms.',
	],
	request: ['申请文件 request.json', 'request.json'],
	choose: ['选择文件', 'Choose the file'],
	noFile: ['尚未选择', 'None chosen'],
	badFile: [
		'这不是 menshen gate request 生成的 request.json',
		'This is not a request.json of menshen gate request',
	],
	nameOf: ['名称', 'Name'],
	fingerprint: ['指纹', 'Fingerprint'],
	fingerprintHint: [
		'请与新服务器上显示的指纹逐字核对',
		'Compare it with what the new machine printed, letter by letter',
	],
	bundle: ['下载 bundle.json', 'Download bundle.json'],
	end: ['停用', 'End'],
	endText: [
		'其证书立即吊销，连接立即断开；各交换机须改用其他区域准入服务器。若该服务器被盗，还须更换交换机密钥与账号口令。',
		'Its certificates are revoked and its line is cut at once; its switches need another gate. If it was stolen, change the secrets of switches and the passwords, too.',
	],
	steps: ['新增的步骤', 'How to add one'],
	steps1: [
		'在新服务器上生成密钥，得到 request.json 和指纹：',
		'On the new machine: keys, request.json and a fingerprint.',
	],
	steps2: [
		'在本页由系统管理员上传 request.json，第二人在“双人复核”中确认，然后下载 bundle.json。',
		'Here: the system administrator uploads request.json, a second person confirms it under Requests, and bundle.json is downloaded.',
	],
	steps3: [
		'在一台已在用的区域准入服务器上核对指纹，封装共用密钥：',
		'On a gate that stands: compare the fingerprint, then seal the gates’ common key to the new one.',
	],
	steps4: [
		'把 bundle.json 和 sealed 拷到新服务器并安装：',
		'On the new machine: install with bundle.json and sealed.',
	],
	pending: (n: number) => [
		`有${n}台待第二人确认`,
		n === 1 ? 'One waits for a second person' : `${n} wait for a second person`,
	],
	look: ['查看', 'Look'],
	none: [
		'范围内没有区域准入服务器。第一台由 menshen init 登记，其目录须交给该服务器。',
		'No gate in scope. menshen init registers the first one; its folder goes to the gate.',
	],
	connected: ['已连接', 'Connected'],
	disconnected: ['未连接', 'Not connected'],
	ended: ['已停用', 'Ended'],
	peers: ['会话互通', 'Shares sessions with'],
	peerNew: ['正在连接', 'Connecting'],
	peerHeard: ['正常', 'Heard'],
	peerMissing: ['失去联系', 'Not heard'],
	peerSessions: (n: number) => [`会话${n}个`, n === 1 ? '1 session' : `${n} sessions`],
	peerSince: ['始于', 'since'],
	certificateUntil: ['证书有效期至', 'Certificate until'],
	certificateSoon: ['即将到期', 'ends soon'],
	lastSeen: ['最近出现', 'Last seen'],
	now: ['现在', 'now'],
	snapshot: ['快照版本', 'Snapshot'],
	cosigned: ['已会签的审计日志条数', 'Audit log co-signed to'],
});
