#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "agent/guards/baseline_check.h"
#include "base/file.h"
#include "base/text.h"

#define FILE_MAX (512 << 10)
#define PATH_SIZE 512
#define VALUE_SIZE 128
#define SYSCTL_FILE "/etc/sysctl.d/90-menshen.conf"

/* ---- what a file says ---- */

/* The first of the alternatives that exists; false when none does. */
static bool find_path(const char *alternatives, const char *root, char dst[static PATH_SIZE])
{
	for (const char *p = alternatives; p; p = strchr(p, ':') ? strchr(p, ':') + 1 : NULL) {
		int len = (int)strcspn(p, ":");
		struct stat st;

		if (snprintf(dst, PATH_SIZE, "%s%.*s", root, len, p) < PATH_SIZE &&
		    stat(dst, &st) == 0)
			return true;
	}
	return false;
}

/* The next line without its comment and its white space at both ends; NULL at the end. */
static char *next_line(char **text)
{
	char *line = *text, *end;

	if (!line || !*line)
		return NULL;
	end = line + strcspn(line, "\n");
	*text = *end ? end + 1 : end;
	*end = 0;
	line[strcspn(line, "#")] = 0;
	return text_trim(line);
}

/* "Key value", "key = value", "key=value"; keys without case, as sshd reads them. */
static const char *value_of(char *line, const char *key)
{
	size_t len = strlen(key);
	char *value = line + len;

	if (strncasecmp(line, key, len) != 0 || (*value && !strchr(" \t=", *value)))
		return NULL;
	value += strspn(value, " \t=");
	value[strcspn(value, " \t")] = 0;
	return value;
}

bool baseline_is_wanted(const char *want, const char *value)
{
	bool at_most = text_starts(want, "<="), at_least = text_starts(want, ">=");
	size_t len = strlen(value);
	int64_t bound, number;

	if (at_most || at_least)
		return text_to_i64(want + 2, INT64_MIN, INT64_MAX, &bound) == 0 &&
		       text_to_i64(value, INT64_MIN, INT64_MAX, &number) == 0 &&
		       (at_most ? number <= bound : number >= bound);
	for (const char *w = want; w; w = strchr(w, '|') ? strchr(w, '|') + 1 : NULL)
		if (strcspn(w, "|") == len && strncasecmp(w, value, len) == 0)
			return true;
	return false;
}

static enum baseline_state judge_setting(const struct baseline_check *c, char *text)
{
	char found[VALUE_SIZE];
	const char *value;
	bool any = false;

	for (char *line; (line = next_line(&text)) && !(any && c->kind == BASELINE_SETTING);) {
		/* What stands under Match holds for some alone. */
		if (c->kind == BASELINE_SETTING && value_of(line, "Match"))
			break;
		value = value_of(line, c->key);
		if (value) {
			text_fit(found, sizeof(found), value);
			any = true;
		}
	}
	if (!any && !c->unset)
		return BASELINE_BAD;
	return baseline_is_wanted(c->want, any ? found : c->unset) ? BASELINE_GOOD : BASELINE_BAD;
}

static enum baseline_state judge_line(const struct baseline_check *c, char *text)
{
	bool found = false;

	for (char *line; (line = next_line(&text));)
		found |= strstr(line, c->key) != NULL;
	return found == (c->kind == BASELINE_LINE) ? BASELINE_GOOD : BASELINE_BAD;
}

static enum baseline_state judge_mode(const struct baseline_check *c, const char *path)
{
	unsigned most = (unsigned)strtoul(c->want, NULL, 8);
	struct stat st;

	if (stat(path, &st) < 0)
		return BASELINE_UNKNOWN;
	return st.st_uid == 0 && !(st.st_mode & 07777 & ~most) ? BASELINE_GOOD : BASELINE_BAD;
}

/* "device place type options ..."; a place that is no mount of its own does not apply. */
static enum baseline_state judge_mount(const struct baseline_check *c, const char *root)
{
	enum baseline_state state = BASELINE_NOT_HERE;
	CLEANUP_BUF struct buf mounts = BUF_INIT;
	char path[PATH_SIZE], *text;

