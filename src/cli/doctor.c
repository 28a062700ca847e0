/* menshen doctor: looks at a running installation, says what is wrong and what to do. One check is
 * one line of the table. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/statvfs.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/doctor.h"

#define CONFIG_DEFAULT "/etc/menshen/menshend.conf"
#define ROOM_LEAST_MIB 1024
#define CERTIFICATE_LEAST_DAYS 30

static int check_keys(struct examined *x, char *finding)
{
	char error[KEYS_ERROR_SIZE];
	int err = keys_load(x->settings.keys_dir, &x->keys, error);

	x->has_keys = !err;
	snprintf(finding, FINDING_SIZE, "%s", err ? error : x->settings.keys_dir);
	return err;
}

static int check_certificate(struct examined *x, char *finding)
{
	struct cert_info cert;
	int64_t days;
	int err = x->has_keys ? cert_parse(x->keys.server_pem.data, x->keys.server_pem.len, &cert)
			      : -ENOENT;

	if (err) {
		snprintf(finding, FINDING_SIZE, "not looked at: the keys cannot be read");
		return err;
	}
	days = (cert.not_after_ms - clock_wall_ms()) / DAY_MS;
	snprintf(finding, FINDING_SIZE, "the gateway's certificate lasts %lld more days%s",
		 (long long)days,
		 days < CERTIFICATE_LEAST_DAYS
			 ? ": it is renewed at a start with ca.key in the folder of keys"
			 : "");
	return days < CERTIFICATE_LEAST_DAYS ? -EKEYEXPIRED : 0;
}

static int check_store(struct examined *x, char *finding)
{
	const struct store_options o = {.dir = x->settings.data_dir};
	char error[STORE_ERROR_SIZE] = "";
	int64_t size = 0;
	int err = store_open(&o, &x->store, error);

	if (!err)
		err = store_reader_new(x->store, &x->db);
	if (!err)
		err = store_get_int(x->db, STMT_LOG_SIZE, STORE_NO_ARGS, 0, &size);
	if (err)
		snprintf(finding, FINDING_SIZE, "%s", error[0] ? error : strerror(-err));
	else
		snprintf(finding, FINDING_SIZE, "%lld entries in the audit log", (long long)size);
	return err;
}

static int check_room(struct examined *x, char *finding)
{
	struct statvfs fs;
	uint64_t mib;

	if (statvfs(x->settings.data_dir, &fs) < 0) {
		snprintf(finding, FINDING_SIZE, "%s: %s", x->settings.data_dir, strerror(errno));
		return -ENOENT;
	}
	mib = (uint64_t)fs.f_bavail * fs.f_frsize >> 20;
	snprintf(finding, FINDING_SIZE, "%llu MiB free below %s%s", (unsigned long long)mib,
		 x->settings.data_dir,
		 mib < ROOM_LEAST_MIB ? ": make room, the server stops acknowledging when full"
				      : "");
	return mib < ROOM_LEAST_MIB ? -ENOSPC : 0;
}

static int connects(const struct addr *at, char *finding, const char *what)
{
	CLEANUP_FD int fd = socket(at->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char text[ADDR_TEXT_SIZE];
	int err = fd < 0 || connect(fd, &at->sa, at->len) < 0 ? -errno : 0;

	addr_format(text, at);
	snprintf(finding, FINDING_SIZE, "%s at %s %s%s", what, text,
		 err ? "does not answer: " : "answers",
		 err ? "is menshend running? see journalctl -u menshend" : "");
	return err;
}

static int check_gateway(struct examined *x, char *finding)
{
	return connects(&x->settings.gateway_listen, finding, "the gateway");
}

static int check_console(struct examined *x, char *finding)
{
	return connects(&x->settings.console_listen, finding, "the console");
}

static const struct {
	const char *name;
	check_fn *fn;
} checks[] = {
	{"keys", check_keys},
	{"certificate", check_certificate},
	{"store", check_store},
	{"disk", check_room},
	{"gateway", check_gateway},
	{"console", check_console},
	{"gates", check_gates},
	{"gates' certs", check_gate_certificates},
	{"desks' certs", check_terminal_certificates},
	{"switches", check_exceptions},
	{"breaker", check_breaker},
	{"clock", check_clock},
};

static int run(int argc, char **argv)
{
	struct examined x = {.now_ms = clock_wall_ms()};
	char error[CONFIG_ERROR_SIZE], finding[FINDING_SIZE];
	const char *config = argc > 1 ? argv[1] : CONFIG_DEFAULT;
	int status = 0;

	if (argc > 2)
		return command_fail("usage: menshen doctor %s", command_doctor.usage);
	if (settings_load(config, &x.settings, error)) {
		printf("BAD   config       %s\n", error);
		return EXIT_NOT_GOOD;
	}
	printf("good  config       %s\n", config);
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
		int err = checks[i].fn(&x, finding);

		printf("%s  %-12s %s\n",
		       err < 0 ? "BAD "
		       : err   ? "note"
			       : "good",
		       checks[i].name, finding);
		status = err < 0 ? EXIT_NOT_GOOD : status;
	}
	store_reader_free(x.db);
	store_close(x.store);
	if (x.has_keys)
		keys_done(&x.keys);
	return status;
}

const struct command command_doctor = {
	.name = "doctor",
	.usage = "[CONFIG]",
	.help = "looks at a running installation and says what to do",
	.run = run,
};
