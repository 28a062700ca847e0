/*
 * The RADIUS server that was there before, while it is being replaced ([old]): whoever knocks under
 * a realm that it keeps, and every knock at a switch that is given back to it, is its to answer.
 *
 *	switch ── Access-Request ── gate ── the same, under the old server's secret ── old server
 *
 * 1. Who is on the deny list is never asked about there: the gate refuses as ever, at the question
 *    and, should it come between, at the answer.
 * 2. The old server's silence is silence. A repetition sends the identical bytes.
 * 3. An answer needs a Message-Authenticator; State and Proxy-State go through, session keys are
 *    put under the switch's secret, what else is hidden stays behind.
 * 4. What switches say of its sessions it hears, too (old_accounting.h).
 * 5. A switch is given back until a day, at most 31 ahead; its beginning, its end and each final
 *    answer are on the record. Without a whole snapshot nothing is asked.
 */
#pragma once

#include "gate/front/request.h"

struct gate;
struct old_server;

/* `*ret` is NULL where none is set up. */
int old_server_new(struct gate *g, struct old_server **ret) MUST_CHECK;
void old_server_free(struct old_server *o);
/* Whether the knock is its; false for NULL. */
bool old_server_wants(const struct old_server *o, const struct request *r);
void old_server_take(struct old_server *o, const struct request *r);
/*
 * An Accounting-Request: forwarded where its session, or its switch, is the old server's. NULL is
 * fine. The answer is the caller's; on -ENOMEM there must be none, so that the switch asks again.
 */
int old_server_account(struct old_server *o, const struct request *r, uint32_t status) MUST_CHECK;
/* Accounting that it has not answered; 0 for NULL. */
size_t old_server_waiting(const struct old_server *o);
/* The same packet again; true when it waits there. NULL is fine. */
bool old_server_repeat(struct old_server *o, const struct request *r);
