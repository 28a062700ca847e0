#include "server/own_certificate.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "server/engine/act.h"

struct telling {
	struct engine_work work;
	struct cert_info cert;
};

static int tell(struct engine_work *work, struct store *s, int64_t now_ms)
{
	struct telling *t = CONTAINER_OF(work, struct telling, work);
	char subject[ACT_SUBJECT_SIZE];

	snprintf(subject, sizeof(subject), "certificate:%s", t->cert.serial);
	return act_log(s, now_ms, &actor_system, "server.renew", 0, subject,
		       json_pack("{s:I}", "not_after", (json_int_t)t->cert.not_after_ms));
}

static int make(struct engine *engine, const struct keys *k, int64_t now_ms, struct buf *ret)
{
	struct telling t = {.work = {.apply = tell}};
	int err = ca_reissue(k->ca, k->server_pem.data, k->server_pem.len, now_ms, CERT_DAYS_SERVER,
			     ret);

	if (!err)
		err = cert_parse(ret->data, ret->len, &t.cert);
	return err ? err : engine_run(engine, &t.work);
}

static void keep(const struct buf *pem, const char *keys_dir)
{
	CLEANUP_FREE char *path = NULL;
	int err = file_path(keys_dir, "server.pem", &path);

	if (!err)
		err = file_replace(path, pem->data, pem->len, 0644);
	if (err)
		log_warn("the renewed server certificate cannot be kept in %s: %s; it is used, and "
			 "renewed again at the next start",
			 keys_dir, strerror(-err));
}

int own_certificate_renew(struct engine *engine, struct keys *k, const char *keys_dir,
			  int64_t now_ms)
{
	CLEANUP_BUF struct buf pem = BUF_INIT;
	struct cert_info cert;
	int err = cert_parse(k->server_pem.data, k->server_pem.len, &cert);

	if (err || cert.not_after_ms - now_ms >= OWN_CERTIFICATE_LEAST_MS)
		return err;
	err = make(engine, k, now_ms, &pem);
	if (err) {
		log_error("the server's certificate ends in %lld days and cannot be renewed: %s",
			  (long long)((cert.not_after_ms - now_ms) / DAY_MS),
			  err == -EPERM ? "put the root's key (ca.key) back for a start"
					: strerror(-err));
		return err;
	}
	keep(&pem, keys_dir);
	buf_done(&k->server_pem);
	k->server_pem = pem;
	pem = (struct buf)BUF_INIT;
	log_info("the server's certificate was renewed");
	return 1;
}
