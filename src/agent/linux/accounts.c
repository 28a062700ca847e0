/* The accounts of this terminal, from /etc/passwd, /etc/group and /etc/shadow. */
#define _GNU_SOURCE
#include "agent/guards/accounts.h"

#include <stdio.h>
#include <string.h>

#include "agent/linux/collect.h"
#include "base/file.h"
#include "base/text.h"

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

static bool can_log_in(const char *shell)
{
	const char *name = strrchr(shell, '/');

	return *shell && !(name && (text_equal(name, "/nologin") || text_equal(name, "/false") ||
				    text_equal(name, "/sync")));
}

static struct account *find(struct accounts *a, const char *name)
{
	for (size_t i = 0; i < a->count; i++)
		if (text_equal(a->list[i].name, name))
			return &a->list[i];
	return NULL;
}

static void take_user(struct accounts *a, char *line)
{
	struct account *to = &a->list[a->count];
	char *f[7];

	split(line, f, ARRAY_SIZE(f));
	if (!*f[0] || !*f[2] || a->count == ACCOUNTS_MAX)
		return;
	*to = (struct account){.password = *f[1] ? PASSWORD_LOCKED : PASSWORD_NONE,
			       .uid = strtoll(f[2], NULL, 10),
			       .login = can_log_in(f[6]),
			       .changed_day = -1,
			       .max_days = -1};
	snprintf(to->name, sizeof(to->name), "%.63s", f[0]);
	snprintf(to->full_name, sizeof(to->full_name), "%.*s", (int)MIN(strcspn(f[4], ","), 63U),
		 f[4]);
	collect_clean(to->name);
	collect_clean(to->full_name);
	to->admin = to->uid == 0;
	a->count++;
}

static void take_group(struct accounts *a, char *line)
{
	char *f[4], *member;
	bool is_admins = false;

	split(line, f, ARRAY_SIZE(f));
	for (size_t i = 0; i < ARRAY_SIZE(admin_groups); i++)
		is_admins |= text_equal(f[0], admin_groups[i]);
	while (is_admins && (member = strsep(&f[3], ","))) {
		struct account *who = find(a, member);

		if (who)
			who->admin = true;
	}
}

static int64_t days(const char *text)
{
	int64_t n;

	return text_to_i64(text, 0, 99998, &n) == 0 ? n : -1; /* 99999 is for ever */
}

static void take_password(struct accounts *a, char *line)
{
	struct account *to;
	char *f[5];

	split(line, f, ARRAY_SIZE(f));
	to = find(a, f[0]);
	if (!to)
		return;
	to->password = !*f[1]		     ? PASSWORD_NONE
		       : strchr("!*", *f[1]) ? PASSWORD_LOCKED
					     : PASSWORD_SET;
	if (to->password == PASSWORD_SET && text_copy(to->hash, sizeof(to->hash), f[1]))
		to->hash[0] = 0; /* longer than any crypt(5) makes: not tried */
	to->changed_day = days(f[2]);
	to->max_days = days(f[4]);
}

static void each_line(struct buf *text, void (*take)(struct accounts *a, char *line),
		      struct accounts *a)
{
	char *rest = (char *)text->data, *line;

	while (rest && (line = strsep(&rest, "\n")))
		take(a, line);
}

int accounts_load(const char *root, struct accounts *ret)
{
	CLEANUP_BUF struct buf passwd = BUF_INIT, groups = BUF_INIT, shadow = BUF_INIT;
	int err = read_file(root, "/etc/passwd", &passwd);

	if (!err)
		err = read_file(root, "/etc/group", &groups);
	if (err)
		return err;
	ret->count = 0;
	each_line(&passwd, take_user, ret);
	each_line(&groups, take_group, ret);
	if (read_file(root, "/etc/shadow", &shadow) == 0)
		each_line(&shadow, take_password, ret);
	if (shadow.data)
		explicit_bzero(shadow.data, shadow.len);
	return 0;
}
