/* menshen-survey's configuration file. Every setting has one line in settings.c. */
#pragma once

#include "base/config.h"

#define PATH_SIZE 256

struct settings {
	char user[32]; /* to become when started as root; "" or root: nobody else */
	char run_dir[PATH_SIZE];
	char gate[PATH_SIZE]; /* the gate's socket */
	bool debug;
	uint64_t period_s;    /* from one survey of a switch to the next */
	uint64_t most_s;      /* a switch may take for its answers */
	uint64_t uplink_macs; /* more than these behind a port make it an uplink */
	uint64_t hold_ms;     /* a bounced port stays down */
};

/* `error` says file, line and what was expected. */
int settings_load(const char *path, struct settings *ret,
		  char error[static CONFIG_ERROR_SIZE]) MUST_CHECK;
