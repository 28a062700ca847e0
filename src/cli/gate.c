/*
 * menshen gate: the files of a further gate. Its keys are made on its own machine and stay there;
 * head office certifies them when two persons say so (POST /gates); the gates' sealing key, which
 * head office has not, comes from a machine that stands already, sealed to the new one.
 *
 *	new machine:	menshen gate request NAME --out DIR
 *	console:	system administrator proposes DIR/request.json, a second person confirms
 *	a gate:		menshen gate hand-over --request request.json --sealing-key FILE --out
 *SEALED new machine:	menshen gate install --out DIR --bundle bundle.json --sealed SEALED
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/init_files.h"
#include "crypto/ca.h"
#include "crypto/seal.h"
#include "crypto/secret.h"
#include "crypto/tls.h"

#define JSON_FILE_MAX 65536
#define FINGERPRINT_SIZE (2 * 8 + 1)

struct gate_files {
	const char *name, *out, *request, *bundle, *sealed, *sealing_key, *server;
};

static int put(const char *dir, const char *name, const void *data, size_t len, unsigned mode)
{
	char path[INIT_PATH_SIZE];
	int err = init_path(path, "%s/%s", dir, name);

	return err ? err : file_replace(path, data, len, mode);
}

static int load_json(const char *path, json_t **ret)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	int err = file_read(path, JSON_FILE_MAX, &text);

	if (err)
		return err;
	*ret = json_loadb(buf_str(&text), text.len, JSON_REJECT_DUPLICATES, NULL);
	return json_is_object(*ret) ? 0 : -EBADMSG;
}

static const char *text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s ? s : "";
}

/* What people compare over the telephone: of the new machine's own keys. */
static int fingerprint(const json_t *request, char ret[static FINGERPRINT_SIZE])
{
	CLEANUP_BUF struct buf all = BUF_INIT;
	uint8_t digest[HASH_SIZE];
	int err;

	buf_puts(&all, text_of(request, "csr"));
	buf_puts(&all, text_of(request, "handover"));
	err = all.error ? all.error : hash_bytes(HASH_SHA256, all.data, all.len, digest);
	if (!err)
		hex_encode(ret, digest, 8);
	return err;
}

/* ---- request ---- */

static int make_csr(const char *dir, const char *key_name, const char *common_name, struct buf *csr)
{
	CLEANUP_SECRET_BUF struct buf key = BUF_INIT;
	int err = csr_make(common_name, &key, csr);

	return err ? err : put(dir, key_name, key.data, key.len, 0600);
}

static int make_cosign(const char *dir, struct buf *pub)
{
	CLEANUP_SIGN_KEY struct sign_key *key = NULL;
	char path[INIT_PATH_SIZE];
	int err = init_path(path, "%s/cosign.key", dir);

	if (!err)
		err = sign_key_make(SIGN_SM2, &key);
	if (!err)
		err = sign_key_save(key, path);
	return err ? err : sign_key_public_pem(key, pub);
}

static int make_handover(const char *dir, struct buf *pub)
{
	CLEANUP_SEAL_PAIR struct seal_pair *pair = NULL;
	char path[INIT_PATH_SIZE];
	int err = init_path(path, "%s/handover.key", dir);

	if (!err)
		err = seal_pair_make(&pair);
	if (!err)
		err = seal_pair_save(pair, path);
	return err ? err : seal_pair_public_pem(pair, pub);
}

static int make_request(const struct gate_files *g, json_t **ret)
{
	CLEANUP_BUF struct buf csr = BUF_INIT, eap = BUF_INIT, cosign = BUF_INIT, pair = BUF_INIT;
	int err = make_csr(g->out, "gate.key", g->name, &csr);

	if (!err)
		err = make_csr(g->out, "eap.key", CERT_RADIUS_NAME, &eap);
	if (!err)
		err = make_cosign(g->out, &cosign);
	if (!err)
		err = make_handover(g->out, &pair);
	if (err)
		return err;
	*ret = json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", g->name, "csr", buf_str(&csr),
			 "eap_csr", buf_str(&eap), "cosign_key", buf_str(&cosign), "handover",
			 buf_str(&pair));
	return *ret ? 0 : -ENOMEM;
}

