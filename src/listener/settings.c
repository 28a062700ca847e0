#include "listener/settings.h"

#include <string.h>

#include "base/config_rows.h"
#include "base/text.h"

static int parse_interfaces(const char *text, void *field)
{
	struct interfaces list = {.count = 0};
	char copy[INTERFACES_MAX * IF_NAMESIZE], *rest = copy, *name;

	if (text_copy(copy, sizeof(copy), text))
		return -EINVAL;
	while ((name = strsep(&rest, " ,\t"))) {
		if (!*name)
			continue;
		if (list.count == INTERFACES_MAX ||
		    text_copy(list.name[list.count], IF_NAMESIZE, name))
			return -EINVAL;
		list.count++;
	}
	memcpy(field, &list, sizeof(list));
	return list.count ? 0 : -EINVAL;
}

/* clang-format off: one setting, one line */
static const struct config_key keys[] = {
	{"listener", "interfaces", CONFIG_PARSED, FIELD(interfaces), 0, 0, NULL, parse_interfaces,
	 "up to 8 interfaces"},
	TEXT("listener", "user", user, "menshen-listener"),
	TEXT("listener", "run-dir", run_dir, "/run/menshen-listener"),
	TEXT("listener", "gate", gate, "/run/menshen-gate/heard.sock"),
	YES_NO("listener", "debug", debug, "no"),
	TEXT("network", "expected", expected, "none"),
	TEXT("network", "plan", plan, "gate"),
	TEXT("network", "oui", oui, "/usr/share/menshen/oui.csv"),
	NUMBER("reports", "settle-s", settle_s, 0, 86400, "60"),
	NUMBER("reports", "period-s", period_s, 1, 604800, "3600"),
	NUMBER("reports", "per-minute", per_minute, 1, 100000, "200"),
	TEXT("memory", "known", known, "/var/lib/menshen-listener/known"),
	NUMBER("memory", "max-devices", max_devices, 16, 1000000, "20000"),
	NUMBER("memory", "ring-mib", ring_mib, 1, 1024, "16"),
};
/* clang-format on */

int settings_load(const char *path, struct settings *ret, char error[static CONFIG_ERROR_SIZE])
{
	struct settings s;
	int err;

	memset(&s, 0, sizeof(s));
	err = config_load(path, keys, ARRAY_SIZE(keys), &s, error);
	if (!err)
		*ret = s;
	return err;
}
