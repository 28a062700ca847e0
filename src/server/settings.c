#include "server/settings.h"

#include <stdio.h>

#include "base/config_rows.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "policy/event.h"
#include "policy/finding.h"

static int parse_listen(const char *text, void *field)
{
	struct addr *a = field;

	*a = (struct addr){.len = 0};
	return text_equal(text, "none") ? 0 : addr_parse(text, 8445, a);
}

static int parse_collector(const char *text, void *field)
{
	struct addr *a = field;

	*a = (struct addr){.len = 0};
	return text_equal(text, "none") ? 0 : addr_parse(text, 514, a);
}

static int parse_kinds(const char *text, void *field)
{
	return event_kinds_check(text) ? -EINVAL : text_copy(field, SETTINGS_PATH_SIZE, text);
}

static int parse_findings(const char *text, void *field)
{
	return finding_set_parse(text, field);
}

static int parse_hour(const char *text, void *field)
{
	int *minute = field, h, m, end = 0;

	if (sscanf(text, "%2d:%2d%n", &h, &m, &end) != 2 || text[end] || h < 0 || h > 23 || m < 0 ||
	    m > 59)
		return -EINVAL;
	*minute = h * 60 + m;
	return 0;
}

/* clang-format off: one setting, one line */
static const struct config_key keys[] = {
	TEXT("server", "data_dir", data_dir, "/var/lib/menshen"),
	TEXT("server", "keys_dir", keys_dir, "/etc/menshen/keys"),
	YES_NO("server", "debug", debug, "no"),
	YES_NO("server", "seccomp", seccomp, "yes"),
	{"gateway", "listen", CONFIG_ADDRESS, FIELD(gateway_listen), 8444, 0, "[::]:8444"},
	NUMBER("gateway", "loops", loops, 0, 64, "0"),
	NUMBER("gateway", "connections", connections, 16, 1000000, "20000"),
	NUMBER("gateway", "connections_per_address", connections_per_address, 1, 1000000, "512"),
	NUMBER("gateway", "enrol_per_minute", enrol_per_minute, 1, 100000, "30"),
	NUMBER("gateway", "heartbeat_s", heartbeat_s, 1, 3600, "30"),
	NUMBER("gateway", "grace_heartbeats", grace_heartbeats, 1, 100, "3"),
	NUMBER("gateway", "renew_late_days", renew_late_days, 1, 3650, "90"),
	NUMBER("gateway", "events_per_s", events_per_s, 1, 100000, "20"),
	NUMBER("gateway", "events_burst", events_burst, 1, 10000000, "20000"),
	{"console", "listen", CONFIG_ADDRESS, FIELD(console_listen), 8443, 0, "[::]:8443"},
	TEXT("console", "dir", console_dir, ""),
	TEXT("console", "vendors_dir", vendors_dir, "/usr/share/menshen/vendors"),
	{"enrolment", "listen", CONFIG_PARSED, FIELD(enrolment_listen), 0, 0, "none", parse_listen,
	 "a numeric address such as 10.1.0.2:8445, or none"},
	TEXT("enrolment", "dir", enrolment_dir, ""),
	NUMBER("enrolment", "connections", enrolment_connections, 1, 4096, "64"),
	{"enrolment", "connections_per_address", CONFIG_U64, FIELD(enrolment_per_address), 1, 4096,
	 "4"},
	{"metrics", "listen", CONFIG_PARSED, FIELD(metrics_listen), 0, 0, "none", parse_listen,
	 "a numeric address such as 127.0.0.1:8446, or none"},
	{"syslog", "collector", CONFIG_PARSED, FIELD(syslog_collector), 0, 0, "none",
	 parse_collector, "a numeric address such as 10.1.0.9:514, or none"},
	YES_NO("syslog", "tcp", syslog_tcp, "no"),
	{"syslog", "kinds", CONFIG_PARSED, FIELD(syslog_kinds), 0, 0, "finding gate.", parse_kinds,
	 "kinds of docs/events.md with spaces between, all, or none"},
	TEXT("log", "hash", hash, "sm3"),
	{"log", "epoch", CONFIG_U64, FIELD(epoch), 1, UINT32_MAX, "1"},
	{"findings", "isolate", CONFIG_PARSED, FIELD(findings_isolate), 0, 0, "none",
	 parse_findings, "codes of findings that name a terminal, or none"},
	TEXT("findings", "oui", findings_oui, "/usr/share/menshen/oui.csv"),
	NUMBER("sessions", "keep_days", sessions_keep_days, 1, 3650, "30"),
	TEXT("directory", "file", directory_file, "none"),
	{"directory", "at", CONFIG_PARSED, FIELD(directory_at), 0, 0, "02:30", parse_hour,
	 "a time of day such as 02:30"},
	NUMBER("breaker", "percent", breaker_percent, 1, 100, "5"),
	NUMBER("breaker", "least", breaker_least, 1, 1000000, "10"),
	NUMBER("breaker", "window_s", breaker_window_s, 1, 86400, "600"),
};
/* clang-format on */

int settings_load(const char *path, struct settings *ret, char error[static CONFIG_ERROR_SIZE])
{
	struct settings s = {0};
	enum hash_kind hash;
	int err = config_load(path, keys, ARRAY_SIZE(keys), &s, error);

	if (!err && hash_kind_parse(s.hash, &hash)) {
		snprintf(error, CONFIG_ERROR_SIZE, "%s: 'hash' in [log] wants sm3 or sha256", path);
		err = -EINVAL;
	}
	if (!err)
		*ret = s;
	return err;
}
