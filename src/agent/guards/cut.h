/*
 * Cutting a desk off from everything but the bank, and joining it again. The platform's folder
 * does it (src/agent/linux/cut.c); guards say when.
 */
#pragma once

#include "base/addr.h"
#include "policy/egress.h"

#define CUT_SERVERS_MAX 8

struct cut_plan {
	const struct egress_rules *rules; /* the bank's addresses */
	const struct links *links;
	uint32_t bank;	 /* the links that stay open, to those addresses: 1 << place in `links` */
	uint32_t second; /* the links that must not carry anything */
	const struct addr *servers; /* head office, at most CUT_SERVERS_MAX */
	size_t server_count;
};

enum cut_means {
	CUT_BY_FIREWALL,  /* one transaction: all but the plan is dropped */
	CUT_BY_LINK_DOWN, /* without a firewall that takes it, the second links alone go down */
};

const char *cut_means_name(enum cut_means m); /* "firewall" */
/* In place of a cut that stands; `ret_means` is what did it. -errno: nothing did. */
int cut_apply(const struct cut_plan *p, enum cut_means *ret_means) MUST_CHECK;
/* Nothing to undo is fine. A link that was taken down stays down: a person takes it up again. */
int cut_undo(void) MUST_CHECK;
/* A descriptor that becomes readable when somebody changes the firewall, ourselves included;
 * -errno. */
int cut_watch(void) MUST_CHECK;
void cut_drain(int fd);
