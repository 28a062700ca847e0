/*
 * Who may send what through the ports, in nftables (libnftables, family bridge): one table,
 * `menshen_port`, with the admitted and the confined as pairs of port and MAC.
 *
 * It is the second lock: a frame from a port passes only from a MAC that is admitted on that port,
 * whatever the bridge thinks. And it is isolation in place: a confined MAC reaches DHCP, the named
 * resolvers, the enrolment page and the agent gateway, and only these reach it. Nothing passes
 * between it and another port, not even ARP; and no address but its own passes for it
 * (port/binding.h).
 *
 * No tagged frame passes from a port, and EAPOL is for the switch alone.
 *
 * Somebody may flush the whole ruleset (a firewall that is loaded again does): the kernel tells,
 * and `on_lost` is called so that the table is made anew.
 *
 * The table outlives the program, empty: a dead warden opens nothing. One thread. Errors are
 * -errno, with nft's own words in the log.
 */
#pragma once

#include "base/buf.h"
#include "base/loop.h"
#include "base/mac.h"
#include "port/answer.h"
#include "port/settings.h"

struct isolation;

/* Makes the table, and calls `on_lost` whenever it was deleted: then isolation_reset(). */
int isolation_new(struct loop *loop, const struct settings *settings, void (*on_lost)(void *arg),
		  void *arg, struct isolation **ret) MUST_CHECK;
/* Replaces the table by a fresh one in which nobody is admitted, in one transaction. */
int isolation_reset(struct isolation *i) MUST_CHECK;
void isolation_free(struct isolation *i);

/* With the addresses that it may use, if the plan has some (port/binding.h). */
int isolation_admit(struct isolation *i, const char *port, const struct mac *mac,
		    const struct answer_plan *plan) MUST_CHECK;
int isolation_confine(struct isolation *i, const char *port, const struct mac *mac,
		      const struct answer_plan *plan) MUST_CHECK;
/* Whatever the MAC was on this port; `plan` is what it was let through with. */
int isolation_revoke(struct isolation *i, const char *port, const struct mac *mac,
		     const struct answer_plan *plan) MUST_CHECK;
/* Tells the addresses beside the plan that were claimed since the last call, each once. */
typedef void isolation_astray_fn(void *arg, const struct mac *mac, const struct addr *address);
int isolation_take_astray(struct isolation *i, isolation_astray_fn *fn, void *arg) MUST_CHECK;

/* The rules as text, for tests and for people. */
void isolation_print(const struct settings *settings, struct buf *out);
