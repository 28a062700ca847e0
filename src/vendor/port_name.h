/*
 * One name for one port. A switch says in RADIUS where somebody knocks (NAS-Port-Id of RFC 2869
 * section 5.17, NAS-Port of RFC 2865 section 5.5) in its vendor's own way; SNMP calls the same port
 * by its ifName (RFC 2863). The vendor's file turns the one into the other:
 *
 *	[port]
 *	name = {interfaceName}
 *	name = GigabitEthernet{slot}/{subslot}/{port}
 *	number = slot 8 subslot 4 port 8 vlanid 12
 *	begin = GE GigabitEthernet
 *
 * `name` is for a word such as "slot=0;subslot=0;port=1;vlanid=10": the first template whose words
 * in braces all stand in it. `number` says which bits of NAS-Port, from the highest, are which word
 * for a template; it is used for a word that is a number. `begin` is for a word that is a name
 * already, spelt differently: one that begins so, with a digit behind, begins with the other.
 *
 * What fits no rule stays as it came. Pure; the word is a stranger's.
 */
#pragma once

#include "base/util.h"

#define VENDOR_PORT_SIZE 64
#define VENDOR_PORT_WORD_MAX 253 /* bytes, of a RADIUS attribute */
#define VENDOR_PORT_NAMES_MAX 4
#define VENDOR_PORT_FIELDS_MAX 8
#define VENDOR_PORT_BEGINS_MAX 16
#define VENDOR_PORT_KEY_SIZE 16

struct vendor_ports {
	size_t name_count, field_count, begin_count;
	char names[VENDOR_PORT_NAMES_MAX][VENDOR_PORT_SIZE];
	struct vendor_port_field {
		char key[VENDOR_PORT_KEY_SIZE];
		unsigned shift, bits;
	} fields[VENDOR_PORT_FIELDS_MAX];
	struct vendor_port_begin {
		char from[32], to[32];
	} begins[VENDOR_PORT_BEGINS_MAX];
};

/* One line of [port]. -EINVAL: `ret_wanted` says what was expected; -ENOENT: no such setting. */
int vendor_ports_set(struct vendor_ports *p, const char *name, const char *value,
		     const char **ret_wanted) MUST_CHECK;
bool vendor_ports_any(const struct vendor_ports *p);

/* The port's name. -EMSGSIZE: no rule fits `word`, and it is too long to stay as it is. */
int vendor_port_name(const struct vendor_ports *p, const char *word,
		     char ret[static VENDOR_PORT_SIZE]) MUST_CHECK;
/*
 * Is `name`, which vendor_port_name() gave, the port that was written down as `stored`, by whomever
 * and whenever?
 */
bool vendor_port_is(const struct vendor_ports *p, const char *stored, const char *name);
