/* An address for a network card (clause D22): the network administrator assigns it, and from then
 * on the address plan binds the two. */
#include "server/engine/address.h"

#include "server/engine/requests/kind.h"
#include "server/engine/terminal.h"

static const struct field_option acts[] = {
	{"assign", "分配地址", "Another address"},
	{"change", "变更地址（原地址收回）", "Another one instead of what it has"},
	{"release", "收回地址", "Give the address back"},
	{NULL, NULL, NULL},
};

static const struct request_field fields[] = {
	{"act", FIELD_CHOICE, "申请事项", "What is asked for", true, 16, acts},
	{"mac", FIELD_MAC, "MAC地址", "MAC address", true, 17, NULL},
	{"address", FIELD_TEXT, "IP地址（由网络管理员分配）",
	 "IP address (assigned by the network administrator)", true, 45, NULL},
	{"reason", FIELD_LONG_TEXT, "申请事由", "Why it is needed", true, 500, NULL},
	{NULL, FIELD_TEXT, NULL, NULL, false, 0, NULL},
};

static const struct request_step route[] = {
	{"department", "部门负责人审批", "Department head", ROLE_APPROVER, UNIT_OWN},
	{"technology", "网络管理员审批", "Network administrator", ROLE_REGIONAL, UNIT_REGION},
	{NULL, NULL, NULL, 0, UNIT_OWN},
};

struct asked {
	struct terminal terminal;
	struct mac mac;
	char ip[ADDR_TEXT_SIZE];
	int64_t bound_id; /* 0: nobody has it */
	bool release, change;
};

/* A card that is registered, of the unit that the request is about. */
static int find_terminal(struct request_doing *d, struct asked *a)
{
	int r = request_mac(d, "mac", &a->mac)
			? terminal_load_by_mac(store_writer(d->store), &a->mac, &a->terminal)
			: -EUCLEAN;

	if (r < 0)
		return r;
	if (!r)
		return refuse(d->why, REFUSAL_NOT_FOUND, "form.mac");
	return a->terminal.unit_id == d->unit->id
		       ? 0
		       : refuse(d->why, REFUSAL_OUT_OF_SCOPE, "form.mac");
}

static int find(struct request_doing *d, struct asked *a)
{
	struct mac bound;
	int64_t unit;
	int r = find_terminal(d, a);

	a->release = !strcmp(request_text(d, "act"), "release");
	a->change = !strcmp(request_text(d, "act"), "change");
	if (!r && address_parse(request_text(d, "address"), a->ip))
		r = refuse(d->why, REFUSAL_VALUE_WRONG, "form.address");
	if (r)
		return r;
	r = address_bound(store_writer(d->store), a->ip, &a->bound_id, &bound, &unit);
	if (r < 0)
		return r;
	if (!r)
		return a->release ? refuse(d->why, REFUSAL_NOT_FOUND, "form.address") : 0;
	if (!mac_equal(&bound, &a->mac))
		return refuse(d->why, REFUSAL_TAKEN, "form.address");
	return a->release ? 0 : refuse(d->why, REFUSAL_NOTHING_CHANGES, "form.address");
}

static int check(struct request_doing *d)
{
	struct asked a = {.bound_id = 0};

	return find(d, &a);
}

static int change_plan(struct request_doing *d, const struct asked *a)
{
	const struct address_spec spec = {.ip = a->ip,
					  .mac = a->mac,
					  .unit_id = d->unit->id,
					  .request_id = d->request->id,
					  .note = d->request->number};
	int64_t id;
	int r = 0;

	if (a->release)
		return address_release(d->store, d->now_ms, d->who, a->bound_id,
				       d->request->number);
	if (a->change)
		r = address_release_others(d->store, d->now_ms, d->who, &a->mac, a->ip,
					   d->request->number);
	return r ? r : address_bind(d->store, d->now_ms, d->who, &spec, &id);
}

static int effect(struct request_doing *d)
{
	struct asked a = {.bound_id = 0};
	int r = find(d, &a);

	if (!r)
		r = change_plan(d, &a);
	if (r)
		return r;
	d->effect = json_pack("{s:I, s:s, s:s}", "terminal_id", (json_int_t)a.terminal.id,
			      "asset_no", a.terminal.asset_no, "address", a.ip);
	return d->effect ? 0 : -ENOMEM;
}

const struct request_kind request_address = {
	.id = "address",
	.zh = "IP地址申请",
	.en = "IP address",
	.clauses = {"D22"},
	.filers = ROLE_DEVICE_OFFICER | ROLE_REGIONAL | ROLE_APPROVER,
	.fields = fields,
	.route = route,
	.check = check,
	.effect = effect,
};
