/* The audit log: entries, proofs (RFC 9162), heads, exports. Auditors only (clauses D33, D35). */
#include <stdio.h>

#include "base/file.h"
#include "base/text.h"
#include "journal/bundle.h"
#include "journal/merkle.h"
#include "server/api/nouns.h"
#include "server/engine/proposal.h"

#define RULE_SIZE(n) .name = n, .kind = VALUE_INT, .min = 1, .max = VALUE_NUMBER_MAX

static const struct value_rule list_query[] = {
	LIST_QUERY,
	{RULE_ID("account")},
	{.name = "act", .kind = VALUE_TEXT, .min = 1, .max = 64},
	{.name = "subject", .kind = VALUE_TEXT, .min = 1, .max = 128},
	{RULE_ID("unit")},
	{RULE_TIME("from_at")},
	{RULE_TIME("until_at")},
	{.name = NULL},
};

static const struct value_rule page_query[] = {
	LIST_QUERY,
	{.name = NULL},
};

static const struct value_rule entry_query[] = {
	{RULE_SIZE("size")},
	{.name = NULL},
};

static const struct value_rule seq_path[] = {
	{.name = "seq", .kind = VALUE_INT, .min = 0, .max = VALUE_NUMBER_MAX},
};

static const struct value_rule consistency_query[] = {
	{RULE_SIZE("from"), .required = true},
	{RULE_SIZE("to"), .required = true},
	{.name = NULL},
};

static const struct value_rule export_fields[] = {
	{RULE_REASON("reason"), .required = true},
	{RULE_BOOL("records"), .required = true},
	{.name = NULL},
};

/* ---- entries ---- */

/* Out of the exact bytes: who, and what. */
static void finish_entry(struct call *c, json_t *row)
{
	json_t *told = json_loads(json_string_value(json_object_get(row, "entry")), 0, NULL);
	json_t *actor = json_object_get(told, "actor");

	(void)c;
	json_object_set(row, "account", json_object_get(actor, "name"));
	json_object_set(row, "role", json_object_get(actor, "role"));
	json_object_set(row, "from", json_object_get(actor, "from"));
	json_object_set(row, "detail", json_object_get(told, "detail"));
	json_object_del(row, "entry");
	json_decref(told);
}

#define ENTRIES(statement)                                                                         \
	{                                                                                          \
		.page = (statement), .key = "seq", .newest_first = true, .finish = finish_entry    \
	}

/* By the filter that leaves least, as a rule; the last for none of them. */
static const struct {
	const char *filter;
	struct list list;
} entry_lists[] = {
	{"subject", ENTRIES(STMT_API_AUDIT_OF_SUBJECT)},
	{"account", ENTRIES(STMT_API_AUDIT_OF_ACCOUNT)},
	{"act", ENTRIES(STMT_API_AUDIT_OF_ACT)},
	{"unit", ENTRIES(STMT_API_AUDIT_OF_UNIT)},
	{NULL, ENTRIES(STMT_API_AUDIT_ENTRIES)},
};

static int list_run(struct call *c)
{
	size_t i = 0;

	while (entry_lists[i].filter && !json_object_get(c->query, entry_lists[i].filter))
		i++;
	return list_answer(c, &entry_lists[i].list);
}

/* ---- proofs ---- */

static json_t *digest_json(const struct merkle_digest *d)
{
	char text[HASH_TEXT_SIZE];

	hex_encode(text, d->b, HASH_SIZE);
	return json_string(text);
}

static json_t *path_json(const struct merkle_proof *proof)
{
	json_t *path = json_array();

	for (size_t i = 0; i < proof->count; i++)
		json_array_append_new(path, digest_json(&proof->nodes[i]));
	return path;
}

/* The head's own line is JSON; the mark in front is not shown, the co-signatures are added. */
static int head_json(struct store_db *db, const struct head *head, json_t **ret)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	json_t *cosigns, *row, *shown = json_array(), *told;
	size_t i;
	int r = head_encode(head, &text);

	if (!r)
		r = store_list_json(db, STMT_API_COSIGNS, STORE_ARGS(v_int((int64_t)head->size)),
				    1000, &cosigns);
	if (r) {
		json_decref(shown);
		return r;
	}
	json_array_foreach(cosigns, i, row)
	{
		told = json_loads(json_string_value(json_object_get(row, "text")), 0, NULL);
		json_object_del(told, "cosign");
		json_object_del(told, "size");
		json_object_del(told, "root");
		json_array_append_new(shown, told);
	}
	json_decref(cosigns);
	told = json_loads(buf_str(&text), 0, NULL);
	json_object_del(told, "head");
	if (!told || json_object_set_new(told, "cosigns", shown))
		return -ENOMEM;
	*ret = told;
	return 0;
}

/* The head of exactly this size (0: the newest). */
static int find_head(struct call *c, const struct log_source *source, int64_t size,
		     struct head *ret)
{
	int r = size ? source->head(source->arg, (uint64_t)size, ret)
		     : source->last_head(source->arg, ret);

