/* A switch, router, access point or DHCP server of somebody's own (clause D24): nobody sets one up
 * unless it stands in the register, and what stands there is no finding. */
#include "base/clock.h"
#include "server/engine/gear.h"
#include "server/engine/requests/kind.h"

static const struct field_option kinds[] = {
	{"switch", "交换机", "Switch"},
	{"router", "路由器或子网", "Router or subnet"},
	{"access-point", "无线设备", "Wireless access point"},
	{"dhcp-server", "DHCP服务器", "DHCP server"},
	{NULL, NULL, NULL},
};

static const struct request_field fields[] = {
	{"name", FIELD_TEXT, "设备名称及型号", "Device and model", true, 63, NULL},
	{"kind", FIELD_CHOICE, "设备类型", "Kind", true, 16, kinds},
	{"mac", FIELD_MAC, "MAC地址", "MAC address", true, 17, NULL},
	{"place", FIELD_TEXT, "放置地点", "Place", true, 96, NULL},
	{"owner", FIELD_PERSON, "设备负责人", "Person in charge", true, 0, NULL},
	{"days", FIELD_DAYS, "有效期（天）", "Valid for (days)", true, 1095, NULL},
	{"reason", FIELD_LONG_TEXT, "架设原因及用途", "Why it is needed, and its use", true, 500,
	 NULL},
	{NULL, FIELD_TEXT, NULL, NULL, false, 0, NULL},
};

static const struct request_step route[] = {
	{"department", "部门负责人审批", "Department head", ROLE_APPROVER, UNIT_OWN},
	{"technology", "网络管理员审批", "Network administrator", ROLE_REGIONAL, UNIT_REGION},
	{NULL, NULL, NULL, 0, UNIT_OWN},
};

static int check(struct request_doing *d)
{
	struct mac mac;

	return request_mac(d, "mac", &mac) && !mac_is_multicast(&mac)
		       ? 0
		       : refuse(d->why, REFUSAL_VALUE_WRONG, "form.mac");
}

static int effect(struct request_doing *d)
{
	struct gear_spec spec = {.kind = request_text(d, "kind"),
				 .name = request_text(d, "name"),
				 .place = request_text(d, "place"),
				 .unit_id = d->unit->id,
				 .owner_id = request_int(d, "owner"),
				 .request_id = d->request->id,
				 .until_ms = d->now_ms + request_int(d, "days") * DAY_MS};
	int64_t id;
	int r = request_mac(d, "mac", &spec.mac) ? 0 : -EUCLEAN;

	if (!r)
		r = gear_approve(d->store, d->now_ms, d->who, &spec, &id);
	if (r)
		return r;
	d->effect = json_pack("{s:I, s:s, s:I}", "gear_id", (json_int_t)id, "mac",
			      request_text(d, "mac"), "until_at", (json_int_t)spec.until_ms);
	return d->effect ? 0 : -ENOMEM;
}

const struct request_kind request_network_gear = {
	.id = "network-gear",
	.zh = "网络设备架设申请",
	.en = "Network gear",
	.clauses = {"D24"},
	.filers = ROLE_DEVICE_OFFICER | ROLE_REGIONAL | ROLE_APPROVER,
	.fields = fields,
	.route = route,
	.check = check,
	.effect = effect,
};
