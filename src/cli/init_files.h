/* The files that `menshen init` makes: a server's folder and a gate's bundle. */
#pragma once

#include "base/addr.h"
#include "crypto/ca.h"
#include "crypto/hash.h"
#include "crypto/sign.h"

#define INIT_PATH_SIZE 1024
#define INIT_SANS_MAX 5

struct init_options {
	char dir[INIT_PATH_SIZE];      /* menshend.conf, ca.pem, keys/, data/ */
	char gate_dir[INIT_PATH_SIZE]; /* gate.conf, gate.pem, gate.key, ... */
	const char *gate, *unit_code, *unit_name;
	const char *sans[INIT_SANS_MAX + 1];
	const char *server; /* the gateway's address as the gate reaches it; NULL: 127.0.0.1 */
	char gateway[ADDR_TEXT_SIZE], console[ADDR_TEXT_SIZE];
	char enrolment[ADDR_TEXT_SIZE]; /* or "none" */
	const char *console_dir, *heartbeat_s;
	/* The gate runs in its bundle as whoever starts it; else as the package's own user, in the
	 * package's folders, wherever the bundle is taken. */
	bool gate_here;
	enum hash_kind hash;
	enum sign_kind sign;
};

int init_path(char dst[static INIT_PATH_SIZE], const char *fmt, ...) PRINTF_LIKE(2, 3);
/* -EEXIST when the server's folder has keys already. `error`: one sentence. */
int init_make_files(const struct init_options *o, struct cert_info *ret_gate_cert,
		    struct buf *ret_cosign_pub, char *error, size_t size) MUST_CHECK;
/* gate.conf of a bundle, from `gate`, `gate_dir`, `gateway` and `server`. */
int init_put_gate_conf(const struct init_options *o) MUST_CHECK;
