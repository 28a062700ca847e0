/* menshen-agent: the guardian at the desk. Subcommands: see the table. */
#define _GNU_SOURCE
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "agent/core/agent.h"
#include "agent/core/enrol_command.h"
#include "agent/core/explain_text.h"
#include "agent/core/status_text.h"
#include "base/log.h"
#include "base/text.h"

struct options {
	const char *config;
	enum language language;
	bool again; /* enrol: although it is enrolled */
	bool json;  /* status: for programs */
	const char *argument;
};

static int load(const struct options *o, struct settings *ret)
{
	char error[CONFIG_ERROR_SIZE];
	int err = settings_load(o->config, ret, error);

	if (err)
		fprintf(stderr, "menshen-agent: %s\n", error);
	return err;
}

static int run(const struct options *o)
{
	struct settings settings;

	return load(o, &settings) ? 1 : agent_run(&settings);
}

static int enrol(const struct options *o)
{
	struct settings settings;

	if (load(o, &settings))
		return 1;
	return enrol_command(&settings, o->argument, o->again, o->language == LANGUAGE_ZH);
}

static int print_status(const struct options *o, const json_t *report, bool running)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	bool well = status_describe(report, running, clock_wall_ms(), o->language, &text);

	if (o->json) {
		if (json_dumpf(report, stdout, JSON_INDENT(2)))
			return 1;
		printf("\n");
	} else {
		fputs(buf_str(&text), stdout);
	}
	return well ? 0 : 4;
}

/* The configuration may hold a campaign's code, so staff need not be able to read it. */
static int load_run_dir(const struct options *o, struct settings *ret)
{
	if (access(o->config, R_OK) == 0 || errno != EACCES)
		return load(o, ret);
	return text_copy(ret->run_dir, sizeof(ret->run_dir), RUN_DIR_DEFAULT);
}

static int status(const struct options *o)
{
	struct settings settings;
	json_t *report = NULL;
	bool running = false;
	int err, code;

	if (load_run_dir(o, &settings))
		return 1;
	err = status_ask(settings.run_dir, &report, &running);
	if (err && err != -ENOENT)
		fprintf(stderr, "menshen-agent: %s: %s\n", settings.run_dir, strerror(-err));
	code = print_status(o, report, running);
	json_decref(report);
	return code;
}

static int explain(const struct options *o)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	struct settings settings;
	json_t *report = NULL;
	bool running = false;
	int err;

	if (load_run_dir(o, &settings))
		return 1;
	err = status_ask(settings.run_dir, &report, &running);
	if (err || !running) {
		fprintf(stderr, "menshen-agent: no agent runs: start it first\n");
		json_decref(report);
		return 4;
	}
	err = explain_describe(report, o->argument, o->language, &text);
	json_decref(report);
	if (err)
		fprintf(stderr, "menshen-agent: %s: no guard that decides on things here\n",
			o->argument);
	else
		fputs(buf_str(&text), stdout);
	return err ? 1 : 0;
}

static int version(const struct options *o)
{
	(void)o;
	printf("menshen-agent %s\n", MENSHEN_VERSION);
	return 0;
}

static const struct {
	const char *name;
	bool wants_argument;
	int (*run)(const struct options *o);
	const char *help;
} commands[] = {
	{"run", false, run, "run                          stay and guard (the service does this)"},
	{"enrol", true, enrol, "enrol CODE [--again]         register this terminal"},
	{"status", false, status,
	 "status [--lang zh|en] [--json]  what is wrong and how to mend it"},
	{"explain", true, explain,
	 "explain GUARD [--lang zh|en]    what it decided on each thing here: explain storage"},
	{"version", false, version, "version"},
};

static int usage(void)
{
	fprintf(stderr, "usage: menshen-agent [--config FILE] COMMAND\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(stderr, "  %s\n", commands[i].help);
	return 64;
}

static int read_options(int argc, char **argv, struct options *o)
{
	static const struct option known[] = {
		{"config", required_argument, NULL, 'c'},
		{"lang", required_argument, NULL, 'l'},
		{"again", no_argument, NULL, 'a'},
		{"json", no_argument, NULL, 'j'},
		{NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "c:l:", known, NULL)) != -1) {
		if (c == 'c')
			o->config = optarg;
		else if (c == 'l')
			o->language = language_from(optarg);
		else if (c == 'a')
			o->again = true;
		else if (c == 'j')
			o->json = true;
		else
			return -EINVAL;
	}
	return 0;
}

static enum language language_of_environment(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	const char *value;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		value = getenv(names[i]);
		if (value && *value)
			return language_from(value);
	}
	return LANGUAGE_ZH;
}

int main(int argc, char **argv)
{
	struct options o = {.config = SETTINGS_PATH, .language = language_of_environment()};
	int left;

	log_start("menshen-agent", LOG_LEVEL_INFO);
	if (read_options(argc, argv, &o))
		return usage();
	left = argc - optind;
	for (size_t i = 0; left > 0 && i < ARRAY_SIZE(commands); i++) {
		if (!text_equal(argv[optind], commands[i].name) ||
		    left != 1 + commands[i].wants_argument)
			continue;
		o.argument = commands[i].wants_argument ? argv[optind + 1] : NULL;
		return commands[i].run(&o);
	}
	return usage();
}
