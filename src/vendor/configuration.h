/*
 * A switch's own configuration, from the text behind [configuration] in its vendor's file. A word
 * in braces stands for a value; a line with a word that has none is left out; {{ is a brace. A line
 * with {?word} stands only where the word has a value, one with {!word} only where it has none.
 */
#pragma once

#include "base/buf.h"

#define CONFIGURATION_LINE_MAX 254

/* The values; NULL or "" for none. */
struct configuration {
	const char *name;    /* of the switch */
	const char *address; /* of the switch */
	const char *gate, *gate2;
	const char *secret;
	const char *coa_port;
	const char *vlan, *isolation_vlan, *critical_vlan, *voice_vlan;
	const char *isolation_acl;
	const char *ports;     /* which ports it is for, in the switch's words */
	const char *community; /* of SNMP */
	const char *reach;
};

/* -EINVAL: `ret_line` says which line, from 1. */
int configuration_check(const char *text, size_t len, unsigned *ret_line) MUST_CHECK;
/* `text` was checked. */
void configuration_write(const char *text, const struct configuration *c, struct buf *to);
