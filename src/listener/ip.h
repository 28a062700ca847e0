/* An IP address as a key: 16 bytes, IPv4 mapped into ::ffff:0:0/96. */
#pragma once

#include <netinet/in.h>

#include "base/util.h"

#define IP_TEXT_SIZE INET6_ADDRSTRLEN

struct ip {
	uint8_t b[16];
};

void ip_from_v4(struct ip *ret, const uint8_t b[static 4]);
void ip_from_v6(struct ip *ret, const uint8_t b[static 16]);
int ip_parse(const char *s, struct ip *ret) MUST_CHECK; /* numeric, no port */
void ip_format(char dst[static IP_TEXT_SIZE], const struct ip *ip);
bool ip_equal(const struct ip *a, const struct ip *b);
bool ip_is_v4(const struct ip *ip);
bool ip_is_zero(const struct ip *ip); /* 0.0.0.0 or :: */
bool ip_is_multicast(const struct ip *ip);
bool ip_is_link_local(const struct ip *ip); /* 169.254.0.0/16 (RFC 3927), fe80::/10 (RFC 4291) */
/* The first `bits` of the address; IPv4 counts from its own first bit. */
bool ip_within(const struct ip *ip, const struct ip *net, unsigned bits);
