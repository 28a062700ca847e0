/*
 * One port of the box: its session's effects on bridge, isolation, gates, 802.1X and the books.
 * Where a port stands:
 *
 *	locked: in the bridge of the last session (at first of the normal VLAN), locked, nothing
 *flooded open:   in the bridge of its VLAN, locked but for one MAC, which isolation admits or
 *confines
 */
#pragma once

#include "port/accounting.h"
#include "port/bridge.h"
#include "port/das.h"
#include "port/gates.h"
#include "port/hostapd.h"
#include "port/isolation.h"
#include "port/session.h"

struct port;

/* What the ports share; the warden owns it. Parts may be NULL while the box starts or stops. */
struct port_box {
	const struct settings *settings;
	struct session_rules rules;
	struct bridge *bridge;
	struct isolation *isolation;
	struct gates *gates;
	struct accounting *accounting;
	struct hostapd *hostapd;
	/* A port is about to admit its session's MAC, which must leave the others. */
	void (*admitting)(void *arg, const struct port *p);
	void *arg;
};

#define PORT_ASTRAY_MAX 4

struct port {
	const struct port_box *box;
	unsigned number; /* NAS-Port, from 1 */
	const char *name;
	unsigned index;		 /* 0: the interface is not there */
	unsigned bridge;	 /* that it stands in */
	bool granted;		 /* isolation lets s->mac through, */
	struct answer_plan plan; /* with these addresses */
	struct session session;
	struct loop_timer *timer, *interim;
	struct gates_request *asking;
	struct bridge_counters at_start;
	int64_t opened_ms;
	bool told_another;		     /* of a second MAC, once a session */
	struct addr astray[PORT_ASTRAY_MAX]; /* beside the plan, each told once */
	size_t astray_count;
	uint32_t losses; /* of carrier, as the kernel last counted them */
};

/* `number` counts from 1. After a failure call port_done() all the same. */
int port_init(struct port *p, struct loop *loop, const struct port_box *box,
	      unsigned number) MUST_CHECK;
void port_done(struct port *p);
/* Locks a port that is new to the kernel in the bridge of the normal VLAN. */
int port_adopt(struct port *p, unsigned index) MUST_CHECK;
/* After isolation_reset(): lets an open session's MAC through as before. */
int port_grant_again(struct port *p) MUST_CHECK;
struct request_place port_place(const struct port *p);
/* The open session claimed an address beside its plan: told in the log and to the gate. */
void port_take_astray(struct port *p, const struct addr *address);
/* The open session is the one that a Disconnect names. */
bool port_is_meant(const struct port *p, const struct das_request *request);
/* The table of ports: its head, then a line for each. */
void port_print_head(struct buf *out);
void port_print(const struct port *p, struct buf *out);
