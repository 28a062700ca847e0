/*
 * Where a verdict puts somebody at one switch: pure, from the switch's row and its vendor's file.
 *
 *	admit    normal VLAN and ACL; a phone into the voice VLAN, a visitor into the visitors',
 *	         an XPE terminal into the restricted one
 *	isolate  in place by the isolation ACL, else in place by downloaded rules, else by VLAN
 */
#pragma once

#include "gate/facts/snapshot.h"
#include "policy/verdict.h"
#include "vendor/say.h"

/*
 * Switches whose vendor has no file, so that they are told all in the RFCs' words: how many, and
 * the first one (NULL when none).
 */
size_t place_count_unknown(const struct vendors *v, const struct snapshot *s,
			   const struct snap_switch **ret_first);
/* It can hold somebody apart; otherwise isolation becomes refusal. */
bool place_can_isolate(const struct vendor *v, const struct snap_switch *at);
/* For a verdict that lets in. The texts are the row's, and `xpe_vlan` ("none": as others). */
struct vendor_place place_of(const struct vendor *v, const struct snap_switch *at,
			     enum verdict verdict, enum terminal_kind kind, const char *xpe_vlan);
/*
 * A CoA-Request can move a session from one place to another: it only replaces, so whatever the
 * session was given must be given anew.
 */
bool place_can_change(const struct vendor_place *from, const struct vendor_place *to);