	if (r == -ENOENT || (!r && size && ret->size != (uint64_t)size))
		return call_refuse(c, REFUSAL_NO_HEAD, "size");
	return r;
}

static int prove_entry(struct call *c, struct store_db *db, const struct log_source *source,
		       uint64_t seq, const struct head *head)
{
	CLEANUP_HASHER struct hasher *h = NULL;
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	struct merkle_nodes nodes = log_source_nodes(source);
	struct merkle_proof proof;
	struct merkle_digest leaf;
	json_t *head_row;
	int r = hasher_new(head->hash, &h);

	if (!r)
		r = source->entry(source->arg, seq, &bytes, &leaf);
	if (r == -ENOENT || (!r && seq >= head->size))
		return call_refuse(c, REFUSAL_NOT_FOUND, NULL);
	if (!r)
		r = merkle_prove_inclusion(&nodes, h, seq, head->size, &proof);
	if (!r)
		r = head_json(db, head, &head_row);
	if (r)
		return r;
	return call_answer(c, 200,
			   json_pack("{s:I, s:s#, s:o, s:o, s:o}", "seq", (json_int_t)seq, "bytes",
				     buf_str(&bytes), (int)bytes.len, "leaf", digest_json(&leaf),
				     "head", head_row, "path", path_json(&proof)));
}

static int entry_run(struct call *c)
{
	struct log_source source;
	struct store_db *db;
	struct head head;
	int r = call_reader(c, &db);

	if (!r)
		r = store_reader_begin(db);
	if (r)
		return r;
	source = store_log_source(db);
	r = find_head(c, &source, call_query_int(c, "size", 0), &head);
	if (!r)
		r = prove_entry(c, db, &source, (uint64_t)call_path_id(c, 0), &head);
	store_reader_end(db);
	return r;
}

static int prove_consistency(struct call *c, struct store_db *db, const struct log_source *source)
{
	CLEANUP_HASHER struct hasher *h = NULL;
	struct merkle_nodes nodes = log_source_nodes(source);
	struct merkle_proof proof;
	struct head from, to;
	json_t *from_row = NULL, *to_row;
	int r = find_head(c, source, call_query_int(c, "from", 0), &from);

	if (!r)
		r = find_head(c, source, call_query_int(c, "to", 0), &to);
	if (!r && from.size > to.size)
		r = call_refuse(c, REFUSAL_VALUE_WRONG, "from");
	if (!r)
		r = hasher_new(to.hash, &h);
	if (!r)
		r = merkle_prove_consistency(&nodes, h, from.size, to.size, &proof);
	if (!r)
		r = head_json(db, &from, &from_row);
	if (!r)
		r = head_json(db, &to, &to_row);
	if (r) {
		json_decref(from_row);
		return r;
	}
	return call_answer(c, 200,
			   json_pack("{s:o, s:o, s:o}", "from", from_row, "to", to_row, "path",
				     path_json(&proof)));
}

static int consistency_run(struct call *c)
{
	struct log_source source;
	struct store_db *db;
	int r = call_reader(c, &db);

	if (!r)
		r = store_reader_begin(db);
	if (r)
		return r;
	source = store_log_source(db);
	r = prove_consistency(c, db, &source);
	store_reader_end(db);
	return r;
}

/* ---- heads and keys ---- */

static void finish_head(struct call *c, json_t *row)
{
	const char *text = json_string_value(json_object_get(row, "text"));
	json_t *full = NULL;
	struct store_db *db;
	struct head head;

	if (text && !head_parse(text, strlen(text), &head) && !call_reader(c, &db) &&
	    !head_json(db, &head, &full))
		json_object_update(row, full);
	json_object_del(row, "text");
	json_decref(full);
}

static int heads_run(struct call *c)
{
	static const struct list list = {.page = STMT_API_AUDIT_HEADS,
					 .key = "size",
					 .newest_first = true,
					 .finish = finish_head};

	return list_answer(c, &list);
}

static int keys_run(struct call *c)
{
	const struct sign_keyring *ring = &c->api->log_keys;
	json_t *rows, *gates;
	struct store_db *db;
	int r = call_reader(c, &db);

	if (!r)
		r = store_list_json(db, STMT_API_GATE_KEYS, STORE_ARGS(v_int(1)), 1000, &gates);
	if (r)
		return r;
	rows = json_array();

	for (size_t i = 0; i < ring->count; i++) {
		CLEANUP_BUF struct buf pem = BUF_INIT;

		r = sign_key_public_pem(ring->keys[i], &pem);
		if (r) {
			json_decref(rows);
			json_decref(gates);
			return r;
		}
		json_array_append_new(rows, json_pack("{s:s, s:s, s:s}", "key",
						      sign_key_id(ring->keys[i]), "sign",
						      sign_kind_name(sign_key_kind(ring->keys[i])),
						      "pem", buf_str(&pem)));
	}
	return call_answer(c, 200, json_pack("{s:o, s:o}", "rows", rows, "gates", gates));
}

