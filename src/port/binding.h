/*
 * Which address belongs to which MAC, learned by nftables itself (libnftables, family bridge) from
 * what is claimed: by ARP (RFC 826), by neighbour discovery (RFC 4861) and by the source of a
 *packet.
 *
 *	network*               the network's own: box, gates, refuges, resolvers, `network`; a port
 *	                       never gets one
 *	owned*, bound*         what bound MACs at the ports have claimed first, and who
 *	far*, far_bound*       the same of everybody else: the uplink, and who is not bound
 *
 * A bound MAC may claim an address that is nobody's or its own, and a few an hour: it cannot speak
 * for another, nor keep a subnet for itself. An address that nobody shows for half an hour (far:
 *ten minutes), or whose owner leaves its port, is free again. A far claim is never stopped.
 *
 * Bound is whoever is isolated in place, and with `bind = yes` whoever is admitted.
 */
#pragma once

#include "base/buf.h"
#include "base/mac.h"
#include "port/settings.h"

/*
 * The sets, and the chains `bind` (drops a claim that contradicts, else returns) and `note` (learns
 * alone), for a table that has a set `confined`.
 */
void binding_print(const struct settings *settings, struct buf *out);
/* The sets that name an owner, as `list set` wants them. */
extern const char *const binding_sets[2];
/* How many addresses each port has claimed lately; a set of their names. */
#define BINDING_BUDGETS "claiming"
/*
 * Appends what takes away every address of `mac` from binding_sets[which], given what nft lists of
 * it. `table` is as in "bridge menshen_port".
 */
void binding_print_release(struct buf *out, const char *table, size_t which, const char *listing,
			   const struct mac *mac);
