/* menshen-port: a Linux box as an access switch. See docs/man/menshen-port.8. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/inquiry.h"
#include "base/log.h"
#include "port/warden.h"

#define CONFIG_PATH "/etc/menshen/port.conf"
#define FAREWELL_MS 3000 /* for the last accounting records */

static int usage(void)
{
	fputs("usage: menshen-port [-c FILE] [status]\n", stderr);
	return 2;
}

static int show_status(const struct settings *s)
{
	CLEANUP_BUF struct buf text = {.limit = WARDEN_STATUS_MAX};
	char path[SETTINGS_PATH_MAX + 16];
	int err;

	snprintf(path, sizeof(path), "%s/control", s->run_dir);
	err = inquiry_ask(path, NULL, &text);
	if (err) {
		fprintf(stderr, "menshen-port does not answer at %s: %s\n", path, strerror(-err));
		return 1;
	}
	fputs(buf_str(&text), stdout);
	return 0;
}

static void on_signal(void *arg, int signo)
{
	(void)signo;
	loop_stop(arg);
}

/* The loop has stopped for good; the last records leave by single steps. */
static void say_farewell(struct loop *loop, struct warden *w)
{
	int64_t until = clock_mono_ms() + FAREWELL_MS;

	warden_close(w);
	while (!warden_is_done(w) && clock_mono_ms() < until)
		if (loop_step(loop, 100))
			return;
}

static int serve(const struct settings *s)
{
	static const int signals[] = {SIGTERM, SIGINT};
	struct warden *w = NULL;
	struct loop *loop = NULL;
	int err = file_make_dirs(s->run_dir, 0700);

	if (!err)
		err = loop_new(&loop);
	if (!err)
		err = loop_watch_signals(loop, signals, ARRAY_SIZE(signals), on_signal, loop);
	if (!err)
		err = warden_new(loop, s, &w);
	if (!err) {
		log_info("%zu ports are locked and watched", s->ports.count);
		err = loop_run(loop);
		say_farewell(loop, w);
	} else {
		log_error("not started: %s", strerror(-err));
	}
	warden_free(w);
	loop_free(loop);
	return err ? 1 : 0;
}

int main(int argc, char **argv)
{
	static struct settings settings;
	char error[CONFIG_ERROR_SIZE];
	const char *path = CONFIG_PATH;
	int option, status;

	while ((option = getopt(argc, argv, "c:")) != -1) {
		if (option != 'c')
			return usage();
		path = optarg;
	}
	log_start("menshen-port", LOG_LEVEL_INFO);
	if (settings_load(path, &settings, error)) {
		log_error("%s", error);
		return 1;
	}
	if (optind == argc)
		status = serve(&settings);
	else if (optind + 1 == argc && strcmp(argv[optind], "status") == 0)
		status = show_status(&settings);
	else
		status = usage();
	settings_wipe(&settings);
	return status;
}
