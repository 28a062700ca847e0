/*
 * A line to one peer, on which it is told of this gate's sessions. It is tried again for ever; a
 * peer that does not answer for a while is let go and told again from where it was.
 */
#pragma once

#include "gate/peer/peer.h"

struct teller;

int teller_new(struct peer *p, const uint8_t epoch[static 16], struct teller **ret) MUST_CHECK;
void teller_free(struct teller *t);
/* Connects anew, with the certificate that the disk has now. */
int teller_start(struct teller *t) MUST_CHECK;
/* A session changed. */
void teller_wake(struct teller *t);
/* The peer has all that is here. */
bool teller_has_told(const struct teller *t);
