#include "survey/settings.h"

#include <string.h>

#define FIELD(member) CONFIG_FIELD(struct settings, member)

/* clang-format off: one setting, one line */
static const struct config_key keys[] = {
	{"survey", "user", CONFIG_TEXT, FIELD(user), 0, 0, "menshen-survey"},
	{"survey", "run-dir", CONFIG_TEXT, FIELD(run_dir), 0, 0, "/run/menshen-survey"},
	{"survey", "gate", CONFIG_TEXT, FIELD(gate), 0, 0, "/run/menshen-gate/survey.sock"},
	{"survey", "debug", CONFIG_BOOL, FIELD(debug), 0, 0, "no"},
	{"survey", "period-s", CONFIG_U64, FIELD(period_s), 1, 86400, "300"},
	{"survey", "most-s", CONFIG_U64, FIELD(most_s), 1, 600, "60"},
	{"survey", "uplink-macs", CONFIG_U64, FIELD(uplink_macs), 1, 4096, "16"},
	{"bounce", "hold-ms", CONFIG_U64, FIELD(hold_ms), 100, 30000, "3000"},
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
