/*
 * The address plan (D22): which MAC an address is bound to. A text file, a line is IP,MAC with
 * anything behind; lines that begin with # or with no address (a heading) are skipped and counted.
 */
#pragma once

#include "base/mac.h"
#include "listener/ip.h"

#define PLAN_MAX 100000

struct plan;

int plan_load(const char *path, struct plan **ret, size_t *ret_skipped) MUST_CHECK;
int plan_parse(const char *text, size_t len, struct plan **ret, size_t *ret_skipped) MUST_CHECK;
void plan_free(struct plan *p);
size_t plan_count(const struct plan *p);
/* The MAC that the address is bound to, NULL when the plan does not have it. */
const struct mac *plan_mac_of(const struct plan *p, const struct ip *ip);
/* An IPv4 address of this MAC, NULL when the plan has none. */
const struct ip *plan_ip_of(const struct plan *p, const struct mac *mac);
/* The pair stands in the plan. */
bool plan_has(const struct plan *p, const struct ip *ip, const struct mac *mac);

static inline void plan_free_cleanup(struct plan **p)
{
	plan_free(*p);
}
#define CLEANUP_PLAN CLEANUP(plan_free_cleanup)
