/* Section "packages": what dpkg says is installed. Another package system is told as unsupported.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "agent/core/inventory.h"
#include "agent/linux/collect.h"
#include "base/file.h"
#include "base/text.h"

#define STATUS "/var/lib/dpkg/status"

struct package {
	char name[96], version[96], arch[24];
	bool installed;
};

static const struct {
	const char *path, *name;
} others[] = {
	{"/usr/lib/sysimage/rpm", "rpm"},
	{"/var/lib/rpm", "rpm"},
	{"/var/lib/pacman/local", "pacman"},
	{"/lib/apk/db/installed", "apk"},
};

static int add_package(struct package *p, struct lines *ret)
{
	int err = 0;

	if (p->installed && p->name[0]) {
		collect_clean(p->name);
		collect_clean(p->version);
		collect_clean(p->arch);
		err = collect_add(ret, json_pack("{s:s, s:s, s:s}", "name", p->name, "version",
						 p->version, "arch", p->arch));
	}
	*p = (struct package){0};
	return err;
}

static void take_field(struct package *p, const char *line)
{
	if (text_starts(line, "Package: "))
		snprintf(p->name, sizeof(p->name), "%.95s", line + 9);
	else if (text_starts(line, "Version: "))
		snprintf(p->version, sizeof(p->version), "%.95s", line + 9);
	else if (text_starts(line, "Architecture: "))
		snprintf(p->arch, sizeof(p->arch), "%.23s", line + 14);
	else if (text_starts(line, "Status: "))
		p->installed = strstr(line, " installed") != NULL;
}

/* Paragraphs of "Field: value" lines (deb822), read line by line: the file is megabytes. */
static int read_status(FILE *f, struct lines *ret)
{
	CLEANUP_FREE char *line = NULL;
	struct package p = {0};
	size_t size = 0;
	int err = 0;

	while (!err && getline(&line, &size, f) >= 0) {
		line[strcspn(line, "\n")] = 0;
		if (line[0])
			take_field(&p, line);
		else
			err = add_package(&p, ret);
	}
	if (!err && ferror(f))
		err = -EIO;
	return err ? err : add_package(&p, ret);
}

static int tell_unsupported(const char *root, struct lines *ret)
{
	const char *name = "none";
	char path[512];

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		snprintf(path, sizeof(path), "%s%s", root, others[i].path);
		if (access(path, F_OK) == 0)
			name = others[i].name;
	}
	return collect_add(ret, json_pack("{s:s}", "unsupported", name));
}

static int collect(const struct collect_context *c, struct lines *ret)
{
	CLEANUP_FILE FILE *f = NULL;
	char path[512];

	snprintf(path, sizeof(path), "%s" STATUS, c->root);
	f = fopen(path, "re");
	if (f)
		return read_status(f, ret);
	return errno == ENOENT ? tell_unsupported(c->root, ret) : -errno;
}

const struct collector collector_packages = {
	.section = "packages",
	.kind = SECTION_SET,
	.sources = {STATUS, NULL},
	.collect = collect,
};
