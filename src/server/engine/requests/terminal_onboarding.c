/* A new terminal for somebody's work (clauses D05, D12): numbered, owned, and given an enrolment
 * code; it is on the network only when its agent has enrolled. */
#include "server/engine/enrol.h"
#include "server/engine/requests/kind.h"
#include "server/engine/terminal.h"

#define CODE_LIFE_MS (7 * 24 * 3600 * INT64_C(1000))

static const struct field_option kinds[] = {
	{"pc", "计算机", "PC"},
	{"xpe", "XPE终端", "XPE terminal"},
	{NULL, NULL, NULL},
};

static const struct request_field fields[] = {
	{"name", FIELD_TEXT, "终端名称", "Name of the terminal", true, 63, NULL},
	{"kind", FIELD_CHOICE, "终端类型", "Kind", true, 16, kinds},
	{"owner", FIELD_PERSON, "使用人", "User", true, 0, NULL},
	{"place", FIELD_TEXT, "放置地点", "Place", true, 96, NULL},
	{"mac", FIELD_MAC, "有线网卡MAC地址", "MAC address of the wired card", false, 17, NULL},
	{"serial", FIELD_TEXT, "设备序列号", "Serial number", false, 64, NULL},
	{"reason", FIELD_LONG_TEXT, "申请事由", "Why it is needed", true, 500, NULL},
	{NULL, FIELD_TEXT, NULL, NULL, false, 0, NULL},
};

static const struct request_step route[] = {
	{"department", "部门负责人审批", "Department head", ROLE_APPROVER, UNIT_OWN},
	{"technology", "科技部门审批", "Technology department or branch administrator",
	 ROLE_REGIONAL, UNIT_REGION},
	{NULL, NULL, NULL, 0, UNIT_OWN},
};

static int owner_account(struct request_doing *d, struct account *ret)
{
	int64_t id;
	int r = store_get_int(store_writer(d->store), STMT_ACCOUNT_OF_PERSON,
			      STORE_ARGS(v_int(request_int(d, "owner"))), 0, &id);

	if (!r && id)
		r = account_load(store_writer(d->store), id, ret);
	if (r < 0)
		return r;
	return r && ret->enabled ? 0 : refuse(d->why, REFUSAL_NO_ACCOUNT, "form.owner");
}

/* Without a role over the department one applies for oneself. */
static int check(struct request_doing *d)
{
	struct account owner;
	struct terminal t;
	struct mac mac;
	int r = owner_account(d, &owner);

	if (r)
		return r;
	if (owner.id != d->applicant->id &&
	    !account_role_over(d->applicant, ROLES_GRANTED & ~(unsigned)ROLE_AUDITOR,
			       d->unit->path))
		return refuse(d->why, REFUSAL_OUT_OF_SCOPE, "form.owner");
	if (!request_mac(d, "mac", &mac))
		return 0;
	r = terminal_load_by_mac(store_writer(d->store), &mac, &t);
	return r > 0 ? refuse(d->why, REFUSAL_MAC_TAKEN, "form.mac") : r;
}

static int create_terminal(struct request_doing *d, struct terminal *ret)
{
	struct terminal_spec spec = {.kind = strcmp(request_text(d, "kind"), "xpe") ? TERMINAL_PC
										    : TERMINAL_XPE,
				     .unit_id = d->unit->id,
				     .owner_id = request_int(d, "owner"),
				     .name = request_text(d, "name"),
				     .place = request_text(d, "place"),
				     .hardware_serial = request_text(d, "serial"),
				     .status = TERMINAL_APPROVED};
	struct mac mac;
	int r = terminal_create(d->store, d->now_ms, d->who, &spec, ret);

	if (!r && request_mac(d, "mac", &mac))
		r = terminal_own_mac(d->store, d->now_ms, d->who, ret->id, &mac);
	return r;
}

static int effect(struct request_doing *d)
{
	struct account owner;
	struct terminal t;
	int r = owner_account(d, &owner);

	if (!r)
		r = create_terminal(d, &t);
	if (!r)
		r = terminal_allow_account(d->store, d->now_ms, d->who, t.id, owner.id);
	d->code_expires_at_ms = d->now_ms + CODE_LIFE_MS;
	if (!r)
		r = enrol_code_issue(d->store, d->now_ms, d->who, t.id, d->code_expires_at_ms,
				     d->code);
	if (r)
		return r;
	d->effect =
		json_pack("{s:I, s:s}", "terminal_id", (json_int_t)t.id, "asset_no", t.asset_no);
	return d->effect ? 0 : -ENOMEM;
}

const struct request_kind request_terminal_onboarding = {
	.id = "terminal-onboarding",
	.zh = "新增终端入网申请",
	.en = "New terminal",
	.clauses = {"D05", "D12"},
	.filers = ROLE_STAFF,
	.fields = fields,
	.route = route,
	.check = check,
	.effect = effect,
};
