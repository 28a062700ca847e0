#include "policy/event.h"

/* clang-format off: one kind, one line */
const struct event_kind event_kinds[] = {
	{"knock", EVENT_GATE, false, "接入请求", "a request for admission and its verdict"},
	{"session.start", EVENT_GATE, false, "会话开始", "the switch says that a session began"},
	{"session.interim", EVENT_GATE, false, "会话计量",
	 "the switch says that a session goes on"},
	{"session.stop", EVENT_GATE, false, "会话结束", "the switch says that a session ended"},
	{"session.disconnect", EVENT_GATE, false, "要求断开会话",
	 "the gate asked the switch to end a session"},
	{"session.moved", EVENT_GATE, false, "终端换了位置",
	 "the same MAC knocked elsewhere; the session it left is closed"},
	{"session.closed", EVENT_GATE, false, "会话被新会话取代",
	 "the account is used elsewhere and this session gave no sign of life"},
	{"gate.unknown-switch", EVENT_GATE, false, "未登记的交换机",
	 "a packet came from an address that no switch is registered for"},
	{"gate.bypass", EVENT_GATE, true, "本地开始应急旁路",
	 "somebody at the gate began a bypass"},
	{"gate.bypass-end", EVENT_GATE, true, "应急旁路结束", "a bypass begun at the gate ended"},
	{"gate.breaker", EVENT_GATE, true, "触发熔断", "the gate stopped a mass effect in a unit"},
	{"gate.breaker-reset", EVENT_GATE, true, "熔断复位",
	 "somebody at the gate reset the breaker of a unit"},
	{"gate.clock", EVENT_GATE, true, "时钟异常",
	 "the gate's clock jumped; its time goes on from before"},
	{"gate.engine", EVENT_GATE, true, "认证引擎异常",
	 "a FreeRADIUS worker ended or hung and is started again"},
	{"gate.head-fork", EVENT_GATE, true, "审计日志出现分叉",
	 "head office showed a head that contradicts one the gate keeps"},
	{"posture", EVENT_AGENT, false, "安全检查结果", "the guards' findings changed"},
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
