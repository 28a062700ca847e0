/*
 * menshen: the administrator's program. One file a subcommand, each with one const descriptor that
 * stands in the table of main.c. Exit status: 0 good, 1 it was looked at and is not good (verify,
 * doctor), 2 it could not be done.
 */
#pragma once

#include "base/util.h"

struct command {
	const char *name;
	const char *usage; /* behind the name */
	const char *help;  /* one sentence */
	/* argv[0] is the subcommand's name. Returns the exit status. */
	int (*run)(int argc, char **argv);
};

#define EXIT_NOT_GOOD 1
#define EXIT_NOT_DONE 2

extern const struct command command_init, command_verify, command_import, command_doctor,
	command_policy, command_backup, command_restore, command_gate, command_switch_config,
	command_directory, command_dry_run;

/* One line on standard error: "menshen: ...". Returns EXIT_NOT_DONE, to stand in a return. */
int command_fail(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* "--name value" options, table-driven; `values` are pointers into argv. */
struct command_option {
	const char *name; /* "--dir" */
	const char **value;
	size_t max; /* how often it may stand; `value` has room for as many and a NULL end */
};
/* -EINVAL after having said what is wrong. `ret_rest`: the first argument that is no option. */
int command_options(int argc, char **argv, const struct command_option *options, size_t count,
		    int *ret_rest) MUST_CHECK;
