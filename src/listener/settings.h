/* menshen-listener's configuration file. Every setting has one line in settings.c. */
#pragma once

#include <net/if.h>

#include "base/config.h"

#define PATH_SIZE 256
#define INTERFACES_MAX 8

struct interfaces {
	char name[INTERFACES_MAX][IF_NAMESIZE];
	size_t count;
};

struct settings {
	struct interfaces interfaces;
	char user[32]; /* to become when started as root; "" or root: nobody else */
	char run_dir[PATH_SIZE];
	char gate[PATH_SIZE];	  /* the gate's socket, or "none" */
	char expected[PATH_SIZE]; /* these three: a file, or "none" */
	char plan[PATH_SIZE];
	char oui[PATH_SIZE];
	char known[PATH_SIZE]; /* what it knew, or "none" */
	uint64_t settle_s, period_s, per_minute, max_devices, ring_mib;
	bool debug;
};

/* `error` says file, line and what was expected. */
int settings_load(const char *path, struct settings *ret,
		  char error[static CONFIG_ERROR_SIZE]) MUST_CHECK;
