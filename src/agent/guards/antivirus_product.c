#define _GNU_SOURCE
#include "agent/guards/antivirus_product.h"

#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#include "agent/linux/process.h"
#include "base/clock.h"
#include "base/text.h"

#define PATH_SIZE 512
#define HEADER_SIZE 64

/*
 * ClamAV is tested against the real one, and the folders of the next two rows are in public use.
 * The other rows, and all definition folders but ClamAV's, are to be confirmed on the bank's own
 * image before their guard is enforced.
 */
const struct antivirus_product antivirus_products[] = {
	{"clamav",
	 "ClamAV",
	 {"/usr/sbin/clamd", "/usr/local/sbin/clamd"},
	 {"clamd"},
	 {"/run/clamav/clamd.ctl", "/run/clamav/clamd.sock", "/run/clamd.scan/clamd.sock"},
	 {"/var/lib/clamav/*.c[lv]d", "/var/lib/clamav/*.[hmn]*db"}},
	{"qianxin",
	 "奇安信天擎",
	 {"/opt/qaxsafe", "/usr/local/qaxsafe"},
	 {"qaxsafed"},
	 {NULL},
	 {"/opt/qaxsafe/avengine/*", "/opt/qaxsafe/data/avengine/*"}},
	{"360",
	 "360终端安全",
	 {"/opt/360safeforcnos", "/opt/360sdforcnos", "/opt/360epp"},
	 {"360safeforcnos", "360sdforcnos", "360eppd"},
	 {NULL},
	 {"/opt/360safeforcnos/virusdb/*", "/opt/360sdforcnos/virusdb/*", "/opt/360epp/virusdb/*"}},
	{"rising",
	 "瑞星ESM",
	 {"/opt/rising/esm", "/opt/Rising/ESM"},
	 {"rsmain", "ravmond"},
	 {NULL},
	 {"/opt/rising/esm/data/virusdb/*", "/opt/Rising/ESM/virusdb/*"}},
	{"huorong",
	 "火绒终端安全",
	 {"/opt/huorong", "/opt/apps/huorong"},
	 {"hipsdaemon", "hrdaemon"},
	 {NULL},
	 {"/opt/huorong/essclient/virdb/*", "/opt/apps/huorong/virdb/*"}},
	{"kingsoft",
	 "金山毒霸",
	 {"/opt/kingsoft/kesl", "/opt/apps/kingsoft-av"},
	 {"kxeserv"},
	 {NULL},
	 {"/opt/kingsoft/kesl/data/*", "/opt/apps/kingsoft-av/data/*"}},
};

const size_t antivirus_product_count = ARRAY_SIZE(antivirus_products);

static bool is_installed(const struct antivirus_product *p, const char *root)
{
	char path[PATH_SIZE];

	for (const char *const *program = p->programs; *program; program++) {
		snprintf(path, sizeof(path), "%s%s", root, *program);
		if (access(path, F_OK) == 0)
			return true;
	}
	return false;
}

static bool accepts(const char *root, const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	CLEANUP_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || (size_t)snprintf(a.sun_path, sizeof(a.sun_path), "%s%s", root, path) >=
			      sizeof(a.sun_path))
		return false;
	/* A full backlog (EAGAIN) is a busy listener; a dead one refuses. */
	return connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0 || errno == EAGAIN;
}

static int is_running(const struct antivirus_product *p, const char *root, bool *ret)
{
	bool running = false;
	int err = process_runs(root, p->processes, &running);

	for (const char *const *path = p->sockets; *path && !running; path++)
		running = accepts(root, *path);
	if (running)
		err = 0;
	if (!err)
		*ret = running;
	return err;
}

/* "16 Sep 2021 08-32 -0400" */
int antivirus_clamav_time(const char *header, size_t len, int64_t *ret_ms)
{
	static const char magic[] = "ClamAV-VDB:";
	struct tm t = {0};
	char text[32], *rest;
	const char *colon;

	if (len < sizeof(magic) || memcmp(header, magic, sizeof(magic) - 1) != 0)
		return -EBADMSG;
	header += sizeof(magic) - 1;
	len -= sizeof(magic) - 1;
	colon = memchr(header, ':', len);
	if (!colon || text_copy_n(text, sizeof(text), header, (size_t)(colon - header)))
		return -EBADMSG;
	rest = strptime(text, "%d %b %Y %H-%M %z", &t);
	if (!rest || *rest)
		return -EBADMSG;
	{
		long offset_s = t.tm_gmtoff; /* timegm() overwrites it */

		*ret_ms = ((int64_t)timegm(&t) - offset_s) * SECOND_MS;
	}
	return 0;
}

static int64_t definitions_time(const char *path)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char header[HEADER_SIZE];
	struct stat st;
	int64_t made_ms;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	n = read(fd, header, sizeof(header));
	if (n > 0 && antivirus_clamav_time(header, (size_t)n, &made_ms) == 0)
		return made_ms;
	return st.st_mtim.tv_sec * SECOND_MS;
}

static int64_t newest_definitions(const struct antivirus_product *p, const char *root)
{
	char pattern[PATH_SIZE];
	int64_t newest = 0;
	glob_t found;

	for (const char *const *d = p->definitions; *d; d++) {
		snprintf(pattern, sizeof(pattern), "%s%s", root, *d);
		if (glob(pattern, GLOB_NOSORT, NULL, &found))
			continue;
		for (size_t i = 0; i < found.gl_pathc; i++) {
			int64_t made = definitions_time(found.gl_pathv[i]);

			newest = MAX(newest, made);
		}
		globfree(&found);
	}
	return newest;
}

int antivirus_look(const struct antivirus_product *p, const char *root, int64_t now_ms,
		   int64_t max_age_ms, enum antivirus_state *ret, int64_t *ret_made_ms)
{
	bool running = false;
	int err = is_running(p, root, &running);

	if (err)
		return err;
	*ret_made_ms = 0;
	if (!running) {
		*ret = is_installed(p, root) ? ANTIVIRUS_STOPPED : ANTIVIRUS_MISSING;
		return 0;
	}
	*ret_made_ms = newest_definitions(p, root);
	if (!*ret_made_ms)
		*ret = ANTIVIRUS_WITHOUT_DEFINITIONS;
	else
		*ret = now_ms - *ret_made_ms > max_age_ms ? ANTIVIRUS_OUTDATED : ANTIVIRUS_GOOD;
	return 0;
}
