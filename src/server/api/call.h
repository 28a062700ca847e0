/*
 * One call of the API, from its first byte to its answer; lives on its connection's thread. What a
 * handler needs is here: who calls, what was brought, a reader, the way into the engine, the
 * answer.
 */
#pragma once

#include <microhttpd.h>

#include "server/api/route.h"
#include "server/api/server.h"
#include "server/engine/account_login.h"

struct call {
	struct api *api;
	struct MHD_Connection *connection;
	int64_t now_ms;
	char source[LOGIN_SOURCE_SIZE];
	struct route_match match;
	struct refused refused;
	/* who; only after the route's demands were met */
	bool logged_in;
	uint8_t token_hash[HASH_SIZE];
	char csrf[2 * 16 + 1];
	struct login login;
	struct account account;
	enum login_stage stage;
	/* what was brought */
	int early;	 /* what begin said: then the body is let through, not kept */
	size_t body_len; /* bytes so far */
	struct buf body_bytes;
	json_t *body;  /* checked against route->fields */
	json_t *query; /* object; checked against route->query */
	json_t *path;  /* array; checked */
	/* the answer */
	unsigned status;
	json_t *answer;		       /* owned; NULL with 204 */
	struct MHD_Response *response; /* instead of `answer`, owned until it is queued */
	char set_cookie[256];	       /* "" none */
	char set_device[320];	       /* the same (known.h) */
	struct store_db *db;	       /* while taken */
};

struct call *call_new(struct api *api, struct MHD_Connection *connection);
void call_free(struct call *c);

/* A reader of the store, kept until the call ends or call_drop_reader(). -EAGAIN: all are busy. */
int call_reader(struct call *c, struct store_db **ret) MUST_CHECK;
/* Before something slow, so that few readers serve many calls. */
void call_drop_reader(struct call *c);

/* Values that were brought; absent ones give the fallback. */
int64_t call_path_id(const struct call *c, size_t n);
const char *call_path_text(const struct call *c, size_t n);
const char *call_text(const struct call *c, const char *field); /* NULL when absent */
int64_t call_int(const struct call *c, const char *field, int64_t fallback);
bool call_bool(const struct call *c, const char *field, bool fallback);
/* -EINVAL cannot happen for a checked field of kind VALUE_MAC. */
int call_mac(const struct call *c, const char *field, struct mac *ret) MUST_CHECK;
const char *call_query_text(const struct call *c, const char *name);
int64_t call_query_int(const struct call *c, const char *name, int64_t fallback);

/* Refuses the call; to stand in a return statement. */
int call_refuse(struct call *c, enum refusal what, const char *field);
/* Sets the answer; `answer` is taken over, NULL (no memory) gives -ENOMEM. */
int call_answer(struct call *c, unsigned status, json_t *answer) MUST_CHECK;
/* The first row of a statement as the answer; refused as not found when there is none. */
int call_answer_row(struct call *c, unsigned status, enum store_stmt stmt,
		    const struct store_value *args, size_t count) MUST_CHECK;
/* All rows of a statement, at most `most` of them, as the answer {"rows": [...]}. */
int call_answer_rows(struct call *c, enum store_stmt stmt, const struct store_value *args,
		     size_t count, size_t most) MUST_CHECK;

/* The paths of the caller's grants that count for this route, as a JSON array for json_each().
 * The text lives until the call ends. */
int call_scope(struct call *c, char **ret) MUST_CHECK;
/* Refused unless one of the caller's roles of this route covers the unit; `ret_role` may be NULL.
 */
int call_over(struct call *c, int64_t unit_id, unsigned *ret_role) MUST_CHECK;

/* ---- writing ---- */

/*
 * A deed: what a person does to the state, run inside engine_work.apply() on the engine's thread.
 * The caller's rights were read again there. It may run twice; set what it tells afresh.
 */
struct deed {
	struct engine_work work;
	struct call *call;
	int (*act)(struct deed *d);
	struct store *store;
	int64_t now_ms;
	struct account account; /* the caller, as of this transaction */
	struct entry_actor actor;
	struct refused refused;
	const void *arg; /* the handler's own */
	bool unchecked;
	/* what it tells its handler */
	int64_t id;
	bool proposed; /* `id` is a proposal: a second person has to confirm */
	char code[24]; /* shown once */
	int64_t code_expires_at;
};

/* Runs it and waits for the commit. Errors are translated into a refusal of the call. */
int call_do(struct call *c, struct deed *d, int (*act)(struct deed *d), uint32_t topics) MUST_CHECK;
/* As call_do() without reading the caller's rights again: for acts about the call itself. */
int call_do_unchecked(struct call *c, struct deed *d, int (*act)(struct deed *d)) MUST_CHECK;
/* Refused unless one of the route's roles covers the unit; the act is then told under that role. */
int deed_over(struct deed *d, int64_t unit_id) MUST_CHECK;
/* The same for things that belong to no unit: any grant of the route's roles will do. */
int deed_role(struct deed *d) MUST_CHECK;
/* {code, expires_at} of the code that is shown once. */
json_t *deed_code_json(const struct deed *d);
