#include "policy/reason.h"

#include <string.h>

/* One reason, four short lines. */
/* clang-format off */
static const struct reason_text table[REASON_COUNT] = {
	[REASON_NONE] = {REASON_NONE, "none", "", "尚无结论", "no verdict yet", "", ""},
	[REASON_OK] = {REASON_OK, "ok", "",
		"准许接入", "admitted", "", ""},
	[REASON_OBSERVED] = {REASON_OBSERVED, "observed", "",
		"监测模式，准许接入", "admitted because the unit only observes", "", ""},
	[REASON_WARNED] = {REASON_WARNED, "warned", "",
		"提醒模式，准许接入", "admitted with a warning",
		"请按提醒尽快处理，强制模式启用后将无法接入", "mend it before the unit enforces"},
	[REASON_BYPASS] = {REASON_BYPASS, "bypass", "D10",
		"应急旁路期间，准许接入", "admitted during an emergency bypass", "", ""},
	[REASON_GRACE] = {REASON_GRACE, "grace", "D02",
		"准许接入，等待客户端报到", "admitted while its agent is awaited", "", ""},
	[REASON_PASSWORD_WRONG] = {REASON_PASSWORD_WRONG, "password-wrong", "D04",
		"账号或口令不正确", "account or password is wrong",
		"请核对OA账号和口令后重试", "check your OA account and password and try again"},
	[REASON_ACCOUNT_UNKNOWN] = {REASON_ACCOUNT_UNKNOWN, "account-unknown", "D04",
		"没有这个账号", "no such account",
		"请使用本人的OA账号，或联系管理员开通", "use your own OA account or ask your administrator for one"},
	[REASON_ACCOUNT_DISABLED] = {REASON_ACCOUNT_DISABLED, "account-disabled", "D30",
		"账号已停用", "account is disabled",
		"请联系本机构桌面管理员", "ask your desktop administrator"},
	[REASON_ACCOUNT_LOCKED] = {REASON_ACCOUNT_LOCKED, "account-locked", "M06",
		"口令连续输错，账号已锁定", "account is locked after wrong passwords",
		"请稍后再试，或请管理员解锁", "wait, or ask your administrator to unlock it"},
	[REASON_PASSWORD_EXPIRED] = {REASON_PASSWORD_EXPIRED, "password-expired", "M06",
		"口令已过期", "password has expired",
		"请登录管理系统修改口令", "change it in the console"},
	[REASON_IDENTITY_MISSING] = {REASON_IDENTITY_MISSING, "identity-missing", "D04",
		"认证未说明身份", "authentication named nobody",
		"请联系管理员检查认证配置", "ask your administrator to check the supplicant"},
	[REASON_CERTIFICATE_REVOKED] = {REASON_CERTIFICATE_REVOKED, "certificate-revoked", "D13",
		"终端证书已吊销", "terminal certificate is revoked",
		"请重新申请终端入网", "apply for the terminal again"},
	[REASON_CERTIFICATE_UNKNOWN] = {REASON_CERTIFICATE_UNKNOWN, "certificate-unknown", "D04",
		"终端证书未登记", "terminal certificate is not registered",
		"请重新登记终端", "enrol the terminal again"},
	[REASON_METHOD_REFUSED] = {REASON_METHOD_REFUSED, "method-refused", "D04",
		"认证方式不允许", "authentication method is not allowed",
		"请使用PEAP、TTLS或TLS方式", "use PEAP, TTLS or TLS"},
	[REASON_DENY_LISTED] = {REASON_DENY_LISTED, "deny-listed", "D06",
		"设备已列入禁止接入名单", "device is on the deny list",
		"请联系本机构桌面管理员", "ask your desktop administrator"},
	[REASON_TERMINAL_UNKNOWN] = {REASON_TERMINAL_UNKNOWN, "terminal-unknown", "D06",
		"设备未登记", "device is not registered",
		"请先提交终端入网申请，或在隔离修复区用登记码登记", "file an onboarding request, or enrol with a code in the isolation network"},
	[REASON_TERMINAL_NOT_READY] = {REASON_TERMINAL_NOT_READY, "terminal-not-ready", "D05",
		"终端尚未完成登记", "terminal has not completed its registration",
		"请用登记码安装并注册客户端", "install the client and enrol with the code"},
	[REASON_TERMINAL_SCRAPPED] = {REASON_TERMINAL_SCRAPPED, "terminal-scrapped", "D13",
		"终端已报废", "terminal is scrapped",
		"请联系部门设备负责人", "ask your device officer"},
	[REASON_ACCOUNT_NOT_ON_TERMINAL] = {REASON_ACCOUNT_NOT_ON_TERMINAL, "account-not-on-terminal", "D08",
		"该账号不能在此终端使用", "account is not allowed on this terminal",
		"请使用本人的账号和终端", "use your own account on your own terminal"},
	[REASON_ACCOUNT_LIVE_ELSEWHERE] = {REASON_ACCOUNT_LIVE_ELSEWHERE, "account-live-elsewhere", "D08",
		"该账号正在另一台终端上使用", "account is live on another terminal",
		"请先在另一台终端退出；如非本人使用，请立即报告", "log off there first; if that is not you, report it at once"},
	[REASON_MAC_OF_ANOTHER] = {REASON_MAC_OF_ANOTHER, "mac-of-another", "D22",
		"网卡地址属于另一台终端", "MAC address belongs to another terminal",
		"请恢复网卡原有地址，或联系管理员", "restore the card's own address or ask your administrator"},
	[REASON_MAC_RANDOMISED] = {REASON_MAC_RANDOMISED, "mac-randomised", "D22",
		"网卡使用了随机地址", "network card uses a random address",
		"请在系统设置中关闭随机网卡地址", "switch address randomisation off in the system settings"},
	[REASON_SUPPLICANT_MISSING] = {REASON_SUPPLICANT_MISSING, "supplicant-missing", "D04",
		"计算机未做802.1X认证", "computer did not authenticate with 802.1X",
		"请启用有线802.1X认证并输入OA账号", "switch wired 802.1X on and log on with your OA account"},
	[REASON_PERMIT_MISSING] = {REASON_PERMIT_MISSING, "permit-missing", "D03",
		"设备没有入网许可", "device has no permit",
		"请设备负责人提交附件一申请", "ask your device officer to file annex 1"},
	[REASON_PERMIT_EXPIRED] = {REASON_PERMIT_EXPIRED, "permit-expired", "D03",
		"入网许可已到期", "permit has expired",
		"请设备负责人重新申请", "ask your device officer to apply again"},
	[REASON_PERMIT_NOT_YET] = {REASON_PERMIT_NOT_YET, "permit-not-yet", "D03",
		"入网许可尚未生效", "permit is not valid yet",
		"请在许可生效后接入", "connect it when the permit begins"},
	[REASON_PERMIT_OTHER_PORT] = {REASON_PERMIT_OTHER_PORT, "permit-other-port", "D09",
		"设备换了端口，与入网许可不符", "device is on another port than its permit says",
		"请接回原端口，或提交附表二变更申请", "plug it back or file annex 2 for the move"},
	[REASON_PERMIT_OTHER_SWITCH] = {REASON_PERMIT_OTHER_SWITCH, "permit-other-switch", "D09",
		"设备换了交换机，与入网许可不符", "device is on another switch than its permit says",
		"请接回原位置，或提交附表二变更申请", "plug it back or file annex 2 for the move"},
	[REASON_POSTURE_BAD] = {REASON_POSTURE_BAD, "posture-bad", "D02",
		"终端安全检查未通过", "terminal failed its posture check",
		"请按客户端提示修复，修复后自动恢复", "mend what the client names; access comes back by itself"},
	[REASON_POSTURE_STALE] = {REASON_POSTURE_STALE, "posture-stale", "D02",
		"终端安全检查结果过期（超过30天）", "posture is older than 30 days",
		"请保持客户端运行并联网", "keep the client running"},
	[REASON_AGENT_SILENT] = {REASON_AGENT_SILENT, "agent-silent", "D02",
		"桌面安全客户端没有运行", "the desktop client does not report",
		"请启动或重新安装桌面安全客户端", "start or reinstall the desktop client"},
	[REASON_AGENT_MAC_MISMATCH] = {REASON_AGENT_MAC_MISMATCH, "agent-mac-mismatch", "D22",
		"客户端上报的网卡与接入的网卡不符", "agent reports other network cards than the one that knocks",
		"请联系本机构桌面管理员", "ask your desktop administrator"},
	[REASON_ISOLATED_BY_PERSON] = {REASON_ISOLATED_BY_PERSON, "isolated-by-person", "D07",
		"管理员已将终端隔离", "isolated by an administrator",
		"请联系本机构桌面管理员", "ask your desktop administrator"},
};
/* clang-format on */

const struct reason_text *reason_text(enum reason r)
{
	return &table[(unsigned)r < REASON_COUNT ? r : REASON_NONE];
}

enum reason reason_from_code(const char *code)
{
	enum reason r = REASON_NONE;

	while (r < REASON_COUNT && strcmp(table[r].code, code) != 0)
		r++;
	return r;
}
