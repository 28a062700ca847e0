/* The asset list and the MAC table out of CSV. */
#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "server/engine/import.h"
#include "server/engine/permit.h"
#include "server/engine/terminal.h"

/* ---- the asset list ---- */

static const struct import_column terminal_columns[] = {
	{"asset_no", "资产编号", true, "PC-2020-000123"},
	{"kind", "终端类型", true, "pc"},
	{"unit_code", "机构代码", true, "B03"},
	{"owner_staff_no", "使用人工号", false, "N1001"},
	{"name", "终端名称", false, "柜台一号"},
	{"place", "放置地点", false, "一楼营业厅"},
	{"serial", "设备序列号", false, "SN123456"},
	{"mac", "MAC地址", false, "00-11-22-33-44-55"},
	{NULL, NULL, false, NULL},
};

static const struct {
	const char *name, *zh;
	enum terminal_kind kind;
} kinds[] = {
	{"pc", "计算机", TERMINAL_PC},	       {"xpe", "XPE终端", TERMINAL_XPE},
	{"ce", "CE终端", TERMINAL_CE},	       {"printer", "打印机", TERMINAL_PRINTER},
	{"camera", "摄像机", TERMINAL_CAMERA}, {"atm", "自助设备", TERMINAL_ATM},
	{"phone", "网络电话", TERMINAL_PHONE}, {"other", "其他", TERMINAL_OTHER},
};

static bool parse_kind(const char *text, enum terminal_kind *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(text, kinds[i].name) || !strcmp(text, kinds[i].zh)) {
			*ret = kinds[i].kind;
			return true;
		}
	return false;
}

static int own_mac(struct import_row *row, int64_t terminal_id, const struct mac *mac)
{
	int r = terminal_own_mac(row->store, row->now_ms, row->who, terminal_id, mac);

	if (r == -EEXIST)
		return refuse(row->why, REFUSAL_MAC_TAKEN, "mac");
	if (!r && row->change == IMPORT_UNCHANGED)
		row->change = IMPORT_UPDATED;
	return r == -EALREADY ? 0 : r;
}

/* The owner's account may be used on it (D08). */
static int allow_owner(struct import_row *row, int64_t terminal_id, int64_t owner_id)
{
	int64_t account = 0;
	int r = owner_id ? store_get_int(store_writer(row->store), STMT_ACCOUNT_OF_PERSON,
					 STORE_ARGS(v_int(owner_id)), 0, &account)
			 : 0;

	if (!r && account)
		r = terminal_allow_account(row->store, row->now_ms, row->who, terminal_id, account);
	return r == -EALREADY || r == -EEXIST ? 0 : r;
}

static int change_terminal(struct import_row *row, const struct terminal_spec *spec, int64_t id,
			   struct terminal *ret)
{
	struct terminal_place place = {.unit_id = spec->unit_id,
				       .owner_id = spec->owner_id,
				       .name = spec->name,
				       .place = spec->place};
	int r = terminal_load(store_writer(row->store), id, ret);

	if (r <= 0)
		return r ? r : -ENOENT;
	if (ret->kind != spec->kind)
		return refuse(row->why, REFUSAL_STATE, "kind");
	if (ret->status == TERMINAL_SCRAPPED)
		return refuse(row->why, REFUSAL_ENDED, "asset_no");
	r = terminal_change(row->store, row->now_ms, row->who, id, &place);
	if (!r)
		row->change = IMPORT_UPDATED;
	return r == -EALREADY ? 0 : r;
}

static int put_terminal(struct import_row *row, const struct terminal_spec *spec,
			struct terminal *ret)
{
	int64_t id;
	int r = store_get_int(store_writer(row->store), STMT_IMPORT_TERMINAL,
			      STORE_ARGS(v_text(spec->asset_no)), 0, &id);

	if (r)
		return r;
	if (id)
		return change_terminal(row, spec, id, ret);
	row->change = IMPORT_CREATED;
	return terminal_create(row->store, row->now_ms, row->who, spec, ret);
}

static int fill_spec(struct import_row *row, struct terminal_spec *spec)
{
	struct unit unit;
	int r;

	*spec = (struct terminal_spec){.asset_no = import_value(row, "asset_no"),
				       .name = import_value(row, "name"),
				       .place = import_value(row, "place"),
				       .hardware_serial = import_value(row, "serial")};
	if (strlen(spec->asset_no) > 31)
		return refuse(row->why, REFUSAL_VALUE_WRONG, "asset_no");
	if (strlen(spec->name) > 63)
		return refuse(row->why, REFUSAL_VALUE_WRONG, "name");
	if (strlen(spec->place) > 96)
		return refuse(row->why, REFUSAL_VALUE_WRONG, "place");
	if (!parse_kind(import_value(row, "kind"), &spec->kind))
		return refuse(row->why, REFUSAL_VALUE_WRONG, "kind");
	r = import_unit(row, "unit_code", &unit);
	if (!r)
		r = import_person(row, "owner_staff_no", &spec->owner_id);
	spec->unit_id = unit.id;
	/* A computer is in use once its agent has enrolled; a device once it is listed. */
	spec->status = spec->kind == TERMINAL_PC || spec->kind == TERMINAL_XPE ? TERMINAL_APPROVED
									       : TERMINAL_IN_USE;
	spec->lifeline = spec->kind == TERMINAL_ATM;
	return r;
}

