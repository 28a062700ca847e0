#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/text.h"
#include "cli/command.h"

static const struct command *const commands[] = {
	&command_init,	 &command_verify,    &command_import,  &command_policy,
	&command_backup, &command_restore,   &command_gate,    &command_switch_config,
	&command_doctor, &command_directory, &command_dry_run,
};

int command_fail(const char *fmt, ...)
{
	va_list args;

	fputs("menshen: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return EXIT_NOT_DONE;
}

static int add_value(const struct command_option *o, const char *value)
{
	size_t n = 0;

	while (n < o->max && o->value[n])
		n++;
	if (o->max == 1)
		n = 0; /* the last one counts */
	else if (n == o->max)
		return -EINVAL;
	o->value[n] = value;
	return 0;
}

int command_options(int argc, char **argv, const struct command_option *options, size_t count,
		    int *ret_rest)
{
	int at = 1;

	while (at < argc && text_starts(argv[at], "--")) {
		size_t i = 0;

		while (i < count && !text_equal(options[i].name, argv[at]))
			i++;
		if (i == count || at + 1 == argc || add_value(&options[i], argv[at + 1])) {
			command_fail("%s: %s %s", argv[0], argv[at],
				     i == count ? "is no option of this command"
						: "lacks its value or stands too often");
			return -EINVAL;
		}
		at += 2;
	}
	*ret_rest = at;
	return 0;
}

static void usage(void)
{
	puts("menshen " MENSHEN_VERSION ", for the administrator's shell\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  menshen %s %s\n      %s\n", commands[i]->name, commands[i]->usage,
		       commands[i]->help);
}

int main(int argc, char **argv)
{
	umask(0077); /* keys and stores are nobody else's business */
	log_start("menshen", LOG_LEVEL_INFO);
	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(commands); i++)
		if (text_equal(commands[i]->name, argv[1]))
			return commands[i]->run(argc - 1, argv + 1);
	usage();
	return argc == 2 && (text_equal(argv[1], "--help") || text_equal(argv[1], "help"))
		       ? 0
		       : EXIT_NOT_DONE;
}
