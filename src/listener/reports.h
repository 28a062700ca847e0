/*
 * Findings, one for each (kind, MAC, IP), however often they happen: the first time is told at
 * once, what comes after in one sum per period. At most `per_minute` are told in a minute, the
 * others wait; the one that was silent longest goes when the memory is full. One thread.
 */
#pragma once

#include "base/mac.h"
#include "listener/ip.h"
#include "listener/rules.h"

#define REPORTS_MAX 4096

struct report {
	struct {
		enum finding finding;
		struct mac mac;
		struct ip ip; /* zero: the finding is of the MAC alone */
	} key;
	uint16_t vlan;
	uint64_t count, told_count;
	int64_t first_ms, last_ms, told_ms; /* told_ms 0: never */
	char detail[DETAIL_SIZE];	    /* of the newest */
	struct report *newer, *older;
};

struct reports;

typedef void report_tell_fn(void *arg, const struct report *r);

int reports_new(int64_t period_ms, unsigned per_minute, struct reports **ret) MUST_CHECK;
void reports_free(struct reports *r);
/* Keeps it. -ENOMEM. */
int reports_add(struct reports *r, enum finding f, const struct scene *s,
		const char *detail) MUST_CHECK;
/* Hands out what is due, the one that happened last first, and forgets what is two periods old. */
void reports_tell(struct reports *r, int64_t now_ms, report_tell_fn *fn, void *arg);
size_t reports_count(const struct reports *r);
const struct report *reports_newest(const struct reports *r); /* then by `older` */

static inline void reports_free_cleanup(struct reports **r)
{
	reports_free(*r);
}
#define CLEANUP_REPORTS CLEANUP(reports_free_cleanup)