static int apply_terminal(struct import_row *row)
{
	const char *mac_text = import_value(row, "mac");
	struct terminal_spec spec;
	struct terminal t;
	struct mac mac;
	int r = fill_spec(row, &spec);

	if (!r && *mac_text && (mac_parse(mac_text, &mac) || mac_is_multicast(&mac)))
		r = refuse(row->why, REFUSAL_VALUE_WRONG, "mac");
	if (!r)
		r = put_terminal(row, &spec, &t);
	if (!r && *mac_text)
		r = own_mac(row, t.id, &mac);
	return r ? r : allow_owner(row, t.id, spec.owner_id);
}

const struct import_kind import_terminals = {.id = "terminals",
					     .roles = ROLE_SECURITY,
					     .columns = terminal_columns,
					     .apply = apply_terminal};

/* ---- the MAC table ---- */

static const struct import_column mac_columns[] = {
	{"mac", "MAC地址", true, "00-11-22-33-44-55"},
	{"asset_no", "资产编号", true, "PR-2020-000007"},
	{"switch", "交换机", false, "sw-b03"},
	{"port", "端口", false, "GigabitEthernet0/0/7"},
	{"valid_until", "有效期至", false, "2027-12-31"},
	{NULL, NULL, false, NULL},
};

/* A date is the end of that day in China Standard Time. */
static int parse_until(struct import_row *row, int64_t *ret)
{
	const char *date = import_value(row, "valid_until");
	char text[64];

	if (strlen(date) != 10)
		return refuse(row->why, *date ? REFUSAL_VALUE_WRONG : REFUSAL_VALUE_MISSING,
			      "valid_until");
	snprintf(text, sizeof(text), "%sT23:59:59+08:00", date);
	if (clock_parse(text, ret))
		return refuse(row->why, REFUSAL_VALUE_WRONG, "valid_until");
	return *ret > row->now_ms ? 0 : refuse(row->why, REFUSAL_TIME_PAST, "valid_until");
}

/* A permit like this stands already: the second import of a file changes nothing. */
static int same_permit(struct import_row *row, const struct permit_spec *spec, int64_t *ret)
{
	return store_get_int(store_writer(row->store), STMT_IMPORT_SAME_PERMIT,
			     STORE_ARGS(v_mac(&spec->mac), v_int(spec->switch_id),
					v_text(spec->port), v_int(spec->until_ms)),
			     0, ret);
}

static int grant(struct import_row *row, int64_t terminal_id, const struct mac *mac)
{
	struct permit_spec spec = {.terminal_id = terminal_id,
				   .mac = *mac,
				   .port = import_value(row, "port"),
				   .from_ms = row->now_ms};
	int64_t same, id;
	int r = store_get_int(store_writer(row->store), STMT_IMPORT_SWITCH,
			      STORE_ARGS(v_text(import_value(row, "switch"))), 0, &spec.switch_id);

	if (!r && !spec.switch_id)
		r = refuse(row->why, REFUSAL_NOT_FOUND, "switch");
	if (!r && !*spec.port)
		r = refuse(row->why, REFUSAL_VALUE_MISSING, "port");
	if (!r)
		r = parse_until(row, &spec.until_ms);
	if (!r)
		r = same_permit(row, &spec, &same);
	if (r || same)
		return r;
	if (row->change == IMPORT_UNCHANGED)
		row->change = IMPORT_UPDATED;
	return permit_grant(row->store, row->now_ms, row->who, &spec, &id);
}

static int apply_mac(struct import_row *row)
{
	const char *asset_no = import_value(row, "asset_no");
	struct terminal t;
	struct unit unit;
	struct mac mac;
	int64_t id;
	int r = store_get_int(store_writer(row->store), STMT_IMPORT_TERMINAL,
			      STORE_ARGS(v_text(asset_no)), 0, &id);

	if (mac_parse(import_value(row, "mac"), &mac) || mac_is_multicast(&mac))
		return refuse(row->why, REFUSAL_VALUE_WRONG, "mac");
	if (!r)
		r = id ? terminal_load(store_writer(row->store), id, &t) : 0;
	if (r <= 0)
		return r ? r : refuse(row->why, REFUSAL_NOT_FOUND, "asset_no");
	r = unit_load(store_writer(row->store), t.unit_id, &unit);
	if (r <= 0)
		return r ? r : -EUCLEAN;
	if (!account_role_over(row->importer, row->roles, unit.path))
		return refuse(row->why, REFUSAL_OUT_OF_SCOPE, "asset_no");
	r = own_mac(row, t.id, &mac);
	if (!r && row->change == IMPORT_UPDATED)
		row->change = IMPORT_CREATED;
	return r || !*import_value(row, "switch") ? r : grant(row, t.id, &mac);
}

const struct import_kind import_macs = {
	.id = "macs", .roles = ROLE_SECURITY, .columns = mac_columns, .apply = apply_mac};
