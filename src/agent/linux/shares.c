#define _GNU_SOURCE
#include "agent/guards/shares_here.h"

#include <dirent.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>

#include "agent/linux/collect.h"
#include "agent/linux/firewall.h"
#include "agent/linux/shares_net.h"
#include "agent/linux/shares_text.h"
#include "base/file.h"
#include "base/text.h"

#define FILE_MAX (256U << 10)
#define FILE_PATH_SIZE 512
#define TABLE "inet menshen_shares"
#define USERSHARES "/var/lib/samba/usershares"

static bool read_text(const char *root, const char *folder, const char *name, struct buf *to)
{
	char path[FILE_PATH_SIZE];

	return snprintf(path, sizeof(path), "%s%s%s%s", root, folder, *name ? "/" : "", name) <
		       FILE_PATH_SIZE &&
	       file_read(path, FILE_MAX, to) == 0;
}

/* ---- what the files say ---- */

static void load_samba(const char *root, struct shares *to)
{
	struct smb_includes files = {.list = {"/etc/samba/smb.conf"}, .count = 1};

	for (size_t i = 0; i < files.count; i++) {
		CLEANUP_BUF struct buf text = BUF_INIT;

		if (read_text(root, files.list[i], "", &text))
			shares_read_smb(buf_str(&text), to, &files);
	}
}

typedef void take_fn(const char *name, const char *text, struct shares *to);

static void load_folder(const char *root, const char *folder, const char *ending, take_fn *take,
			struct shares *to)
{
	CLEANUP_DIR DIR *d = NULL;
	char path[FILE_PATH_SIZE];
	struct dirent *entry;

	snprintf(path, sizeof(path), "%s%s", root, folder);
	d = opendir(path);
	while (d && (entry = readdir(d))) {
		CLEANUP_BUF struct buf text = BUF_INIT;
		size_t len = strlen(entry->d_name), tail = strlen(ending);

		if (entry->d_name[0] != '.' && len > tail &&
		    text_equal(entry->d_name + len - tail, ending) &&
		    read_text(root, folder, entry->d_name, &text))
			take(entry->d_name, buf_str(&text), to);
	}
}

static void take_exports(const char *name, const char *text, struct shares *to)
{
	(void)name;
	shares_read_exports(text, to);
}

static void load_exports(const char *root, struct shares *to)
{
	CLEANUP_BUF struct buf text = BUF_INIT;

	if (read_text(root, "/etc/exports", "", &text))
		shares_read_exports(buf_str(&text), to);
	load_folder(root, "/etc/exports.d", ".exports", take_exports, to);
}

/* Another machine's folders that are mounted here. */
static void load_mounts(const char *root, struct shares *to)
{
	static const char *const types[] = {"fuse.sshfs", "cifs", "smb3", "nfs", "nfs4"};
	char path[FILE_PATH_SIZE];
	struct mntent *m;
	FILE *f;

	snprintf(path, sizeof(path), "%s/proc/self/mounts", root);
	f = setmntent(path, "re");
	while (f && (m = getmntent(f)))
		for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
			struct share *s = text_equal(m->mnt_type, types[i])
						  ? shares_add(to, SHARE_MOUNTED)
						  : NULL;

			if (!s)
				continue;
			text_fit(s->name, sizeof(s->name), m->mnt_fsname);
			text_fit(s->path, sizeof(s->path), m->mnt_dir);
			collect_clean(s->name);
			collect_clean(s->path);
			s->writable = hasmntopt(m, "rw") != NULL;
		}
	if (f)
		endmntent(f);
}

int shares_load(const char *root, struct shares *ret)
{
	CLEANUP_FREE struct shares *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	load_samba(root, s);
	load_folder(root, USERSHARES, "", shares_read_usershare, s);
	load_exports(root, s);
	load_mounts(root, s);
	shares_find_web(root, s);
	shares_find_users(root, s);
	*ret = *s;
	return 0;
}

int shares_watch(const char *root)
{
	static const char *const folders[] = {"/etc", "/etc/samba", "/etc/exports.d", USERSHARES};
	CLEANUP_FD int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	char path[FILE_PATH_SIZE];

	if (fd < 0)
		return -errno;
	/* What is not there yet is found by the guard's own period. */
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		snprintf(path, sizeof(path), "%s%s", root, folders[i]);
		(void)inotify_add_watch(fd, path, IN_CLOSE_WRITE | IN_MOVE | IN_DELETE);
	}
	return TAKE_FD(fd);
}

void shares_drain(int fd)
{
	_Alignas(struct inotify_event) char data[4096];

	while (read(fd, data, sizeof(data)) > 0)
		;
}

/* ---- closing ---- */

int shares_delete(const char *root, const char *name)
{
	char path[FILE_PATH_SIZE];

	if (strchr(name, '/') || *name == '.' ||
	    snprintf(path, sizeof(path), "%s" USERSHARES "/%s", root, name) >= FILE_PATH_SIZE)
		return -EINVAL;
	return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

static const char *ports_of(const struct share *s, char own[static 8])
{
	snprintf(own, 8, "%u", s->port);
	return s->kind == SHARE_WEB ? own : s->kind == SHARE_NFS ? "111, 2049, 20048" : "139, 445";
}

int shares_shut(const struct shares *s, uint64_t closed)
{
	CLEANUP_BUF struct buf rules = BUF_INIT;
	char own[8];

	if (!firewall_is_here())
		return closed ? -ENOENT : 0;
	buf_puts(&rules, "add table " TABLE "\ndelete table " TABLE "\n");
	if (closed)
		buf_puts(&rules, "add table " TABLE "\nadd chain " TABLE
				 " in { type filter hook input priority -190; policy accept; }\n"
				 "add rule " TABLE " in iif lo accept\n");
	for (size_t i = 0; i < s->count; i++)
		if (closed & UINT64_C(1) << i)
			buf_printf(&rules,
				   "add rule " TABLE " in meta l4proto { tcp, udp } th dport { %s }"
				   " drop\n",
				   ports_of(&s->list[i], own));
	return firewall_tell(&rules);
}
