/* A further gate, and the end of one. Its keys are made on its own machine (menshen gate request);
 * head office gives certificates when two persons say so, and never sees what opens the secrets. */
#include "base/text.h"
#include "server/api/nouns.h"
#include "server/engine/gate.h"
#include "server/engine/proposal.h"

#define PEM_TEXT_MAX 4096
#define ALPHABET_PEM ALPHABET_DIGITS ALPHABET_SMALL ALPHABET_CAPITAL "+/=- \n"
#define RULE_PEM(n)                                                                                \
	.name = n, .kind = VALUE_TEXT, .required = true, .min = 1, .max = PEM_TEXT_MAX,            \
	.alphabet = ALPHABET_PEM

static const struct value_rule add_fields[] = {
	{RULE_CODE("name"), .required = true},
	{RULE_ID("unit_id"), .required = true},
	{RULE_PEM("csr")},
	{RULE_PEM("eap_csr")},
	{RULE_PEM("cosign_key")},
	{RULE_REASON("reason"), .required = true},
	{.name = NULL},
};

/* ---- a further one ---- */

static int check(struct deed *d, const struct gate_request *q)
{
	const struct ca *ca = d->call->api->options.means.ca;
	const char *field = NULL;
	struct gate taken;
	int r = gate_load(store_writer(d->store), q->name, &taken);

	if (r)
		return r < 0 ? r : refuse(&d->refused, REFUSAL_TAKEN, "name");
	r = gate_request_check(q, ca, d->now_ms, &field);
	if (r == -EPERM)
		return refuse(&d->refused, REFUSAL_STATE, "ca");
	return r == -EBADMSG ? refuse(&d->refused, REFUSAL_VALUE_WRONG, field) : r;
}

static int add_act(struct deed *d)
{
	const struct call *c = d->call;
	const struct gate_request q = {.name = call_text(c, "name"),
				       .unit_id = call_int(c, "unit_id", 0),
				       .csr_pem = call_text(c, "csr"),
				       .eap_csr_pem = call_text(c, "eap_csr"),
				       .cosign_public_pem = call_text(c, "cosign_key")};
	int r = deed_over(d, q.unit_id);

	if (!r)
		r = check(d, &q);
	if (r)
		return r;
	return proposal_make(d->store, d->now_ms, &d->actor,
			     &(struct proposal_spec){
				     .kind = "gate.create",
				     .unit_id = q.unit_id,
				     .subject_id = q.unit_id,
				     .reason = call_text(c, "reason"),
				     .detail = json_pack("{s:s, s:s, s:s, s:s}", "name", q.name,
							 "csr", q.csr_pem, "eap_csr", q.eap_csr_pem,
							 "cosign_key", q.cosign_public_pem)},
			     &d->id, &d->refused);
}

static int add_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, add_act, TOPIC_PROPOSAL);

	return r ? r : answer_proposal(c, 202, d.id);
}

/* ---- what it takes home ---- */

static int add_public(struct call *c, json_t *bundle)
{
	const struct api_options *o = &c->api->options;
	CLEANUP_BUF struct buf gates = BUF_INIT;
	int r = seal_pair_public_pem(o->gates, &gates);

	if (!r && (json_object_set_new(bundle, "ca", json_string(ca_pem(o->means.ca))) ||
		   json_object_set_new(bundle, "gates_public", json_string(buf_str(&gates)))))
		r = -ENOMEM;
	return r;
}

static int bundle_run(struct call *c)
{
	struct store_db *db;
	json_t *bundle = NULL;
	struct gate g;
	int r = call_reader(c, &db);

	if (!r)
		r = gate_load_id(db, call_path_id(c, 0), &g);
	if (r <= 0)
		return r ? r : call_refuse(c, REFUSAL_NOT_FOUND, NULL);
	r = call_over(c, g.unit_id, NULL);
	if (!r)
		r = gate_bundle(db, g.name, &bundle);
	if (r <= 0)
		return r ? r : call_refuse(c, REFUSAL_NOT_FOUND, NULL);
	r = add_public(c, bundle);
	if (r) {
		json_decref(bundle);
		return r;
	}
	return call_answer(c, 200, bundle);
}

/* ---- the end ---- */

static int end_act(struct deed *d)
{
	int64_t id = call_path_id(d->call, 0);
	struct gate g;
	int r = gate_load_id(store_writer(d->store), id, &g);

	if (r <= 0)
		return r ? r : -ENOENT;
	r = deed_over(d, g.unit_id);
	if (!r && g.ended)
		r = refuse(&d->refused, REFUSAL_ENDED, NULL);
	return r ? r : gate_end(d->store, d->now_ms, &d->actor, id, call_text(d->call, "reason"));
}

static int end_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, end_act, TOPIC_GATE | TOPIC_CERTIFICATE);

	if (!r)
		c->status = 204;
	return r;
}

static const struct route routes[] = {
	{.method = "POST",
	 .path = "/gates",
	 .operation = "gate_add",
	 .roles = ROLE_SYSTEM,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = add_fields,
	 .run = add_run},
	{.method = "GET",
	 .path = "/gates/{id}/bundle",
	 .operation = "gate_bundle",
	 .roles = ROLE_SYSTEM,
	 .scope = SCOPE_UNIT,
	 .run = bundle_run},
	{.method = "POST",
	 .path = "/gates/{id}/end",
	 .operation = "gate_end",
	 .roles = ROLE_SYSTEM,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = reason_fields,
	 .run = end_run},
};

const struct route_noun gate_routes = {routes, ARRAY_SIZE(routes)};
