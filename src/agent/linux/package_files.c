/* dpkg: var/lib/dpkg/status tells the packages, info/NAME.list or NAME:ARCH.list their files. */
#define _GNU_SOURCE
#include "agent/guards/package_files.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"

#define DPKG "/var/lib/dpkg"

struct entry {
	struct software_package package;
	char arch[24];
	bool installed;
};

/* Since /bin and its like became links into /usr, lists and kernel call one file by two names. */
static int tell_file(const struct package_files_options *o, const struct software_package *p,
		     const char *path)
{
	char full[1024], real[1024];
	struct stat st;
	bool moved;

	if (path[0] != '/' || snprintf(full, sizeof(full), "%s%s", o->root, path) >= 1024 ||
	    lstat(full, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	moved = snprintf(full, sizeof(full), "%s/usr%s", o->root, path) < 1024 &&
		lstat(full, &st) == 0 && S_ISREG(st.st_mode) &&
		snprintf(real, sizeof(real), "/usr%s", path) < 1024;
	return o->found(o->arg, p, moved ? real : path);
}

static int read_list(const struct package_files_options *o, const struct entry *e)
{
	CLEANUP_FILE FILE *f = NULL;
	CLEANUP_FREE char *line = NULL;
	size_t size = 0;
	char path[512];
	int err = 0;

	if (strchr(e->package.name, '/'))
		return 0;
	snprintf(path, sizeof(path), "%.200s" DPKG "/info/%s.list", o->root, e->package.name);
	f = fopen(path, "re");
	if (!f) {
		snprintf(path, sizeof(path), "%.200s" DPKG "/info/%s:%s.list", o->root,
			 e->package.name, e->arch);
		f = fopen(path, "re");
	}
	while (f && !err && getline(&line, &size, f) > 0) {
		line[strcspn(line, "\n")] = 0;
		err = tell_file(o, &e->package, line);
	}
	return err;
}

static void take_field(struct entry *e, const char *line)
{
	if (text_starts(line, "Package: "))
		text_fit(e->package.name, sizeof(e->package.name), line + 9);
	else if (text_starts(line, "Maintainer: "))
		text_fit(e->package.publisher, sizeof(e->package.publisher), line + 12);
	else if (text_starts(line, "Architecture: "))
		text_fit(e->arch, sizeof(e->arch), line + 14);
	else if (text_starts(line, "Status: "))
		e->installed = strstr(line, " installed") != NULL;
}

static int end_entry(const struct package_files_options *o, struct entry *e)
{
	int err = 0;

	if (e->installed && o->wants(o->arg, &e->package))
		err = read_list(o, e);
	*e = (struct entry){.installed = false};
	return err;
}

int package_files_load(const struct package_files_options *o)
{
	CLEANUP_FILE FILE *f = NULL;
	CLEANUP_FREE char *line = NULL;
	struct entry e = {.installed = false};
	size_t size = 0;
	char path[512];
	int err = 0;

	snprintf(path, sizeof(path), "%.400s" DPKG "/status", o->root);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (!err && getline(&line, &size, f) >= 0) {
		line[strcspn(line, "\n")] = 0;
		if (line[0])
			take_field(&e, line);
		else
			err = end_entry(o, &e);
	}
	return err ? err : end_entry(o, &e);
}
