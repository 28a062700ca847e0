#define _GNU_SOURCE
#include "agent/linux/machine.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <utmp.h>

#include "agent/linux/collect.h"
#include "base/file.h"
#include "base/text.h"

#define PATH_SIZE 512

static int read_file(const char *root, const char *path, size_t max, struct buf *ret)
{
	char full[PATH_SIZE];

	snprintf(full, sizeof(full), "%s%s", root, path);
	return file_read(full, max, ret);
}

/* One `NAME=value` of a shell-like file, quotes taken off. */
static bool find_setting(const char *text, const char *name, char *dst, size_t size)
{
	size_t len = strlen(name);

	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, len) != 0 || line[len] != '=')
			continue;
		line += len + 1;
		line += *line == '"';
		snprintf(dst, size, "%.*s", (int)strcspn(line, "\"\n"), line);
		return true;
	}
	return false;
}

static void load_os(const char *root, char *dst, size_t size)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	struct utsname u;
	char name[64] = "Linux";

	if (read_file(root, "/etc/os-release", 8192, &text) == 0)
		find_setting(buf_str(&text), "PRETTY_NAME", name, sizeof(name));
	if (uname(&u) < 0)
		u.release[0] = 0;
	snprintf(dst, size, "%s, %.30s", name, u.release);
}

void machine_load(const char *root, struct machine *ret)
{
	CLEANUP_BUF struct buf serial = BUF_INIT, name = BUF_INIT;

	*ret = (struct machine){0};
	if (*root && read_file(root, "/etc/hostname", 256, &name) == 0)
		snprintf(ret->host_name, sizeof(ret->host_name), "%.64s",
			 text_trim((char *)name.data));
	if (!ret->host_name[0] && gethostname(ret->host_name, sizeof(ret->host_name) - 1) < 0)
		ret->host_name[0] = 0;
	if (read_file(root, "/sys/class/dmi/id/product_serial", 256, &serial) == 0 && serial.len)
		snprintf(ret->serial, sizeof(ret->serial), "%.64s", text_trim((char *)serial.data));
	load_os(root, ret->os, sizeof(ret->os));
	collect_clean(ret->host_name);
	collect_clean(ret->serial);
	collect_clean(ret->os);
}

int64_t machine_uptime_s(void)
{
	struct timespec t;

	return clock_gettime(CLOCK_BOOTTIME, &t) < 0 ? 0 : t.tv_sec;
}

/* systemd-logind tells the seat's active user by number. */
static bool seat_user(const char *root, char *dst, size_t size)
{
	CLEANUP_BUF struct buf seat = BUF_INIT, passwd = BUF_INIT;
	char uid[16], *line, *rest;

	if (read_file(root, "/run/systemd/seats/seat0", 4096, &seat) ||
	    !find_setting(buf_str(&seat), "ACTIVE_UID", uid, sizeof(uid)) ||
	    read_file(root, "/etc/passwd", 1 << 20, &passwd))
		return false;
	rest = (char *)passwd.data;
	while ((line = strsep(&rest, "\n"))) {
		char *name = strsep(&line, ":"), *number;

		strsep(&line, ":");
		number = strsep(&line, ":");
		if (number && text_equal(number, uid)) {
			snprintf(dst, size, "%s", name);
			return true;
		}
	}
	return false;
}

static void local_user(const char *root, char *dst, size_t size)
{
	CLEANUP_FILE FILE *f = NULL;
	char path[PATH_SIZE];
	struct utmp entry;

	snprintf(path, sizeof(path), "%s/run/utmp", root);
	f = fopen(path, "re");
	while (f && fread(&entry, sizeof(entry), 1, f) == 1)
		if (entry.ut_type == USER_PROCESS && (!entry.ut_host[0] || *entry.ut_host == ':')) {
			snprintf(dst, size, "%.*s", (int)sizeof(entry.ut_user), entry.ut_user);
			return;
		}
}

void machine_user(const char *root, char *dst, size_t size)
{
	dst[0] = 0;
	if (!seat_user(root, dst, size))
		local_user(root, dst, size);
	collect_clean(dst);
}
