#define _GNU_SOURCE
#include "base/addr.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static int parse_host(const char *host, uint16_t port, struct addr *ret)
{
	struct addr a = {0};

	if (inet_pton(AF_INET, host, &a.in.sin_addr) == 1) {
		a.in.sin_family = AF_INET;
		a.in.sin_port = htons(port);
		a.len = sizeof(a.in);
	} else if (inet_pton(AF_INET6, host, &a.in6.sin6_addr) == 1) {
		a.in6.sin6_family = AF_INET6;
		a.in6.sin6_port = htons(port);
		a.len = sizeof(a.in6);
	} else {
		return -EINVAL;
	}
	*ret = a;
	return 0;
}

int addr_parse(const char *s, uint16_t default_port, struct addr *ret)
{
	char host[ADDR_TEXT_SIZE];
	const char *end, *port_text = NULL;
	uint64_t port = default_port;
	bool brackets = *s == '[';

	if (brackets) {
		end = strchr(++s, ']');
		if (!end || (end[1] && end[1] != ':'))
			return -EINVAL;
		port_text = end[1] ? end + 2 : NULL;
	} else {
		end = strchr(s, ':');
		if (end && strchr(end + 1, ':'))
			end = NULL; /* a bare IPv6 address */
		port_text = end ? end + 1 : NULL;
		if (!end)
			end = s + strlen(s);
	}
	if (text_copy_n(host, sizeof(host), s, (size_t)(end - s)) ||
	    (port_text && text_to_u64(port_text, 1, 65535, &port)) ||
	    (brackets && !strchr(host, ':')))
		return -EINVAL; /* brackets are for IPv6 (RFC 3986, section 3.2.2) */
	return parse_host(host, (uint16_t)port, ret);
}

void addr_format_host(char dst[static ADDR_TEXT_SIZE], const struct addr *a)
{
	const void *host = a->sa.sa_family == AF_INET ? (const void *)&a->in.sin_addr
						      : (const void *)&a->in6.sin6_addr;

	if (a->len == 0 || !inet_ntop(a->sa.sa_family, host, dst, ADDR_TEXT_SIZE))
		snprintf(dst, ADDR_TEXT_SIZE, "?");
}

bool addr_is_host(const char *s)
{
	struct addr a, b;

	/* A port of its own would be the same under both defaults. */
	return addr_parse(s, 1, &a) == 0 && addr_parse(s, 2, &b) == 0 &&
	       addr_port(&a) != addr_port(&b);
}

void addr_format(char dst[static ADDR_TEXT_SIZE], const struct addr *a)
{
	char host[ADDR_TEXT_SIZE];

	addr_format_host(host, a);
	snprintf(dst, ADDR_TEXT_SIZE, a->sa.sa_family == AF_INET6 ? "[%.46s]:%u" : "%.46s:%u", host,
		 addr_port(a));
}

uint16_t addr_port(const struct addr *a)
{
	return ntohs(a->sa.sa_family == AF_INET6 ? a->in6.sin6_port : a->in.sin_port);
}

void addr_set_port(struct addr *a, uint16_t port)
{
	if (a->sa.sa_family == AF_INET6)
		a->in6.sin6_port = htons(port);
	else
		a->in.sin_port = htons(port);
}

void addr_host_key(const struct addr *a, uint8_t key[static 16])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	if (a->sa.sa_family == AF_INET6) {
		memcpy(key, &a->in6.sin6_addr, 16);
		return;
	}
	memcpy(key, mapped, sizeof(mapped));
	memcpy(key + sizeof(mapped), &a->in.sin_addr, 4);
}

bool addr_same_host(const struct addr *a, const struct addr *b)
{
	uint8_t x[16], y[16];

	addr_host_key(a, x);
	addr_host_key(b, y);
	return memcmp(x, y, sizeof(x)) == 0;
}

static int open_bound(const struct addr *a, int type, bool shared)
{
	CLEANUP_FD int fd = socket(a->sa.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1, v6_alone = type == SOCK_DGRAM;

	if (fd < 0)
		return -errno;
	if (type == SOCK_STREAM && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return -errno;
	if (shared && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) < 0)
		return -errno;
	if (a->sa.sa_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6_alone, sizeof(v6_alone)) < 0)
		return -errno;
	if (bind(fd, &a->sa, a->len) < 0)
		return -errno;
	return TAKE_FD(fd);
}

int addr_udp_bind(const struct addr *a)
{
	return open_bound(a, SOCK_DGRAM, false);
}

int addr_udp_bind_shared(const struct addr *a)
{
	return open_bound(a, SOCK_DGRAM, true);
}

int addr_tcp_listen(const struct addr *a, int backlog)
{
	CLEANUP_FD int fd = open_bound(a, SOCK_STREAM, false);

	if (fd < 0)
		return fd;
	if (listen(fd, backlog) < 0)
		return -errno;
	return TAKE_FD(fd);
}

int addr_tcp_connect(const struct addr *a)
{
	CLEANUP_FD int fd = socket(a->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0)
		return -errno;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(fd, &a->sa, a->len) < 0 && errno != EINPROGRESS)
		return -errno;
	return TAKE_FD(fd);
}
