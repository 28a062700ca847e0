/* Socket addresses, IPv4 and IPv6. An IPv4-mapped IPv6 address equals its IPv4 form. */
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/util.h"

#define ADDR_TEXT_SIZE 64 /* [address]:port */

struct addr {
	socklen_t len;
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	};
};

/* "10.0.0.1:1812", "[::1]:1812", or without port (then `default_port`). Numeric only. */
int addr_parse(const char *s, uint16_t default_port, struct addr *ret) MUST_CHECK;
/* A numeric address alone, without a port. */
bool addr_is_host(const char *s);
void addr_format(char dst[static ADDR_TEXT_SIZE], const struct addr *a);
void addr_format_host(char dst[static ADDR_TEXT_SIZE], const struct addr *a); /* no port */
uint16_t addr_port(const struct addr *a);
void addr_set_port(struct addr *a, uint16_t port);
/* The host as 16 bytes (IPv4 mapped into ::ffff:0:0/96), a key for maps. */
void addr_host_key(const struct addr *a, uint8_t key[static 16]);
bool addr_same_host(const struct addr *a, const struct addr *b);

/* Non-blocking, close-on-exec sockets; -errno on failure. A listener at [::] hears IPv4 too (a
 * bank's desks have it); a datagram socket does not, for its answers must leave as what came. */
int addr_udp_bind(const struct addr *a) MUST_CHECK;
/* One of several sockets of this user at the same address: the kernel gives all datagrams of one
 * peer's port to the same one of them (SO_REUSEPORT). */
int addr_udp_bind_shared(const struct addr *a) MUST_CHECK;
int addr_tcp_listen(const struct addr *a, int backlog) MUST_CHECK;
/* Starts connecting; the socket becomes writable when it is decided. */
int addr_tcp_connect(const struct addr *a) MUST_CHECK;
