#include "policy/links.h"

#include <arpa/inet.h>
#include <stdio.h>
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

int prefixes_parse(const json_t *list, struct prefix *ret, size_t max, size_t *ret_count,
		   size_t *ret_bad)
{
	size_t count = json_array_size(list);

	*ret_bad = max;
	if (list && (!json_is_array(list) || count > max))
		return -EINVAL;
	for (size_t i = 0; i < count; i++) {
		const char *text = json_string_value(json_array_get(list, i));

		*ret_bad = i;
		if (!text || prefix_parse(text, &ret[i]))
			return -EINVAL;
	}
	*ret_count = count;
	return 0;
}

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

bool prefix_is_v4(const struct prefix *p)
{
	return p->bits >= MAPPED_BITS && memcmp(p->host, mapped, sizeof(mapped)) == 0;
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
	bool is_v4 = memcmp(host, mapped, sizeof(mapped)) == 0;

	if (!inet_ntop(is_v4 ? AF_INET : AF_INET6, is_v4 ? host + 12 : host, dst, HOST_TEXT_SIZE))
		dst[0] = 0;
}

void prefix_format(const struct prefix *p, char dst[static PREFIX_TEXT_SIZE])
{
	char host[HOST_TEXT_SIZE];

	host_format(p->host, host);
	snprintf(dst, PREFIX_TEXT_SIZE, "%s/%d", host,
		 p->bits - (prefix_is_v4(p) ? MAPPED_BITS : 0));
}
