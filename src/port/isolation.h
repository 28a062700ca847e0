/*
 * Who may send what through the ports, in nftables (libnftables, family bridge): one table,
 * `menshen_port`, with the admitted and the confined as pairs of port and MAC.
 *
 * It is the second lock: a frame from a port passes only from a MAC that is admitted on that port,
 * whatever the bridge thinks. And it is isolation in place: a confined MAC reaches DHCP, the named
 * resolvers, the enrolment page and the agent gateway, and only these reach it.
 *
 * The table outlives the program, empty: a dead warden opens nothing. One thread. Errors are
 * -errno, with nft's own words in the log.
 */
#pragma once

#include "base/buf.h"
#include "base/mac.h"
#include "port/settings.h"

struct isolation;

/* Replaces the table by a fresh one in which nobody is admitted, in one transaction. */
int isolation_new(const struct settings *settings, struct isolation **ret) MUST_CHECK;
void isolation_free(struct isolation *i);

int isolation_admit(struct isolation *i, const char *port, const struct mac *mac) MUST_CHECK;
int isolation_confine(struct isolation *i, const char *port, const struct mac *mac) MUST_CHECK;
/* Whatever the MAC was on this port. */
int isolation_revoke(struct isolation *i, const char *port, const struct mac *mac) MUST_CHECK;

/* The rules as text, for tests and for people. */
void isolation_print(const struct settings *settings, struct buf *out);
