#include "policy/links.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/addr.h"
#include "base/text.h"

#define MAPPED_BITS 96 /* ::ffff:0:0/96 */

static const char *const kind_names[LINK_KINDS] = {
	[LINK_WIRE] = "wire",	  [LINK_WIFI] = "wifi",		  [LINK_MODEM] = "modem",
	[LINK_TETHER] = "tether", [LINK_BLUETOOTH] = "bluetooth", [LINK_TUNNEL] = "tunnel",
	[LINK_BRIDGE] = "bridge", [LINK_VIRTUAL] = "virtual",
};

const char *link_kind_name(enum link_kind k)
{
	return kind_names[k];
}

int prefix_parse(const char *text, struct prefix *ret)
{
	char host[HOST_TEXT_SIZE];
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	struct prefix p = {.bits = 128};
	struct addr a;
	uint64_t bits;
	bool is_v4;

	if (text_copy_n(host, sizeof(host), text, len) || !addr_is_host(host) ||
	    addr_parse(host, 0, &a))
		return -EINVAL;
	is_v4 = a.sa.sa_family == AF_INET;
	addr_host_key(&a, p.host);
	if (slash) {
		if (text_to_u64(slash + 1, 0, is_v4 ? 32 : 128, &bits))
			return -EINVAL;
		p.bits = (uint8_t)(bits + (is_v4 ? MAPPED_BITS : 0));
	}
	*ret = p;
	return 0;
}

bool prefix_has(const struct prefix *p, const uint8_t host[static 16])
{
	size_t whole = p->bits / 8, rest = p->bits % 8;
	uint8_t mask = (uint8_t)(0xff00 >> rest);

	return memcmp(p->host, host, whole) == 0 &&
	       (rest == 0 || (p->host[whole] & mask) == (host[whole] & mask));
}

void host_format(const uint8_t host[static 16], char dst[static HOST_TEXT_SIZE])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	bool is_v4 = memcmp(host, mapped, sizeof(mapped)) == 0;

	if (!inet_ntop(is_v4 ? AF_INET : AF_INET6, is_v4 ? host + 12 : host, dst, HOST_TEXT_SIZE))
		dst[0] = 0;
}
