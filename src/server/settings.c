#include "server/settings.h"

#include <stdio.h>

#include "base/text.h"
#include "crypto/hash.h"
#include "policy/event.h"
#include "policy/finding.h"

#define FIELD(member) CONFIG_FIELD(struct settings, member)

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

/* clang-format off: one setting, one line */
static const struct config_key keys[] = {
	{"server", "data_dir", CONFIG_TEXT, FIELD(data_dir), 0, 0, "/var/lib/menshen"},
	{"server", "keys_dir", CONFIG_TEXT, FIELD(keys_dir), 0, 0, "/etc/menshen/keys"},
	{"server", "debug", CONFIG_BOOL, FIELD(debug), 0, 0, "no"},
	{"server", "seccomp", CONFIG_BOOL, FIELD(seccomp), 0, 0, "yes"},
	{"gateway", "listen", CONFIG_ADDRESS, FIELD(gateway_listen), 8444, 0, "[::]:8444"},
	{"gateway", "loops", CONFIG_U64, FIELD(loops), 0, 64, "0"},
	{"gateway", "connections", CONFIG_U64, FIELD(connections), 16, 1000000, "20000"},
	{"gateway", "connections_per_address", CONFIG_U64, FIELD(connections_per_address), 1,
	 1000000, "512"},
	{"gateway", "enrol_per_minute", CONFIG_U64, FIELD(enrol_per_minute), 1, 100000, "30"},
	{"gateway", "heartbeat_s", CONFIG_U64, FIELD(heartbeat_s), 1, 3600, "30"},
	{"gateway", "grace_heartbeats", CONFIG_U64, FIELD(grace_heartbeats), 1, 100, "3"},
	{"gateway", "renew_late_days", CONFIG_U64, FIELD(renew_late_days), 1, 3650, "90"},
	{"gateway", "events_per_s", CONFIG_U64, FIELD(events_per_s), 1, 100000, "20"},
	{"gateway", "events_burst", CONFIG_U64, FIELD(events_burst), 1, 10000000, "20000"},
	{"console", "listen", CONFIG_ADDRESS, FIELD(console_listen), 8443, 0, "[::]:8443"},
	{"console", "dir", CONFIG_TEXT, FIELD(console_dir), 0, 0, ""},
	{"enrolment", "listen", CONFIG_PARSED, FIELD(enrolment_listen), 0, 0, "none", parse_listen,
	 "a numeric address such as 10.1.0.2:8445, or none"},
	{"enrolment", "dir", CONFIG_TEXT, FIELD(enrolment_dir), 0, 0, ""},
	{"enrolment", "connections", CONFIG_U64, FIELD(enrolment_connections), 1, 4096, "64"},
	{"enrolment", "connections_per_address", CONFIG_U64, FIELD(enrolment_per_address), 1, 4096,
	 "4"},
	{"metrics", "listen", CONFIG_PARSED, FIELD(metrics_listen), 0, 0, "none", parse_listen,
	 "a numeric address such as 127.0.0.1:8446, or none"},
	{"syslog", "collector", CONFIG_PARSED, FIELD(syslog_collector), 0, 0, "none",
	 parse_collector, "a numeric address such as 10.1.0.9:514, or none"},
	{"syslog", "tcp", CONFIG_BOOL, FIELD(syslog_tcp), 0, 0, "no"},
	{"syslog", "kinds", CONFIG_PARSED, FIELD(syslog_kinds), 0, 0, "finding gate.", parse_kinds,
	 "kinds of docs/events.md with spaces between, all, or none"},
	{"log", "hash", CONFIG_TEXT, FIELD(hash), 0, 0, "sm3"},
	{"log", "epoch", CONFIG_U64, FIELD(epoch), 1, UINT32_MAX, "1"},
	{"findings", "isolate", CONFIG_PARSED, FIELD(findings_isolate), 0, 0, "none",
	 parse_findings, "codes of findings that name a terminal, or none"},
	{"findings", "oui", CONFIG_TEXT, FIELD(findings_oui), 0, 0, "/usr/share/menshen/oui.csv"},
	{"breaker", "percent", CONFIG_U64, FIELD(breaker_percent), 1, 100, "5"},
	{"breaker", "least", CONFIG_U64, FIELD(breaker_least), 1, 1000000, "10"},
	{"breaker", "window_s", CONFIG_U64, FIELD(breaker_window_s), 1, 86400, "600"},
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
