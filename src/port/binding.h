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
 *
 * Whom the gate gave addresses of the plan may claim these alone, and a link-local one of IPv6 that
 * is nobody else's:
 *
 *	planned*               MACs and the addresses that they have by the plan
 *	enforced, watched      whose other claims are dropped, or pass
 *	astray*                those claims, for binding_read_astray()
 */
#pragma once

#include "base/buf.h"
#include "base/mac.h"
#include "port/answer.h"
#include "port/settings.h"

/*
 * The sets, and the chains `bind` (drops a claim that contradicts, else returns), `note` (learns
 * alone) and `plan` (for who is enforced or watched: drops, or tells), for a table that has a set
 * `confined`.
 */
void binding_print(const struct settings *settings, struct buf *out);
/* The sets that name an owner, as `list set` wants them. */
extern const char *const binding_sets[2];
/* How many addresses each port has claimed lately; a set of their names. */
#define BINDING_BUDGETS "claiming"
/* The sets of claims beside the plan, as `list set` wants them. */
extern const char *const binding_astray_sets[2];
/*
 * Appends what gives (or takes) the plan's addresses to `mac`, whoever claimed them before: given
 * what nft lists of binding_sets[], for other MACs' claims of them.
 */
void binding_print_plan(struct buf *out, const char *table, const char *const listings[2],
			const struct mac *mac, const struct answer_plan *plan);
void binding_print_unplan(struct buf *out, const char *table, const struct mac *mac,
			  const struct answer_plan *plan);
/*
 * The next claim beside the plan in what nft lists of binding_astray_sets[which]: moves `at` behind
 * it. False: there is none left.
 */
bool binding_read_astray(const char **at, size_t which, struct mac *ret_mac, struct addr *ret_addr);
/*
 * Appends what takes away every address of `mac` from binding_sets[which], given what nft lists of
 * it. `table` is as in "bridge menshen_port".
 */
void binding_print_release(struct buf *out, const char *table, size_t which, const char *listing,
			   const struct mac *mac);
