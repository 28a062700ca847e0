/*
 * Asking one switch over SNMP v2c or v3 (net-snmp; RFC 3416, RFC 3414), in a process that does
 * nothing else: every call blocks, at most 2 s for each packet.
 */
#pragma once

#include "survey/target.h"

/* Also the process's exit status. */
enum asked {
	ASKED_DONE,
	ASKED_SILENT,	 /* unreachable, or (v2c, where nobody says so) a wrong community */
	ASKED_REFUSED,	 /* it does not take the user or the password, or forbids the object */
	ASKED_BROKE_OFF, /* it began to answer and stopped, or took too long */
	ASKED_NO_PORT,	 /* no port of that name has that number any more */
	ASKED_FAILED,	 /* it answers what is no answer, or we could not ask */
	ASKED_UPLINK,	 /* never bounced */
	ASKED_UNKNOWN,	 /* no such switch here, or it was never surveyed */
	ASKED_COUNT
};

/* What to say of it, in a few words. */
const char *asked_text(enum asked a);
/* "ok", "silent": what travels to head office. */
const char *asked_code(enum asked a);

/* Once, before anything else of this header. */
void ask_init(void);
/* Every column, cell by cell, into `fd` (survey/column.h). */
enum asked ask_tables(const struct target *t, int fd);
/*
 * IF-MIB's ifAdminStatus of port `index` to down and, after `hold_ms`, up again, if its ifName or
 * ifDescr is still `name`. "Up" is tried for half a minute: no port stays down for a lost packet.
 */
enum asked ask_bounce(const struct target *t, uint32_t index, const char *name, unsigned hold_ms);
