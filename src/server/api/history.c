/* Who was where when: stays on the network, found by person, account, MAC, address, place, time. */
#include <inttypes.h>
#include <stdio.h>

#include "base/addr.h"
#include "base/text.h"
#include "server/api/month_list.h"
#include "server/api/nouns.h"

#define READERS (ROLE_SECURITY | ROLE_REGIONAL | ROLE_AUDITOR)
#define NAMES_MAX 50 /* accounts and terminals that a word stands for */
#define KEY_BITS 128
#define IPV4_BITS 32

static const struct value_rule history_query[] = {
	LIST_QUERY,
	{RULE_ID("unit")},
	{.name = "q", .kind = VALUE_TEXT, .min = 1, .max = 64},
	{RULE_MAC("mac")},
	{RULE_ID("terminal")},
	{.name = "account", .kind = VALUE_TEXT, .min = 1, .max = 64},
	{RULE_ID("person")},
	{.name = "address", .kind = VALUE_TEXT, .min = 2, .max = 64},
	{RULE_ID("switch")},
	{.name = "port", .kind = VALUE_TEXT, .min = 1, .max = 64},
	{RULE_TIME("from_at")},
	{RULE_TIME("until_at")},
	{.name = NULL},
};

/* What is asked for, and what of it the filter only borrows. */
struct question {
	struct call *call;
	struct store_db *db;
	struct store_stay_filter filter;
	struct mac mac;
	uint8_t from[16], to[16];
	json_t *accounts, *terminals, *bare_terminals, *units;
};

/* ---- addresses ---- */

static void spread(struct question *q, unsigned bits)
{
	for (unsigned i = 0; i < sizeof(q->from); i++) {
		unsigned kept = bits > i * 8 ? MIN(bits - i * 8, 8U) : 0;
		uint8_t mask = (uint8_t)(0xff00U >> kept);

		q->from[i] &= mask;
		q->to[i] = (uint8_t)(q->from[i] | (uint8_t)~mask);
	}
	q->filter.address_from = q->from;
	q->filter.address_to = q->to;
}

/* "10.1.2.3", "2001:db8::/64". -EBADMSG: neither. */
static int take_address(struct question *q, const char *text)
{
	char host[ADDR_TEXT_SIZE];
	size_t len = strcspn(text, "/");
	bool is_v4 = !memchr(text, ':', len);
	int64_t most = is_v4 ? IPV4_BITS : KEY_BITS, bits = most;
	struct addr a;

	if (text_copy_n(host, sizeof(host), text, len) || !addr_is_host(host) ||
	    addr_parse(host, 0, &a) || (text[len] && text_to_i64(text + len + 1, 0, most, &bits)))
		return -EBADMSG;
	addr_host_key(&a, q->from);
	spread(q, (unsigned)(bits + (KEY_BITS - most)));
	return 0;
}

/* ---- names ---- */

static int add_names(struct question *q, json_t *into, enum store_stmt stmt, struct store_value arg)
{
	json_t *rows, *row;
	size_t i;
	int r = store_list_json(q->db, stmt, STORE_ARGS(arg), NAMES_MAX, &rows);

	if (r)
		return r;
	json_array_foreach(rows, i, row) json_array_append(into, json_object_get(row, "key"));
	json_decref(rows);
	return 0;
}

static bool names_are_taken(const struct question *q)
{
	return json_array_size(q->accounts) || json_array_size(q->terminals) ||
	       json_array_size(q->bare_terminals);
}

static void use_names(struct question *q)
{
	q->filter.accounts = q->accounts;
	q->filter.terminals = q->terminals;
	q->filter.bare_terminals = q->bare_terminals;
}

static int take_person(struct question *q, int64_t id)
{
	int r = add_names(q, q->accounts, STMT_HISTORY_PERSON_ACCOUNTS, v_int(id));

	use_names(q);
	return r ? r : add_names(q, q->bare_terminals, STMT_HISTORY_PERSON_TERMINALS, v_int(id));
}

static int take_account(struct question *q, const char *text)
{
	char name[64 * 4 + 1];
	size_t len = strlen(text);

	if (len >= sizeof(name))
		return -EMSGSIZE;
	for (size_t i = 0; i <= len; i++)
		name[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] - 'A' + 'a' : text[i]);
	use_names(q);
	return json_array_append_new(q->accounts, json_string(name)) ? -ENOMEM : 0;
}

/* A word may be an account, a part of a person's name, a staff number, a terminal. */
static int take_words(struct question *q, const char *text)
{
	int r = take_account(q, text);

	if (!r)
		r = add_names(q, q->accounts, STMT_HISTORY_WORD_ACCOUNTS, v_text(text));
	if (!r)
		r = add_names(q, q->bare_terminals, STMT_HISTORY_WORD_OWNED, v_text(text));
	return r ? r : add_names(q, q->terminals, STMT_HISTORY_WORD_TERMINALS, v_text(text));
}

