/*
 * What one switch has said: itself, its ports, the MACs behind them, its neighbours. Pure: cells go
 * in, in any order and with anything in them, and what does not fit or makes no sense is left out.
 *
 * 1. Bounded: TABLE_PORTS, TABLE_MACS, TABLE_NEIGHBOURS; `cut` says that there was more.
 * 2. Texts are clean and end with NUL.
 * 3. After table_finish() ports are sorted by index, MACs by address and each of them is there
 * once.
 */
#pragma once

#include "base/mac.h"
#include "survey/column.h"

#define TABLE_PORTS 4096
#define TABLE_MACS 16384
#define TABLE_NEIGHBOURS 512

struct table_port {
	uint32_t index; /* ifIndex */
	char name[48], description[64], alias[64];
	uint32_t kind;	     /* ifType; 0: not told */
	uint32_t speed_mbit; /* ifHighSpeed; 0: not told */
	bool is_down;	     /* ifAdminStatus */
	bool is_linked;	     /* ifOperStatus */
	bool leads_further;  /* an LLDP neighbour is a bridge or a router */
	uint32_t macs;
};

struct table_mac {
	struct mac mac;
	uint32_t base_port; /* as BRIDGE-MIB counts them */
	uint32_t port;	    /* ifIndex; 0: unknown */
	uint32_t vlan;	    /* or the filtering database's number; 0: unknown */
};

/* What LLDP calls somebody by; whether that is a MAC, an address or a text its kind says. */
struct table_id {
	uint8_t kind, len; /* LldpChassisIdSubtype, LldpPortIdSubtype; 0: not told */
	uint8_t bytes[64];
};

struct table_neighbour {
	uint32_t number, remote; /* of the row: LLDP's number of the port, and of the neighbour */
	uint32_t port;		 /* ifIndex; 0: unknown */
	bool has_mac;
	struct mac mac; /* its chassis, else its port there */
	char name[64];	/* else its chassis, where that is no MAC */
	char far_port[48];
	struct table_id chassis, port_id; /* of which these are made */
	uint8_t can;			  /* LldpSystemCapabilitiesMap, first octet */
};

struct table {
	char name[64], description[128], model[48], serial[48];
	bool has_mac, has_chassis, cut;
	struct mac mac, chassis; /* by which neighbours know it */
	struct table_port *ports;
	size_t port_count;
	struct table_mac *macs;
	size_t mac_count;
	struct table_neighbour *neighbours;
	size_t neighbour_count;
	/* Numbers of BRIDGE-MIB and LLDP-MIB, which stand for an ifIndex. */
	struct table_link {
		uint32_t number, port;
		char name[48];
	} * base_ports, *lldp_ports;
	size_t base_port_count, lldp_port_count;
};

int table_new(struct table **ret) MUST_CHECK;
void table_free(struct table *t);
void table_take(struct table *t, const struct cell *c);
/* Joins what was taken; nothing is taken afterwards. */
void table_finish(struct table *t);

/* By ifIndex; by ifName, else by ifDescr. NULL: none. After table_finish(). */
const struct table_port *table_port(const struct table *t, uint32_t index);
const struct table_port *table_port_named(const struct table *t, const char *name);
const struct table_mac *table_mac(const struct table *t, const struct mac *mac);
/* One that a cable or an aggregate of cables is at; no VLAN, no loopback. Also where no kind is
 * told. */
bool port_is_plug(const struct table_port *p);
/* A bridge or a router that is neither a telephone nor an access point. */
bool neighbour_leads_further(const struct table_neighbour *n);

static inline void table_free_cleanup(struct table **t)
{
	table_free(*t);
}
#define CLEANUP_TABLE CLEANUP(table_free_cleanup)
