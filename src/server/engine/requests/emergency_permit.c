/* What follows a permit that the branch gave by itself for a day (clause D03): head office approves
 * it afterwards, and it becomes a lasting one. Without an emergency permit in force there is
 * nothing to approve. */
#include "base/clock.h"
#include "server/engine/emergency.h"
#include "server/engine/permit.h"
#include "server/engine/terminal.h"

static const struct request_field fields[] = {
	{"mac", FIELD_MAC, "MAC地址", "MAC address", true, 17, NULL},
	{"switch", FIELD_SWITCH, "接入交换机", "Switch", true, 0, NULL},
	{"port", FIELD_TEXT, "交换机端口", "Port", false, 63, NULL},
	{"days", FIELD_DAYS, "有效期（天）", "Valid for (days)", true, 1095, NULL},
	{"reason", FIELD_LONG_TEXT, "应急事由", "What the emergency is", true, 500, NULL},
	{NULL, FIELD_TEXT, NULL, NULL, false, 0, NULL},
};

static const struct request_step route[] = {
	{"security", "总行安全管理员审批", "Security administrator of head office", ROLE_SECURITY,
	 UNIT_REGION},
	{NULL, NULL, NULL, 0, UNIT_OWN},
};

static int check(struct request_doing *d)
{
	struct mac mac;
	int64_t permit = 0;
	int r = request_mac(d, "mac", &mac)
			? store_get_int(store_writer(d->store), STMT_EMERGENCY_IN_FORCE,
					STORE_ARGS(v_mac(&mac), v_int(request_int(d, "switch")),
						   v_text(request_text(d, "port")),
						   v_int(d->now_ms)),
					0, &permit)
			: -EUCLEAN;

	return r || permit ? r : refuse(d->why, REFUSAL_STATE, "form.mac");
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
	int r = request_mac(d, "mac", &permit.mac)
			? terminal_load_by_mac(store_writer(d->store), &permit.mac, &t)
			: -EUCLEAN;

	if (r <= 0)
		return r ? r : -ENOENT;
	permit.terminal_id = t.id;
	r = permit_grant(d->store, d->now_ms, d->who, &permit, &id);
	if (r)
		return r;
	d->effect = json_pack("{s:I, s:s, s:I, s:I}", "terminal_id", (json_int_t)t.id, "asset_no",
			      t.asset_no, "permit_id", (json_int_t)id, "until_at",
			      (json_int_t)permit.until_ms);
	return d->effect ? 0 : -ENOMEM;
}

const struct request_kind request_emergency_permit = {
	.id = EMERGENCY_KIND,
	.zh = "应急入网许可补办",
	.en = "Approval after an emergency permit",
	.clauses = {"D03"},
	.filers = ROLE_REGIONAL,
	.fields = fields,
	.route = route,
	.check = check,
	.effect = effect,
};
