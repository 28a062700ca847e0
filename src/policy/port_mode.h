/*
 * Modes of single ports of a switch, as a text that travels with it: a line a port, the mode's
 * first letter and the port's name ("eGigabitEthernet1/0/1"). Pure.
 */
#pragma once

#include "policy/verdict.h"

#define PORT_MODE_PORT_SIZE 64
#define PORT_MODE_TEXT_MOST 1023 /* bytes of one switch: some 40 ports */

/* Is the port that a line calls `written` this one? */
typedef bool port_mode_is_fn(const void *arg, const char *written, const char *port);

/* True: this port has a mode of its own. `is` NULL: by the very name. */
bool port_mode_find(const char *text, const char *port, port_mode_is_fn *is, const void *arg,
		    enum mode *ret);
