/* menshend's configuration file. Every setting has one line in settings.c and one in
 * packaging/menshend.conf. */
#pragma once

#include "base/config.h"

#define SETTINGS_PATH_SIZE 512

struct settings {
	/* [server] */
	char data_dir[SETTINGS_PATH_SIZE], keys_dir[SETTINGS_PATH_SIZE];
	bool debug;
	bool seccomp; /* gives up the system calls that it does not need */
	/* [gateway] */
	struct addr gateway_listen;
	uint64_t loops, connections, connections_per_address, enrol_per_minute;
	uint64_t heartbeat_s, grace_heartbeats;
	uint64_t renew_late_days, events_per_s, events_burst;
	/* [console] */
	struct addr console_listen;
	char console_dir[SETTINGS_PATH_SIZE]; /* "": the API alone */
	char vendors_dir[SETTINGS_PATH_SIZE];
	/* [enrolment] */
	struct addr enrolment_listen; /* len 0: none */
	char enrolment_dir[SETTINGS_PATH_SIZE];
	uint64_t enrolment_connections, enrolment_per_address;
	/* [metrics] */
	struct addr metrics_listen; /* len 0: none */
	/* [syslog] */
	struct addr syslog_collector; /* len 0: none */
	bool syslog_tcp;
	char syslog_kinds[SETTINGS_PATH_SIZE];
	/* [log] */
	char hash[16];
	uint64_t epoch;
	/* [findings] */
	uint32_t findings_isolate; /* finding_set_parse() */
	char findings_oui[SETTINGS_PATH_SIZE];
	/* [sessions] */
	uint64_t sessions_keep_days; /* after their end */
	/* [directory] */
	char directory_file[SETTINGS_PATH_SIZE]; /* directory/read.h; "none" */
	int directory_at;			 /* minute of the day, China Standard Time */
	/* [breaker] */
	uint64_t breaker_percent, breaker_least, breaker_window_s;
};

/* `error` says file, line and what was expected. */
int settings_load(const char *path, struct settings *ret,
		  char error[static CONFIG_ERROR_SIZE]) MUST_CHECK;
