/*
 * What belongs on this network, so that the rest is found: a text file, a fact a line.
 *
 *	gateway 10.1.0.1 00-1a-2b-00-00-01	the MAC may be left out: the first one heard counts
 *	dhcp-server 10.1.0.5			none at all: the first one heard counts
 *	router 00-1a-2b-00-00-02		may route and send router advertisements
 *	network-gear 00-1a-2b			a switch or access point: a MAC or its first bytes
 *
 * A line that begins with # is a comment. A wrong line is named, and nothing is taken.
 */
#pragma once

#include "base/mac.h"
#include "listener/ip.h"

#define GATEWAYS_MAX 1024
#define SERVERS_MAX 64
#define ROUTERS_MAX 1024
#define GEAR_MAX 4096
#define EXPECTED_ERROR_SIZE 256

struct gateway {
	struct ip ip;
	struct mac mac;
	bool known; /* the MAC was given, or heard */
};

struct mac_prefix {
	struct mac mac;
	uint8_t bytes; /* 3 to 6 of them count */
};

struct expected {
	struct gateway *gateways;
	struct ip *servers;
	struct mac *routers;
	struct mac_prefix *gear;
	size_t gateway_count, server_count, router_count, gear_count;
	bool servers_learned; /* none was given: the list grows by the first one heard */
};

/* An empty list. */
int expected_init(struct expected *ret) MUST_CHECK;
void expected_done(struct expected *e);
/* `error` names file, line and what was wanted. */
int expected_load(const char *path, struct expected *ret,
		  char error[static EXPECTED_ERROR_SIZE]) MUST_CHECK;
int expected_parse(const char *name, const char *text, size_t len, struct expected *ret,
		   char error[static EXPECTED_ERROR_SIZE]) MUST_CHECK;
struct gateway *expected_gateway(const struct expected *e, const struct ip *ip);
bool expected_is_server(const struct expected *e, const struct ip *ip);
/* Where none was given, the first one. */
void expected_learn_server(struct expected *e, const struct ip *ip);
/* A router or the MAC of a gateway. */
bool expected_is_router(const struct expected *e, const struct mac *mac);
bool expected_is_gear(const struct expected *e, const struct mac *mac);
