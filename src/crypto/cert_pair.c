#include "crypto/cert_pair.h"

#include <string.h>

#include "base/file.h"
#include "crypto/secret.h"
#include "crypto/tls.h"

#define PAIR_FILE_MAX 32768
static const char cert_begin[] = "-----BEGIN CERTIFICATE-----";

static int read_file(const char *dir, const char *name, struct buf *ret)
{
	CLEANUP_FREE char *path = NULL;
	int err = file_path(dir, name, &path);

	return err ? err : file_read(path, PAIR_FILE_MAX, ret);
}

static int replace_file(const char *dir, const char *name, const struct buf *data)
{
	CLEANUP_FREE char *path = NULL;
	int err = data->error ? data->error : file_path(dir, name, &path);

	return err ? err : file_replace(path, data->data, data->len, 0600);
}

/* The key stands first, the certificate after it. */
static int split(const struct buf *file, struct cert_pair *p)
{
	const char *text = buf_str(file), *cert = strstr(text, cert_begin);

	if (!cert || cert == text)
		return -EBADMSG;
	buf_append(&p->key_pem, text, (size_t)(cert - text));
	buf_puts(&p->cert_pem, cert);
	if (p->key_pem.error || p->cert_pem.error)
		return -ENOMEM;
	return cert_parse(p->cert_pem.data, p->cert_pem.len, &p->cert);
}

int cert_pair_load(const char *dir, struct cert_pair *ret)
{
	CLEANUP_SECRET_BUF struct buf file = BUF_INIT;
	struct cert_pair p = {.key_pem = BUF_INIT, .cert_pem = BUF_INIT};
	int err = read_file(dir, "identity.pem", &file);

	if (!err)
		err = split(&file, &p);
	if (err)
		cert_pair_done(&p);
	else
		*ret = p;
	return err;
}

int cert_pair_read(const char *key_path, const char *cert_path, struct cert_pair *ret)
{
	struct cert_pair p = {.key_pem = BUF_INIT, .cert_pem = BUF_INIT};
	int err = file_read(key_path, PAIR_FILE_MAX, &p.key_pem);

	if (!err)
		err = file_read(cert_path, PAIR_FILE_MAX, &p.cert_pem);
	if (!err)
		err = cert_parse(p.cert_pem.data, p.cert_pem.len, &p.cert);
	if (err)
		cert_pair_done(&p);
	else
		*ret = p;
	return err;
}

void cert_pair_done(struct cert_pair *p)
{
	secret_buf_done(&p->key_pem);
	buf_done(&p->cert_pem);
}

int64_t cert_renewal_due_ms(const struct cert_info *cert)
{
	return cert->not_before_ms + (cert->not_after_ms - cert->not_before_ms) / 3 * 2;
}

int cert_pair_pending(const char *dir, const char *common_name, struct buf *ret_key_pem,
		      struct buf *ret_csr_pem)
{
	int err = read_file(dir, "pending.pem", ret_key_pem);

	if (!err)
		err = csr_make_for_key(common_name, ret_key_pem->data, ret_key_pem->len,
				       ret_csr_pem);
	if (!err)
		return 0;
	if (err != -ENOENT && err != -EBADMSG)
		return err;
	buf_clear(ret_key_pem);
	err = csr_make(common_name, ret_key_pem, ret_csr_pem);
	return err ? err : replace_file(dir, "pending.pem", ret_key_pem);
}

static int check_root(const char *ca_pem, int64_t now_ms, const struct buf *cert_pem)
{
	CLEANUP_CA struct ca *ca = NULL;
	enum cert_state state;
	int err = ca_from_pem(ca_pem, strlen(ca_pem), &ca);

	if (!err)
		err = ca_verify(ca, cert_pem->data, cert_pem->len, now_ms, &state);
	if (err)
		return err;
	return state == CERT_GOOD || state == CERT_NOT_YET_VALID ? 0 : -EBADMSG;
}

int cert_pair_check(const char *ca_pem, int64_t now_ms, const struct buf *key_pem,
		    const struct buf *cert_pem)
{
	/* A context accepts only a key and a certificate that belong together. */
	const struct tls_client_options o = {ca_pem, buf_str(cert_pem), buf_str(key_pem)};
	CLEANUP_TLS_CTX struct tls_ctx *ctx = NULL;
	int err = check_root(ca_pem, now_ms, cert_pem);

	return err ? err : tls_client_new(&o, &ctx);
}

int cert_pair_install(const char *dir, const struct buf *key_pem, const struct buf *cert_pem)
{
	CLEANUP_SECRET_BUF struct buf both = BUF_INIT;
	CLEANUP_FREE char *pending = NULL;
	int err;

	buf_append(&both, key_pem->data, key_pem->len);
	buf_append(&both, cert_pem->data, cert_pem->len);
	err = replace_file(dir, "identity.pem", &both);
	if (!err)
		err = file_path(dir, "pending.pem", &pending);
	if (!err)
		unlink(pending);
	return err;
}