	snprintf(path, sizeof(path), "%s/proc/self/mounts", root);
	if (file_read(path, FILE_MAX, &mounts))
		return BASELINE_UNKNOWN;
	text = mounts.len ? (char *)mounts.data : NULL;
	for (char *line; (line = next_line(&text));) {
		char place[256], options[1024];
		const char *found;

		if (sscanf(line, "%*s %255s %*s %1023s", place, options) != 2 ||
		    !text_equal(place, c->path))
			continue;
		found = strstr(options, c->key);
		state = found && strchr(",", found[strlen(c->key)]) ? BASELINE_GOOD : BASELINE_BAD;
	}
	return state;
}

enum baseline_state baseline_judge(const struct baseline_check *c, const char *root)
{
	CLEANUP_BUF struct buf content = BUF_INIT;
	char path[PATH_SIZE];
	bool here;

	if (c->kind == BASELINE_MOUNT)
		return judge_mount(c, root);
	here = find_path(c->path, root, path);
	if (c->kind == BASELINE_ABSENT)
		return here ? BASELINE_BAD : BASELINE_GOOD;
	if (!here)
		return BASELINE_NOT_HERE;
	if (c->kind == BASELINE_MODE)
		return judge_mode(c, path);
	if (file_read(path, FILE_MAX, &content))
		return BASELINE_UNKNOWN;
	buf_puts(&content, "\n");
	if (content.error)
		return BASELINE_UNKNOWN;
	if (c->kind == BASELINE_KERNEL)
		return baseline_is_wanted(c->want, text_trim((char *)content.data)) ? BASELINE_GOOD
										    : BASELINE_BAD;
	if (c->kind == BASELINE_LINE || c->kind == BASELINE_NO_LINE)
		return judge_line(c, (char *)content.data);
	return judge_setting(c, (char *)content.data);
}

/* ---- mending ---- */

/* Now and after the next start: one line a name in a file of ours. */
static int keep_sysctl(const char *root, const char *name, const char *value)
{
	CLEANUP_BUF struct buf old = BUF_INIT, new = BUF_INIT;
	char path[PATH_SIZE], dotted[VALUE_SIZE], *text;
	int err;

	text_fit(dotted, sizeof(dotted), name);
	for (char *p = dotted; *p; p++)
		if (*p == '/')
			*p = '.';
	snprintf(path, sizeof(path), "%s" SYSCTL_FILE, root);
	err = file_read(path, FILE_MAX, &old);
	if (err && err != -ENOENT)
		return err;
	text = old.len ? (char *)old.data : NULL;
	buf_puts(&new, "# The bank's baseline; menshen-agent writes this file.\n");
	for (char *line; (line = next_line(&text));)
		if (*line && !value_of(line, dotted))
			buf_printf(&new, "%s\n", line);
	buf_printf(&new, "%s = %s\n", dotted, value);
	return new.error ? new.error : file_replace(path, new.data, new.len, 0644);
}

static int mend_kernel(const struct baseline_check *c, const char *root, const char *path)
{
	static const char sys[] = "/proc/sys/";
	char value[16];
	CLEANUP_FD int fd = open(path, O_WRONLY | O_CLOEXEC | O_TRUNC);
	int err = fd < 0 ? -errno : 0;

	text_fit(value, sizeof(value), c->want);
	value[strcspn(value, "|")] = 0;
	if (!err)
		err = file_write_all(fd, value, strlen(value));
	return err ? err : keep_sysctl(root, c->path + sizeof(sys) - 1, value);
}

static int mend_mode(const struct baseline_check *c, const char *path)
{
	unsigned most = (unsigned)strtoul(c->want, NULL, 8);
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || (st.st_uid != 0 && fchown(fd, 0, 0) < 0) ||
	    fchmod(fd, st.st_mode & 07777 & most) < 0)
		return -errno;
	return 0;
}

int baseline_mend(const struct baseline_check *c, const char *root)
{
	char path[PATH_SIZE];

	if (!c->mends)
		return -ENOTSUP;
	if (!find_path(c->path, root, path))
		return -ENOENT;
	return c->kind == BASELINE_KERNEL ? mend_kernel(c, root, path) : mend_mode(c, path);
}
