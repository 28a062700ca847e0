#include "port/settings.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "crypto/secret.h"

#define LIST_TEXT_MAX 1024

/* As the file has it; settings_load() turns it into struct settings. */
struct file_settings {
	struct settings s;
	char gate[2][SETTINGS_TEXT_MAX];
	uint64_t accounting_port;
	char secret[RADIUS_SECRET_MAX + 1];
};

typedef int item_fn(char *item, void *field);

/* Calls `fn` for every word between spaces or commas. */
static int each_item(const char *text, item_fn *fn, void *field)
{
	char copy[LIST_TEXT_MAX], *rest = copy, *item;
	int err = text_copy(copy, sizeof(copy), text);

	while (!err && (item = strsep(&rest, " ,\t")))
		if (*item)
			err = fn(item, field);
	return err;
}

/* A name that may stand in a file name, an nft rule and a netlink message. */
static int copy_interface(char dst[static IF_NAMESIZE], const char *name)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	if (!*name || name[strspn(name, allowed)])
		return -EINVAL;
	return text_copy(dst, IF_NAMESIZE, name);
}

static int add_one_port(struct settings_ports *ports, const char *name)
{
	for (size_t i = 0; i < ports->count; i++)
		if (text_equal(ports->name[i], name))
			return -EEXIST;
	if (ports->count == SETTINGS_PORTS_MAX)
		return -E2BIG;
	return copy_interface(ports->name[ports->count++], name);
}

/* "p1..p48": the same name before a number that grows. */
static int add_range(struct settings_ports *ports, const char *first, const char *last)
{
	size_t stem = strcspn(first, "0123456789");
	char name[2 * IF_NAMESIZE];
	uint64_t from, to;
	int err = 0;

	if (stem >= IF_NAMESIZE || strncmp(first, last, stem) != 0 ||
	    text_to_u64(first + stem, 0, 9999, &from) ||
	    text_to_u64(last + stem, from, from + SETTINGS_PORTS_MAX, &to))
		return -EINVAL;
	for (uint64_t n = from; !err && n <= to; n++) {
		snprintf(name, sizeof(name), "%.*s%llu", (int)stem, first, (unsigned long long)n);
		err = add_one_port(ports, name);
	}
	return err;
}

static int add_port(char *item, void *field)
{
	char *dots = strstr(item, "..");

	if (!dots)
		return add_one_port(field, item);
	*dots = 0;
	return add_range(field, item, dots + 2);
}

static int add_vlan(char *item, void *field)
{
	struct settings_vlans *vlans = field;
	char *equals = strchr(item, ':');
	struct settings_vlan *v;
	uint64_t id;

	if (!equals || vlans->count == SETTINGS_VLANS_MAX)
		return -EINVAL;
	*equals = 0;
	if (text_to_u64(item, 1, 4094, &id))
		return -EINVAL;
	for (size_t i = 0; i < vlans->count; i++)
		if (vlans->vlan[i].id == id)
			return -EEXIST;
	v = &vlans->vlan[vlans->count++];
	v->id = (unsigned)id;
	return copy_interface(v->bridge, equals + 1);
}

static int add_address(struct settings_refuges *list, const char *item, uint16_t default_port)
{
	struct addr a;

	if (list->count == SETTINGS_REFUGES_MAX || addr_parse(item, default_port, &a) ||
	    addr_port(&a) == 0)
		return -EINVAL;
	list->addr[list->count++] = a;
	return 0;
}

static int add_refuge(char *item, void *field)
{
	return add_address(field, item, 0);
}

static int add_resolver(char *item, void *field)
{
	return add_address(field, item, 53);
}

static int add_host(char *item, void *field)
{
	struct settings_hosts *list = field;
	struct addr a;

	if (list->count == SETTINGS_HOSTS_MAX || addr_parse(item, 0, &a) || addr_port(&a) != 0)
		return -EINVAL;
	list->addr[list->count++] = a;
	return 0;
}

static int parse_ports(const char *text, void *field)
{
	struct settings_ports *ports = field;
	int err = each_item(text, add_port, field);

	return err ? err : ports->count > 0 ? 0 : -EINVAL;
}

static int parse_vlans(const char *text, void *field)
{
	struct settings_vlans *vlans = field;
	int err = each_item(text, add_vlan, field);

	return err ? err : vlans->count > 0 ? 0 : -EINVAL;
}

static int parse_refuges(const char *text, void *field)
{
	return each_item(text, add_refuge, field);
}

static int parse_resolvers(const char *text, void *field)
{
	return each_item(text, add_resolver, field);
}

static int parse_hosts(const char *text, void *field)
{
	return each_item(text, add_host, field);
}

#define FIELD(member) CONFIG_FIELD(struct file_settings, member)

