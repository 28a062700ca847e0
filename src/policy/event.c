#include "policy/event.h"

#include <string.h>

/* clang-format off: one kind, one line */
const struct event_kind event_kinds[] = {
	{"knock", EVENT_GATE, false, "接入请求", "a request for admission and its verdict"},
	{"session.start", EVENT_GATE, false, "会话开始", "the switch says that a session began"},
	{"session.interim", EVENT_GATE, false, "会话计量",
	 "the switch says that a session goes on"},
	{"session.stop", EVENT_GATE, false, "会话结束", "the switch says that a session ended"},
	{"session.disconnect", EVENT_GATE, false, "要求断开会话",
	 "the gate asked the switch to end a session"},
	{"session.change", EVENT_GATE, false, "在线调整会话",
	 "the switch agreed to give a session another place, or to authenticate it again"},
	{"session.held", EVENT_GATE, false, "未自动断开",
	 "rules would have put it out: a breaker, a frozen period or the life-line rule holds it"},
	{"session.moved", EVENT_GATE, false, "终端换了位置",
	 "the same MAC knocked elsewhere; the session it left is closed"},
	{"session.closed", EVENT_GATE, false, "会话被新会话取代",
	 "the account is used elsewhere and this session gave no sign of life, or another gate "
	 "holds a later one of the MAC"},
	{"session.lost", EVENT_GATE, false, "会话失去音讯",
	 "the stop of a session was lost; its stay ended at the switch's last word of it"},
	{"session.restart", EVENT_GATE, false, "交换机重启，会话结束",
	 "the switch started anew or goes down; its sessions are over"},
	{"session.address", EVENT_GATE, false, "获知会话地址",
	 "the listener heard which address a session's terminal has"},
	{"finding", EVENT_GATE, false, "网络监听发现",
	 "the listener found something; its code is the record's reason"},
	{"gate.unknown-switch", EVENT_GATE, false, "未登记的交换机",
	 "a packet came from an address that no switch is registered for"},
	{"gate.bypass", EVENT_GATE, true, "本地开始应急旁路",
	 "somebody at the gate began a bypass"},
	{"gate.bypass-end", EVENT_GATE, true, "应急旁路结束", "a bypass begun at the gate ended"},
	{"gate.isolate", EVENT_GATE, true, "本地隔离终端",
	 "somebody at the gate isolated a MAC for some hours"},
	{"gate.release", EVENT_GATE, false, "本地解除隔离",
	 "an isolation by somebody at the gate ended"},
	{"gate.relearn", EVENT_GATE, false, "重新学习终端特征",
	 "somebody at the gate let a terminal look otherwise than at its permit's first use"},
	{"gate.breaker", EVENT_GATE, true, "触发熔断", "the gate stopped a mass effect in a unit"},
	{"gate.breaker-reset", EVENT_GATE, true, "熔断复位",
	 "somebody at the gate reset the breaker of a unit"},
	{"gate.strangers", EVENT_GATE, false, "未知终端过多",
	 "a port, or the gate, shows more unknown MACs than are kept"},
	{"port.hub", EVENT_GATE, false, "端口疑似私接集线器",
	 "a second unknown MAC is behind one port within ten minutes: an unmanaged hub"},
	{"gate.over-rate", EVENT_GATE, false, "交换机请求过多",
	 "a switch sends more packets a second than it may; the rest is dropped"},
	{"gate.clock", EVENT_GATE, true, "时钟异常",
	 "the gate's clock jumped; its time goes on from before"},
	{"gate.engine", EVENT_GATE, true, "认证引擎异常",
	 "a FreeRADIUS worker ended or hung and is started again"},
	{"gate.directory", EVENT_GATE, true, "目录服务不可用",
	 "no server of the directory answers; its accounts wait in silence"},
	{"gate.old", EVENT_GATE, false, "转交原认证服务器",
	 "the RADIUS server that is being replaced answered, or a switch was given back to it"},
	{"gate.peer-missing", EVENT_GATE, true, "与对端准入服务器失去联系",
	 "a gate is not heard by its peer, which may admit what that one would refuse"},
	{"gate.peer-back", EVENT_GATE, true, "与对端准入服务器恢复联系",
	 "a gate is heard by its peer again; sessions that contradict each other are closed"},
	{"gate.head-fork", EVENT_GATE, true, "审计日志出现分叉",
	 "head office showed a head that contradicts one the gate keeps"},
	{"posture", EVENT_AGENT, false, "安全检查结果", "the guards' findings changed"},
	{"accounts", EVENT_AGENT, false, "本机账号与口令",
	 "a desk's accounts that are against the rules, each with what is wrong with it"},
	{"address.changed", EVENT_AGENT, true, "擅改网络地址",
	 "a desk's address, gateway or MAC is another than it was given; whether it was set back"},
	{"address.conflict", EVENT_AGENT, true, "地址冲突", "another MAC claims a desk's address"},
	{"address.gateway", EVENT_AGENT, true, "网关欺骗",
	 "another MAC than the known one claims the gateway's address"},
	{"baseline", EVENT_AGENT, false, "安全配置基线",
	 "a desk's score against the baseline changed, with the checks that fail"},
	{"egress.network", EVENT_AGENT, true, "违规外联",
	 "a desk has a second network: what it is, and whether it was cut"},
	{"egress.over", EVENT_AGENT, false, "违规外联结束", "a desk's second network is gone"},
	{"logon", EVENT_AGENT, false, "登录本机",
	 "somebody logged on to a desk: who, where, from where"},
	{"logoff", EVENT_AGENT, false, "退出本机", "a log-on to a desk ended"},
	{"seat.locked", EVENT_AGENT, false, "离座锁屏",
	 "a session that nobody sat at was locked, or would have been"},
	{"seat.ended", EVENT_AGENT, false, "离座注销",
	 "a session that nobody sat at was logged off, or would have been"},
	{"seat.poweroff", EVENT_AGENT, false, "下班关机",
	 "after work: the countdown began or stopped, the machine was switched off or would have "
	 "been"},
	{"shares", EVENT_AGENT, false, "文件共享",
	 "what a desk shares changed: path, rights, guest or everyone, who is connected"},
	{"shares.closed", EVENT_AGENT, true, "关闭违规共享",
	 "a share that must not be was taken away or closed to the network"},
	{"files", EVENT_AGENT, false, "文件操作",
	 "what was done with files on removable disks and shares: by whom, with what program, the "
	 "path, and of what was written its size and hashes"},
	{"files.lost", EVENT_AGENT, true, "文件操作记录有遗漏",
	 "the kernel's queue of what is done with files lost some; how often"},
	{"software", EVENT_AGENT, false, "软件管控手段",
	 "by which of its kernel's means a desk holds programs, and what it lacks for that"},
	{"software.denied", EVENT_AGENT, false, "运行禁用软件",
	 "a program that is denied was run or opened: what, by whom, by which item of the lists, "
	 "and whether it was kept from it"},
	{"software.unknown", EVENT_AGENT, false, "运行来源不明软件",
	 "a person ran a program of no package, from where anybody can put one"},
	{"software.late", EVENT_AGENT, false, "软件未及核对",
	 "a program's content could not be compared with the lists in time, or it is too large"},
	{"software.missed", EVENT_AGENT, false, "软件事件未逐条上报",
	 "how many denials and programs of unknown origin were counted only"},
	{"storage.plugged", EVENT_AGENT, false, "移动存储接入",
	 "a storage device, telephone or the like was plugged in, or what may be done with it "
	 "changed: who sat there, what it is, what was decided and by which entry"},
	{"storage.unplugged", EVENT_AGENT, false, "移动存储拔出", "what was plugged in is gone"},
	{"storage.undone", EVENT_AGENT, true, "移动存储管控被绕过",
	 "somebody made a read-only disk writable, or let a device in that was put off; it was "
	 "undone"},
	{"policy.refused", EVENT_AGENT, false, "拒绝执行策略",
	 "a policy was not obeyed: signature, age or content"},
	{"queue.damaged", EVENT_AGENT, false, "事件队列损坏",
	 "the disk damaged queued events; what could be read was saved"},
	{"inventory.hardware", EVENT_AGENT, false, "硬件清单变化", "changes of the hardware"},
	{"inventory.system", EVENT_AGENT, false, "系统信息变化", "changes of the operating system"},
	{"inventory.nics", EVENT_AGENT, false, "网卡变化", "changes of the network cards"},
	{"inventory.users", EVENT_AGENT, false, "本机用户变化", "changes of the local users"},
	{"inventory.packages", EVENT_AGENT, false, "软件清单变化",
	 "changes of the installed packages"},
};
/* clang-format on */

