#define _GNU_SOURCE
#include "agent/linux/mounts.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

#define MOUNTS "/proc/self/mountinfo"

static const char *const virtual_types[] = {
	"autofs",     "binfmt_misc", "bpf",	  "cgroup", "cgroup2", "configfs",  "debugfs",
	"devpts",     "efivarfs",    "fusectl",	  "mqueue", "nsfs",    "proc",	    "pstore",
	"rpc_pipefs", "securityfs",  "selinuxfs", "sysfs",  "tracefs", "hugetlbfs",
};

static const char *const far_types[] = {"nfs",	"nfs4",	 "cifs",  "smb3", "9p",	     "afs",
					"ceph", "ncpfs", "davfs", "fuse", "fuseblk", "virtiofs"};

static bool is_one(const char *type, const char *const *types, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (text_equal(type, types[i]))
			return true;
	return false;
}

bool mount_is_virtual(const struct mount *m)
{
	return is_one(m->type, virtual_types, ARRAY_SIZE(virtual_types));
}

bool mount_is_far(const struct mount *m)
{
	return is_one(m->type, far_types, ARRAY_SIZE(far_types)) || text_starts(m->type, "fuse.");
}

static bool is_octal(const char *p, const char *end)
{
	return end - p >= 4 && p[0] == '\\' && p[1] >= '0' && p[1] <= '3' && p[2] >= '0' &&
	       p[2] <= '7' && p[3] >= '0' && p[3] <= '7';
}

/* A word up to the next blank, "\040" and its like undone; NULL: none, or it does not fit. */
static const char *take_word(const char *p, const char *end, char *dst, size_t size)
{
	size_t n = 0;

	while (p < end && *p != ' ' && n + 1 < size) {
		if (is_octal(p, end)) {
			dst[n++] = (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0'));
			p += 4;
		} else {
			dst[n++] = *p++;
		}
	}
	dst[n] = 0;
	return n && (p == end || *p == ' ') ? p + (p < end) : NULL;
}

static const char *skip_words(const char *p, const char *end, size_t count)
{
	while (p && count--) {
		const char *blank = memchr(p, ' ', (size_t)(end - p));

		p = blank ? blank + 1 : NULL;
	}
	return p;
}

static int parse_device(const char *text, struct mount *m)
{
	char copy[32], *colon;
	uint64_t major, minor;

	if (text_copy(copy, sizeof(copy), text) || !(colon = strchr(copy, ':')))
		return -EBADMSG;
	*colon = 0;
	if (text_to_u64(copy, 0, UINT32_MAX, &major) ||
	    text_to_u64(colon + 1, 0, UINT32_MAX, &minor))
		return -EBADMSG;
	m->major = (unsigned)major;
	m->minor = (unsigned)minor;
	return 0;
}

/* "36 35 98:0 /inside /place rw,noatime shared:1 - ext4 /dev/sda1 rw". */
int mount_parse(const char *line, size_t len, struct mount *ret)
{
	const char *end = line + len, *p = skip_words(line, end, 2), *dash;
	struct mount m = {.major = 0};
	char device[32];

	p = p ? take_word(p, end, device, sizeof(device)) : NULL;
	p = p ? skip_words(p, end, 1) : NULL;
	p = p ? take_word(p, end, m.place, sizeof(m.place)) : NULL;
	dash = p ? memmem(p, (size_t)(end - p), " - ", 3) : NULL;
	p = dash ? take_word(dash + 3, end, m.type, sizeof(m.type)) : NULL;
	p = p ? take_word(p, end, m.source, sizeof(m.source)) : NULL;
	if (!p || m.place[0] != '/' || parse_device(device, &m))
		return -EBADMSG;
	*ret = m;
	return 0;
}

static bool is_within(const char *root, const char *place)
{
	size_t len = strlen(root);

	return strncmp(place, root, len) == 0 && (!len || place[len] == '/' || !place[len]);
}

static int each_in(const char *path, const char *root, mount_fn *fn, void *arg)
{
	CLEANUP_FILE FILE *f = fopen(path, "re");
	CLEANUP_FREE char *line = NULL;
	size_t size = 0;
	ssize_t len;

	if (!f)
		return -errno;
	while ((len = getline(&line, &size, f)) > 0) {
		struct mount m;

		len -= line[len - 1] == '\n';
		if (mount_parse(line, (size_t)len, &m) == 0 && is_within(root, m.place))
			fn(arg, &m);
	}
	return ferror(f) ? -EIO : 0;
}

int mounts_each(const char *root, mount_fn *fn, void *arg)
{
	return each_in(MOUNTS, root, fn, arg);
}

int mounts_each_of(int pid, const char *root, mount_fn *fn, void *arg)
{
	char path[48];

	snprintf(path, sizeof(path), "/proc/%d/mountinfo", pid);
	return each_in(path, root, fn, arg);
}

bool mounts_are_others(int pid)
{
	char link[48], theirs[64], ours[64];
	ssize_t n, m;

	snprintf(link, sizeof(link), "/proc/%d/ns/mnt", pid);
	n = readlink(link, theirs, sizeof(theirs));
	m = readlink("/proc/self/ns/mnt", ours, sizeof(ours));
	return n > 0 && m > 0 && (n != m || memcmp(theirs, ours, (size_t)n) != 0);
}

int mounts_watch(void)
{
	int fd = open(MOUNTS, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}
