/*
 * What must reach the disk: the sessions' log, the record spool and what waits for an old server
 * (eap/old_queue.h), synced together (group commit).
 *
 * An answer that waits (Accounting-Response, invariant 1) takes a ticket; once everything written
 * before it is on disk its turn comes. Access answers take none. A disk that refuses leaves the
 * waiting ones without an answer, so that the switch asks again.
 */
#pragma once

#include "gate/gate.h"

struct ledger;

/* Called once, with 0 when all before the ticket is durable. */
typedef void ledger_done_fn(void *arg, int error);

/* Restores the sessions. Logs what was cut. */
int ledger_new(struct gate *g, struct ledger **ret) MUST_CHECK;
void ledger_free(struct ledger *l);
/*
 * A further file of the same sync, one in all: `fn` is called while nothing is being synced and
 * writes what was gathered; `ret_fd` is to be synced, -1: nothing. An error leaves whoever waits
 * without an answer. It is called a last time by ledger_free().
 */
typedef int ledger_write_fn(void *arg, int *ret_fd);
void ledger_join(struct ledger *l, ledger_write_fn *fn, void *arg);
/* That file has gathered what nobody waits for. */
void ledger_soon(struct ledger *l);
/* Fills in the number and keeps it; a record that cannot be kept is counted and said. */
void ledger_record(struct ledger *l, menshen_Record *record);
/* Queues `fn`; -ENOMEM. */
int ledger_wait(struct ledger *l, ledger_done_fn *fn, void *arg) MUST_CHECK;
/* Head office has the records up to there. */
void ledger_acknowledge(struct ledger *l, uint64_t through_seq);
struct spool *ledger_spool(const struct ledger *l);
/* The newest moment that the restored sessions know of, 0 when there are none. */
int64_t ledger_newest_ms(const struct ledger *l);
/* Why the disk refused last, 0 when it took everything. */
int ledger_error(const struct ledger *l);
