#include "server/keys.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "crypto/secret.h"

#define KEY_FILE_MAX 16384
#define PATH_SIZE 4096

static int fail(char *error, int err, const char *path, const char *what)
{
	snprintf(error, KEYS_ERROR_SIZE, "%.380s: %s: %.60s", path, what, strerror(-err));
	return err;
}

static int path_of(const char *dir, const char *name, char ret[static PATH_SIZE])
{
	return snprintf(ret, PATH_SIZE, "%s/%s", dir, name) < PATH_SIZE ? 0 : -ENAMETOOLONG;
}

static int load_ca(const char *dir, struct keys *k, char *error)
{
	char cert[PATH_SIZE], key[PATH_SIZE];
	int err = path_of(dir, "ca.pem", cert);

	if (!err)
		err = path_of(dir, "ca.key", key);
	if (!err)
		err = ca_load(cert, access(key, F_OK) ? NULL : key, &k->ca);
	return err ? fail(error, err, cert, "the root certificate or its key cannot be used") : 0;
}

static int load_text(const char *dir, const char *name, struct buf *ret, char *error)
{
	char path[PATH_SIZE];
	int err = path_of(dir, name, path);

	if (!err)
		err = file_read(path, KEY_FILE_MAX, ret);
	return err ? fail(error, err, path, "cannot be read") : 0;
}

static int load_signer(const char *dir, const char *name, struct sign_key **ret,
		       struct buf *ret_public, char *error)
{
	char path[PATH_SIZE];
	int err = path_of(dir, name, path);

	if (!err)
		err = sign_key_load(path, ret);
	if (!err)
		err = sign_key_public_pem(*ret, ret_public);
	return err ? fail(error, err, path, "no signature key of ours") : 0;
}

static int load_seals(const char *dir, struct keys *k, char *error)
{
	CLEANUP_BUF struct buf pem = BUF_INIT;
	char fallback[PATH_SIZE], path[SEAL_PATH_SIZE];
	int err = path_of(dir, "seal.key", fallback);

	if (!err)
		err = seal_key_path("menshen-seal", fallback, path);
	if (!err)
		err = seal_key_load(path, &k->seal);
	if (err)
		return fail(error, err, fallback, "no seal key (32 bytes, mode 0600)");
	err = load_text(dir, "gates.pub", &pem, error);
	if (err)
		return err;
	err = seal_pair_from_public_pem(pem.data, pem.len, &k->gates);
	return err ? fail(error, err, dir, "gates.pub is no public sealing key") : 0;
}

int keys_load(const char *dir, struct keys *ret, char error[static KEYS_ERROR_SIZE])
{
	struct keys k = {.server_pem = BUF_INIT,
			 .server_key_pem = BUF_INIT,
			 .log_pub = BUF_INIT,
			 .policy_pub = BUF_INIT};
	int err = load_ca(dir, &k, error);

	if (!err)
		err = load_text(dir, "server.pem", &k.server_pem, error);
	if (!err)
		err = load_text(dir, "server.key", &k.server_key_pem, error);
	if (!err)
		err = load_signer(dir, "log.key", &k.log, &k.log_pub, error);
	if (!err)
		err = load_signer(dir, "policy.key", &k.policy, &k.policy_pub, error);
	if (!err)
		err = load_seals(dir, &k, error);
	if (err)
		keys_done(&k);
	else
		*ret = k;
	return err;
}

void keys_done(struct keys *k)
{
	ca_free(k->ca);
	buf_done(&k->server_pem);
	secret_buf_done(&k->server_key_pem);
	sign_key_free(k->log);
	sign_key_free(k->policy);
	buf_done(&k->log_pub);
	buf_done(&k->policy_pub);
	seal_key_free(k->seal);
	seal_pair_free(k->gates);
	*k = (struct keys){0};
}
