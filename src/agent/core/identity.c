#include "agent/core/identity.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "crypto/secret.h"

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

int identity_load(const char *state_dir, struct identity *ret)
{
	CLEANUP_BUF struct buf asset = BUF_INIT;
	struct cert_pair pair;
	struct identity id;
	int err = cert_pair_load(state_dir, &pair);

	if (err)
		return err;
	id = (struct identity){pair.key_pem, pair.cert_pem, pair.cert, ""};
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
	return cert_renewal_due_ms(&id->cert);
}

enum identity_state identity_state(const struct identity *id, int64_t now_ms)
{
	if (!id || id->cert_pem.len == 0)
		return IDENTITY_NONE;
	if (now_ms >= id->cert.not_after_ms)
		return IDENTITY_EXPIRED;
	return now_ms >= identity_renewal_due_ms(id) ? IDENTITY_RENEWAL_DUE : IDENTITY_GOOD;
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
