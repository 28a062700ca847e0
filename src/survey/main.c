/* menshen-survey: asks the switches who is where. See docs/man/menshen-survey.8. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/privilege.h"
#include "base/sandbox.h"
#include "base/text.h"
#include "survey/control.h"
#include "survey/gate_line.h"

#define CONFIG_PATH "/etc/menshen/survey.conf"
#define SANDBOX (SANDBOX_BASIC | SANDBOX_FILES | SANDBOX_NETWORK | SANDBOX_FORK)

struct program {
	struct settings settings;
	struct loop *loop;
	struct gate_line *line;
	struct inquiry *control;
};

static int usage(void)
{
	fputs("usage: menshen-survey [-c FILE] "
	      "[run | status | switches | ports | macs | neighbours]\n",
	      stderr);
	return 2;
}

static int complain(const char *what, const char *where, int err)
{
	if (err)
		log_error("%s %s: %s", what, where, strerror(-err));
	return err;
}

static void on_signal(void *arg, int signo)
{
	(void)signo;
	loop_stop(arg);
}

static int start(struct program *p)
{
	static const int signals[] = {SIGTERM, SIGINT};
	int err = complain("cannot make", p->settings.run_dir,
			   privilege_make_dir(p->settings.run_dir, p->settings.user));

	if (!err)
		err = complain("cannot become", p->settings.user, privilege_drop(p->settings.user));
	if (err)
		return err;
	ask_init();
	err = loop_new(&p->loop);
	if (!err)
		err = loop_watch_signals(p->loop, signals, ARRAY_SIZE(signals), on_signal, p->loop);
	if (!err)
		err = gate_line_new(p->loop, &p->settings, &p->line);
	if (!err)
		err = control_new(p->loop, gate_line_survey(p->line), &p->control);
	if (!err)
		err = sandbox_enter(SANDBOX);
	return complain("cannot start under", p->settings.run_dir, err);
}

static int serve(struct program *p)
{
	int err = start(p);

	if (!err) {
		log_info("surveying, each switch every %llu s",
			 (unsigned long long)p->settings.period_s);
		err = loop_run(p->loop);
	}
	inquiry_free(p->control);
	gate_line_free(p->line);
	loop_free(p->loop);
	return err ? 1 : 0;
}

int main(int argc, char **argv)
{
	static struct program p;
	const char *path = CONFIG_PATH;
	char error[CONFIG_ERROR_SIZE];
	int status;

	if (argc > 2 && text_equal(argv[1], "-c")) {
		path = argv[2];
		argv += 2;
		argc -= 2;
	}
	if (argc > 2)
		return usage();
	if (settings_load(path, &p.settings, error)) {
		fprintf(stderr, "menshen-survey: %s\n", error);
		return 2;
	}
	log_start("menshen-survey", p.settings.debug ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	if (argc == 1 || text_equal(argv[1], "run"))
		return serve(&p);
	status = control_client(&p.settings, argv[1]);
	return status == 2 ? usage() : status;
}
