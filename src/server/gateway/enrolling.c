/* Connections that have no certificate yet, or an expired one: one question, one answer, the end.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/pem.h"
#include "base/text.h"
#include "server/engine/enrol.h"
#include "server/engine/gate.h"
#include "server/gateway/conn.h"
#include "server/gateway/enrolling.h"

#define CSR_LABEL "CERTIFICATE REQUEST"

/* ---- enrolment ---- */

struct asking {
	struct conn_work cw;
	menshen_EnrolRequest request;
	struct buf csr_pem;
	char from[ADDR_TEXT_SIZE];
	struct enrol_result result;
};

static void asking_free(struct asking *a)
{
	buf_done(&a->csr_pem);
	buf_done(&a->result.cert_pem);
	free(a);
}

static int apply_enrolment(struct engine_work *work, struct store *s, int64_t now_ms)
{
	struct asking *a = CONTAINER_OF(work, struct asking, cw.work);
	struct enrol_ask ask = {.code = a->request.code,
				.csr_pem = buf_str(&a->csr_pem),
				.host_name = a->request.host_name,
				.serial = a->request.serial,
				.os = a->request.os,
				.from = a->from};

	for (pb_size_t i = 0; i < a->request.nics_count; i++)
		memcpy(&ask.macs[ask.mac_count++], a->request.nics[i].mac, sizeof(struct mac));
	buf_done(&a->result.cert_pem);
	return enrol_terminal(s, now_ms, a->cw.conn->worker->gateway->o.keys->ca, &ask, &a->result);
}

int enrolling_put_certificate(const struct buf *pem, menshen_EnrolAnswer *answer)
{
	CLEANUP_BUF struct buf der = BUF_INIT;
	int err = pem_decode(buf_str(pem), pem->len, "CERTIFICATE", &der);

	if (!err && der.len > sizeof(answer->certificate.bytes))
		err = -EMSGSIZE;
	if (err)
		return err;
	memcpy(answer->certificate.bytes, der.data, der.len);
	answer->certificate.size = (pb_size_t)der.len;
	return 0;
}

static int put_result(const struct keys *keys, const struct enrol_result *r,
		      menshen_EnrolAnswer *answer)
{
	const struct enrol_refusal_text *text = enrol_refusal_text(r->refusal);

	snprintf(answer->reason, sizeof(answer->reason), "%s", text->code);
	snprintf(answer->text_zh, sizeof(answer->text_zh), "%s", text->zh);
	snprintf(answer->text_en, sizeof(answer->text_en), "%s", text->en);
	if (r->refusal != ENROL_ACCEPTED)
		return 0;
	if (keys->policy_pub.len > sizeof(answer->policy_key.bytes))
		return -EMSGSIZE;
	answer->accepted = true;
	memcpy(answer->terminal.bytes, r->terminal.uuid.b, sizeof(r->terminal.uuid.b));
	answer->terminal.size = sizeof(r->terminal.uuid.b);
	snprintf(answer->asset_no, sizeof(answer->asset_no), "%.31s", r->terminal.asset_no);
	memcpy(answer->policy_key.bytes, keys->policy_pub.data, keys->policy_pub.len);
	answer->policy_key.size = (pb_size_t)keys->policy_pub.len;
	return enrolling_put_certificate(&r->cert_pem, answer);
}

void enrolling_send_answer(struct conn *c, int err, const menshen_EnrolAnswer *answer)
{
	if (err)
		conn_refuse(c, "try-later", "The server cannot decide now. Try again later");
	else
		CONN_SEND(c, FRAME_ENROL_ANSWER, answer);
}

static void finish_enrolment(struct conn_work *cw)
{
	struct asking *a = CONTAINER_OF(cw, struct asking, cw);
	menshen_EnrolAnswer *answer = calloc(1, sizeof(*answer));
	int err = cw->err;

	if (!err)
		err = answer ? put_result(cw->conn->worker->gateway->o.keys, &a->result, answer)
			     : -ENOMEM;
	enrolling_send_answer(cw->conn, err, answer);
	conn_leave(cw->conn);
	free(answer);
	asking_free(a);
}

static int sound_texts(const menshen_EnrolRequest *r)
{
	const char *const texts[] = {r->code, r->host_name, r->serial, r->os};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (!text_is_clean(texts[i], strlen(texts[i])))
			return -EBADMSG;
	return 0;
}

static int ask_enrolment(struct conn *c, const struct frame *f)
{
	struct asking *a = calloc(1, sizeof(*a));
	int err = a ? FRAME_DECODE(f, &a->request) : -ENOMEM;

	if (!err)
		err = sound_texts(&a->request);
	if (err) {
		free(a);
		return err;
	}
	buf_init(&a->csr_pem, BUF_LIMIT_DEFAULT);
	pem_encode(&a->csr_pem, CSR_LABEL, a->request.csr.bytes, a->request.csr.size);
	addr_format_host(a->from, &c->from);
	a->cw.finish = finish_enrolment;
	a->cw.work.apply = apply_enrolment;
	a->cw.work.topics = TOPIC_TERMINAL | TOPIC_CERTIFICATE | TOPIC_CAMPAIGN;
	err = a->csr_pem.error ? -ENOMEM : conn_submit(c, &a->cw);
	if (!err) {
		c->state = CONN_ASKING;
		return 0;
	}
	asking_free(a);
	conn_refuse(c, "try-later", "The server is busy. Try again later");
	return 0;
}

