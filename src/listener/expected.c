#include "listener/expected.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

#define FILE_MAX (1U << 20)

int expected_init(struct expected *ret)
{
	struct expected e = {.servers_learned = true};

	e.gateways = calloc(GATEWAYS_MAX, sizeof(*e.gateways));
	e.servers = calloc(SERVERS_MAX, sizeof(*e.servers));
	e.routers = calloc(ROUTERS_MAX, sizeof(*e.routers));
	e.gear = calloc(GEAR_MAX, sizeof(*e.gear));
	if (!e.gateways || !e.servers || !e.routers || !e.gear) {
		expected_done(&e);
		return -ENOMEM;
	}
	*ret = e;
	return 0;
}

void expected_done(struct expected *e)
{
	free(e->gateways);
	free(e->servers);
	free(e->routers);
	free(e->gear);
	*e = (struct expected){0};
}

/* ---- a line ---- */

static int add_gateway(struct expected *e, const char *ip, const char *mac)
{
	struct gateway g = {.known = mac != NULL};

	if (!ip || e->gateway_count == GATEWAYS_MAX || ip_parse(ip, &g.ip) ||
	    (mac && mac_parse(mac, &g.mac)))
		return -EINVAL;
	e->gateways[e->gateway_count++] = g;
	return 0;
}

static int add_server(struct expected *e, const char *ip, const char *more)
{
	if (!ip || more || e->server_count == SERVERS_MAX ||
	    ip_parse(ip, &e->servers[e->server_count]))
		return -EINVAL;
	e->server_count++;
	e->servers_learned = false;
	return 0;
}

static int add_router(struct expected *e, const char *mac, const char *more)
{
	if (!mac || more || e->router_count == ROUTERS_MAX ||
	    mac_parse(mac, &e->routers[e->router_count]))
		return -EINVAL;
	e->router_count++;
	return 0;
}

static int add_gear(struct expected *e, const char *text, const char *more)
{
	struct mac_prefix p = {0};
	char digits[13] = "", whole[13] = "000000000000";
	size_t count = 0;

	for (; text && *text; text++) {
		if (strchr(":-.", *text))
			continue;
		if (count == 12)
			return -EINVAL;
		digits[count++] = *text;
	}
	memcpy(whole, digits, count);
	if (more || count < 6 || count % 2 || e->gear_count == GEAR_MAX || mac_parse(whole, &p.mac))
		return -EINVAL;
	p.bytes = (uint8_t)(count / 2);
	e->gear[e->gear_count++] = p;
	return 0;
}

static const struct {
	const char *word, *wanted;
	int (*add)(struct expected *e, const char *first, const char *second);
} facts[] = {
	{"gateway", "gateway wants an address, and may have a MAC", add_gateway},
	{"dhcp-server", "dhcp-server wants an address", add_server},
	{"router", "router wants a MAC", add_router},
	{"network-gear", "network-gear wants a MAC or its first 3 to 5 bytes", add_gear},
};

static const char *next_word(char **rest)
{
	char *word;

	while ((word = strsep(rest, " \t,")))
		if (*word)
			return word;
	return NULL;
}

/* NULL: fine. */
static const char *take_line(struct expected *e, char *line)
{
	const char *word = next_word(&line), *first = next_word(&line);
	const char *second = next_word(&line);

	for (size_t i = 0; i < ARRAY_SIZE(facts); i++)
		if (text_equal(facts[i].word, word))
			return next_word(&line) || facts[i].add(e, first, second) ? facts[i].wanted
										  : NULL;
	return "a line begins with gateway, dhcp-server, router, network-gear or #";
}

int expected_parse(const char *name, const char *text, size_t len, struct expected *ret,
		   char error[static EXPECTED_ERROR_SIZE])
{
	CLEANUP_FREE char *copy = malloc(len + 1);
	char *rest = copy, *line;
	struct expected e;
	const char *wanted = NULL;
	int number = 0, err = copy ? expected_init(&e) : -ENOMEM;

	if (err)
		return err;
	memcpy(copy, text, len);
	copy[len] = 0;
	while (!wanted && (line = strsep(&rest, "\n"))) {
		number++;
		line = text_trim(line);
		if (*line && *line != '#')
			wanted = take_line(&e, line);
	}
	if (wanted) {
		snprintf(error, EXPECTED_ERROR_SIZE, "%s:%d: %s", name, number, wanted);
		expected_done(&e);
		return -EINVAL;
	}
	*ret = e;
	return 0;
}

int expected_load(const char *path, struct expected *ret, char error[static EXPECTED_ERROR_SIZE])
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	int err = file_read(path, FILE_MAX, &text);

	if (err) {
		snprintf(error, EXPECTED_ERROR_SIZE, "%s: cannot be read: %s", path,
			 strerror(-err));
		return err;
	}
	return expected_parse(path, buf_str(&text), text.len, ret, error);
}

/* ---- questions ---- */

struct gateway *expected_gateway(const struct expected *e, const struct ip *ip)
{
	for (size_t i = 0; i < e->gateway_count; i++)
		if (ip_equal(&e->gateways[i].ip, ip))
			return &e->gateways[i];
	return NULL;
}

bool expected_is_server(const struct expected *e, const struct ip *ip)
{
	for (size_t i = 0; i < e->server_count; i++)
		if (ip_equal(&e->servers[i], ip))
			return true;
	return false;
}

void expected_learn_server(struct expected *e, const struct ip *ip)
{
	if (e->servers_learned && e->server_count == 0)
		e->servers[e->server_count++] = *ip;
}

bool expected_is_router(const struct expected *e, const struct mac *mac)
{
	for (size_t i = 0; i < e->router_count; i++)
		if (mac_equal(&e->routers[i], mac))
			return true;
	for (size_t i = 0; i < e->gateway_count; i++)
		if (e->gateways[i].known && mac_equal(&e->gateways[i].mac, mac))
			return true;
	return false;
}

bool expected_is_gear(const struct expected *e, const struct mac *mac)
{
	for (size_t i = 0; i < e->gear_count; i++)
		if (memcmp(e->gear[i].mac.b, mac->b, e->gear[i].bytes) == 0)
			return true;
	return false;
}
