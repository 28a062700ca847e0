/* Imports: a template, a dry run that lists every bad row, then the import. */
#include "server/api/nouns.h"
#include "server/engine/import.h"

static const struct value_rule kind_path[] = {
	{RULE_CHOICE("kind", import_kind_choices)},
};

static const struct value_rule run_query[] = {
	{RULE_BOOL("commit")},
	{.name = NULL},
};

/* Each kind belongs to one of the two administrators. */
static int kind_of(struct call *c, const struct import_kind **ret)
{
	*ret = import_kind_find(call_path_text(c, 0));
	if (!*ret)
		return call_refuse(c, REFUSAL_NOT_FOUND, NULL);
	return account_roles(&c->account) & (*ret)->roles
		       ? 0
		       : call_refuse(c, REFUSAL_ROLE_MISSING, NULL);
}

static int template_run(struct call *c)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	const struct import_kind *kind;
	int r = kind_of(c, &kind);

	if (!r)
		r = import_template(kind, &text);
	if (r)
		return r;
	c->response = MHD_create_response_from_buffer(text.len, text.data, MHD_RESPMEM_MUST_COPY);
	if (!c->response)
		return -ENOMEM;
	MHD_add_response_header(c->response, MHD_HTTP_HEADER_CONTENT_TYPE,
				"text/csv; charset=utf-8");
	c->status = 200;
	return 0;
}

struct import_ask {
	const struct import_kind *kind;
	const struct buf *text;
	bool commit;
	json_t **report;
};

static int import_act(struct deed *d)
{
	const struct import_ask *ask = d->arg;

	json_decref(*ask->report);
	*ask->report = NULL;
	d->actor.role = role_name(ask->kind->roles);
	return import_file(d->store, d->now_ms, &d->actor, &d->account, ask->kind,
			   buf_str(ask->text), ask->text->len, ask->commit, ask->report,
			   &d->refused);
}

static int import_run(struct call *c)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	json_t *report = NULL;
	struct import_ask ask = {.text = &text,
				 .commit = json_is_true(json_object_get(c->query, "commit")),
				 .report = &report};
	struct deed d = {.arg = &ask};
	int r = kind_of(c, &ask.kind);

	if (!r)
		r = import_decode(c->body_bytes.data, c->body_bytes.len, &text);
	if (r == -EILSEQ)
		return call_refuse(c, REFUSAL_MALFORMED, NULL);
	if (!r)
		r = call_do(c, &d, import_act,
			    TOPIC_UNIT | TOPIC_PERSON | TOPIC_ACCOUNT | TOPIC_TERMINAL |
				    TOPIC_PERMIT | TOPIC_ADDRESS);
	/* Undone, but not refused: the report says why. */
	if (report && (!r || (r == -ECANCELED && !c->refused.what)))
		return call_answer(c, 200, report);
	json_decref(report);
	return r;
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/imports/{kind}/template",
	 .operation = "import_template",
	 .roles = ROLE_SECURITY | ROLE_SYSTEM,
	 .scope = SCOPE_NONE,
	 .path_rules = kind_path,
	 .run = template_run},
	{.method = "POST",
	 .path = "/imports/{kind}",
	 .operation = "import_run",
	 .roles = ROLE_SECURITY | ROLE_SYSTEM,
	 .scope = SCOPE_UNIT,
	 .body = BODY_CSV,
	 .query = run_query,
	 .path_rules = kind_path,
	 .run = import_run},
};

const struct route_noun import_routes = {routes, ARRAY_SIZE(routes)};
