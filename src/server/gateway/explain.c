/*
 * A question to a gate for a person at the console: the asker's thread waits, the answer comes on
 * the worker's. A gate answers from memory, so a wait is short; one whose line just died costs the
 * whole of it.
 */
#include <assert.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "server/gateway/gate_link.h"

#define WAIT_MS 3000
#define ASKED_AT_ONCE 16

/* On its asker's stack, in the gateway's list while it waits. */
struct explaining {
	struct explaining *next;
	uint64_t number, conn;
	bool answered;
	pthread_cond_t done;
	menshen_ExplainAnswer answer;
};

static int make_ask(const struct gateway_ask *ask, menshen_ExplainAsk *ret)
{
	*ret = (menshen_ExplainAsk){0};
	memcpy(ret->mac, ask->mac.b, sizeof(ask->mac.b));
	if (text_copy(ret->account, sizeof(ret->account), ask->account) ||
	    text_copy(ret->at, sizeof(ret->at), ask->at) ||
	    text_copy(ret->port, sizeof(ret->port), ask->port))
		return -EINVAL;
	return 0;
}

/* ---- the list, under the gateway's lock ---- */

static int join(struct gateway *g, struct explaining *e)
{
	size_t waiting = 0;

	for (const struct explaining *o = g->explaining; o; o = o->next)
		waiting++;
	if (waiting >= ASKED_AT_ONCE)
		return -EBUSY;
	e->number = ++g->last_ask;
	e->next = g->explaining;
	g->explaining = e;
	return 0;
}

static void leave(struct gateway *g, struct explaining *e)
{
	struct explaining **at = &g->explaining;

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
}

static int wait_for_answer(struct gateway *g, struct explaining *e)
{
	struct timespec until;
	int64_t end = clock_mono_ms() + WAIT_MS;
	int err = 0;

	until = (struct timespec){end / SECOND_MS, (end % SECOND_MS) * 1000000};
	while (!e->answered && !err)
		err = pthread_cond_timedwait(&e->done, &g->lock, &until);
	return e->answered ? 0 : -ETIMEDOUT;
}

/* ---- asking ---- */

static void tell(const menshen_ExplainAnswer *m, struct gateway_explained *ret)
{
	*ret = (struct gateway_explained){.method = m->method,
					  .mode = m->mode,
					  .verdict = m->verdict,
					  .would_be = m->would_be,
					  .standing = m->standing};
	static_assert(sizeof(ret->at) == sizeof(m->at) && sizeof(ret->port) == sizeof(m->port) &&
			      sizeof(ret->account) == sizeof(m->account) &&
			      sizeof(ret->reason) == sizeof(m->reason) &&
			      sizeof(ret->would_be_reason) == sizeof(m->would_be_reason) &&
			      sizeof(ret->trouble) == sizeof(m->trouble),
		      "texts of the wire fit");
	memcpy(ret->at, m->at, sizeof(ret->at));
	memcpy(ret->port, m->port, sizeof(ret->port));
	memcpy(ret->account, m->account, sizeof(ret->account));
	memcpy(ret->reason, m->reason, sizeof(ret->reason));
	memcpy(ret->would_be_reason, m->would_be_reason, sizeof(ret->would_be_reason));
	memcpy(ret->trouble, m->trouble, sizeof(ret->trouble));
}

static int init_condition(pthread_cond_t *cond)
{
	pthread_condattr_t monotonic;
	int err = pthread_condattr_init(&monotonic);

	if (err)
		return -err;
	err = pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	if (!err)
		err = pthread_cond_init(cond, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return -err;
}

int gateway_explain(struct gateway *g, const char *gate, const struct gateway_ask *ask,
		    struct gateway_explained *ret)
{
	struct message m = {.kind = MESSAGE_EXPLAIN};
	struct explaining e = {0};
	struct gate_line line;
	int err = make_ask(ask, &m.ask);

	if (!err)
		err = gates_line(g, gate, &line);
	if (!err && !line.explains)
		err = -EOPNOTSUPP;
	if (!err)
		err = init_condition(&e.done);
	if (err)
		return err;
	e.conn = m.conn = line.conn;
	pthread_mutex_lock(&g->lock);
	err = join(g, &e);
	m.ask.number = e.number;
	if (!err) {
		worker_post(line.worker, &m);
		err = wait_for_answer(g, &e);
		leave(g, &e);
	}
	pthread_mutex_unlock(&g->lock);
	pthread_cond_destroy(&e.done);
	if (!err)
		tell(&e.answer, ret);
	return err;
}

/* An answer counts from the line that was asked alone. */
int explain_answered(struct conn *c, const struct frame *f)
{
	struct gateway *g = c->worker->gateway;
	menshen_ExplainAnswer answer;
	int err = FRAME_DECODE(f, &answer);

	if (err)
		return err;
	pthread_mutex_lock(&g->lock);
	for (struct explaining *e = g->explaining; e; e = e->next)
		if (e->number == answer.number && e->conn == c->number && !e->answered) {
			e->answer = answer;
			e->answered = true;
			pthread_cond_signal(&e->done);
		}
	pthread_mutex_unlock(&g->lock);
	return 0;
}