static int request(const struct gate_files *g)
{
	char print[FINGERPRINT_SIZE] = "", path[INIT_PATH_SIZE];
	json_t *made = NULL;
	char *text = NULL;
	int err = init_path(path, "%s/gate.key", g->out);

	if (!err && access(path, F_OK) == 0)
		return command_fail("%s has keys already; nothing was changed", g->out);
	if (!err)
		err = file_make_dirs(g->out, 0700);
	if (!err)
		err = make_request(g, &made);
	if (!err)
		err = fingerprint(made, print);
	if (!err && !(text = json_dumps(made, JSON_INDENT(1) | JSON_PRESERVE_ORDER)))
		err = -ENOMEM;
	if (!err)
		err = put(g->out, "request.json", text, strlen(text), 0644);
	free(text);
	json_decref(made);
	if (err)
		return command_fail("%s: %s", g->out, strerror(-err));
	printf("keys of %s are in %s and stay there\nrequest     %s/request.json\nfingerprint %s\n",
	       g->name, g->out, g->out, print);
	return 0;
}

/* ---- hand-over ---- */

static void handover_context(char dst[static 96], const char *name)
{
	snprintf(dst, 96, "handover:%.64s", name);
}

static int seal_key_to(const struct gate_files *g, const json_t *asked, struct buf *ret)
{
	CLEANUP_SEAL_PAIR struct seal_pair *gates = NULL, *to = NULL;
	CLEANUP_SECRET_BUF struct buf key = BUF_INIT;
	const char *pem = text_of(asked, "handover");
	char context[96];
	int err = seal_pair_load(g->sealing_key, &gates);

	if (!err)
		err = seal_pair_private_pem(gates, &key);
	if (!err)
		err = seal_pair_from_public_pem(pem, strlen(pem), &to);
	handover_context(context, text_of(asked, "name"));
	return err ? err : seal_to_public(to, context, key.data, key.len, ret);
}

static int hand_over(const struct gate_files *g)
{
	CLEANUP_BUF struct buf sealed = BUF_INIT;
	char print[FINGERPRINT_SIZE] = "";
	json_t *asked = NULL;
	int err = load_json(g->request, &asked);

	if (!err)
		err = fingerprint(asked, print);
	if (!err)
		err = seal_key_to(g, asked, &sealed);
	if (!err)
		err = file_replace(g->out, sealed.data, sealed.len, 0600);
	if (!err)
		printf("the gates' sealing key is sealed to %s alone, into %s\nfingerprint %s: "
		       "compare it with the one on the new machine before you send it\n",
		       text_of(asked, "name"), g->out, print);
	json_decref(asked);
	return err ? command_fail("%s: %s", g->request, strerror(-err)) : 0;
}

/* ---- install ---- */

/* The sealing key opens what head office seals: its public half is the one that head office has. */
static int open_sealed(const struct gate_files *g, const json_t *bundle, struct buf *ret)
{
	CLEANUP_SEAL_PAIR struct seal_pair *own = NULL, *gates = NULL;
	CLEANUP_BUF struct buf sealed = BUF_INIT, pub = BUF_INIT;
	char path[INIT_PATH_SIZE], context[96];
	int err = init_path(path, "%s/handover.key", g->out);

	handover_context(context, text_of(bundle, "name"));
	if (!err)
		err = seal_pair_load(path, &own);
	if (!err)
		err = file_read(g->sealed, JSON_FILE_MAX, &sealed);
	if (!err)
		err = seal_open_private(own, context, sealed.data, sealed.len, ret);
	if (!err)
		err = seal_pair_from_private_pem(ret->data, ret->len, &gates);
	if (!err)
		err = seal_pair_public_pem(gates, &pub);
	if (!err && !text_equal(buf_str(&pub), text_of(bundle, "gates_public")))
		err = -EBADMSG;
	return err;
}

/* Of the root that comes with it, and good today. */
static int check_issued(const char *ca_pem, const char *cert_pem)
{
	CLEANUP_CA struct ca *ca = NULL;
	enum cert_state state;
	int err = ca_from_pem(ca_pem, strlen(ca_pem), &ca);

	if (!err)
		err = ca_verify(ca, cert_pem, strlen(cert_pem), clock_wall_ms(), &state);
	if (!err && state != CERT_GOOD)
		err = state == CERT_UNTRUSTED ? -EBADMSG : -EKEYEXPIRED;
	return err;
}

