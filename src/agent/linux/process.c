#define _GNU_SOURCE
#include "agent/linux/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"

#define STAT_SIZE 128

/* "17 (clamd) S 1 ...": the name may hold spaces and parentheses itself. */
static bool is_alive_under(const char *stat, const char *const *names)
{
	const char *open = strchr(stat, '('), *shut = strrchr(stat, ')');

	if (!open || !shut || shut < open || shut[1] != ' ' || shut[2] == 'Z' || shut[2] == 'X')
		return false;
	for (; *names; names++)
		if (strlen(*names) == (size_t)(shut - open - 1) &&
		    strncmp(open + 1, *names, strlen(*names)) == 0)
			return true;
	return false;
}

static bool matches(int proc_fd, const char *pid, const char *const *names)
{
	char path[32], stat[STAT_SIZE];
	CLEANUP_FD int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "%.16s/stat", pid);
	fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false; /* it ended meanwhile */
	n = read(fd, stat, sizeof(stat) - 1);
	if (n <= 0)
		return false;
	stat[n] = 0;
	return is_alive_under(stat, names);
}

int process_runs(const char *root, const char *const *names, bool *ret)
{
	CLEANUP_DIR DIR *d = NULL;
	struct dirent *entry;
	char path[512];

	snprintf(path, sizeof(path), "%s/proc", root);
	d = opendir(path);
	if (!d)
		return -errno;
	while ((errno = 0, entry = readdir(d)))
		if (strspn(entry->d_name, "0123456789") == strlen(entry->d_name) &&
		    matches(dirfd(d), entry->d_name, names)) {
			*ret = true;
			return 0;
		}
	if (errno)
		return -errno;
	*ret = false;
	return 0;
}

void process_program(int pid, char *dst, size_t size)
{
	char link[32];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	n = readlink(link, dst, size - 1);
	dst[MAX(n, 0)] = 0;
}

uint32_t process_owner(int pid)
{
	char path[32];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d", pid);
	return stat(path, &st) == 0 ? st.st_uid : UINT32_MAX;
}

void process_user_name(const char *root, uint32_t uid, char *dst, size_t size)
{
	CLEANUP_FILE FILE *f = NULL;
	char path[512], text[1024];
	struct passwd entry, *found;

	snprintf(dst, size, "%u", uid);
	snprintf(path, sizeof(path), "%s/etc/passwd", root);
	f = fopen(path, "re");
	while (f && fgetpwent_r(f, &entry, text, sizeof(text), &found) == 0)
		if (found->pw_uid == uid) {
			text_fit(dst, size, found->pw_name);
			return;
		}
}
