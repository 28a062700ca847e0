#define _GNU_SOURCE
#include "place.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"

int place_make(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	if (!p)
		return -1;
	snprintf(p->top, sizeof(p->top), "/tmp/menshen-agent-XXXXXX");
	*state = p;
	return mkdtemp(p->top) ? 0 : -1;
}

void place_remove_tree(const char *path)
{
	struct dirent *e;
	DIR *d = opendir(path);
	char child[PLACE_PATH_SIZE];

	while (d && (e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		snprintf(child, sizeof(child), "%s/%s", path, e->d_name);
		if (e->d_type == DT_DIR)
			place_remove_tree(child);
		else
			unlink(child);
	}
	if (d)
		closedir(d);
	rmdir(path);
}

int place_remove(void **state)
{
	struct place *p = *state;

	place_remove_tree(p->top);
	free(p);
	return 0;
}

const char *place_path(const struct place *p, const char *name)
{
	static char paths[4][PLACE_PATH_SIZE];
	static unsigned next;
	char *path = paths[next++ % ARRAY_SIZE(paths)];

	snprintf(path, PLACE_PATH_SIZE, "%s/%s", p->top, name);
	return path;
}

void place_write(const struct place *p, const char *name, const char *text)
{
	char path[PLACE_PATH_SIZE], *slash;

	snprintf(path, sizeof(path), "%s", place_path(p, name));
	slash = strrchr(path, '/');
	*slash = 0;
	if (file_make_dirs(path, 0755))
		abort();
	*slash = '/';
	if (file_replace(path, text, strlen(text), 0644))
		abort();
}
