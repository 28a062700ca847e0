/* The address plan out of CSV. */
#include "server/engine/address.h"

#include "server/engine/import.h"
#include "server/engine/terminal.h"

static const struct import_column columns[] = {
	{"ip", "IP地址", true, "10.3.1.21"},
	{"mac", "MAC地址", true, "00-11-22-33-44-55"},
	{"unit_code", "机构代码", false, "B03"},
	{"note", "备注", false, "柜台一号"},
	{NULL, NULL, false, NULL},
};

/* The unit of the MAC's terminal; where nobody registered it, the one of the column. */
static int find_unit(struct import_row *row, const struct mac *mac, struct unit *ret)
{
	struct terminal t;
	int r = terminal_load_by_mac(store_writer(row->store), mac, &t);

	if (r < 0)
		return r;
	if (!r)
		return *import_value(row, "unit_code")
			       ? import_unit(row, "unit_code", ret)
			       : refuse(row->why, REFUSAL_VALUE_MISSING, "unit_code");
	r = unit_load(store_writer(row->store), t.unit_id, ret);
	if (r <= 0)
		return r ? r : -EUCLEAN;
	return account_role_over(row->importer, row->roles, ret->path)
		       ? 0
		       : refuse(row->why, REFUSAL_OUT_OF_SCOPE, "mac");
}

static int apply(struct import_row *row)
{
	char ip[ADDR_TEXT_SIZE];
	struct address_spec spec = {.ip = ip, .note = import_value(row, "note")};
	struct mac bound;
	struct unit unit;
	int64_t id, bound_unit;
	int r;

	if (address_parse(import_value(row, "ip"), ip))
		return refuse(row->why, REFUSAL_VALUE_WRONG, "ip");
	if (mac_parse(import_value(row, "mac"), &spec.mac) || mac_is_multicast(&spec.mac))
		return refuse(row->why, REFUSAL_VALUE_WRONG, "mac");
	r = find_unit(row, &spec.mac, &unit);
	if (!r)
		r = address_bound(store_writer(row->store), ip, &id, &bound, &bound_unit);
	if (r < 0 || (r && mac_equal(&bound, &spec.mac)))
		return MIN(r, 0);
	row->change = r ? IMPORT_UPDATED : IMPORT_CREATED;
	if (r)
		r = address_release(row->store, row->now_ms, row->who, id, "bound to another card");
	spec.unit_id = unit.id;
	return r ? r : address_bind(row->store, row->now_ms, row->who, &spec, &id);
}

const struct import_kind import_addresses = {
	.id = "addresses", .roles = ROLE_SECURITY, .columns = columns, .apply = apply};
