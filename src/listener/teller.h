/*
 * What was found, on its way to the gate beside: one JSON object a packet over a Unix socket
 * (SOCK_SEQPACKET), numbered. The gate answers {"through": N} once what was numbered up to N is
 * durable; until then it is kept, and sent again over a new connection. At most TELLER_MAX wait;
 * then the oldest goes and is counted. One thread.
 */
#pragma once

#include <jansson.h>

#include "base/loop.h"

#define TELLER_MAX 2048
#define TELLER_MESSAGE_SIZE 2048

struct teller;

/* `path` is borrowed; "none": everything is thrown away. */
int teller_new(struct loop *l, const char *path, struct teller **ret) MUST_CHECK;
void teller_free(struct teller *t);
/* Takes the object over and puts its number, "n", into it. */
void teller_tell(struct teller *t, json_t *message);
/* What the gate says beside its answers. `message` is borrowed for the call. */
typedef void teller_told_fn(void *arg, const json_t *message);
void teller_hear(struct teller *t, teller_told_fn *fn, void *arg);
bool teller_is_connected(const struct teller *t);
size_t teller_waiting(const struct teller *t);
uint64_t teller_lost(const struct teller *t);