/* ---- the question ---- */

static int take_mac(struct question *q)
{
	if (q->filter.mac)
		return call_refuse(q->call, REFUSAL_VALUE_WRONG, "mac");
	q->filter.mac = &q->mac;
	return 0;
}

/* What was typed: a MAC in any notation, an address or a network, else words. */
static int take_typed(struct question *q, const char *text)
{
	struct mac mac;

	if (!mac_parse(text, &mac)) {
		q->mac = mac;
		return take_mac(q);
	}
	return take_address(q, text) ? take_words(q, text) : 0;
}

static int take_one_name(struct question *q)
{
	struct call *c = q->call;
	int64_t terminal = call_query_int(c, "terminal", 0),
		person = call_query_int(c, "person", 0);
	const char *account = call_query_text(c, "account");
	int r = 0;

	if ((terminal != 0) + (person != 0) + (account != NULL) + names_are_taken(q) > 1)
		return call_refuse(c, REFUSAL_VALUE_WRONG,
				   person    ? "person"
				   : account ? "account"
					     : "terminal");
	if (terminal) {
		use_names(q);
		r = json_array_append_new(q->terminals, json_integer(terminal)) ? -ENOMEM : 0;
	}
	if (!r && person)
		r = take_person(q, person);
	if (!r && account)
		r = take_account(q, account);
	return r;
}

static int take_query(struct question *q)
{
	struct call *c = q->call;
	const char *typed = call_query_text(c, "q"), *mac = call_query_text(c, "mac"),
		   *address = call_query_text(c, "address");
	int r = 0;

	if (typed)
		r = take_typed(q, typed);
	if (!r && mac)
		r = take_mac(q);
	if (!r && mac)
		r = mac_parse(mac, &q->mac);
	if (!r && address && (q->filter.address_from || take_address(q, address)))
		r = call_refuse(c, REFUSAL_VALUE_WRONG, "address");
	if (!r)
		r = take_one_name(q);
	q->filter.port = call_query_text(c, "port");
	if (!r && q->filter.port && !q->filter.switch_id)
		r = call_refuse(c, REFUSAL_VALUE_WRONG, "port");
	return r;
}

/* ---- the answer ---- */

static int finish(struct call *c, json_t *row)
{
	json_t *names;
	struct store_db *db;
	int r = call_reader(c, &db);

	if (!r)
		r = store_get_json(
			db, STMT_HISTORY_NAMES,
			STORE_ARGS(v_int(json_integer_value(json_object_get(row, "unit_id"))),
				   v_int(json_integer_value(json_object_get(row, "switch_id"))),
				   v_int(json_integer_value(json_object_get(row, "terminal_id"))),
				   v_text(json_string_value(json_object_get(row, "account")))),
			&names);
	if (r < 0)
		return r;
	r = json_object_update(row, names);
	json_decref(names);
	json_object_set_new(row, "id",
			    json_sprintf("%" PRId64 ".%" PRId64,
					 (int64_t)json_integer_value(json_object_get(row, "month")),
					 (int64_t)json_integer_value(json_object_get(row, "id"))));
	json_object_del(row, "month");
	json_object_del(row, "at");
	return r ? -ENOMEM : 0;
}

static int ask(struct question *q, json_t **ret_rows)
{
	struct month_key key;
	int r = month_key_parse(q->call, &key);

	q->filter.before_month = key.month;
	q->filter.before_at = key.at;
	q->filter.before_id = key.id;
	if (!r)
		r = call_reader(q->call, &q->db);
	if (!r)
		r = take_query(q);
	if (!r)
		r = month_list_units(q->call, q->db, &q->units);
	q->filter.units = q->units;
	return r ? r : store_stay_page(q->db, &q->filter, ret_rows);
}

static int history_run(struct call *c)
{
	struct question q = {.call = c,
			     .filter = {.from_ms = call_query_int(c, "from_at", 0),
					.until_ms = call_query_int(c, "until_at", 0),
					.switch_id = call_query_int(c, "switch", 0),
					.limit = list_limit(c) + 1},
			     .accounts = json_array(),
			     .terminals = json_array(),
			     .bare_terminals = json_array()};
	json_t *rows = NULL;
	int r = q.accounts && q.terminals && q.bare_terminals ? ask(&q, &rows) : -ENOMEM;

	json_decref(q.accounts);
	json_decref(q.terminals);
	json_decref(q.bare_terminals);
	json_decref(q.units);
	return r ? r : month_list_answer(c, rows, finish);
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/admission/history",
	 .operation = "history_list",
	 .roles = READERS,
	 .scope = SCOPE_UNIT,
	 .query = history_query,
	 .run = history_run},
};

const struct route_noun history_routes = {routes, ARRAY_SIZE(routes)};
