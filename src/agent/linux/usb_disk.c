/* The disks of a USB device: which they are, who mounted them, and their protection. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "agent/linux/collect.h"
#include "agent/linux/usb_path.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"

#define BLOCKS "/sys/class/block"
#define MOUNTS_MAX (1U << 20)
#define STACK_DEPTH_MAX 6 /* LUKS over LVM over a partition */

/* ---- whose a block device is ---- */

/* "../../devices/pci0000:00/.../usb1/1-1/1-1:1.0/host0/.../block/sda": an interface of the device
 * itself, not of one behind it. */
static bool is_below(const char *root, const char *place, const char *block)
{
	char path[USB_PATH_SIZE], link[512], part[2 * USB_PLACE_SIZE + 4];
	ssize_t n;

	snprintf(path, sizeof(path), "%s" BLOCKS "/%.60s", root, block);
	n = readlink(path, link, sizeof(link) - 1);
	if (n <= 0)
		return false;
	link[n] = 0;
	snprintf(part, sizeof(part), "/%s/%s:", place, place);
	return strstr(link, part) != NULL;
}

static bool has_leaf(const char *root, const char *block, const char *leaf)
{
	char path[USB_PATH_SIZE];

	snprintf(path, sizeof(path), "%s" BLOCKS "/%.60s/%s", root, block, leaf);
	return access(path, F_OK) == 0;
}

/* Calls `take` for each name in a folder of sysfs until it says true. */
static bool any_entry(const char *path, bool (*take)(void *arg, const char *name), void *arg)
{
	CLEANUP_DIR DIR *dir = opendir(path);
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (e->d_name[0] != '.' && take(arg, e->d_name))
			return true;
	return false;
}

/* ---- mounts ---- */

struct mount_line {
	char *block; /* "8:1" */
	char *point, *options, *source;
};

/* proc(5): 36 35 98:0 /root /point options [tags] - type source superoptions */
static bool split_mount(char *line, struct mount_line *ret)
{
	char *rest = line;

	strsep(&rest, " ");
	strsep(&rest, " ");
	ret->block = strsep(&rest, " ");
	strsep(&rest, " ");
	ret->point = strsep(&rest, " ");
	strsep(&rest, " ");
	rest = rest ? strstr(rest, "- ") : NULL;
	if (!rest)
		return false;
	rest += 2;
	strsep(&rest, " ");
	ret->source = strsep(&rest, " ");
	ret->options = rest; /* the superblock's, which all its mounts share */
	return ret->options != NULL;
}

static bool any_mount(const char *root, bool (*take)(void *arg, const struct mount_line *m),
		      void *arg)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	struct mount_line m;
	char path[USB_PATH_SIZE], *rest, *line;

	snprintf(path, sizeof(path), "%s/proc/1/mountinfo", root);
	if (file_read(path, MOUNTS_MAX, &text) || !text.len)
		return false;
	rest = (char *)text.data;
	while ((line = strsep(&rest, "\n")))
		if (split_mount(line, &m) && take(arg, &m))
			return true;
	return false;
}

struct disk_at {
	const char *root, *disk;
};

static bool has_number(const struct disk_at *d, const char *block, const char *number)
{
	char path[96], text[32];

	snprintf(path, sizeof(path), BLOCKS "/%.60s/dev", block);
	collect_line(d->root, path, text, sizeof(text));
	return text_equal(text, number);
}

struct part_search {
	const struct disk_at *at;
	const char *number;
};

static bool is_part_with_number(void *arg, const char *name)
{
	const struct part_search *s = arg;

	return text_starts(name, s->at->disk) && has_number(s->at, name, s->number);
}

static bool is_mounted_writable(void *arg, const struct mount_line *m)
{
	const struct disk_at *d = arg;
	const struct part_search s = {d, m->block};
	char path[USB_PATH_SIZE];

	if (!text_starts(m->options, "rw"))
		return false;
	snprintf(path, sizeof(path), "%s" BLOCKS "/%.60s", d->root, d->disk);
	return has_number(d, d->disk, m->block) ||
	       any_entry(path, is_part_with_number, (void *)(uintptr_t)&s);
}

/* ---- the system's own disks ---- */

