/* menshen-listener: finds what hides on the network. See docs/man/menshen-listener.8. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/privilege.h"
#include "base/sandbox.h"
#include "base/text.h"
#include "listener/control.h"

#define CONFIG_PATH "/etc/menshen/listener.conf"

static int usage(void)
{
	fputs("usage: menshen-listener [-c FILE] [run | status | devices | findings]\n", stderr);
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

static int serve(struct listener *l)
{
	static const int signals[] = {SIGTERM, SIGINT};
	int err = complain("cannot make", l->settings.run_dir,
			   privilege_make_dir(l->settings.run_dir, l->settings.user));

	if (!err)
		err = listener_open(l);
	if (!err)
		err = complain("cannot become", l->settings.user, privilege_drop(l->settings.user));
	if (!err)
		err = loop_new(&l->loop);
	if (!err)
		err = loop_watch_signals(l->loop, signals, ARRAY_SIZE(signals), on_signal, l->loop);
	if (!err)
		err = listener_start(l);
	if (!err)
		err = complain("cannot enter", "the sandbox",
			       sandbox_enter(SANDBOX_BASIC | SANDBOX_FILES | SANDBOX_NETWORK));
	if (!err) {
		log_info("listening at %zu interfaces", l->settings.interfaces.count);
		err = loop_run(l->loop);
	}
	if (!err)
		err = l->failure;
	listener_stop(l);
	return err ? 1 : 0;
}

int main(int argc, char **argv)
{
	static struct listener l;
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
	if (settings_load(path, &l.settings, error)) {
		fprintf(stderr, "menshen-listener: %s\n", error);
		return 2;
	}
	log_start("menshen-listener", l.settings.debug ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	if (argc == 1 || text_equal(argv[1], "run"))
		return serve(&l);
	status = control_client(&l.settings, argv[1]);
	return status == 2 ? usage() : status;
}
