#include "cli/init_files.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "crypto/seal.h"
#include "crypto/secret.h"

#define PUBLIC_MODE 0644
#define SECRET_MODE 0600

int init_path(char dst[static INIT_PATH_SIZE], const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(dst, INIT_PATH_SIZE, fmt, args);
	va_end(args);
	return n >= 0 && n < INIT_PATH_SIZE ? 0 : -ENAMETOOLONG;
}

static int put(const char *dir, const char *name, const struct buf *content, unsigned mode)
{
	char path[INIT_PATH_SIZE];
	int err = content->error ? content->error : init_path(path, "%s/%s", dir, name);

	return err ? err : file_replace(path, content->data, content->len, mode);
}

/* ---- keys of the server ---- */

static int make_signer(const char *dir, const char *name, enum sign_kind kind, struct buf *ret_pub)
{
	CLEANUP_SIGN_KEY struct sign_key *key = NULL;
	CLEANUP_BUF struct buf pub = BUF_INIT;
	char path[INIT_PATH_SIZE], pub_name[64];
	int err = init_path(path, "%s/%s.key", dir, name);

	snprintf(pub_name, sizeof(pub_name), "%s.pub", name);
	if (!err)
		err = sign_key_make(kind, &key);
	if (!err)
		err = sign_key_save(key, path);
	if (!err)
		err = sign_key_public_pem(key, &pub);
	if (!err)
		err = put(dir, pub_name, &pub, PUBLIC_MODE);
	if (!err && ret_pub)
		buf_append(ret_pub, pub.data, pub.len);
	return err;
}

static int make_ca(const char *keys, struct ca **ret)
{
	char cert[INIT_PATH_SIZE], key[INIT_PATH_SIZE];
	int err = init_path(cert, "%s/ca.pem", keys);

	if (!err)
		err = init_path(key, "%s/ca.key", keys);
	if (!err)
		err = ca_make("Menshen root", clock_wall_ms(), CERT_DAYS_ROOT, ret);
	return err ? err : ca_save(*ret, cert, key);
}

static int make_server_pair(const struct init_options *o, const char *keys, const struct ca *ca)
{
	CLEANUP_SECRET_BUF struct buf key = BUF_INIT;
	CLEANUP_BUF struct buf cert = BUF_INIT;
	int64_t now = clock_wall_ms();
	struct cert_spec spec = {.common_name = "menshend",
				 .server = true,
				 .sans = {"menshend", "localhost", "127.0.0.1"},
				 .not_before_ms = now - HOUR_MS,
				 .not_after_ms = now + CERT_DAYS_SERVER * DAY_MS};
	int err;

	for (size_t i = 0; o->sans[i]; i++)
		spec.sans[3 + i] = o->sans[i];
	err = ca_issue_pair(ca, &spec, &key, &cert);
	if (!err)
		err = put(keys, "server.key", &key, SECRET_MODE);
	return err ? err : put(keys, "server.pem", &cert, PUBLIC_MODE);
}

static int make_seals(const char *keys, const char *gate_dir)
{
	CLEANUP_SEAL_KEY struct seal_key *own = NULL;
	CLEANUP_SEAL_PAIR struct seal_pair *gates = NULL;
	CLEANUP_BUF struct buf pub = BUF_INIT;
	char own_path[INIT_PATH_SIZE], gate_path[INIT_PATH_SIZE];
	int err = init_path(own_path, "%s/seal.key", keys);

	if (!err)
		err = init_path(gate_path, "%s/gate-sealing.key", gate_dir);
	if (!err)
		err = seal_key_load_or_make(own_path, &own);
	if (!err)
		err = seal_pair_make(&gates);
	if (!err)
		err = seal_pair_save(gates, gate_path); /* invariant 10: the gates' alone */
	if (!err)
		err = seal_pair_public_pem(gates, &pub);
	return err ? err : put(keys, "gates.pub", &pub, PUBLIC_MODE);
}

/* ---- the gate's bundle ---- */

static int make_gate_pair(const struct init_options *o, const struct ca *ca, struct cert_info *ret)
{
	CLEANUP_SECRET_BUF struct buf key = BUF_INIT;
	CLEANUP_BUF struct buf cert = BUF_INIT;
	struct cert_spec spec;
	char host[CERT_GATE_HOST_SIZE];
	int err = cert_spec_gate(&spec, host, o->gate, clock_wall_ms());

	if (!err)
		err = ca_issue_pair(ca, &spec, &key, &cert);
	if (!err)
		err = put(o->gate_dir, "gate.key", &key, SECRET_MODE);
	if (!err)
		err = put(o->gate_dir, "gate.pem", &cert, PUBLIC_MODE);
	return err ? err : cert_parse(cert.data, cert.len, ret);
}