const size_t event_kind_count = ARRAY_SIZE(event_kinds);

const struct event_kind *event_kind_find(const char *name)
{
	for (size_t i = 0; i < event_kind_count; i++)
		if (strcmp(event_kinds[i].name, name) == 0)
			return &event_kinds[i];
	return NULL;
}

static bool word_has(const char *word, size_t len, const char *name)
{
	if (len == 3 && memcmp(word, "all", 3) == 0)
		return true;
	return strncmp(name, word, len) == 0 &&
	       (name[len] == 0 || (len > 0 && word[len - 1] == '.'));
}

static bool is_word(const char *word, size_t len)
{
	if (len == 4 && memcmp(word, "none", 4) == 0)
		return true;
	for (size_t i = 0; i < event_kind_count; i++)
		if (word_has(word, len, event_kinds[i].name))
			return true;
	return false;
}

bool event_kinds_have(const char *choice, const char *name)
{
	for (const char *p = choice + strspn(choice, " "); *p; p += strspn(p, " ")) {
		size_t len = strcspn(p, " ");

		if (word_has(p, len, name))
			return true;
		p += len;
	}
	return false;
}

int event_kinds_check(const char *choice)
{
	for (const char *p = choice + strspn(choice, " "); *p; p += strspn(p, " ")) {
		size_t len = strcspn(p, " ");

		if (!is_word(p, len))
			return -EINVAL;
		p += len;
	}
	return 0;
}
