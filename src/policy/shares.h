/*
 * Clause D23, judged: which of a desk's shares must not stay open. Pure.
 *
 * The policy's object, beside "mode":
 *
 *	{"close": "guest|everyone|all",
 *	 "except": [{"share": "audit", "until": "2026-12-31T16:00:00Z"}]}
 *
 * 1. "guest" (when missing) closes what needs no password, "everyone" also what any account or any
 *    host gets at, "all" every share. A share of another machine that is mounted here is listed
 *only.
 * 2. An exception names a share by its name or its path; from "until" on it is none.
 */
#pragma once

#include <jansson.h>

#include "base/util.h"

enum share_kind {
	SHARE_SMB,  /* of Samba's own configuration */
	SHARE_USER, /* usershare: somebody shared a folder from his desktop */
	SHARE_NFS,
	SHARE_WEB,     /* a program that serves a folder over HTTP or FTP */
	SHARE_MOUNTED, /* another machine's, seen from here: sshfs, cifs, nfs */
	SHARE_KINDS
};

const char *share_kind_name(enum share_kind k); /* "nfs" */

#define SHARES_MAX 64
#define SHARE_NAME_SIZE 80
#define SHARE_PATH_SIZE 256
#define SHARE_PEERS_MAX 8
#define SHARE_PEER_SIZE 46
#define SHARE_FILES_MAX 4

struct share {
	enum share_kind kind;
	char name[SHARE_NAME_SIZE];
	char path[SHARE_PATH_SIZE];
	bool guest;    /* nobody asks for a password */
	bool everyone; /* any account, or any host */
	bool writable;
	uint16_t port; /* of a web share; 0: the kind's own */
	/* Who is connected to its service now, and what he has open, as far as can be seen. */
	char peers[SHARE_PEERS_MAX][SHARE_PEER_SIZE];
	size_t peer_count;
	char files[SHARE_FILES_MAX][SHARE_PATH_SIZE];
	size_t file_count;
};

struct shares {
	struct share list[SHARES_MAX];
	size_t count;
	bool more; /* than are listed */
};

#define SHARE_EXCEPTIONS_MAX 64

struct share_rules {
	enum { SHARES_CLOSE_GUEST, SHARES_CLOSE_EVERYONE, SHARES_CLOSE_ALL } close;
	struct {
		char share[SHARE_PATH_SIZE];
		int64_t until_ms;
	} except[SHARE_EXCEPTIONS_MAX];
	size_t except_count;
};

/* -EINVAL with the place of the first wrong word: "except[2].until". */
#define SHARES_WHERE_SIZE 48
int share_rules_parse(const json_t *settings, struct share_rules *ret,
		      char where[static SHARES_WHERE_SIZE]) MUST_CHECK;
bool share_must_close(const struct share_rules *r, const struct share *s, int64_t now_ms);
