#include "policy/finding.h"

#include <string.h>

#include "base/text.h"

/* clang-format off: one finding, four lines */
static const struct finding_text texts[FINDING_COUNT] = {
	[FINDING_UNKNOWN_DEVICE] =
		{"unknown-device", "D06", "网络上出现未登记设备",
		 "a device is on the network that nobody registered",
		 "到所示交换机端口核实设备，登记后申请入网或断开",
		 "look at the switch port shown; register the device or unplug it"},
	[FINDING_NO_SESSION] = {"no-session", "D07", "已登记终端未经准入即在通信",
				"a registered terminal talks without an admission session",
				"检查其接入端口是否启用准入控制",
				"check that its port enforces admission"},
	[FINDING_IP_CONFLICT] =
		{"ip-conflict", "D22", "同一IP地址由两个MAC地址使用", "two MACs use one IP address",
		 "按地址规划核对两台设备，改正擅自设置者",
		 "compare both with the address plan and correct the one that took it"},
	[FINDING_IP_TAKEN] = {"ip-taken", "D22", "设备以免费ARP宣告占用他人IP地址",
			      "a device announced an address that another MAC holds",
			      "核实宣告设备，防范ARP欺骗",
			      "look at the device that announced it; it may be ARP spoofing"},
	[FINDING_GATEWAY_TAKEN] = {"gateway-taken", "D22", "网关地址被其他MAC地址冒用",
				   "another MAC claims the gateway's address",
				   "立即断开该设备，可能正在截取流量",
				   "cut the device at once; it may be intercepting traffic"},
	[FINDING_ROAMING_MAC] = {"roaming-mac", "D22", "同一MAC地址短时间内使用多个IP地址",
				 "one MAC moves between several addresses quickly",
				 "核实该设备是否扫描网络或冒用地址",
				 "find out whether it scans the network or borrows addresses"},
	[FINDING_PLAN_MAC] = {"plan-mac", "D22", "IP地址由规划以外的MAC地址使用",
			      "an address is used by another MAC than the plan binds it to",
			      "按地址规划改正设备的地址，或更新规划",
			      "give the device its own address, or change the plan"},
	[FINDING_PLAN_IP] = {"plan-ip", "D22", "终端使用了规划以外的IP地址",
			     "a MAC of the plan uses another address than its own",
			     "恢复终端的规划地址，或更新规划",
			     "restore the planned address, or change the plan"},
	[FINDING_DHCP_SERVER] = {"dhcp-server", "D24", "存在未经授权的DHCP服务器",
				 "a DHCP server that nobody allowed answers",
				 "断开该设备；如属授权，列为 dhcp-server",
				 "unplug it; if it is yours, list it as dhcp-server"},
	[FINDING_ROUTER_ADVERT] = {"router-advert", "D24", "未授权设备发送IPv6路由器通告",
				   "a stranger sends IPv6 router advertisements",
				   "断开该设备；如属授权，列为 router",
				   "unplug it; if it is yours, list it as router"},
	[FINDING_NAT] = {"nat", "D24", "设备在转换地址，其后还有其他终端",
			 "a device translates addresses for others behind it",
			 "拆除私接路由器或关闭共享上网",
			 "remove the private router or stop the sharing of the connection"},
	[FINDING_ROUTER] = {"router", "D24", "设备在转发其他地址的流量",
			    "a device forwards traffic of other addresses",
			    "核实是否私设路由器或子网",
			    "find out whether somebody set up a router or a subnet"},
	[FINDING_MANY_BEHIND] = {"many-behind", "D24", "同一MAC地址后有多个客户端",
				 "several clients stand behind one MAC",
				 "检查是否私接无线路由器或克隆MAC",
				 "look for a private wireless router or a cloned MAC"},
	[FINDING_BRIDGE] = {"bridge", "D24", "未授权设备发出交换机协议帧",
			    "a device that is no known switch speaks as a switch",
			    "拆除私接交换机；如属授权，列为 network-gear",
			    "remove the switch; if it is yours, list it as network-gear"},
	[FINDING_SOFT_AP] = {"soft-ap", "D24", "设备疑似开启无线热点",
			     "a device seems to run a wireless hotspot", "关闭热点，按规定处理",
			     "switch the hotspot off and follow the regulation"},
	[FINDING_CLONE] = {"clone", "D06", "终端特征与以往不符，MAC地址可能被克隆",
			   "a terminal is not what it was: its MAC may be cloned",
			   "到现场核实设备与MAC地址是否相符",
			   "compare the device on the spot with what its MAC stands for"},
	[FINDING_TWO_PLACES] =
		{"two-places", "D06", "同一MAC地址在两个端口之间反复出现，其一可能为克隆",
		 "a MAC goes back and forth between two ports: one of the two may be a clone",
		 "到所示两个端口核实设备，隔离冒用者",
		 "look at both ports and isolate the one that borrows it"},
	[FINDING_OTHER_ACCOUNT] =
		{"other-account", "D08", "在终端上使用了不属于该终端的账号",
		 "an account was used at a terminal that is not its own",
		 "核实操作人员；确需使用的，申请账号与终端绑定",
		 "find out who sat there; if it is right, bind the account to the terminal"},
	[FINDING_OTHER_BRANCH] =
		{"other-branch", "D09", "其他机构的MAC地址在此出现",
		 "a MAC that another branch's permit is for knocked here",
		 "向许可所在机构核实设备是否在位；在位即为克隆",
		 "ask the permit's branch whether the device is there: if so, this one is a clone"},
};
/* clang-format on */

const struct finding_text *finding_text(enum finding f)
{
	return &texts[f];
}

enum finding finding_from_code(const char *code)
{
	unsigned f = 0;

	while (f < FINDING_COUNT && !text_equal(texts[f].code, code))
		f++;
	return (enum finding)f;
}

_Static_assert(FINDING_COUNT <= 32, "a bit each");

int finding_set_parse(const char *text, uint32_t *ret)
{
	char copy[512], *rest = copy, *word;
	uint32_t bits = 0;

	if (text_copy(copy, sizeof(copy), text))
		return -EINVAL;
	while ((word = strsep(&rest, " ,\t"))) {
		enum finding f = finding_from_code(word);

		if (!*word || text_equal(word, "none"))
			continue;
		if (f == FINDING_COUNT || f == FINDING_UNKNOWN_DEVICE)
			return -EINVAL;
		bits |= 1U << f;
	}
	*ret = bits;
	return 0;
}
