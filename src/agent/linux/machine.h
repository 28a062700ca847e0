/* What this machine is, as far as a stranger at the door needs to know it. Linux. */
#pragma once

#include "base/mac.h"

#define MACHINE_NICS_MAX 8

struct nic {
	struct mac mac;
	char name[16];
	bool up;	  /* carrier and administratively */
	char address[46]; /* IPv4 before IPv6, "" when there is none */
};

struct machine {
	char host_name[65];
	char serial[65]; /* of the hardware, "" when the firmware tells none */
	char os[97];	 /* "Debian GNU/Linux 12 (bookworm), 6.1.0-18-amd64" */
};

/*
 * `root` is put before every path; "" is the machine itself. Never fails: what is not known is "".
 * All text is clean UTF-8 (what is not becomes '?'), since the server hangs up on anything else.
 */
void machine_load(const char *root, struct machine *ret);
/*
 * The Ethernet cards: hardware ones, and `interface` ("" for none) whatever it is. Bridges, tunnels
 * and the host's ends of containers are none. -errno when netlink refused.
 */
int nics_load(const char *interface, struct nic ret[static MACHINE_NICS_MAX],
	      size_t *ret_count) MUST_CHECK;
/* A netlink socket that becomes readable when a card or an address changes; -errno. */
int nics_watch(void) MUST_CHECK;
void nics_drain(int fd);
int64_t machine_uptime_s(void);
/* Who sits at the console: the seat's active session, else the first local log-in; "" nobody. */
void machine_user(const char *root, char *dst, size_t size);
