/* How much one address may ask of the gateway: connections open at once, enrolment tries a minute.
 * Any thread. Memory is bounded: addresses without open connections are forgotten after a minute.
 */
#pragma once

#include "base/addr.h"

struct limits;

struct limits_options {
	size_t connections_max, per_address_max, enrol_per_minute;
};

int limits_new(const struct limits_options *options, struct limits **ret) MUST_CHECK;
void limits_free(struct limits *l);
/* -EUSERS: too many in all; -EDQUOT: too many of this address. Else limits_close() later. */
int limits_open(struct limits *l, const struct addr *from, int64_t now_ms) MUST_CHECK;
void limits_close(struct limits *l, const struct addr *from);
/* -EDQUOT: this address has tried often enough for this minute. */
int limits_try_enrol(struct limits *l, const struct addr *from, int64_t now_ms) MUST_CHECK;
size_t limits_count(struct limits *l); /* open in all */
