#define _GNU_SOURCE
#include "agent/guards/file_watch.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "agent/linux/mounts.h"
#include "agent/linux/process.h"
#include "agent/linux/program_hash.h"
#include "base/text.h"

#define PLACES_MAX 64
#define BUFFER_SIZE 8192
#define EVENT_SIZE 1024 /* a handle (128 bytes), a name (256) and their frames */

#ifndef FAN_REPORT_DFID_NAME
#define FAN_REPORT_DFID_NAME 0x00000c00
#define FAN_EVENT_INFO_TYPE_DFID_NAME 2
#endif

/* A descriptor kept open would keep the stick from being unmounted: the place is opened each time.
 */
struct watched {
	fsid_t fsid;
	char place[512];
	bool far;
};

struct file_watch {
	char root[256];
	int fd;
	struct watched list[PLACES_MAX];
	size_t count;
	char data[BUFFER_SIZE];
	size_t left, at;
	/* The one that is looked at: in the kernel's answer they lie four bytes aligned. */
	_Alignas(struct fanotify_event_metadata) char event[EVENT_SIZE];
};

struct following {
	struct file_watch *watch;
	const json_t *places;
	uint64_t mask;
	size_t missing;
};

/* ---- which mounts ---- */

/* Over USB, or in a drive whose medium comes out. */
static bool is_removable(const char *root, const struct mount *m)
{
	char path[512], first = 0;
	CLEANUP_FREE char *real = NULL;
	CLEANUP_FD int fd = -1;

	snprintf(path, sizeof(path), "%s/sys/dev/block/%u:%u", root, m->major, m->minor);
	real = realpath(path, NULL);
	if (!real)
		return false;
	if (strstr(real, "/usb"))
		return true;
	snprintf(path, sizeof(path), "%.480s/removable", real);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		snprintf(path, sizeof(path), "%.480s/../removable", real);
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	return fd >= 0 && read(fd, &first, 1) == 1 && first == '1';
}

static bool is_named(const json_t *places, const char *place)
{
	for (size_t i = 0; i < json_array_size(places); i++)
		if (text_equal(json_string_value(json_array_get(places, i)), place))
			return true;
	return false;
}

static struct watched *find(struct file_watch *w, const fsid_t *fsid)
{
	for (size_t i = 0; i < w->count; i++)
		if (memcmp(&w->list[i].fsid, fsid, sizeof(*fsid)) == 0)
			return &w->list[i];
	return NULL;
}

static void follow_mount(void *arg, const struct mount *m)
{
	struct following *f = arg;
	struct file_watch *w = f->watch;
	struct watched *known;
	struct statfs fs;

	if (mount_is_virtual(m) || (!is_named(f->places, m->place + strlen(w->root)) &&
				    !mount_is_far(m) && !is_removable(w->root, m)))
		return;
	if (statfs(m->place, &fs) < 0 || fanotify_mark(w->fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM,
						       f->mask, AT_FDCWD, m->place) < 0) {
		f->missing++;
		return;
	}
	known = find(w, &fs.f_fsid);
	if (!known && w->count == PLACES_MAX)
		known = &w->list[0];
	if (!known)
		known = &w->list[w->count++];
	*known = (struct watched){.fsid = fs.f_fsid, .far = mount_is_far(m)};
	text_fit(known->place, sizeof(known->place), m->place);
}

int file_watch_follow(struct file_watch *w, const json_t *places, bool reads, size_t *ret_missing)
{
	struct following f = {.watch = w,
			      .places = places,
			      .mask = FAN_CREATE | FAN_CLOSE_WRITE | FAN_DELETE | FAN_MOVED_FROM |
				      FAN_MOVED_TO | FAN_ONDIR | (reads ? FAN_CLOSE_NOWRITE : 0)};
	int err = mounts_each(w->root, follow_mount, &f);

	if (!err)
		*ret_missing = f.missing;
	return err;
}

void file_watch_stop(struct file_watch *w)
{
	if (fanotify_mark(w->fd, FAN_MARK_FLUSH | FAN_MARK_FILESYSTEM, 0, AT_FDCWD, "/") < 0)
		return;
	w->count = 0;
}

/* ---- what was done ---- */

static unsigned deeds_of(uint64_t mask)
{
	static const struct {
		uint64_t bit;
		enum file_deed deed;
	} table[] = {
		{FAN_CREATE, FILE_CREATED},    {FAN_CLOSE_WRITE, FILE_WRITTEN},
		{FAN_DELETE, FILE_DELETED},    {FAN_MOVED_FROM, FILE_MOVED_FROM},
		{FAN_MOVED_TO, FILE_MOVED_TO}, {FAN_CLOSE_NOWRITE, FILE_READ},
	};
	unsigned deeds = 0;

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (mask & table[i].bit)
			deeds |= table[i].deed;
	return deeds;
}

