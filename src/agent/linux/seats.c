#define _GNU_SOURCE
#include "agent/guards/seats.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <utmp.h>

#include "agent/linux/collect.h"
#include "agent/linux/command.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

#define FILE_MAX 65536
#define SEATS_PATH_SIZE 320
#define SESSIONS "/run/systemd/sessions"

static bool make_path(char dst[static SEATS_PATH_SIZE], const char *root, const char *a,
		      const char *b)
{
	return snprintf(dst, SEATS_PATH_SIZE, "%s%s%s", root, a, b) < SEATS_PATH_SIZE;
}

/* ---- idleness ---- */

/* A terminal's time of access is when somebody typed there last (to 8 s). */
static int64_t terminal_idle_ms(const char *root, const char *line)
{
	char path[SEATS_PATH_SIZE];
	struct stat st;

	if (!*line || strstr(line, "..") || !make_path(path, root, "/dev/", line) ||
	    stat(path, &st) < 0)
		return -1;
	return MAX(clock_wall_ms() - (int64_t)st.st_atim.tv_sec * 1000, INT64_C(0));
}

/* "Name=value" of a text of such lines; false when it is not there. */
static bool take_value(const char *text, const char *name, char *dst, size_t size)
{
	size_t len = strlen(name);

	for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n')
		if (strncmp(p, name, len) == 0 && p[len] == '=') {
			size_t n = strcspn(p + len + 1, "\n");

			if (text_copy_n(dst, size, p + len + 1, n))
				return false;
			collect_clean(dst);
			return true;
		}
	return false;
}

static bool is_logind(const struct seat *s)
{
	return s->id[0] != 'u';
}

/* What the desktop told logind: GNOME and those that follow it do. */
static void ask_hints(const char *root, struct seat *s)
{
	CLEANUP_BUF struct buf answer = BUF_INIT;
	char program[SEATS_PATH_SIZE], value[24];
	const char *const argv[] = {program, "show-session",  s->id, "-p",	   "IdleHint",
				    "-p",    "IdleSinceHint", "-p",  "LockedHint", NULL};
	int64_t since_us;

	if (!make_path(program, root, "/usr/bin/loginctl", "") || command_run(argv, &answer))
		return;
	if (take_value(buf_str(&answer), "LockedHint", value, sizeof(value)))
		s->locked = text_equal(value, "yes");
	if (!s->graphical || !take_value(buf_str(&answer), "IdleHint", value, sizeof(value)))
		return;
	s->idle_ms = 0;
	if (text_equal(value, "yes") &&
	    take_value(buf_str(&answer), "IdleSinceHint", value, sizeof(value)) &&
	    text_to_i64(value, 0, INT64_MAX, &since_us) == 0)
		s->idle_ms = MAX(clock_wall_ms() - since_us / 1000, INT64_C(0));
}

/* ---- logind ---- */

/* False for a log-on screen, and for what is about to end. */
static bool take_session(const char *root, const char *id, const char *text, struct seat *ret)
{
	struct seat s = {.idle_ms = -1};
	char value[64];
	int64_t n;

	if (!take_value(text, "CLASS", value, sizeof(value)) || !text_equal(value, "user") ||
	    !take_value(text, "USER", s.user, sizeof(s.user)) ||
	    (take_value(text, "STATE", value, sizeof(value)) && text_equal(value, "closing")))
		return false;
	text_fit(s.id, sizeof(s.id), id);
	(void)take_value(text, "REMOTE_HOST", s.remote, sizeof(s.remote));
	(void)take_value(text, "SERVICE", s.service, sizeof(s.service));
	s.graphical = take_value(text, "TYPE", value, sizeof(value)) &&
		      (text_equal(value, "x11") || text_equal(value, "wayland") ||
		       text_equal(value, "mir"));
	if (!take_value(text, s.graphical ? "DISPLAY" : "TTY", s.line, sizeof(s.line)))
		s.line[0] = 0;
	if (take_value(text, "LEADER", value, sizeof(value)) &&
	    text_to_i64(value, 2, INT32_MAX, &n) == 0)
		s.leader = (int)n;
	if (take_value(text, "REALTIME", value, sizeof(value)) &&
	    text_to_i64(value, 0, INT64_MAX, &n) == 0)
		s.since_ms = n / 1000;
	if (!s.graphical)
		s.idle_ms = terminal_idle_ms(root, s.line);
	*ret = s;
	return true;
}

static bool load_logind(const char *root, struct seats *to)
{
	CLEANUP_DIR DIR *d = NULL;
	char path[SEATS_PATH_SIZE];
	struct dirent *entry;

	if (make_path(path, root, SESSIONS, ""))
		d = opendir(path);
	while (d && (entry = readdir(d)) && to->count < SEATS_MAX) {
		CLEANUP_BUF struct buf text = BUF_INIT;

		/* Beside each file lies a pipe, ID.ref. */
		if (strchr(entry->d_name, '.') ||
		    !make_path(path, root, SESSIONS "/", entry->d_name) ||
		    file_read(path, FILE_MAX, &text) ||
		    !take_session(root, entry->d_name, buf_str(&text), &to->list[to->count]))
			continue;
		to->count++;
	}
	return d != NULL;
}

/* ---- utmp ---- */

