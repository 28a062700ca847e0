/* A device that cannot run the client (clauses D03, D40, annex 1): a permit for its MAC on one port
 * of one switch, for a time. */
#include "base/clock.h"
#include "server/engine/permit.h"
#include "server/engine/requests/kind.h"
#include "server/engine/terminal.h"

static const struct field_option kinds[] = {
	{"printer", "打印机", "Printer"},
	{"ce", "CE终端", "CE terminal"},
	{"camera", "摄像机", "Camera"},
	{"phone", "网络电话", "Telephone"},
	{"atm", "自助设备", "ATM"},
	{"other", "其他设备", "Other"},
	{NULL, NULL, NULL},
};

static const enum terminal_kind kind_of[] = {TERMINAL_PRINTER, TERMINAL_CE,  TERMINAL_CAMERA,
					     TERMINAL_PHONE,   TERMINAL_ATM, TERMINAL_OTHER};

static const struct request_field fields[] = {
	{"name", FIELD_TEXT, "设备名称及型号", "Device and model", true, 63, NULL},
	{"kind", FIELD_CHOICE, "设备类型", "Kind", true, 16, kinds},
	{"mac", FIELD_MAC, "MAC地址", "MAC address", true, 17, NULL},
	{"switch", FIELD_SWITCH, "接入交换机", "Switch", true, 0, NULL},
	{"port", FIELD_TEXT, "交换机端口", "Port", true, 63, NULL},
	{"place", FIELD_TEXT, "放置地点", "Place", true, 96, NULL},
	{"owner", FIELD_PERSON, "设备负责人", "Person in charge", true, 0, NULL},
	{"days", FIELD_DAYS, "有效期（天）", "Valid for (days)", true, 1095, NULL},
	{"reason", FIELD_LONG_TEXT, "无法注册客户端的原因及用途",
	 "Why it cannot run the client, and its use", true, 500, NULL},
	{NULL, FIELD_TEXT, NULL, NULL, false, 0, NULL},
};

static const struct request_step route[] = {
	{"department", "部门负责人审批", "Department head", ROLE_APPROVER, UNIT_OWN},
	{"technology", "科技部门审批", "Technology department or branch administrator",
	 ROLE_REGIONAL, UNIT_REGION},
	{NULL, NULL, NULL, 0, UNIT_OWN},
};

/* The MAC may be known already, of a device whose permit ended; never of a computer, of another
 * unit or of something scrapped. 1 with the terminal, 0: it is new. */
static int known_device(struct request_doing *d, struct terminal *ret)
{
	struct mac mac;
	int r = request_mac(d, "mac", &mac)
			? terminal_load_by_mac(store_writer(d->store), &mac, ret)
			: -EINVAL;

	if (r <= 0)
		return r;
	if (ret->kind == TERMINAL_PC || ret->kind == TERMINAL_XPE || ret->unit_id != d->unit->id ||
	    ret->status == TERMINAL_SCRAPPED)
		return refuse(d->why, REFUSAL_MAC_TAKEN, "form.mac");
	return 1;
}

static int check(struct request_doing *d)
{
	struct terminal t;
	struct mac mac;
	int r;

	if (!request_mac(d, "mac", &mac) || mac_is_multicast(&mac))
		return refuse(d->why, REFUSAL_VALUE_WRONG, "form.mac");
	r = known_device(d, &t);
	return r < 0 ? r : 0;
}

static int create_device(struct request_doing *d, const struct mac *mac, struct terminal *ret)
{
	struct terminal_spec spec = {.kind = TERMINAL_OTHER,
				     .unit_id = d->unit->id,
				     .owner_id = request_int(d, "owner"),
				     .name = request_text(d, "name"),
				     .place = request_text(d, "place"),
				     .status = TERMINAL_IN_USE};
	int r;

	for (size_t i = 0; kinds[i].value; i++)
		if (!strcmp(kinds[i].value, request_text(d, "kind")))
			spec.kind = kind_of[i];
	r = terminal_create(d->store, d->now_ms, d->who, &spec, ret);
	return r ? r : terminal_own_mac(d->store, d->now_ms, d->who, ret->id, mac);
}

static int effect(struct request_doing *d)
{
	struct permit_spec permit = {.switch_id = request_int(d, "switch"),
				     .port = request_text(d, "port"),
				     .from_ms = d->now_ms,
				     .until_ms = d->now_ms + request_int(d, "days") * DAY_MS,
				     .request_id = d->request->id};
	struct terminal t;
	int64_t id;
	int r;

	if (!request_mac(d, "mac", &permit.mac))
		return -EUCLEAN;
	r = known_device(d, &t);
	if (!r)
		r = create_device(d, &permit.mac, &t);
	if (r < 0)
		return r;
	permit.terminal_id = t.id;
	r = permit_grant(d->store, d->now_ms, d->who, &permit, &id);
	if (r)
		return r;
	d->effect = json_pack("{s:I, s:s, s:I, s:I}", "terminal_id", (json_int_t)t.id, "asset_no",
			      t.asset_no, "permit_id", (json_int_t)id, "until_at",
			      (json_int_t)permit.until_ms);
	return d->effect ? 0 : -ENOMEM;
}

const struct request_kind request_mac_admission = {
	.id = "mac-admission",
	.zh = "无法注册客户端设备入网申请单（附件一）",
	.en = "Device without client (annex 1)",
	.clauses = {"D03", "D40"},
	.filers = ROLE_DEVICE_OFFICER | ROLE_REGIONAL,
	.fields = fields,
	.route = route,
	.check = check,
	.effect = effect,
};
