#include "server/engine/gate.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "server/engine/certificate.h"

static int load_by(struct store_db *db, enum store_stmt stmt, struct store_value key,
		   struct gate *ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	struct gate g;
	int r = store_select(db, stmt, &key, 1, &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r;
	g = (struct gate){
		.id = store_int(c, 0), .unit_id = store_int(c, 1), .ended = !store_is_null(c, 3)};
	if (text_copy(g.name, sizeof(g.name), store_text(c, 2)))
		return -EUCLEAN;
	*ret = g;
	return 1;
}

int gate_load(struct store_db *db, const char *name, struct gate *ret)
{
	return load_by(db, STMT_GATE_BY_NAME, v_text(name), ret);
}

static int tell(struct store *s, int64_t now_ms, const struct entry_actor *who, const char *act,
		int64_t unit, const char *name, json_t *detail)
{
	char subject[ACT_SUBJECT_SIZE];

	snprintf(subject, sizeof(subject), "gate:%s", name);
	return act_log(s, now_ms, who, act, unit, subject, detail);
}

int gate_create(struct store *s, int64_t now_ms, const struct entry_actor *who, const char *name,
		int64_t unit_id, const char *cosign_public_pem, const struct cert_info *cert,
		int64_t *ret_id)
{
	int64_t id;
	int err = store_insert(
		s, STMT_GATE_INSERT,
		STORE_ARGS(v_text(name), v_int(unit_id), v_text(cosign_public_pem), v_int(now_ms)),
		&id);

	if (!err)
		err = certificate_add(s, cert, 0, id);
	if (!err)
		err = tell(s, now_ms, who, "gate.create", unit_id, name,
			   json_pack("{s:s}", "certificate", cert->serial));
	if (!err)
		*ret_id = id;
	return err;
}

static int issue(const struct ca *ca, int64_t now_ms, const struct gate *g, const char *csr_pem,
		 struct buf *ret_pem, struct cert_info *ret_info)
{
	const struct cert_spec spec = {.common_name = g->name,
				       .holder = CERT_GATE,
				       .gate = g->name,
				       .client = true,
				       .not_before_ms = now_ms - HOUR_MS,
				       .not_after_ms = now_ms + CERT_DAYS_GATE * DAY_MS};
	int err = ca_issue_csr(ca, csr_pem, strlen(csr_pem), &spec, ret_pem);

	return err ? err : cert_parse(ret_pem->data, ret_pem->len, ret_info);
}

int gate_renew(struct store *s, int64_t now_ms, const struct ca *ca, int64_t id,
	       const char *csr_pem, struct buf *ret_cert_pem)
{
	struct cert_info cert;
	struct gate g;
	int r = load_by(store_writer(s), STMT_GATE_BY_ID, v_int(id), &g);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	if (g.ended)
		return -EPERM;
	r = issue(ca, now_ms, &g, csr_pem, ret_cert_pem, &cert);
	if (!r)
		r = certificate_add(s, &cert, 0, g.id);
	return r ? r
		 : tell(s, now_ms, &actor_system, "gate.renew", g.unit_id, g.name,
			json_pack("{s:s}", "certificate", cert.serial));
}

int gate_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
	     const char *why)
{
	struct gate g;
	int r = load_by(store_writer(s), STMT_GATE_BY_ID, v_int(id), &g);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	if (g.ended)
		return -EALREADY;
	r = store_exec(s, STMT_GATE_END, STORE_ARGS(v_int(id), v_int(now_ms)), NULL);
	if (!r)
		r = store_exec(s, STMT_CERTIFICATE_REVOKE_OF_GATE,
			       STORE_ARGS(v_int(id), v_int(now_ms), v_text(why)), NULL);
	return r ? r
		 : tell(s, now_ms, who, "gate.end", g.unit_id, g.name,
			json_pack("{s:s}", "reason", why));
}