struct system_search {
	const char *root, *place;
	int depth;
};

static bool holds_block(void *arg, const char *block);

/* A block device, or one that it is made of. */
static bool holds_stack(const struct system_search *s, const char *block)
{
	struct system_search below = {s->root, s->place, s->depth + 1};
	char path[USB_PATH_SIZE];

	if (is_below(s->root, s->place, block))
		return true;
	if (s->depth == STACK_DEPTH_MAX)
		return false;
	snprintf(path, sizeof(path), "%s" BLOCKS "/%.60s/slaves", s->root, block);
	return any_entry(path, holds_block, &below);
}

static bool holds_block(void *arg, const char *block)
{
	return holds_stack(arg, block);
}

/* "/dev/mapper/vg-root" is a link to "../dm-0"; the number is of no use where a file system has
 * none of a block device's (btrfs). */
static bool is_system_mount(void *arg, const struct mount_line *m)
{
	static const char *const points[] = {"/", "/usr", "/boot", "/boot/efi", "/var", "/home"};
	const struct system_search *s = arg;
	CLEANUP_FREE char *real = NULL;
	char path[USB_PATH_SIZE];
	bool is_system = false;

	for (size_t i = 0; i < ARRAY_SIZE(points); i++)
		is_system |= text_equal(m->point, points[i]);
	if (!is_system || !text_starts(m->source, "/dev/"))
		return false;
	snprintf(path, sizeof(path), "%s%.200s", s->root, m->source);
	real = realpath(path, NULL);
	return holds_stack(s, strrchr(real ? real : m->source, '/') + 1);
}

bool usb_holds_system(const char *root, const char *place)
{
	struct system_search s = {root, place, 0};

	return any_mount(root, is_system_mount, &s);
}

/* ---- the disks ---- */

struct disk_list {
	const char *root, *place;
	struct usb_disk *disks;
	size_t count;
};

static bool take_disk(void *arg, const char *name)
{
	struct disk_list *l = arg;
	struct disk_at at = {l->root, name};
	struct usb_disk *d;
	char path[96], text[8];

	if (!is_below(l->root, l->place, name) || has_leaf(l->root, name, "partition"))
		return false;
	if (l->count == USB_DISKS_MAX || strlen(name) >= sizeof(d->name))
		return true;
	d = &l->disks[l->count++];
	text_fit(d->name, sizeof(d->name), name);
	snprintf(path, sizeof(path), BLOCKS "/%.60s/ro", name);
	collect_line(l->root, path, text, sizeof(text));
	d->read_only = text_equal(text, "1");
	d->optical = text_starts(name, "sr");
	d->mounted_writable = any_mount(l->root, is_mounted_writable, &at);
	return false;
}

int usb_disks(const char *root, const char *place, struct usb_disk ret[static USB_DISKS_MAX],
	      size_t *ret_count)
{
	struct disk_list l = {root, place, ret, 0};
	char path[USB_PATH_SIZE];

	snprintf(path, sizeof(path), "%s" BLOCKS, root);
	if (any_entry(path, take_disk, &l))
		return -E2BIG;
	*ret_count = l.count;
	return 0;
}

static int protect(const char *root, const char *name, bool read_only)
{
	const int word = read_only;
	char path[USB_PATH_SIZE];
	CLEANUP_FD int fd = -1;

	snprintf(path, sizeof(path), "%s/dev/%.60s", root, name);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 || ioctl(fd, BLKROSET, &word) < 0 ? -errno : 0;
}

struct protection {
	const char *root, *disk;
	bool read_only;
};

/* The disk's own protection covers its partitions: theirs is a second lock. */
static bool protect_part(void *arg, const char *name)
{
	const struct protection *p = arg;

	if (text_starts(name, p->disk) && has_leaf(p->root, name, "partition"))
		(void)!protect(p->root, name, p->read_only);
	return false;
}

int usb_disk_protect(const char *root, const char *name, bool read_only)
{
	struct protection p = {root, name, read_only};
	char path[USB_PATH_SIZE];
	int err = protect(root, name, read_only);

	snprintf(path, sizeof(path), "%s" BLOCKS "/%.60s", root, name);
	any_entry(path, protect_part, &p);
	return err;
}
