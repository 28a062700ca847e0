/*
 * The gates that this box asks: requests over UDP with retransmission, failover and the knowledge
 * which of them is alive (RFC 5080 section 2.2.1; Status-Server of RFC 5997).
 *
 *	req = gates_begin(g, GATES_AUTH, RADIUS_ACCESS_REQUEST);
 *	radius_put_text(&req->out, RADIUS_USER_NAME, "...");
 *	gates_send(req, GATES_ANY, done, arg);
 *
 * A retransmission is the same bytes to the same gate under the same id. A request that continues a
 * conversation (State) stays with the gate that began it; a fresh one goes to the first living gate
 * and then to the next. A gate that let a request run out is silent until it answers anything; it
 *is asked every `probe_s`. Belongs to the loop's thread.
 */
#pragma once

#include "base/loop.h"
#include "port/settings.h"
#include "radius/client.h"

#define GATES_ANY SIZE_MAX

enum gates_kind { GATES_AUTH, GATES_ACCT, GATES_KINDS };

struct gates;

/*
 * Called once per request, unless it was cancelled. `err` 0: `answer` is proven and lives until the
 * call returns, `gate` gave it. -ETIMEDOUT: nobody answered. The request is freed afterwards.
 */
typedef void gates_done_fn(void *arg, int err, const struct radius_packet *answer, size_t gate);

struct gates_request {
	struct radius_out out; /* the caller adds attributes */
	/* private to gates.c */
	struct gates *gates;
	enum gates_kind kind;
	size_t gate, gates_left, tries_left;
	struct loop_timer *timer;
	gates_done_fn *done;
	void *arg;
	bool sticky;
};

/* `on_back` is told when after a time of general silence a gate answers again. */
int gates_new(struct loop *loop, const struct settings *settings, void (*on_back)(void *arg),
	      void *arg, struct gates **ret) MUST_CHECK;
/* Frees what is under way without calling anybody. */
void gates_free(struct gates *g);

/* NULL: 256 requests of this kind are under way, or no memory is left. */
struct gates_request *gates_begin(struct gates *g, enum gates_kind kind, uint8_t code);
/* Takes the request over. On failure it is freed and `done` is never called. */
int gates_send(struct gates_request *req, size_t gate, gates_done_fn *done, void *arg) MUST_CHECK;
void gates_cancel(struct gates_request *req); /* NULL is fine */

/* At least one gate is not known to be silent. */
bool gates_alive(const struct gates *g);
bool gates_one_alive(const struct gates *g, size_t gate);
