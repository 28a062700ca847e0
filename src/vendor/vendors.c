#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "vendor/other_conf.h"
#include "vendor/vendor.h"

#define OTHER_PATH "other.conf"

struct vendors {
	struct vendor *list[VENDORS_MAX + 1]; /* "other" is the last */
	size_t count;			      /* without it */
};

static int is_vendor_file(const struct dirent *e)
{
	size_t len = strlen(e->d_name);

	return len > 5 && text_equal(e->d_name + len - 5, ".conf") && e->d_name[0] != '.';
}

static int load_file(struct vendors *v, const char *dir, const char *name, char *error)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	CLEANUP_FREE char *path = NULL;
	int err = file_path(dir, name, &path);

	if (err)
		return err;
	if (v->count == VENDORS_MAX) {
		snprintf(error, VENDOR_ERROR_SIZE, "%s: more than %d vendors stand there", dir,
			 VENDORS_MAX);
		return -E2BIG;
	}
	err = file_read(path, VENDOR_FILE_MAX, &text);
	if (err) {
		snprintf(error, VENDOR_ERROR_SIZE, "%.300s: cannot be read: %s", path,
			 strerror(-err));
		return err;
	}
	err = vendor_parse(path, buf_str(&text), text.len, &v->list[v->count], error);
	v->count += !err;
	return err;
}

static int load_dir(struct vendors *v, const char *dir, char *error)
{
	struct dirent **entries = NULL;
	int count = scandir(dir, &entries, is_vendor_file, alphasort), err = 0;

	if (count < 0 && errno == ENOENT)
		return 0;
	if (count < 0) {
		err = -errno;
		snprintf(error, VENDOR_ERROR_SIZE, "%.300s: cannot be read: %s", dir,
			 strerror(-err));
		return err;
	}
	for (int i = 0; i < count; i++) {
		if (!err && !text_equal(entries[i]->d_name, OTHER_PATH))
			err = load_file(v, dir, entries[i]->d_name, error);
		free(entries[i]);
	}
	free(entries);
	return err;
}

int vendors_load(const char *dir, struct vendors **ret, char error[static VENDOR_ERROR_SIZE])
{
	struct vendors *v = calloc(1, sizeof(*v));
	struct vendor *other = NULL;
	int err;

	snprintf(error, VENDOR_ERROR_SIZE, "no memory is left");
	if (!v)
		return -ENOMEM;
	err = load_dir(v, dir, error);
	if (!err)
		err = vendor_parse(OTHER_PATH, other_conf, sizeof(other_conf) - 1, &other, error);
	if (err) {
		vendors_free(v);
		return err;
	}
	v->list[v->count] = other;
	error[0] = 0;
	*ret = v;
	return 0;
}

void vendors_free(struct vendors *v)
{
	if (!v)
		return;
	for (size_t i = 0; i <= v->count && i < ARRAY_SIZE(v->list); i++)
		vendor_free(v->list[i]);
	free(v);
}

size_t vendors_count(const struct vendors *v)
{
	return v->count;
}

const struct vendor *vendors_find(const struct vendors *v, const char *name)
{
	for (size_t i = 0; i <= v->count; i++)
		if (strcmp(v->list[i]->name, name) == 0)
			return v->list[i];
	return NULL;
}

const struct vendor *vendors_get(const struct vendors *v, const char *name)
{
	const struct vendor *found = vendors_find(v, name);

	return found ? found : v->list[v->count];
}

const struct vendor *vendors_at(const struct vendors *v, size_t i)
{
	return i <= v->count ? v->list[i] : NULL;
}