static bool is_alive(const char *root, int pid)
{
	char path[SEATS_PATH_SIZE], name[16];

	snprintf(name, sizeof(name), "%d", pid);
	return make_path(path, root, "/proc/", name) && access(path, F_OK) == 0;
}

static void take_record(const char *root, const struct utmp *u, struct seats *to)
{
	struct seat *s = &to->list[to->count];

	if (u->ut_type != USER_PROCESS || u->ut_pid < 2 || to->count == SEATS_MAX ||
	    !is_alive(root, u->ut_pid))
		return;
	*s = (struct seat){.leader = u->ut_pid, .since_ms = (int64_t)u->ut_tv.tv_sec * 1000};
	snprintf(s->user, sizeof(s->user), "%.*s", UT_NAMESIZE, u->ut_user);
	snprintf(s->line, sizeof(s->line), "%.*s", (int)sizeof(s->line) - 1, u->ut_line);
	snprintf(s->remote, sizeof(s->remote), "%.*s", (int)sizeof(s->remote) - 1, u->ut_host);
	snprintf(s->id, sizeof(s->id), "u%d", u->ut_pid);
	s->graphical = s->line[0] == ':';
	collect_clean(s->user);
	collect_clean(s->line);
	collect_clean(s->remote);
	s->idle_ms = s->graphical ? -1 : terminal_idle_ms(root, s->line);
	to->count++;
}

static bool load_utmp(const char *root, struct seats *to)
{
	CLEANUP_BUF struct buf data = BUF_INIT;
	char path[SEATS_PATH_SIZE];
	struct utmp u;

	if (!make_path(path, root, "/run/utmp", "") || file_read(path, FILE_MAX, &data))
		return false;
	for (size_t at = 0; at + sizeof(u) <= data.len; at += sizeof(u)) {
		memcpy(&u, data.data + at, sizeof(u));
		take_record(root, &u, to);
	}
	return true;
}

/* ---- the contract ---- */

void seats_ask(const char *root, struct seats *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (is_logind(&s->list[i]))
			ask_hints(root, &s->list[i]);
}

int seats_load(const char *root, struct seats *ret, enum seats_source *ret_source)
{
	CLEANUP_FREE struct seats *s = calloc(1, sizeof(*s));
	enum seats_source source = SEATS_BY_NOTHING;

	if (!s)
		return -ENOMEM;
	if (load_logind(root, s))
		source = SEATS_BY_LOGIND;
	else if (load_utmp(root, s))
		source = SEATS_BY_UTMP;
	*ret = *s;
	*ret_source = source;
	return 0;
}

int seats_watch(const char *root)
{
	static const char *const places[] = {SESSIONS, "/run/utmp"};
	CLEANUP_FD int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	char path[SEATS_PATH_SIZE];

	if (fd < 0)
		return -errno;
	/* What is not there yet is found by the guard's own period. */
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (make_path(path, root, places[i], ""))
			(void)inotify_add_watch(fd, path,
						IN_CLOSE_WRITE | IN_MOVE | IN_DELETE | IN_MODIFY);
	return TAKE_FD(fd);
}

void seats_drain(int fd)
{
	_Alignas(struct inotify_event) char data[4096];

	while (read(fd, data, sizeof(data)) > 0)
		;
}

static int run_loginctl(const char *root, const char *verb, const char *id)
{
	char program[SEATS_PATH_SIZE];
	const char *const argv[] = {program, verb, id, NULL};

	return make_path(program, root, "/usr/bin/loginctl", "") ? command_run(argv, NULL)
								 : -ENOENT;
}

int seat_lock(const char *root, const struct seat *s)
{
	return is_logind(s) && s->graphical ? run_loginctl(root, "lock-session", s->id) : -ENOENT;
}

int seat_end(const char *root, const struct seat *s, bool hard)
{
	int err = is_logind(s) ? run_loginctl(root, "terminate-session", s->id) : -ENOENT;

	if (err != -ENOENT)
		return err;
	if (s->leader < 2)
		return -ENOENT;
	return kill(s->leader, hard ? SIGKILL : SIGHUP) < 0 ? -EIO : 0;
}

int seats_power_off(const char *root)
{
	static const char *const ways[][4] = {
		{"/usr/bin/systemctl", "poweroff", NULL},
		{"/bin/systemctl", "poweroff", NULL},
		{"/sbin/shutdown", "-P", "now", NULL},
	};
	char program[SEATS_PATH_SIZE];
	int err = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(ways) && err == -ENOENT; i++) {
		const char *const argv[] = {program, ways[i][1], ways[i][2], NULL};

		if (make_path(program, root, ways[i][0], ""))
			err = command_run(argv, NULL);
	}
	return err;
}

void seats_warn(const char *root, const struct seats *s, const char *text)
{
	for (size_t i = 0; i < s->count; i++) {
		char path[SEATS_PATH_SIZE];
		CLEANUP_FD int fd = -1;

		if (s->list[i].graphical || !s->list[i].line[0] || strstr(s->list[i].line, "..") ||
		    !make_path(path, root, "/dev/", s->list[i].line))
			continue;
		fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (fd < 0 || file_write_all(fd, text, strlen(text)))
			log_info("%s is not warned", s->list[i].line);
	}
}