/* ---- exports ---- */

static int export_act(struct deed *d)
{
	int64_t root;
	int r = deed_role(d);

	if (!r)
		r = store_get_int(store_writer(d->store), STMT_UNIT_ROOT, STORE_NO_ARGS, 0, &root);
	if (r)
		return r;
	return proposal_make(
		d->store, d->now_ms, &d->actor,
		&(struct proposal_spec){.kind = "audit.export",
					.unit_id = root,
					/* each proposal is for one person and one day */
					.subject_id = d->account.id,
					.reason = call_text(d->call, "reason"),
					.detail = json_pack("{s:b}", "records",
							    call_bool(d->call, "records", false))},
		&d->id, &d->refused);
}

static int export_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, export_act, TOPIC_PROPOSAL);

	return r ? r : answer_proposal(c, 202, d.id);
}

static int write_fd(void *arg, const void *data, size_t len)
{
	const int *fd = arg;

	return file_write_all(*fd, data, len);
}

/* A file without a name: as large as the log is, and gone when it was sent. */
static int write_bundle(struct call *c, struct store_db *db, bool records, int *ret_fd)
{
	char path[] = "/var/tmp/menshen-bundle-XXXXXX";
	CLEANUP_FD int fd = mkstemp(path);
	struct bundle_writer writer = {.write = write_fd, .arg = &fd};
	struct log_source source = store_log_source(db);
	int r;

	if (fd < 0)
		return -errno;
	unlink(path);
	r = store_reader_begin(db);
	if (r)
		return r;
	r = bundle_export(&writer, &source, &c->api->log_keys, records);
	store_reader_end(db);
	if (r)
		return r;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

static int send_bundle(struct call *c, int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);

	c->response = size < 0 ? NULL : MHD_create_response_from_fd64((uint64_t)size, fd);
	if (!c->response) {
		close(fd);
		return -EIO;
	}
	MHD_add_response_header(c->response, MHD_HTTP_HEADER_CONTENT_TYPE,
				"application/octet-stream");
	MHD_add_response_header(c->response, MHD_HTTP_HEADER_CONTENT_DISPOSITION,
				"attachment; filename=\"menshen-audit.bundle\"");
	MHD_add_response_header(c->response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	c->status = 200;
	return 0;
}

static int bundle_run(struct call *c)
{
	CLEANUP_PROPOSAL struct proposal p = {0};
	struct store_db *db;
	int fd = -1, r = call_reader(c, &db);

	if (!r)
		r = proposal_load(db, call_path_id(c, 0), &p);
	if (r < 0)
		return r;
	if (!r || strcmp(p.kind, "audit.export") != 0 || p.proposed_by != c->account.id)
		return call_refuse(c, REFUSAL_NOT_FOUND, NULL);
	if (strcmp(p.decision, "confirmed") != 0)
		return call_refuse(c, REFUSAL_STATE, NULL);
	if (p.decided_at_ms + EXPORT_LIFE_MS <= c->now_ms)
		return call_refuse(c, REFUSAL_ENDED, NULL);
	r = write_bundle(c, db, json_is_true(json_object_get(p.detail, "records")), &fd);
	return r ? r : send_bundle(c, fd);
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/audit/entries",
	 .operation = "audit_list",
	 .roles = ROLE_AUDITOR,
	 .scope = SCOPE_NONE,
	 .query = list_query,
	 .run = list_run},
	{.method = "GET",
	 .path = "/audit/entries/{seq}",
	 .operation = "audit_entry",
	 .roles = ROLE_AUDITOR,
	 .scope = SCOPE_NONE,
	 .query = entry_query,
	 .path_rules = seq_path,
	 .run = entry_run},
	{.method = "GET",
	 .path = "/audit/consistency",
	 .operation = "audit_consistency",
	 .roles = ROLE_AUDITOR,
	 .scope = SCOPE_NONE,
	 .query = consistency_query,
	 .run = consistency_run},
	{.method = "GET",
	 .path = "/audit/heads",
	 .operation = "audit_heads",
	 .roles = ROLE_AUDITOR,
	 .scope = SCOPE_NONE,
	 .query = page_query,
	 .run = heads_run},
	{.method = "GET",
	 .path = "/audit/keys",
	 .operation = "audit_keys",
	 .roles = ROLE_AUDITOR,
	 .scope = SCOPE_NONE,
	 .run = keys_run},
	{.method = "POST",
	 .path = "/audit/exports",
	 .operation = "audit_export",
	 .roles = ROLE_AUDITOR,
	 .scope = SCOPE_NONE,
	 .body = BODY_JSON,
	 .fields = export_fields,
	 .run = export_run},
	{.method = "GET",
	 .path = "/audit/exports/{id}",
	 .operation = "audit_bundle",
	 .roles = ROLE_AUDITOR,
	 .scope = SCOPE_NONE,
	 .run = bundle_run},
};

const struct route_noun audit_routes = {routes, ARRAY_SIZE(routes)};
