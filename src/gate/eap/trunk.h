/*
 * The gate's sockets to one worker of the engine. A question holds a slot, which is a socket and a
 * RADIUS id, until it is answered or given up. Questions are finished and leave together with the
 * next flush; answers are read as they come, or, while the trunk is quiet, when trunk_poll() asks
 * for them, and those that came together are proven together. What does not prove itself as an
 * answer to the question in its slot is dropped.
 *
 * At most TRUNK_WINDOW questions are with the worker, the others wait here: its socket holds some
 * two hundred datagrams, and what it lost is asked again only after seconds. Measured with a
 * thousand conversations at once: 800 authentications a second instead of 500, and the slowest
 * hundredth took 2 s instead of 7.
 *
 * Datagrams, and not TCP (RFC 6613): the worker writes each answer by itself, so that TCP cost the
 * gate a sixth more, and the worker a twelfth.
 */
#pragma once

#include "base/loop.h"
#include "radius/client.h"

#define TRUNK_SOCKETS 4
#define TRUNK_IDS 256
#define TRUNK_SLOTS (TRUNK_SOCKETS * TRUNK_IDS)
#define TRUNK_WINDOW 128

struct trunk;

/* The worker's answer, proven, for the slot of `owner`; the callee may leave the slot. */
typedef void trunk_answer_fn(void *arg, void *owner, const struct radius_packet *answer);
/* Answers were handed out, except by trunk_poll(). */
typedef void trunk_done_fn(void *arg);

int trunk_new(struct loop *loop, trunk_answer_fn *answer, trunk_done_fn *done, void *arg,
	      struct trunk **ret) MUST_CHECK;
void trunk_free(struct trunk *t);
/* To this port of loopback, under this secret, which must stay until the trunk is closed. */
int trunk_open(struct trunk *t, uint16_t port, const struct radius_secret *secret) MUST_CHECK;
/* All slots must have been left. */
void trunk_close(struct trunk *t);

/* A slot, from 0 on, on as few sockets as do; -EBUSY when all are held. */
int trunk_take_slot(struct trunk *t, void *owner) MUST_CHECK;
void trunk_leave_slot(struct trunk *t, int slot);
uint8_t trunk_id(int slot); /* the RADIUS id that a question in this slot carries */
size_t trunk_waiting(const struct trunk *t);

/*
 * `out`, built and not finished yet, must stay until the slot is left; may be asked again, which
 * the window does not delay, and is then the same bytes again.
 */
void trunk_ask(struct trunk *t, int slot, struct radius_out *out);
void trunk_flush(struct trunk *t);
/* A quiet trunk reads nothing by itself, until it is asked to. */
void trunk_set_quiet(struct trunk *t, bool quiet);
void trunk_poll(struct trunk *t);
