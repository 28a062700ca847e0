/* menshend CONFIG: head office's server. Signals: SIGTERM and SIGINT end it in order. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/addr.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "server/server.h"

#define CONFIG_DEFAULT "/etc/menshen/menshend.conf"

static void on_signal(void *arg, int signo)
{
	log_info("%s: ending in order", strsignal(signo));
	loop_stop(arg);
}

/* The server starts no program, ever. */
static void enter_sandbox(const struct settings *settings)
{
	int err = settings->seccomp ? sandbox_enter(SANDBOX_BASIC | SANDBOX_FILES |
						    SANDBOX_NETWORK | SANDBOX_FORK)
				    : 0;

	if (err)
		log_warn("no sandbox: %s; the server works on without", strerror(-err));
}

/* start, run until a signal, stop */
static int run(const struct settings *settings)
{
	static const int signals[] = {SIGTERM, SIGINT};
	char error[SERVER_ERROR_SIZE] = "", gateway[ADDR_TEXT_SIZE], console[ADDR_TEXT_SIZE],
	     enrolment[ADDR_TEXT_SIZE];
	struct server *server = NULL;
	struct loop *loop;
	int err = loop_new(&loop);

	if (err) {
		log_error("no event loop: %s", strerror(-err));
		return err;
	}
	err = loop_watch_signals(loop, signals, ARRAY_SIZE(signals), on_signal, loop);
	if (!err)
		err = server_start(settings, loop, &server, error);
	if (err) {
		log_error("%s", error[0] ? error : strerror(-err));
	} else {
		addr_format(gateway, &settings->gateway_listen);
		addr_format(console, &settings->console_listen);
		log_info("ready: agents and gates at %s, console at %s", gateway, console);
		if (settings->enrolment_listen.len) {
			addr_format(enrolment, &settings->enrolment_listen);
			log_info("the enrolment page is at %s", enrolment);
		}
		enter_sandbox(settings);
		err = loop_run(loop);
	}
	server_stop(server);
	loop_free(loop);
	return err;
}

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : CONFIG_DEFAULT;
	char error[CONFIG_ERROR_SIZE];
	struct settings settings;

	if (argc > 2 || path[0] == '-') {
		printf("menshend " MENSHEN_VERSION "\nusage: menshend [CONFIG] (" CONFIG_DEFAULT
		       ")\n");
		return argc == 2 && !strcmp(path, "--version") ? 0 : 2;
	}
	umask(0077); /* password hashes lie in the store */
	log_start("menshend", LOG_LEVEL_INFO);
	if (settings_load(path, &settings, error)) {
		log_error("%s", error);
		return 2;
	}
	if (settings.debug)
		log_start("menshend", LOG_LEVEL_DEBUG);
	return run(&settings) ? 1 : 0;
}
