#include "policy/system.h"

#include <string.h>

#include "base/text.h"

/* Vendor classes as the systems' own documentation and packets have them. */
static const struct {
	const char *vendor_class; /* its beginning */
	enum system system;
} classes[] = {
	{"MSFT ", SYSTEM_COMPUTER},	{"android-dhcp", SYSTEM_MOBILE},
	{"udhcp", SYSTEM_EMBEDDED},	{"Hewlett-Packard JetDirect", SYSTEM_PRINTER},
	{"HP Printer", SYSTEM_PRINTER}, {"Cisco Systems, Inc. IP Phone", SYSTEM_PHONE},
	{"yealink", SYSTEM_PHONE},
};

/* Clients that name no class, by the beginning of what they ask for. */
static const struct {
	const char *asked;
	enum system system;
} lists[] = {
	{"1,28,2,3,15,6,", SYSTEM_COMPUTER}, /* ISC dhclient on a Linux desktop */
	{"1,121,3,6,15,", SYSTEM_MOBILE},    /* Apple; a Mac is told apart by a longer list */
};

/* What a Mac asks for beside a telephone of the same maker: its directory and NetBIOS servers. */
#define MAC_ASKS ",44,46"

/* A kind of terminal, and the systems that it may run. */
static const struct {
	enum terminal_kind kind;
	unsigned fits; /* a bit each */
} kinds[] = {
	{TERMINAL_PC, 1U << SYSTEM_COMPUTER},
	{TERMINAL_XPE, 1U << SYSTEM_COMPUTER},
	{TERMINAL_PRINTER, 1U << SYSTEM_PRINTER | 1U << SYSTEM_EMBEDDED},
	{TERMINAL_CAMERA, 1U << SYSTEM_EMBEDDED},
	{TERMINAL_PHONE, 1U << SYSTEM_PHONE | 1U << SYSTEM_EMBEDDED},
};

static const char *const names[SYSTEM_COUNT] = {"unknown",  "computer", "mobile phone",
						"embedded", "printer",	"desk phone"};

enum system system_from_fingerprint(const char *fingerprint)
{
	const char *slash = strchr(fingerprint, '/');

	for (size_t i = 0; slash && i < ARRAY_SIZE(classes); i++)
		if (text_starts(slash + 1, classes[i].vendor_class))
			return classes[i].system;
	for (size_t i = 0; !slash && i < ARRAY_SIZE(lists); i++)
		if (text_starts(fingerprint, lists[i].asked))
			return lists[i].system == SYSTEM_MOBILE && strstr(fingerprint, MAC_ASKS)
				       ? SYSTEM_COMPUTER
				       : lists[i].system;
	return SYSTEM_UNKNOWN;
}

const char *system_name(enum system s)
{
	return names[s];
}

bool system_fits(enum system s, enum terminal_kind kind)
{
	for (size_t i = 0; s != SYSTEM_UNKNOWN && i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].kind == kind)
			return kinds[i].fits & 1U << s;
	return true;
}