static const struct config_key keys[] = {
	{"switch", "identifier", CONFIG_TEXT, FIELD(s.identifier)},
	{"switch", "address", CONFIG_ADDRESS, FIELD(s.address), RADIUS_DYNAUTH_PORT},
	{"switch", "run-dir", CONFIG_TEXT, FIELD(s.run_dir), .fallback = "/run/menshen-port"},
	{"switch", "hostapd", CONFIG_TEXT, FIELD(s.hostapd), .fallback = "/usr/sbin/hostapd"},
	{"switch", "ports", CONFIG_PARSED, FIELD(s.ports), .parse = parse_ports,
	 .wanted = "up to 64 different interfaces such as p1 p2 or p1..p8"},
	{"switch", "vlans", CONFIG_PARSED, FIELD(s.vlans), .parse = parse_vlans,
	 .wanted = "VLANs and their bridges such as 10:br10 99:br99"},
	{"switch", "vlan", CONFIG_U64, FIELD(s.vlan), 1, 4094},
	{"isolation", "vlan", CONFIG_U64, FIELD(s.isolation_vlan), 0, 4094, "0"},
	{"isolation", "filter", CONFIG_TEXT, FIELD(s.isolation_filter), .fallback = "isolation"},
	{"isolation", "reach", CONFIG_PARSED, FIELD(s.refuges), .fallback = "",
	 .parse = parse_refuges, .wanted = "up to 16 address:port such as 10.1.0.2:443"},
	{"isolation", "resolvers", CONFIG_PARSED, FIELD(s.resolvers), .fallback = "",
	 .parse = parse_resolvers, .wanted = "up to 16 addresses of name servers"},
	{"binding", "bind", CONFIG_BOOL, FIELD(s.bind), .fallback = "no"},
	{"binding", "network", CONFIG_PARSED, FIELD(s.network), .fallback = "",
	 .parse = parse_hosts, .wanted = "up to 64 addresses such as 10.1.0.1"},
	{"gate", "primary", CONFIG_TEXT, FIELD(gate[0])},
	{"gate", "secondary", CONFIG_TEXT, FIELD(gate[1]), .fallback = ""},
	{"gate", "accounting-port", CONFIG_U64, FIELD(accounting_port), 1, 65535, "1813"},
	{"gate", "secret", CONFIG_TEXT, FIELD(secret)},
	{"gate", "timeout-ms", CONFIG_U64, FIELD(s.timeout_ms), 50, 60000, "2000"},
	{"gate", "tries", CONFIG_U64, FIELD(s.tries), 1, 10, "3"},
	{"gate", "probe-s", CONFIG_U64, FIELD(s.probe_s), 1, 3600, "10"},
	{"gate", "critical-vlan", CONFIG_U64, FIELD(s.critical_vlan), 0, 4094, "0"},
	{"session", "eapol-wait-ms", CONFIG_U64, FIELD(s.eapol_wait_ms), 0, 60000, "5000"},
	{"session", "hold-s", CONFIG_U64, FIELD(s.hold_s), 1, 3600, "60"},
	{"session", "interim-s", CONFIG_U64, FIELD(s.interim_s), 60, 86400, "600"},
};

const struct settings_vlan *settings_vlan(const struct settings *s, unsigned id)
{
	for (size_t i = 0; i < s->vlans.count; i++)
		if (s->vlans.vlan[i].id == id)
			return &s->vlans.vlan[i];
	return NULL;
}

static int check_vlan(const struct settings *s, uint64_t id, bool may_be_none, const char *name,
		      const char *path, char *error)
{
	if ((id == 0 && may_be_none) || settings_vlan(s, (unsigned)id))
		return 0;
	snprintf(error, CONFIG_ERROR_SIZE, "%s: '%s' wants one of the VLANs in 'vlans', not %llu",
		 path, name, (unsigned long long)id);
	return -EINVAL;
}

static int check_vlans(const struct settings *s, const char *path, char *error)
{
	int err = check_vlan(s, s->vlan, false, "vlan", path, error);

	if (!err)
		err = check_vlan(s, s->isolation_vlan, true, "vlan in [isolation]", path, error);
	if (!err)
		err = check_vlan(s, s->critical_vlan, true, "critical-vlan", path, error);
	return err;
}

static int finish(struct file_settings *f, const char *path, char *error)
{
	struct settings *s = &f->s;

	for (size_t i = 0; i < ARRAY_SIZE(s->gates); i++) {
		if (i > 0 && !f->gate[i][0])
			continue;
		if (addr_parse(f->gate[i], RADIUS_AUTH_PORT, &s->gates[i])) {
			snprintf(error, CONFIG_ERROR_SIZE,
				 "%s: a gate is an address such as 10.1.0.2:1812, not '%s'", path,
				 f->gate[i]);
			return -EINVAL;
		}
		s->gate_count++;
	}
	if (radius_secret_set(&s->secret, f->secret, strlen(f->secret))) {
		snprintf(error, CONFIG_ERROR_SIZE, "%s: 'secret' in [gate] is empty", path);
		return -EINVAL;
	}
	if (!s->identifier[0] || addr_port(&s->address) == 0) {
		snprintf(error, CONFIG_ERROR_SIZE, "%s: 'identifier' is empty", path);
		return -EINVAL;
	}
	s->accounting_port = (uint16_t)f->accounting_port;
	return check_vlans(s, path, error);
}

int settings_load(const char *path, struct settings *ret, char error[static CONFIG_ERROR_SIZE])
{
	struct file_settings f = {0};
	int err = config_load(path, keys, ARRAY_SIZE(keys), &f, error);

	if (!err)
		err = finish(&f, path, error);
	if (!err)
		*ret = f.s;
	secret_wipe(&f, sizeof(f));
	return err;
}

void settings_wipe(struct settings *s)
{
	secret_wipe(&s->secret, sizeof(s->secret));
}
