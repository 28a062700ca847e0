/* What /etc/menshen/agent.conf says; packaging/agent.conf is the commented example. */
#pragma once

#include "base/addr.h"
#include "base/config.h"

#define SERVERS_MAX 8
#define DIR_SIZE 80 /* sockets lie below some of these, and a socket's path is short */
#define SETTINGS_PATH "/etc/menshen/agent.conf"
#define RUN_DIR_DEFAULT "/run/menshen-agent"

struct settings {
	char server_list[512];
	struct addr servers[SERVERS_MAX];
	size_t server_count;
	char server_name[256]; /* in the gateway's certificate */
	char ca[256];	       /* PEM file: the one root that is trusted */
	uint64_t reconnect_max_s;
	char state_dir[DIR_SIZE];
	char run_dir[DIR_SIZE];
	char language[8];
	char campaign_code[33]; /* "": wait for `menshen-agent enrol` */
	uint64_t queue_kib;
	char supplicant_dir[DIR_SIZE];
	char interface[16]; /* "": all network cards */
	char root[200];	    /* where the guards and the inventory look; "" is the machine itself */
	uint64_t guard_period_s;
	uint64_t inventory_period_s;
};

/* On failure `error` says file, line and what was expected. */
int settings_load(const char *path, struct settings *ret,
		  char error[static CONFIG_ERROR_SIZE]) MUST_CHECK;
