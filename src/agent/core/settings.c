#include "agent/core/settings.h"

#include <stdio.h>
#include <string.h>

#include "base/config_rows.h"
#include "base/text.h"

#define GATEWAY_PORT 8444

static const struct config_key keys[] = {
	TEXT("server", "addresses", server_list, NULL),
	TEXT("server", "name", server_name, ""),
	TEXT("server", "ca", ca, "/etc/menshen/ca.pem"),
	NUMBER("server", "reconnect_max_s", reconnect_max_s, 1, 3600, "60"),
	TEXT("agent", "state_dir", state_dir, "/var/lib/menshen-agent"),
	TEXT("agent", "run_dir", run_dir, RUN_DIR_DEFAULT),
	TEXT("agent", "language", language, "zh"),
	NUMBER("agent", "queue_kib", queue_kib, 32, 4 << 20, "65536"),
	TEXT("enrol", "code", campaign_code, ""),
	TEXT("supplicant", "dir", supplicant_dir, "/run/wpa_supplicant"),
	TEXT("supplicant", "interface", interface, ""),
	TEXT("guards", "root", root, ""),
	NUMBER("guards", "period_s", guard_period_s, 1, 86400, "60"),
	NUMBER("inventory", "period_s", inventory_period_s, 10, 7 * 86400, "3600"),
};

/* "10.1.0.2:8444, [fd00::2]" into addresses. */
static int split_servers(struct settings *s, const char **ret_bad)
{
	char list[sizeof(s->server_list)], *rest = list, *item;

	memcpy(list, s->server_list, sizeof(list));
	while ((item = strsep(&rest, ","))) {
		*ret_bad = s->server_list + (item - list);
		item = text_trim(item);
		if (s->server_count == SERVERS_MAX ||
		    addr_parse(item, GATEWAY_PORT, &s->servers[s->server_count]))
			return -EINVAL;
		s->server_count++;
	}
	return 0;
}

int settings_load(const char *path, struct settings *ret, char error[static CONFIG_ERROR_SIZE])
{
	struct settings s = {0};
	const char *bad = "";
	int err = config_load(path, keys, ARRAY_SIZE(keys), &s, error);

	if (err)
		return err;
	err = split_servers(&s, &bad);
	if (err) {
		snprintf(error, CONFIG_ERROR_SIZE,
			 "%s: 'addresses' in [server] wants up to %d numeric addresses such as "
			 "10.1.0.2:%d, separated by commas; this is none: %.80s",
			 path, SERVERS_MAX, GATEWAY_PORT, bad);
		return err;
	}
	if (text_equal(s.root, "/"))
		s.root[0] = 0;
	*ret = s;
	return 0;
}
