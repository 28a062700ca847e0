#include "gate/line/renewal.h"

#include <string.h>

#include "base/file.h"
#include "base/pem.h"
#include "base/text.h"
#include "crypto/secret.h"

#define AGAIN_MS HOUR_MS
#define CA_MAX (64U << 10)

struct renewal {
	struct gate *gate;
	struct line *line;
	struct loop_timer *timer;
	struct cert_pair pair;
};

/* ---- which pair ---- */

/* A renewed pair of this gate counts when it is newer than the bundle's: a bundle that was issued
 * anew wins over what an older one renewed. */
int renewal_load_pair(const struct settings *s, struct cert_pair *ret)
{
	struct cert_pair bundle, own;
	bool newer;
	int err = cert_pair_read(s->key, s->certificate, &bundle);

	if (err) {
		log_error("cannot use %s with %s: %s", s->certificate, s->key, strerror(-err));
		return err;
	}
	err = cert_pair_load(s->state_dir, &own);
	if (err) {
		if (err != -ENOENT)
			log_warn("the renewed certificate in %s is not used: %s", s->state_dir,
				 strerror(-err));
		*ret = bundle;
		return 0;
	}
	newer = text_equal(own.cert.gate, bundle.cert.gate) &&
		own.cert.not_after_ms > bundle.cert.not_after_ms;
	cert_pair_done(newer ? &bundle : &own);
	*ret = newer ? own : bundle;
	return 0;
}

int renewal_pair(struct renewal *r, const struct cert_pair **ret)
{
	struct cert_pair fresh;
	int err = renewal_load_pair(&r->gate->settings, &fresh);

	if (err)
		return err;
	cert_pair_done(&r->pair);
	r->pair = fresh;
	*ret = &r->pair;
	return 0;
}

bool renewal_is_overdue(const struct renewal *r)
{
	return gate_now(r->gate) >= r->pair.cert.not_after_ms;
}

/* ---- asking ---- */

static int make_request(const struct renewal *r, menshen_RenewRequest *ret)
{
	CLEANUP_SECRET_BUF struct buf key = BUF_INIT;
	CLEANUP_BUF struct buf csr = BUF_INIT, der = BUF_INIT;
	int err = cert_pair_pending(r->gate->settings.state_dir, r->pair.cert.common_name, &key,
				    &csr);

	if (!err)
		err = pem_decode(buf_str(&csr), csr.len, "CERTIFICATE REQUEST", &der);
	if (!err && der.len > sizeof(ret->csr.bytes))
		err = -EMSGSIZE;
	if (err)
		return err;
	memcpy(ret->csr.bytes, der.data, der.len);
	ret->csr.size = (pb_size_t)der.len;
	return 0;
}

void renewal_ask(struct renewal *r)
{
	CLEANUP_FREE menshen_RenewRequest *m = calloc(1, sizeof(*m));
	int err = m ? make_request(r, m) : -ENOMEM;

	if (!err)
		err = LINE_SEND(r->line, FRAME_RENEW_REQUEST, m);
	if (err)
		log_error("the gate's certificate cannot be renewed: %s", strerror(-err));
}

static void ask_if_due(void *arg)
{
	struct renewal *r = arg;
	int64_t now = gate_now(r->gate), due = cert_renewal_due_ms(&r->pair.cert);

	if (now >= due) {
		renewal_ask(r);
		due = now + AGAIN_MS;
	}
	loop_timer_arm(r->timer, MIN(due - now, DAY_MS));
}

void renewal_welcomed(struct renewal *r)
{
	ask_if_due(r);
}

void renewal_line_down(struct renewal *r)
{
	loop_timer_disarm(r->timer);
}

/* ---- the answer ---- */

static int check_holder(const struct renewal *r, const struct buf *cert_pem)
{
	struct cert_info info;
	int err = cert_parse(cert_pem->data, cert_pem->len, &info);

	if (err)
		return err;
	return info.holder == CERT_GATE && text_equal(info.gate, r->pair.cert.gate) ? 0 : -EBADMSG;
}

static int keep(struct renewal *r, const menshen_EnrolAnswer *answer)
{
	const struct settings *s = &r->gate->settings;
	CLEANUP_SECRET_BUF struct buf key = BUF_INIT;
	CLEANUP_BUF struct buf csr = BUF_INIT, cert = BUF_INIT, ca = BUF_INIT;
	int err = file_read(s->ca, CA_MAX, &ca);

	pem_encode(&cert, "CERTIFICATE", answer->certificate.bytes, answer->certificate.size);
	if (!err)
		err = cert.error;
	if (!err)
		err = cert_pair_pending(s->state_dir, r->pair.cert.common_name, &key, &csr);
	if (!err)
		err = check_holder(r, &cert);
	if (!err)
		err = cert_pair_check(buf_str(&ca), gate_now(r->gate), &key, &cert);
	return err ? err : cert_pair_install(s->state_dir, &key, &cert);
}

int renewal_take(struct renewal *r, const struct frame *f)
{
	CLEANUP_FREE menshen_EnrolAnswer *answer = calloc(1, sizeof(*answer));
	int err = answer ? FRAME_DECODE(f, answer) : -ENOMEM;

	if (err)
		return err;
	if (!answer->accepted) {
		log_error("head office does not renew this gate's certificate: %s (%s)",
			  answer->text_en, answer->reason);
		return 0;
	}
	err = keep(r, answer);
	if (err) {
		log_error("the certificate that head office sent is not used: %s", strerror(-err));
		return err;
	}
	log_info("the gate's certificate was renewed");
	return 1;
}

/* ---- life ---- */

int renewal_new(struct gate *g, struct line *line, struct renewal **ret)
{
	struct renewal *r = calloc(1, sizeof(*r));
	int err = r ? loop_timer_new(g->loop, ask_if_due, r, &r->timer) : -ENOMEM;

	if (err) {
		free(r);
		return err;
	}
	r->gate = g;
	r->line = line;
	r->pair = (struct cert_pair){.key_pem = BUF_INIT, .cert_pem = BUF_INIT};
	*ret = r;
	return 0;
}

void renewal_free(struct renewal *r)
{
	if (!r)
		return;
	loop_timer_free(r->timer);
	cert_pair_done(&r->pair);
	free(r);
}
