/*
 * What /etc/menshen/port.conf says (packaging/port.conf explains every line). Read once at start;
 * a wrong line stops the start.
 */
#pragma once

#include <net/if.h>

#include "base/config.h"
#include "radius/secret.h"

#define SETTINGS_PORTS_MAX 64
#define SETTINGS_VLANS_MAX 32
#define SETTINGS_REFUGES_MAX 16
#define SETTINGS_HOSTS_MAX 64
#define SETTINGS_TEXT_MAX 64
#define SETTINGS_PATH_MAX 80 /* a unix socket below it must fit into 108 bytes */

struct settings_ports {
	size_t count;
	char name[SETTINGS_PORTS_MAX][IF_NAMESIZE]; /* the NAS-Port is the place, from 1 */
};

struct settings_vlan {
	unsigned id;
	char bridge[IF_NAMESIZE];
};

struct settings_vlans {
	size_t count;
	struct settings_vlan vlan[SETTINGS_VLANS_MAX];
};

/* Where an isolated terminal may go: TCP to these (enrolment page, agent gateway). */
struct settings_refuges {
	size_t count;
	struct addr addr[SETTINGS_REFUGES_MAX];
};

/* Addresses alone; the port is 0. */
struct settings_hosts {
	size_t count;
	struct addr addr[SETTINGS_HOSTS_MAX];
};

struct settings {
	char identifier[SETTINGS_TEXT_MAX]; /* NAS-Identifier */
	struct addr address;		    /* NAS-IP-Address, and where Disconnect is heard */
	char run_dir[SETTINGS_PATH_MAX];
	char hostapd[SETTINGS_PATH_MAX];

	struct settings_ports ports;
	struct settings_vlans vlans;
	uint64_t vlan;		 /* of an admission that names none, and of locked ports */
	uint64_t isolation_vlan; /* terminals in it do not see each other; 0: there is none */
	uint64_t critical_vlan;	 /* while no gate answers; 0: closed */
	char isolation_filter[SETTINGS_TEXT_MAX]; /* the Filter-Id that isolates in place */
	struct settings_refuges refuges;
	struct settings_refuges resolvers; /* DNS */

	bool bind;		       /* an admitted MAC, too, has its own addresses alone */
	struct settings_hosts network; /* gateways and servers, that no terminal may claim */

	struct addr gates[2]; /* the second has len 0 when there is none */
	size_t gate_count;
	uint16_t accounting_port;
	struct radius_secret secret;
	uint64_t timeout_ms, tries; /* of one request at one gate */
	uint64_t probe_s;	    /* how often a silent gate is asked whether it lives */

	uint64_t eapol_wait_ms; /* how long 802.1X goes before MAC authentication */
	uint64_t hold_s;	/* how long a refused MAC waits */
	uint64_t interim_s;	/* of accounting, when the gate names none */
};

/* `error` says what is wrong, where, and what was expected. */
int settings_load(const char *path, struct settings *ret,
		  char error[static CONFIG_ERROR_SIZE]) MUST_CHECK;
void settings_wipe(struct settings *s);

/* NULL when this box has no such VLAN. */
const struct settings_vlan *settings_vlan(const struct settings *s, unsigned id);
