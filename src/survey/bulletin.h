/*
 * What head office is told of a switch, as packets for the gate (survey/gate_line.h), one a line:
 *
 *	{"type":"seen", "switch", "at", "said", "whole", "whole_at", and of a whole one "name",
 *"description", "model", "serial", "mac", "chassis", "cut"}
 *	{"type":"port", "port", "long", "alias", "enabled", "linked", "uplink", "speed", "macs"}
 *	{"type":"macs", "port", "macs":["aa:bb:cc:dd:ee:ff", VLAN, ...]}	at most 16
 *	{"type":"link", "port", "mac", "name", "far", "can"}
 *	{"type":"told", "switch"}
 *
 * Ports are those a cable can be at. MACs are those of access ports: who stands behind an uplink
 * stands at another switch. Pure.
 */
#pragma once

#include "base/buf.h"
#include "survey/survey.h"

#define BULLETIN_PORTS 1024 /* of one switch; more are left out, and it is cut */
#define BULLETIN_MACS 16    /* in one packet */

/*
 * All that is known when the switch answered; only that it did not, otherwise. With 0 for the time
 * it is the same text as long as nothing changed. Errors stick.
 */
void bulletin_write(const struct seat *seat, uint32_t uplink_macs, int64_t at_ms, struct buf *to);
/* That nothing changed: it was asked, and said the same. */
void bulletin_write_same(const struct seat *seat, struct buf *to);