/* ---- renewal ---- */

struct renewing {
	struct conn_work cw;
	struct buf csr_pem, cert_pem;
};

static void renewing_free(struct renewing *r)
{
	buf_done(&r->csr_pem);
	buf_done(&r->cert_pem);
	free(r);
}

static int apply_renewal(struct engine_work *work, struct store *s, int64_t now_ms)
{
	struct renewing *r = CONTAINER_OF(work, struct renewing, cw.work);
	struct conn *c = r->cw.conn;
	const struct ca *ca = c->worker->gateway->o.keys->ca;
	struct certificate cert;
	int found = certificate_load(store_writer(s), c->serial, &cert);

	if (found < 0)
		return found;
	if (found == 0 || cert.revoked_at_ms ||
	    now_ms > cert.not_after_ms + c->worker->gateway->o.renew_late_ms)
		return -EPERM;
	buf_clear(&r->cert_pem);
	if (cert.gate_id)
		return gate_renew(s, now_ms, ca, cert.gate_id, buf_str(&r->csr_pem), &r->cert_pem);
	return enrol_renew(s, now_ms, ca, cert.terminal_id, buf_str(&r->csr_pem), &r->cert_pem);
}

static bool is_refusal(int err)
{
	return err == -EPERM || err == -EBADMSG || err == -ENOENT;
}

static void put_refusal(menshen_EnrolAnswer *answer)
{
	snprintf(answer->reason, sizeof(answer->reason), "renewal-refused");
	snprintf(answer->text_zh, sizeof(answer->text_zh), "证书不能续期，请检查总行根证书密钥");
	snprintf(answer->text_en, sizeof(answer->text_en),
		 "This certificate cannot be renewed; is the root's key at head office?");
}

static void finish_renewal(struct conn_work *cw)
{
	struct renewing *r = CONTAINER_OF(cw, struct renewing, cw);
	struct conn *c = cw->conn;
	menshen_EnrolAnswer *answer = calloc(1, sizeof(*answer));
	int err = cw->err;

	if (!err && !answer)
		err = -ENOMEM;
	if (!err)
		err = enrolling_put_certificate(&r->cert_pem, answer);
	if (answer && is_refusal(err) && c->state == CONN_GATE) {
		put_refusal(answer); /* a gate at work is not cut for this, and may ask again */
		c->renewed = false;
		err = 0;
	} else if (!err) {
		answer->accepted = true;
		memcpy(answer->terminal.bytes, c->terminal.b, sizeof(c->terminal.b));
		answer->terminal.size = sizeof(c->terminal.b);
	}
	if (is_refusal(err))
		conn_refuse(c, "renewal-refused",
			    "This certificate cannot be renewed; enrol again");
	else
		enrolling_send_answer(c, err, answer);
	if (c->state == CONN_ASKING)
		conn_leave(c);
	conn_flush(c);
	free(answer);
	renewing_free(r);
}

int enrolling_renew(struct conn *c, const struct frame *f)
{
	CLEANUP_FREE menshen_RenewRequest *request = calloc(1, sizeof(*request));
	struct renewing *r = calloc(1, sizeof(*r));
	int err = request && r ? FRAME_DECODE(f, request) : -ENOMEM;

	if (!err && c->renewed)
		err = -EBADMSG; /* each one is a signature, a row and an entry */
	if (err) {
		free(r);
		return err;
	}
	buf_init(&r->csr_pem, BUF_LIMIT_DEFAULT);
	buf_init(&r->cert_pem, BUF_LIMIT_DEFAULT);
	pem_encode(&r->csr_pem, CSR_LABEL, request->csr.bytes, request->csr.size);
	r->cw.finish = finish_renewal;
	r->cw.work.apply = apply_renewal;
	r->cw.work.topics = TOPIC_TERMINAL | TOPIC_CERTIFICATE;
	err = r->csr_pem.error ? -ENOMEM : conn_submit(c, &r->cw);
	c->renewed = !err;
	if (!err)
		return 0;
	renewing_free(r);
	conn_refuse(c, "try-later", "The server is busy. Try again later");
	return 0;
}

/* ---- which of both ---- */

int enrolling_frame(struct conn *c, const struct frame *f)
{
	struct gateway *g = c->worker->gateway;
	int err;

	if (c->state != CONN_GREETING)
		return -EBADMSG; /* one question only */
	if (c->has_certificate) {
		if (f->type != FRAME_RENEW_REQUEST) {
			conn_refuse(c, "certificate-expired",
				    "This certificate has expired; renew it first");
			return 0;
		}
		err = enrolling_renew(c, f);
		if (!err && c->state == CONN_GREETING)
			c->state = CONN_ASKING;
		return err;
	}
	if (f->type != FRAME_ENROL_REQUEST)
		return -EBADMSG;
	if (limits_try_enrol(g->limits, &c->from, clock_mono_ms())) {
		conn_refuse(c, "too-many-tries", "Too many tries from this address; wait a minute");
		return 0;
	}
	return ask_enrolment(c, f);
}
