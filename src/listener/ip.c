#include "listener/ip.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

void ip_from_v4(struct ip *ret, const uint8_t b[static 4])
{
	memcpy(ret->b, mapped, sizeof(mapped));
	memcpy(ret->b + sizeof(mapped), b, 4);
}

void ip_from_v6(struct ip *ret, const uint8_t b[static 16])
{
	memcpy(ret->b, b, sizeof(ret->b));
}

int ip_parse(const char *s, struct ip *ret)
{
	uint8_t v4[4], v6[16];

	if (inet_pton(AF_INET, s, v4) == 1)
		ip_from_v4(ret, v4);
	else if (inet_pton(AF_INET6, s, v6) == 1)
		ip_from_v6(ret, v6);
	else
		return -EINVAL;
	return 0;
}

void ip_format(char dst[static IP_TEXT_SIZE], const struct ip *ip)
{
	if (ip_is_v4(ip))
		inet_ntop(AF_INET, ip->b + sizeof(mapped), dst, IP_TEXT_SIZE);
	else
		inet_ntop(AF_INET6, ip->b, dst, IP_TEXT_SIZE);
}

bool ip_equal(const struct ip *a, const struct ip *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

bool ip_is_v4(const struct ip *ip)
{
	return memcmp(ip->b, mapped, sizeof(mapped)) == 0;
}

bool ip_is_zero(const struct ip *ip)
{
	static const uint8_t zero[16];

	return memcmp(ip->b + 12, zero, 4) == 0 &&
	       (ip_is_v4(ip) || memcmp(ip->b, zero, sizeof(zero)) == 0);
}

bool ip_is_multicast(const struct ip *ip)
{
	return ip_is_v4(ip) ? ip->b[12] >= 224 : ip->b[0] == 0xff;
}

bool ip_is_link_local(const struct ip *ip)
{
	return ip_is_v4(ip) ? ip->b[12] == 169 && ip->b[13] == 254
			    : ip->b[0] == 0xfe && (ip->b[1] & 0xc0) == 0x80;
}

bool ip_within(const struct ip *ip, const struct ip *net, unsigned bits)
{
	size_t whole;
	uint8_t mask;

	if (ip_is_v4(ip) != ip_is_v4(net))
		return false;
	bits = MIN(bits + (ip_is_v4(net) ? 96 : 0), 128U);
	whole = bits / 8;
	if (memcmp(ip->b, net->b, whole) != 0)
		return false;
	mask = (uint8_t)(0xff00 >> (bits % 8));
	return bits % 8 == 0 || ((ip->b[whole] ^ net->b[whole]) & mask) == 0;
}
