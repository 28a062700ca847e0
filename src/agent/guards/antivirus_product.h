/*
 * The antivirus products that the antivirus guard knows, as data: a product more is a row more in
 * antivirus_product.c. Paths are absolute on the terminal; arrays end with NULL.
 */
#pragma once

#include "base/util.h"

struct antivirus_product {
	const char *id; /* as the policy names it: "clamav" */
	const char *name;
	const char *programs[4];    /* installed, when one of these files or folders is there */
	const char *processes[4];   /* running, when one runs (15 characters at most) */
	const char *sockets[4];	    /* or when one of these accepts a connection */
	const char *definitions[5]; /* glob patterns of the virus definitions */
};

extern const struct antivirus_product antivirus_products[];
extern const size_t antivirus_product_count;

enum antivirus_state {
	ANTIVIRUS_MISSING,
	ANTIVIRUS_STOPPED,
	ANTIVIRUS_WITHOUT_DEFINITIONS,
	ANTIVIRUS_OUTDATED,
	ANTIVIRUS_GOOD
};

/* Judges one product below `root`; `ret_made_ms` is the time of its newest definitions, 0 none. */
int antivirus_look(const struct antivirus_product *p, const char *root, int64_t now_ms,
		   int64_t max_age_ms, enum antivirus_state *ret, int64_t *ret_made_ms) MUST_CHECK;
/*
 * The time in a ClamAV database's own header ("ClamAV-VDB:16 Sep 2021 08-32 -0400:..."), which
 * copying does not change as it changes the file's. -EBADMSG for anything else.
 */
int antivirus_clamav_time(const char *header, size_t len, int64_t *ret_ms) MUST_CHECK;