/* A certificate and the key that was made here belong together. */
static int check_pair(const struct gate_files *g, const json_t *bundle, const char *key_name,
		      const char *cert_name)
{
	CLEANUP_TLS_CTX struct tls_ctx *ctx = NULL;
	CLEANUP_SECRET_BUF struct buf key = BUF_INIT;
	struct tls_client_options o = {.ca_pem = text_of(bundle, "ca"),
				       .cert_pem = text_of(bundle, cert_name)};
	char path[INIT_PATH_SIZE];
	int err = check_issued(o.ca_pem, o.cert_pem);

	if (!err)
		err = init_path(path, "%s/%s", g->out, key_name);
	if (!err)
		err = file_read(path, JSON_FILE_MAX, &key);
	o.key_pem = buf_str(&key);
	return err ? err : tls_client_new(&o, &ctx);
}

static int put_bundle(const struct gate_files *g, const json_t *bundle, const struct buf *key)
{
	static const struct {
		const char *member, *file;
	} files[] = {{"certificate", "gate.pem"}, {"eap_certificate", "eap.pem"}, {"ca", "ca.pem"}};
	struct init_options o = {.gate = text_of(bundle, "name"), .server = g->server};
	int err = init_path(o.gate_dir, "%s", g->out);

	snprintf(o.gateway, sizeof(o.gateway), "127.0.0.1:8444");
	for (size_t i = 0; !err && i < ARRAY_SIZE(files); i++) {
		const char *pem = text_of(bundle, files[i].member);

		err = put(g->out, files[i].file, pem, strlen(pem), 0644);
	}
	if (!err)
		err = put(g->out, "gate-sealing.key", key->data, key->len, 0600);
	return err ? err : init_put_gate_conf(&o);
}

static int install(const struct gate_files *g)
{
	CLEANUP_SECRET_BUF struct buf key = BUF_INIT;
	char path[INIT_PATH_SIZE];
	json_t *bundle = NULL;
	const char *what = g->bundle;
	int err = load_json(g->bundle, &bundle);

	if (!err)
		err = check_pair(g, bundle, "gate.key", "certificate");
	if (!err)
		err = check_pair(g, bundle, "eap.key", "eap_certificate");
	if (!err) {
		what = g->sealed;
		err = open_sealed(g, bundle, &key);
	}
	if (!err) {
		what = g->out;
		err = put_bundle(g, bundle, &key);
	}
	if (!err && init_path(path, "%s/handover.key", g->out) == 0)
		unlink(path);
	if (!err)
		printf("the gate %s is whole: start menshen-gate -c %s/gate.conf\n",
		       text_of(bundle, "name"), g->out);
	json_decref(bundle);
	return err ? command_fail("%s: %s", what,
				  err == -EBADMSG ? "not of the request that was made here"
						  : strerror(-err))
		   : 0;
}

/* ---- the command ---- */

static int run(int argc, char **argv)
{
	struct gate_files g = {0};
	const struct command_option options[] = {
		{"--out", &g.out, 1},	    {"--request", &g.request, 1},
		{"--bundle", &g.bundle, 1}, {"--sealed", &g.sealed, 1},
		{"--server", &g.server, 1}, {"--sealing-key", &g.sealing_key, 1}};
	const char *verb = argc > 1 ? argv[1] : "";
	int rest, named = argc > 2 && argv[2][0] != '-';

	g.name = named ? argv[2] : NULL;
	if (argc < 2 || command_options(argc - 1 - named, argv + 1 + named, options,
					ARRAY_SIZE(options), &rest))
		return command_fail("usage: menshen gate %s", command_gate.usage);
	if (rest == argc - 1 - named && g.out) {
		if (text_equal(verb, "request") && g.name)
			return request(&g);
		if (text_equal(verb, "hand-over") && g.request && g.sealing_key)
			return hand_over(&g);
		if (text_equal(verb, "install") && g.bundle && g.sealed)
			return install(&g);
	}
	return command_fail("usage: menshen gate %s", command_gate.usage);
}

const struct command command_gate = {
	.name = "gate",
	.usage =
		"request NAME --out DIR | hand-over --request FILE --sealing-key FILE --out FILE | "
		"install --out DIR --bundle FILE --sealed FILE [--server ADDRESS]",
	.help = "makes the files of a further gate, on three machines that each keep their secrets",
	.run = run,
};
