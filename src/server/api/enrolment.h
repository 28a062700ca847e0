/*
 * The page that an isolated computer sees: a listener of its own beside the console's, so that
 * whoever sits in isolation neither reaches a log-in nor uses up an administrator's connections.
 * No call, no account, no cookie: GET and HEAD of files alone, in one thread, a few connections in
 * all and from one address, each for ten seconds at most without a byte.
 */
#pragma once

#include "base/addr.h"

struct enrolment;

struct enrolment_options {
	struct addr listen;
	const char *cert_pem, *key_pem; /* borrowed for the call */
	/* A bank's own page (index.html) and what it offers, such as the agent; copied. NULL, or a
	 * folder without index.html: the page that is built in. */
	const char *dir;
	unsigned connections;		  /* 0: 64 */
	unsigned connections_per_address; /* 0: 4 */
};

/* -EADDRINUSE and the like; -EBADMSG: certificate or key is wrong. */
int enrolment_start(const struct enrolment_options *options, struct enrolment **ret) MUST_CHECK;
void enrolment_stop(struct enrolment *e); /* NULL is fine */
/* The port that is listened on (for `listen` with port 0). */
uint16_t enrolment_port(const struct enrolment *e);
