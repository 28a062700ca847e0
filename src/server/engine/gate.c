#include "server/engine/gate.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "crypto/sign.h"
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

int gate_load_id(struct store_db *db, int64_t id, struct gate *ret)
{
	return load_by(db, STMT_GATE_BY_ID, v_int(id), ret);
}

static int issue(const struct ca *ca, int64_t now_ms, const char *name, const char *csr_pem,
		 struct buf *ret_pem, struct cert_info *ret_info)
{
	struct cert_spec spec;
	char host[CERT_GATE_HOST_SIZE];
	int err = cert_spec_gate(&spec, host, name, now_ms);

	if (!err)
		err = ca_issue_csr(ca, csr_pem, strlen(csr_pem), &spec, ret_pem);
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
	r = issue(ca, now_ms, g.name, csr_pem, ret_cert_pem, &cert);
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

/* ---- a further gate ---- */

static int issue_eap(const struct ca *ca, int64_t now_ms, const char *csr_pem, struct buf *ret_pem)
{
	const struct cert_spec spec = {.common_name = CERT_RADIUS_NAME,
				       .sans = {CERT_RADIUS_NAME},
				       .server = true,
				       .not_before_ms = now_ms - HOUR_MS,
				       .not_after_ms = now_ms + CERT_DAYS_SERVER * DAY_MS};

	return ca_issue_csr(ca, csr_pem, strlen(csr_pem), &spec, ret_pem);
}

int gate_request_check(const struct gate_request *q, const struct ca *ca, int64_t now_ms,
		       const char **ret_field)
{
	CLEANUP_SIGN_KEY struct sign_key *cosign = NULL;
	CLEANUP_BUF struct buf cert = BUF_INIT, eap = BUF_INIT;
	struct cert_info info;
	int err = issue(ca, now_ms, q->name, q->csr_pem, &cert, &info);

	*ret_field = "csr";
	if (!err) {
		*ret_field = "eap_csr";
		err = issue_eap(ca, now_ms, q->eap_csr_pem, &eap);
	}
	if (!err) {
		*ret_field = "cosign_key";
		err = sign_key_from_public_pem(q->cosign_public_pem, strlen(q->cosign_public_pem),
					       &cosign);
	}
	return err == -EINVAL ? -EBADMSG : err;
}

static void bundle_setting(char dst[static ACT_SUBJECT_SIZE], const char *name)
{
	snprintf(dst, ACT_SUBJECT_SIZE, "gate-bundle:%s", name);
}

static int keep_bundle(struct store *s, const char *name, const struct buf *cert,
		       const struct buf *eap)
{
	json_t *bundle = json_pack("{s:s, s:s, s:s}", "name", name, "certificate", buf_str(cert),
				   "eap_certificate", buf_str(eap));
	CLEANUP_FREE char *text = bundle ? json_dumps(bundle, JSON_COMPACT) : NULL;
	char setting[ACT_SUBJECT_SIZE];

	json_decref(bundle);
	bundle_setting(setting, name);
	return text ? store_exec(s, STMT_SETTING_ADD, STORE_ARGS(v_text(setting), v_text(text)),
				 NULL)
		    : -ENOMEM;
}

int gate_admit(struct store *s, int64_t now_ms, const struct entry_actor *who, const struct ca *ca,
	       const struct gate_request *q)
{
	CLEANUP_BUF struct buf cert = BUF_INIT, eap = BUF_INIT;
	struct cert_info info;
	int64_t id;
	int err = issue(ca, now_ms, q->name, q->csr_pem, &cert, &info);

	if (!err)
		err = issue_eap(ca, now_ms, q->eap_csr_pem, &eap);
	if (!err)
		err = keep_bundle(s, q->name, &cert, &eap);
	return err ? err
		   : gate_create(s, now_ms, who, q->name, q->unit_id, q->cosign_public_pem, &info,
				 &id);
}

int gate_bundle(struct store_db *db, const char *name, json_t **ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	char setting[ACT_SUBJECT_SIZE];
	int r;

	bundle_setting(setting, name);
	r = store_select(db, STMT_SETTING_GET, STORE_ARGS(v_text(setting)), &c);
	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r;
	*ret = json_loads(store_text(c, 0), 0, NULL);
	return *ret ? 1 : -EUCLEAN;
}
