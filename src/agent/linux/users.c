/* Section "users": the accounts of this terminal, from /etc/passwd and /etc/group. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "agent/core/inventory.h"
#include "agent/linux/collect.h"
#include "base/file.h"
#include "base/text.h"

#define NAME_SIZE 64

static const char *const admin_groups[] = {"root", "sudo", "wheel", "admin"};

static int read_file(const char *root, const char *path, struct buf *ret)
{
	char full[512];

	snprintf(full, sizeof(full), "%s%s", root, path);
	return file_read(full, 4 << 20, ret);
}

/* Splits a line at its colons; missing fields are "". */
static void split(char *line, char *fields[], size_t count)
{
	static char none[1];

	for (size_t i = 0; i < count; i++) {
		fields[i] = strsep(&line, ":");
		if (!fields[i])
			fields[i] = none;
	}
}

static bool list_has(char *list, const char *name)
{
	char *item;

	while ((item = strsep(&list, ",")))
		if (text_equal(item, name))
			return true;
	return false;
}

/* A member of one of the groups that may become root. */
static bool is_admin(const struct buf *groups, const char *name)
{
	CLEANUP_FREE char *copy = strdup(buf_str(groups));
	char *rest = copy, *line, *fields[4];

	while (rest && (line = strsep(&rest, "\n"))) {
		split(line, fields, ARRAY_SIZE(fields));
		for (size_t i = 0; i < ARRAY_SIZE(admin_groups); i++)
			if (text_equal(fields[0], admin_groups[i]) && list_has(fields[3], name))
				return true;
	}
	return false;
}

static bool can_log_in(const char *shell)
{
	const char *name = strrchr(shell, '/');

	return *shell && !(name && (text_equal(name, "/nologin") || text_equal(name, "/false") ||
				    text_equal(name, "/sync")));
}

static int add_user(char *line, const struct buf *groups, struct lines *ret)
{
	char *f[7], name[NAME_SIZE], full_name[NAME_SIZE];

	split(line, f, ARRAY_SIZE(f));
	if (!*f[0] || !*f[2])
		return 0;
	snprintf(name, sizeof(name), "%.63s", f[0]);
	snprintf(full_name, sizeof(full_name), "%.*s", (int)MIN(strcspn(f[4], ","), 63U), f[4]);
	collect_clean(name);
	collect_clean(full_name);
	return collect_add(ret, json_pack("{s:s, s:s, s:I, s:b, s:b}", "name", name, "full_name",
					  full_name, "uid", (json_int_t)strtoll(f[2], NULL, 10),
					  "login", can_log_in(f[6]), "admin",
					  text_equal(f[2], "0") || is_admin(groups, f[0])));
}

static int collect(const struct collect_context *c, struct lines *ret)
{
	CLEANUP_BUF struct buf passwd = BUF_INIT, groups = BUF_INIT;
	char *rest, *line;
	int err = read_file(c->root, "/etc/passwd", &passwd);

	if (!err)
		err = read_file(c->root, "/etc/group", &groups);
	if (err)
		return err;
	rest = (char *)passwd.data;
	while (!err && rest && (line = strsep(&rest, "\n")))
		err = add_user(line, &groups, ret);
	return err;
}

const struct collector collector_users = {
	.section = "users",
	.kind = SECTION_SET,
	.sources = {"/etc/passwd", "/etc/group", NULL},
	.collect = collect,
};
