#include "survey/settings.h"

#include <string.h>

#include "base/config_rows.h"

/* clang-format off: one setting, one line */
static const struct config_key keys[] = {
	TEXT("survey", "user", user, "menshen-survey"),
	TEXT("survey", "run-dir", run_dir, "/run/menshen-survey"),
	TEXT("survey", "gate", gate, "/run/menshen-gate/survey.sock"),
	YES_NO("survey", "debug", debug, "no"),
	NUMBER("survey", "period-s", period_s, 1, 86400, "300"),
	NUMBER("survey", "most-s", most_s, 1, 600, "60"),
	NUMBER("survey", "uplink-macs", uplink_macs, 1, 4096, "16"),
	NUMBER("bounce", "hold-ms", hold_ms, 100, 30000, "3000"),
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
