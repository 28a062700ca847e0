/* A device with a permit moves to another port (clauses D09, D44, annex 2): approved before it is
 * moved, and its permit holds there and no longer at the old one. */
#include "server/engine/permit.h"
#include "server/engine/requests/kind.h"
#include "server/engine/terminal.h"

static const struct request_field fields[] = {
	{"mac", FIELD_MAC, "MAC地址", "MAC address", true, 17, NULL},
	{"old_switch", FIELD_SWITCH, "原接入交换机", "Switch now", true, 0, NULL},
	{"old_port", FIELD_TEXT, "原交换机端口", "Port now", false, 63, NULL},
	{"switch", FIELD_SWITCH, "新接入交换机", "New switch", true, 0, NULL},
	{"port", FIELD_TEXT, "新交换机端口", "New port", true, 63, NULL},
	{"place", FIELD_TEXT, "新放置地点", "New place", true, 96, NULL},
	{"reason", FIELD_LONG_TEXT, "变更原因", "Why it moves", true, 500, NULL},
	{NULL, FIELD_TEXT, NULL, NULL, false, 0, NULL},
};

static const struct request_step route[] = {
	{"department", "部门负责人审批", "Department head", ROLE_APPROVER, UNIT_OWN},
	{"technology", "科技部门审批", "Technology department or branch administrator",
	 ROLE_REGIONAL, UNIT_REGION},
	{NULL, NULL, NULL, 0, UNIT_OWN},
};

/* The device of the unit that the request is about; else refused. */
static int find_device(struct request_doing *d, struct mac *mac, struct terminal *ret)
{
	int r = request_mac(d, "mac", mac) ? terminal_load_by_mac(store_writer(d->store), mac, ret)
					   : -EUCLEAN;

	if (r < 0)
		return r;
	if (!r)
		return refuse(d->why, REFUSAL_NOT_FOUND, "form.mac");
	return ret->unit_id == d->unit->id ? 0 : refuse(d->why, REFUSAL_OUT_OF_SCOPE, "form.mac");
}

/* Its permit, in force, at the place that the form names. */
static int find_permit(struct request_doing *d, const struct mac *mac, int64_t *ret_id)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(store_writer(d->store), STMT_PERMIT_OF_MAC, STORE_ARGS(v_mac(mac)),
			     &c);

	if (!r)
		r = store_next(c);
	if (r < 0)
		return r;
	if (!r || store_int(c, 3) <= d->now_ms)
		return refuse(d->why, REFUSAL_STATE, "form.mac");
	if (store_int(c, 1) != request_int(d, "old_switch"))
		return refuse(d->why, REFUSAL_VALUE_WRONG, "form.old_switch");
	if (strcmp(store_text(c, 2), request_text(d, "old_port")) != 0)
		return refuse(d->why, REFUSAL_VALUE_WRONG, "form.old_port");
	*ret_id = store_int(c, 0);
	return 0;
}

static int check(struct request_doing *d)
{
	struct terminal t;
	struct mac mac;
	int64_t id;
	int r = find_device(d, &mac, &t);

	if (!r)
		r = find_permit(d, &mac, &id);
	if (!r && request_int(d, "switch") == request_int(d, "old_switch") &&
	    !strcmp(request_text(d, "port"), request_text(d, "old_port")))
		r = refuse(d->why, REFUSAL_NOTHING_CHANGES, "form.port");
	return r;
}

static int move_terminal(struct request_doing *d, const struct terminal *t)
{
	const struct terminal_place to = {.unit_id = t->unit_id,
					  .owner_id = t->owner_id,
					  .name = t->name,
					  .place = request_text(d, "place")};
	int r = terminal_change(d->store, d->now_ms, d->who, t->id, &to);

	return r == -EALREADY ? 0 : r;
}

static int effect(struct request_doing *d)
{
	struct permit_place to = {.switch_id = request_int(d, "switch"),
				  .port = request_text(d, "port"),
				  .request_id = d->request->id};
	struct terminal t;
	struct mac mac;
	int64_t id;
	int r = find_device(d, &mac, &t);

	if (!r)
		r = find_permit(d, &mac, &id);
	if (!r)
		r = permit_move(d->store, d->now_ms, d->who, id, &to);
	if (!r)
		r = move_terminal(d, &t);
	if (r)
		return r;
	d->effect = json_pack("{s:I, s:s, s:I, s:s}", "terminal_id", (json_int_t)t.id, "asset_no",
			      t.asset_no, "permit_id", (json_int_t)id, "port", to.port);
	return d->effect ? 0 : -ENOMEM;
}

const struct request_kind request_port_move = {
	.id = "port-move",
	.zh = "MAC认证设备端口变更登记表（附表二）",
	.en = "Move of a device to another port (annex 2)",
	.clauses = {"D09", "D44"},
	.filers = ROLE_DEVICE_OFFICER | ROLE_REGIONAL,
	.fields = fields,
	.route = route,
	.check = check,
	.effect = effect,
};
