/*
 * The line to the gate beside this process (gate/beside/surveyor.h has the other end): JSON
 * objects, one a packet, over the gate's survey.sock.
 *
 * From the gate: {"type":"begin"}, {"type":"switch", "id", "name", "address", "snmp"} for each
 * switch, {"type":"end"}: these and no others; {"type":"bounce", "n", "switch", "port"}.
 * {"type":"office", "there"}: head office can be heard, or not; {"type":"taken", "switch", "at",
 * "again"}: it took what was told of a switch.
 * To the gate: {"type":"bounced", "n", "ok", "said"}; {"type":"neighbour", "switch", "port", "mac",
 * "name"} for each unknown neighbour after each survey of a switch; for head office, what
 * survey/bulletin.h has, as survey/messenger.h tells it.
 *
 * What is known is kept while the gate is away; it is looked for every 2 s.
 */
#pragma once

#include "survey/survey.h"

struct gate_line;

int gate_line_new(struct loop *l, const struct settings *settings,
		  struct gate_line **ret) MUST_CHECK;
void gate_line_free(struct gate_line *g);
struct survey *gate_line_survey(struct gate_line *g);
bool gate_line_is_connected(const struct gate_line *g);