static int make_radius_pair(const struct init_options *o, const struct ca *ca)
{
	CLEANUP_SECRET_BUF struct buf key = BUF_INIT;
	CLEANUP_BUF struct buf cert = BUF_INIT;
	int err = ca_issue_radius(ca, CERT_RADIUS_NAME, clock_wall_ms(), &key, &cert);

	if (!err)
		err = put(o->gate_dir, "eap.key", &key, SECRET_MODE);
	return err ? err : put(o->gate_dir, "eap.pem", &cert, PUBLIC_MODE);
}

int init_put_gate_conf(const struct init_options *o)
{
	CLEANUP_BUF struct buf conf = BUF_INIT;
	char server[ADDR_TEXT_SIZE];
	struct addr gateway;
	int err = addr_parse(o->gateway, 8444, &gateway);

	if (err)
		return err;
	snprintf(server, sizeof(server), "127.0.0.1:%u", addr_port(&gateway));
	buf_printf(&conf,
		   "; the gate %s; settings that are left out have their defaults (see "
		   "menshen-gate(8))\n"
		   "; a path that does not begin with / is beside this file\n"
		   "[gate]\nname = %s\n%ssealing_key = gate-sealing.key\n"
		   "[engine]\ncertificate = eap.pem\nkey = eap.key\nclient_ca = ca.pem\n"
		   "[server]\naddress = %s\nname = menshend\nca = ca.pem\n"
		   "certificate = gate.pem\nkey = gate.key\ncosign_key = cosign.key\n",
		   o->gate, o->gate,
		   o->gate_here ? "; what passwords are made of lies in run_dir: a tmpfs, where "
				  "others can get in\n"
				  "user =\nstate_dir = state\nrun_dir = run\n"
				: "",
		   o->server ? o->server : server);
	return put(o->gate_dir, "gate.conf", &conf, PUBLIC_MODE);
}

static int make_gate(const struct init_options *o, const struct ca *ca, struct cert_info *ret_cert,
		     struct buf *ret_cosign_pub)
{
	char path[INIT_PATH_SIZE];
	int err = make_gate_pair(o, ca, ret_cert);

	if (!err)
		err = make_radius_pair(o, ca);
	if (!err)
		err = make_signer(o->gate_dir, "cosign", o->sign, ret_cosign_pub);
	if (!err)
		err = init_path(path, "%s/ca.pem", o->gate_dir);
	if (!err)
		err = ca_save(ca, path, NULL);
	return err ? err : init_put_gate_conf(o);
}

/* ---- the server's folder ---- */

static int put_server_conf(const struct init_options *o)
{
	CLEANUP_BUF struct buf conf = BUF_INIT;

	buf_printf(&conf,
		   "; menshend; settings that are left out have their defaults (see menshend(8))\n"
		   "[server]\ndata_dir = %s/data\nkeys_dir = %s/keys\n"
		   "[gateway]\nlisten = %s\nheartbeat_s = %s\n"
		   "[console]\nlisten = %s\n%s%s%s"
		   "[enrolment]\nlisten = %s\n"
		   "[log]\nhash = %s\nepoch = 1\n",
		   o->dir, o->dir, o->gateway, o->heartbeat_s, o->console,
		   o->console_dir[0] ? "dir = " : "", o->console_dir, o->console_dir[0] ? "\n" : "",
		   o->enrolment, hash_kind_name(o->hash));
	return put(o->dir, "menshend.conf", &conf, PUBLIC_MODE);
}

static int make_server(const struct init_options *o, const char *keys, const struct ca *ca)
{
	char path[INIT_PATH_SIZE];
	int err = make_server_pair(o, keys, ca);

	if (!err)
		err = make_signer(keys, "log", o->sign, NULL);
	if (!err)
		err = make_signer(keys, "policy", o->sign, NULL);
	if (!err)
		err = make_seals(keys, o->gate_dir);
	if (!err)
		err = init_path(path, "%s/ca.pem", o->dir);
	if (!err)
		err = ca_save(ca, path, NULL);
	return err ? err : put_server_conf(o);
}

static int make_folders(const struct init_options *o, const char *keys)
{
	struct stat there;
	int err;

	if (stat(keys, &there) == 0)
		return -EEXIST;
	err = file_make_dirs(o->dir, 0755);
	if (!err)
		err = file_make_dirs(keys, 0700);
	return err ? err : file_make_dirs(o->gate_dir, 0700);
}

int init_make_files(const struct init_options *o, struct cert_info *ret_gate_cert,
		    struct buf *ret_cosign_pub, char *error, size_t size)
{
	CLEANUP_CA struct ca *ca = NULL;
	char keys[INIT_PATH_SIZE];
	int err = init_path(keys, "%s/keys", o->dir);

	if (!err)
		err = make_folders(o, keys);
	if (err == -EEXIST) {
		snprintf(error, size, "%s has keys already; nothing was changed", o->dir);
		return err;
	}
	if (!err)
		err = make_ca(keys, &ca);
	if (!err)
		err = make_server(o, keys, ca);
	if (!err)
		err = make_gate(o, ca, ret_gate_cert, ret_cosign_pub);
	if (err)
		snprintf(error, size, "%s: the keys cannot be made: %s", o->dir, strerror(-err));
	return err;
}
