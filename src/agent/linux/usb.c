/* The devices on the USB: sysfs, and the kernel's own notices (no udev). */
#define _GNU_SOURCE
#include "agent/guards/usb.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/linux/collect.h"
#include "agent/linux/rtnl.h"
#include "agent/linux/usb_path.h"
#include "base/file.h"
#include "base/text.h"

#define KERNELS_GROUP 1 /* 2 is udev's, and anybody's */
#define NOTICE_SIZE 8192
#define QUEUE_BYTES (1 << 20)

void usb_path(const char *root, const char *place, const char *leaf, char dst[static USB_PATH_SIZE])
{
	snprintf(dst, USB_PATH_SIZE, "%s/sys/bus/usb/devices/%.40s/%s", root, place, leaf);
}

int usb_write_word(const char *path, const char *word)
{
	CLEANUP_FD int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return file_write_all(fd, word, strlen(word));
}

/* A small number out of a file of sysfs. */
static int read_number(const char *path, int *ret)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	int64_t value;
	int err = file_read(path, 4096, &text);

	if (!err && text.len == 0)
		err = -EIO;
	if (!err)
		err = text_to_i64(text_trim((char *)text.data), 0, INT32_MAX, &value);
	if (!err)
		*ret = (int)value;
	return err;
}

/* ---- what is plugged ---- */

static bool is_own_hub(const char *name)
{
	return text_starts(name, "usb");
}

/* "1-1.2"; with a colon it is an interface of one. */
static bool is_device(const char *name)
{
	return name[0] != '.' && !is_own_hub(name) && !strchr(name, ':') &&
	       strlen(name) < USB_PLACE_SIZE;
}

static int open_devices(const char *root, DIR **ret)
{
	char path[USB_PATH_SIZE];

	usb_path(root, "", "", path);
	*ret = opendir(path);
	return *ret ? 0 : -errno;
}

int usb_list(const char *root, char ret[static USB_DEVICES_MAX][USB_PLACE_SIZE], size_t *ret_count)
{
	CLEANUP_DIR DIR *dir = NULL;
	struct dirent *e;
	int err = open_devices(root, &dir);
	size_t count = 0;

	if (err && err != -ENOENT)
		return err;
	while (dir && count < USB_DEVICES_MAX && (e = readdir(dir)))
		if (is_device(e->d_name) && text_copy(ret[count], USB_PLACE_SIZE, e->d_name) == 0)
			count++;
	*ret_count = count;
	return 0;
}

int usb_state(const char *root, const char *place, int *ret_number, bool *ret_authorized)
{
	char path[USB_PATH_SIZE];
	int number, authorized, err;

	usb_path(root, place, "devnum", path);
	err = read_number(path, &number);
	usb_path(root, place, "authorized", path);
	if (!err)
		err = read_number(path, &authorized);
	if (err)
		return err == -ENODEV ? -ENOENT : err;
	*ret_number = number;
	*ret_authorized = authorized != 0;
	return 0;
}

static void load_text(const char *root, const char *place, const char *leaf,
		      char dst[static USB_TEXT_SIZE])
{
	char path[USB_PATH_SIZE];

	usb_path("", place, leaf, path);
	collect_line(root, path, dst, USB_TEXT_SIZE);
	collect_clean(dst);
}

int usb_load(const char *root, const char *place, struct usb_device *ret)
{
	CLEANUP_BUF struct buf descriptors = BUF_INIT;
	struct usb_device d = {.kind = USB_UNREADABLE};
	char path[USB_PATH_SIZE];
	int err = usb_state(root, place, &d.number, &d.authorized);

	if (err)
		return err;
	text_fit(d.place, sizeof(d.place), place);
	usb_path(root, place, "descriptors", path);
	if (file_read(path, USB_DESCRIPTORS_MAX, &descriptors) == 0)
		usb_read_descriptors(descriptors.data, descriptors.len, &d);
	load_text(root, place, "serial", d.serial);
	load_text(root, place, "manufacturer", d.maker);
	load_text(root, place, "product", d.name);
	usb_name_kind(&d);
	d.is_system = usb_holds_system(root, place);
	*ret = d;
	return 0;
}

int usb_authorize(const char *root, const char *place, bool authorized)
{
	char path[USB_PATH_SIZE];
	int err;

	usb_path(root, place, "authorized", path);
	err = usb_write_word(path, authorized ? "1" : "0");
	return err == -ENODEV ? -ENOENT : err;
}

/* ---- the hubs of the computer's own ---- */

int usb_hubs_hold(const char *root, int word)
{
	CLEANUP_DIR DIR *dir = NULL;
	char path[USB_PATH_SIZE], text[12];
	struct dirent *e;
	int err = open_devices(root, &dir), now;

	snprintf(text, sizeof(text), "%d", word);
	while (dir && (e = readdir(dir))) {
		if (!is_own_hub(e->d_name))
			continue;
		usb_path(root, e->d_name, "authorized_default", path);
		if (read_number(path, &now) == 0 && now == word)
			continue;
		err = usb_write_word(path, text);
	}
	return err == -ENOENT ? 0 : err;
}

int usb_hubs_default(const char *root)
{
	CLEANUP_DIR DIR *dir = NULL;
	char path[USB_PATH_SIZE];
	struct dirent *e;
	int word = USB_DEFAULT_ALL;

	if (open_devices(root, &dir))
		return word;
	while ((e = readdir(dir)))
		if (is_own_hub(e->d_name)) {
			usb_path(root, e->d_name, "authorized_default", path);
			if (read_number(path, &word) == 0)
				break;
		}
	return word;
}

/* ---- the kernel's notices ---- */

int usb_watch(void)
{
	const int bytes = QUEUE_BYTES;
	int fd = rtnl_open_family(NETLINK_KOBJECT_UEVENT, KERNELS_GROUP, SOCK_NONBLOCK);

	if (fd >= 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	return fd;
}

/* "add@/devices/...", then words as "SUBSYSTEM=usb", a NUL behind each and behind all. */
static bool is_about_us(const char *notice, size_t len)
{
	for (const char *p = notice; p < notice + len; p += strlen(p) + 1)
		if (text_equal(p, "SUBSYSTEM=usb") || text_equal(p, "SUBSYSTEM=block"))
			return true;
	return false;
}

bool usb_drain(int fd)
{
	char notice[NOTICE_SIZE];
	struct sockaddr_nl from;
	bool ours = false;

	for (;;) {
		socklen_t size = sizeof(from);
		ssize_t n = recvfrom(fd, notice, sizeof(notice) - 1, MSG_DONTWAIT,
				     (struct sockaddr *)&from, &size);

		if (n < 0 && errno == ENOBUFS)
			ours = true;
		else if (n < 0)
			return ours;
		else if (from.nl_pid == 0) {
			notice[n] = 0;
			ours |= is_about_us(notice, (size_t)n);
		}
	}
}
