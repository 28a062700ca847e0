/*
 * Modes of single ports of a switch, as a text that travels with it: a line a port, the mode's
 * first letter and the port's name ("eGigabitEthernet1/0/1"). Pure.
 */
#pragma once

#include "policy/verdict.h"

#define PORT_MODE_TEXT_MOST 1023 /* bytes of one switch: some 40 ports */

/* True: this port has a mode of its own. */
bool port_mode_find(const char *text, const char *port, enum mode *ret);