/* The folder that the event names, open; -errno when it is gone. */
static int open_folder(struct file_watch *w, const struct fanotify_event_info_fid *info,
		       bool *ret_far)
{
	struct watched *place = find(w, (const fsid_t *)(const void *)&info->fsid);
	_Alignas(struct file_handle) char copy[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	const struct file_handle *handle = (const void *)info->handle;
	CLEANUP_FD int at = -1;
	int fd;

	if (!place || handle->handle_bytes > MAX_HANDLE_SZ)
		return -ENOENT;
	memcpy(copy, handle, sizeof(*handle) + handle->handle_bytes);
	at = open(place->place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (at < 0)
		return -errno;
	fd = open_by_handle_at(at, (struct file_handle *)(void *)copy, O_PATH | O_CLOEXEC);
	*ret_far = place->far;
	return fd < 0 ? -errno : fd;
}

static void name_it(const struct file_watch *w, int folder, const char *name, struct file_act *act)
{
	char link[32], path[1024] = "?";
	size_t root = strlen(w->root);
	ssize_t n = -1;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", folder);
	if (folder >= 0)
		n = readlink(link, path, sizeof(path) - 1);
	if (n >= 0)
		path[n] = 0;
	snprintf(act->path, sizeof(act->path), "%s/%s",
		 n > 0 && strncmp(path, w->root, root) == 0 ? path + root : path, name);
}

/* A pipe or a socket must not keep us; a far file system could. */
static void look_into(int folder, const char *name, struct file_act *act)
{
	CLEANUP_FD int fd =
		openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct program_hash h;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	act->size = (uint64_t)st.st_size;
	if (st.st_size > FILE_HASH_MAX || program_hash_fd(fd, true, &h))
		return;
	act->hashed = true;
	memcpy(act->sha256, h.sha256, sizeof(act->sha256));
	memcpy(act->sm3, h.sm3, sizeof(act->sm3));
}

static void describe(struct file_watch *w, const struct fanotify_event_metadata *e,
		     struct file_act *ret)
{
	const struct fanotify_event_info_fid *info = (const void *)(e + 1);
	const struct file_handle *handle = (const void *)info->handle;
	const char *name = (const char *)handle->f_handle + handle->handle_bytes;
	struct file_act act = {.deeds = deeds_of(e->mask),
			       .is_folder = e->mask & FAN_ONDIR,
			       .pid = e->pid,
			       .uid = process_owner(e->pid)};
	bool far = true;
	CLEANUP_FD int folder = open_folder(w, info, &far);

	process_program(e->pid, act.program, sizeof(act.program));
	name_it(w, folder, name, &act);
	if (folder >= 0 && !far && act.deeds & FILE_WRITTEN)
		look_into(folder, name, &act);
	*ret = act;
}

static bool has_name(const struct fanotify_event_metadata *e)
{
	const struct fanotify_event_info_fid *info = (const void *)(e + 1);

	return e->event_len >=
		       FAN_EVENT_METADATA_LEN + sizeof(*info) + sizeof(struct file_handle) &&
	       info->hdr.info_type == FAN_EVENT_INFO_TYPE_DFID_NAME;
}

static int fill(struct file_watch *w)
{
	ssize_t n = read(w->fd, w->data, sizeof(w->data));

	if (n <= 0)
		return n < 0 ? -errno : -EAGAIN;
	w->left = (size_t)n;
	w->at = 0;
	return 0;
}

static int next_event(struct file_watch *w, const struct fanotify_event_metadata **ret)
{
	const struct fanotify_event_metadata *e = (const void *)w->event;
	int err = w->left ? 0 : fill(w);
	uint32_t len;

	if (err)
		return err;
	memcpy(&len, w->data + w->at, sizeof(len)); /* their first member */
	if (w->left < sizeof(*e) || len < sizeof(*e) || len > w->left || len > sizeof(w->event)) {
		w->left = 0;
		return -EOVERFLOW;
	}
	memcpy(w->event, w->data + w->at, len);
	w->at += len;
	w->left -= len;
	*ret = e;
	return 0;
}

int file_watch_next(struct file_watch *w, struct file_act *ret)
{
	const struct fanotify_event_metadata *e;
	int err;

	while (!(err = next_event(w, &e))) {
		if (e->mask & FAN_Q_OVERFLOW)
			return -EOVERFLOW;
		if (e->pid == getpid() || !has_name(e) || !deeds_of(e->mask))
			continue;
		describe(w, e, ret);
		return 0;
	}
	return err;
}

int file_watch_new(const char *root, struct file_watch **ret)
{
	struct file_watch *w = calloc(1, sizeof(*w));
	CLEANUP_FREE char *real = *root ? realpath(root, NULL) : NULL;
	int err = w ? 0 : -ENOMEM;

	if (!err)
		err = *root && !real ? -errno
				     : text_copy(w->root, sizeof(w->root),
						 real && !text_equal(real, "/") ? real : "");
	if (!err) {
		w->fd = fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_DFID_NAME | FAN_CLOEXEC |
					      FAN_NONBLOCK | FAN_UNLIMITED_QUEUE,
				      O_RDONLY | O_CLOEXEC);
		err = w->fd < 0 ? -errno : 0;
	}
	if (err)
		free(w);
	else
		*ret = w;
	return err;
}

void file_watch_free(struct file_watch *w)
{
	if (!w)
		return;
	close_cleanup(&w->fd);
	free(w);
}

int file_watch_fd(const struct file_watch *w)
{
	return w->fd;
}
