#include "agent/core/identity.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "crypto/secret.h"

#define IDENTITY_FILE_MAX 32768
static const char cert_begin[] = "-----BEGIN CERTIFICATE-----";

void state_path(const char *dir, const char *name, char dst[static STATE_PATH_SIZE])
{
	snprintf(dst, STATE_PATH_SIZE, "%s/%s", dir, name);
}

static int read_state(const char *dir, const char *name, size_t max, struct buf *ret)
{
	char path[STATE_PATH_SIZE];

	state_path(dir, name, path);
	return file_read(path, max, ret);
}

static int replace_state(const char *dir, const char *name, const struct buf *data, unsigned mode)
{
	char path[STATE_PATH_SIZE];

	if (data->error)
		return data->error;
	state_path(dir, name, path);
	return file_replace(path, data->data, data->len, mode);
}

/* The key stands first, the certificate after it. */
static int split(const struct buf *file, struct identity *id)
{
	const char *text = buf_str(file), *cert = strstr(text, cert_begin);

	if (!cert || cert == text)
		return -EBADMSG;
	buf_append(&id->key_pem, text, (size_t)(cert - text));
	buf_puts(&id->cert_pem, cert);
	if (id->key_pem.error || id->cert_pem.error)
		return -ENOMEM;
	return cert_parse(id->cert_pem.data, id->cert_pem.len, &id->cert);
}

int identity_load(const char *state_dir, struct identity *ret)
{
	CLEANUP_SECRET_BUF struct buf file = BUF_INIT;
	CLEANUP_BUF struct buf asset = BUF_INIT;
	struct identity id = {.key_pem = BUF_INIT, .cert_pem = BUF_INIT};
	int err = read_state(state_dir, "identity.pem", IDENTITY_FILE_MAX, &file);

	if (!err)
		err = split(&file, &id);
	if (err) {
		identity_done(&id);
		return err;
	}
	if (read_state(state_dir, "asset", ASSET_NO_SIZE - 1, &asset) == 0)
		snprintf(id.asset_no, sizeof(id.asset_no), "%s", buf_str(&asset));
	*ret = id;
	return 0;
}

void identity_done(struct identity *id)
{
	secret_buf_done(&id->key_pem);
	buf_done(&id->cert_pem);
}

int64_t identity_renewal_due_ms(const struct identity *id)
{
	return id->cert.not_before_ms + (id->cert.not_after_ms - id->cert.not_before_ms) / 3 * 2;
}

enum identity_state identity_state(const struct identity *id, int64_t now_ms)
{
	if (!id || id->cert_pem.len == 0)
		return IDENTITY_NONE;
	if (now_ms >= id->cert.not_after_ms)
		return IDENTITY_EXPIRED;
	return now_ms >= identity_renewal_due_ms(id) ? IDENTITY_RENEWAL_DUE : IDENTITY_GOOD;
}

int identity_pending(const char *state_dir, const char *common_name, struct buf *ret_key_pem,
		     struct buf *ret_csr_pem)
{
	int err = read_state(state_dir, "pending.pem", IDENTITY_FILE_MAX, ret_key_pem);

	if (!err)
		err = csr_make_for_key(common_name, ret_key_pem->data, ret_key_pem->len,
				       ret_csr_pem);
	if (!err)
		return 0;
	if (err != -ENOENT && err != -EBADMSG)
		return err;
	buf_clear(ret_key_pem);
	err = csr_make(common_name, ret_key_pem, ret_csr_pem);
	return err ? err : replace_state(state_dir, "pending.pem", ret_key_pem, 0600);
}

int identity_install(const char *state_dir, const struct buf *key_pem, const struct buf *cert_pem)
{
	CLEANUP_SECRET_BUF struct buf both = BUF_INIT;
	char path[STATE_PATH_SIZE];
	int err;

	buf_append(&both, key_pem->data, key_pem->len);
	buf_append(&both, cert_pem->data, cert_pem->len);
	err = replace_state(state_dir, "identity.pem", &both, 0600);
	if (err)
		return err;
	state_path(state_dir, "pending.pem", path);
	unlink(path);
	return 0;
}

int identity_set_asset_no(const char *state_dir, const char *asset_no)
{
	char path[STATE_PATH_SIZE];

	state_path(state_dir, "asset", path);
	return file_replace(path, asset_no, strlen(asset_no), 0600);
}

int identity_pin_policy_key(const char *state_dir, const char *pem)
{
	char path[STATE_PATH_SIZE];

	state_path(state_dir, "policy-key.pem", path);
	return file_replace(path, pem, strlen(pem), 0600);
}

int identity_policy_key(const char *state_dir, struct sign_key **ret)
{
	CLEANUP_BUF struct buf pem = BUF_INIT;
	int err = read_state(state_dir, "policy-key.pem", 4096, &pem);

	return err ? err : sign_key_from_public_pem(pem.data, pem.len, ret);
}
