/*
 * The gate's own certificate: that of its bundle, and later the ones that it renews by itself over
 * its line at two thirds of the life (crypto/cert_pair.h, in the state folder). The newer of both
 * counts. Whoever let it expire may only renew. A gate decides on without any of it: this is about
 * head office being heard.
 */
#pragma once

#include "crypto/cert_pair.h"
#include "gate/gate.h"
#include "wire/line.h"

struct renewal;

/* The pair in force, as the disk has it; the caller's to be done with. */
int renewal_load_pair(const struct settings *s, struct cert_pair *ret) MUST_CHECK;

/* `line` is borrowed. */
int renewal_new(struct gate *g, struct line *line, struct renewal **ret) MUST_CHECK;
void renewal_free(struct renewal *r);
/* The pair in force, read anew; borrowed until the next call. */
int renewal_pair(struct renewal *r, const struct cert_pair **ret) MUST_CHECK;
/* Expired: the connection's first frame has to be the request. */
bool renewal_is_overdue(const struct renewal *r);
void renewal_ask(struct renewal *r);
/* Head office greeted us: asks when it is due, now or later. */
void renewal_welcomed(struct renewal *r);
void renewal_line_down(struct renewal *r);
/* 1: a new pair is on disk, connect with it; 0: refused, tried again; negative: the answer is none.
 */
int renewal_take(struct renewal *r, const struct frame *f) MUST_CHECK;
