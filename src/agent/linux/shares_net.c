#define _GNU_SOURCE
#include "agent/linux/shares_net.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "agent/linux/collect.h"
#include "agent/linux/shares_text.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"

#define TABLE_MAX (1U << 20)
#define COMMAND_SIZE 1024
#define SOCKETS_MAX 512
#define PROC_PATH_SIZE 320

enum { SMB_PORT = 445, NETBIOS_PORT = 139, NFS_PORT = 2049 };
enum { TCP_IS_ESTABLISHED = 1, TCP_IS_LISTENING = 10 };

/* ---- sockets ---- */

struct socket_row {
	unsigned state, port;
	unsigned long inode;
	bool near; /* this computer only */
	char peer[SHARE_PEER_SIZE];
};

struct sockets {
	struct socket_row list[SOCKETS_MAX];
	size_t count;
};

/* Words of four bytes, each as this machine keeps numbers. */
static void take_host(const char *hex, uint8_t host[static 16], bool *ret_v4)
{
	uint8_t raw[16] = {0};
	size_t len = strlen(hex) / 2;

	*ret_v4 = len == 4;
	memset(host, 0, 16);
	if ((len != 4 && len != 16) || hex_decode(raw, len, hex))
		return;
	for (size_t i = 0; i < len; i += 4) {
		uint32_t word = get_be32(raw + i);

		memcpy(host + i, &word, sizeof(word));
	}
}

static bool is_near(const uint8_t host[static 16], bool v4)
{
	static const uint8_t self[16] = {[15] = 1}, mapped[12] = {[10] = 0xff, [11] = 0xff};

	if (v4)
		return host[0] == 127;
	return memcmp(host, self, 16) == 0 || (memcmp(host, mapped, 12) == 0 && host[12] == 127);
}

static void format_peer(const uint8_t host[static 16], bool v4, char dst[static SHARE_PEER_SIZE])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	bool inner = !v4 && memcmp(host, mapped, 12) == 0;

	if (!inet_ntop(v4 || inner ? AF_INET : AF_INET6, inner ? host + 12 : host, dst,
		       SHARE_PEER_SIZE))
		dst[0] = 0;
}

static void take_socket(struct sockets *s, const char *line)
{
	struct socket_row *row = &s->list[s->count];
	char local[40], peer[40];
	uint8_t host[16];
	bool v4;

	if (s->count == SOCKETS_MAX ||
	    sscanf(line, " %*d: %39[0-9A-Fa-f]:%x %39[0-9A-Fa-f]:%*x %x %*s %*s %*s %*u %*u %lu",
		   local, &row->port, peer, &row->state, &row->inode) != 5 ||
	    (row->state != TCP_IS_ESTABLISHED && row->state != TCP_IS_LISTENING))
		return;
	take_host(local, host, &v4);
	row->near = is_near(host, v4);
	take_host(peer, host, &v4);
	format_peer(host, v4, row->peer);
	s->count++;
}

static void load_sockets(const char *root, struct sockets *s)
{
	static const char *const tables[] = {"/proc/net/tcp", "/proc/net/tcp6"};

	s->count = 0;
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		CLEANUP_BUF struct buf text = BUF_INIT;
		char path[PROC_PATH_SIZE], *save = NULL, *line;

		snprintf(path, sizeof(path), "%s%s", root, tables[i]);
		if (file_read(path, TABLE_MAX, &text) || !text.data)
			continue;
		for (line = strtok_r((char *)text.data, "\n", &save); line;
		     line = strtok_r(NULL, "\n", &save))
			take_socket(s, line);
	}
}

/* ---- processes ---- */

/* Every process: its folder below /proc, and its command line, NULs as they are. */
typedef void process_fn(void *arg, const char *folder, const char *command, size_t len);

static void each_process(const char *root, process_fn *fn, void *arg)
{
	CLEANUP_DIR DIR *d = NULL;
	char path[PROC_PATH_SIZE];
	struct dirent *entry;

	snprintf(path, sizeof(path), "%s/proc", root);
	d = opendir(path);
	while (d && (entry = readdir(d))) {
		char command[COMMAND_SIZE], folder[PROC_PATH_SIZE];
		CLEANUP_FD int fd = -1;
		ssize_t n;

		if (strspn(entry->d_name, "0123456789") != strlen(entry->d_name))
			continue;
		snprintf(folder, sizeof(folder), "%.200s/proc/%.16s", root, entry->d_name);
		snprintf(path, sizeof(path), "%.300s/cmdline", folder);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = fd < 0 ? 0 : read(fd, command, sizeof(command) - 1);
		if (n <= 0)
			continue;
		command[n] = 0;
		fn(arg, folder, command, (size_t)n);
	}
}

/* Each of its open files, as the link says: "/srv/x" or "socket:[123]". */
static void each_file(const char *folder, void (*fn)(void *arg, const char *target), void *arg)
{
	CLEANUP_DIR DIR *d = NULL;
	char path[PROC_PATH_SIZE], target[SHARE_PATH_SIZE];
	struct dirent *entry;

	snprintf(path, sizeof(path), "%.310s/fd", folder);
	d = opendir(path);
	while (d && (entry = readdir(d))) {
		ssize_t n = readlinkat(dirfd(d), entry->d_name, target, sizeof(target) - 1);

		if (n <= 0)
			continue;
		target[n] = 0;
		fn(arg, target);
	}
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* ---- who serves a folder ---- */

/* How such programs are started: what the command's name begins with, and a word of it. */
static const struct {
	const char *program, *word;
} servers[] = {
	{"", "http.server"},  {"", "SimpleHTTPServer"}, {"", "pyftpdlib"},
	{"", "uploadserver"}, {"", "http-server"},	{"busybox", "httpd"},
	{"busybox", "ftpd"},  {"node", "serve"},	{"php", "-S"},
	{"ruby", "-run"},     {"rclone", "serve"},	{"caddy", "file-server"},
	{"miniserve", NULL},  {"darkhttpd", NULL},	{"dufs", NULL},
	{"webfsd", NULL},     {"filebrowser", NULL},	{"vsftpd", NULL},
	{"proftpd", NULL},    {"pure-ftpd", NULL},	{"chfs", NULL},
};

static const char *next_word(const char *w, const char *end)
{
	w += strlen(w) + 1;
	return w < end ? w : NULL;
}

static bool has_word(const char *command, size_t len, const char *word)
{
	const char *end = command + len;

	for (const char *w = command; w; w = next_word(w, end))
		if (text_equal(base_name(w), word))
			return true;
	return false;
}

static bool is_server(const char *command, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(servers); i++)
		if (text_starts(base_name(command), servers[i].program) &&
		    (!servers[i].word || has_word(command, len, servers[i].word)))
			return true;
	return false;
}

/* The folder that the command names, else where the program runs. */
static void take_folder(const char *folder, const char *command, size_t len, struct share *s)
{
	static const char *const options[] = {"--directory", "-d", "-t", "-h"};
	const char *end = command + len;
	char path[PROC_PATH_SIZE];
	ssize_t n;

	for (const char *w = command; w; w = next_word(w, end))
		for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
			const char *value = text_equal(w, options[i]) ? next_word(w, end) : NULL;

			if (value && *value == '/')
				text_fit(s->path, sizeof(s->path), value);
		}
	snprintf(path, sizeof(path), "%.310s/cwd", folder);
	if (!s->path[0]) {
		n = readlink(path, s->path, sizeof(s->path) - 1);
		s->path[MAX(n, 0)] = 0;
	}
	collect_clean(s->path);
}

struct web_search {
	const struct sockets *sockets;
	struct shares *to;
	const char *folder, *command;
	size_t len;
};

static void take_web(void *arg, const char *target)
{
	const struct web_search *w = arg;
	unsigned long inode;

	if (sscanf(target, "socket:[%lu]", &inode) != 1)
		return;
	for (size_t i = 0; i < w->sockets->count; i++) {
		const struct socket_row *row = &w->sockets->list[i];
		struct share *s;

		if (row->inode != inode || row->state != TCP_IS_LISTENING || row->near)
			continue;
		s = shares_add(w->to, SHARE_WEB);
		if (!s)
			return;
		s->port = (uint16_t)row->port;
		s->guest = s->everyone = true; /* a password of its own cannot be seen */
		snprintf(s->name, sizeof(s->name), "%.60s:%u", base_name(w->command), row->port);
		collect_clean(s->name);
		take_folder(w->folder, w->command, w->len, s);
	}
}

static void look_at_process(void *arg, const char *folder, const char *command, size_t len)
{
	struct web_search *w = arg;

	if (!is_server(command, len))
		return;
	w->folder = folder;
	w->command = command;
	w->len = len;
	each_file(folder, take_web, w);
}

void shares_find_web(const char *root, struct shares *to)
{
	CLEANUP_FREE struct sockets *sockets = calloc(1, sizeof(*sockets));
	struct web_search w = {.sockets = sockets, .to = to};

	if (!sockets)
		return;
	load_sockets(root, sockets);
	each_process(root, look_at_process, &w);
}

/* ---- who uses them ---- */

static bool serves(const struct share *s, unsigned port)
{
	if (s->kind == SHARE_WEB)
		return port == s->port;
	if (s->kind == SHARE_NFS)
		return port == NFS_PORT;
	return s->kind != SHARE_MOUNTED && (port == SMB_PORT || port == NETBIOS_PORT);
}

static void add_peer(struct share *s, const char *peer)
{
	for (size_t i = 0; i < s->peer_count; i++)
		if (text_equal(s->peers[i], peer))
			return;
	if (s->peer_count < SHARE_PEERS_MAX)
		text_fit(s->peers[s->peer_count++], SHARE_PEER_SIZE, peer);
}

static void add_file(void *arg, const char *target)
{
	struct shares *all = arg;

	for (size_t i = 0; i < all->count; i++) {
		struct share *s = &all->list[i];
		size_t len = strlen(s->path);

		if ((s->kind != SHARE_SMB && s->kind != SHARE_USER) || len < 2 ||
		    strncmp(target, s->path, len) != 0 || target[len] != '/' ||
		    s->file_count == SHARE_FILES_MAX)
			continue;
		text_fit(s->files[s->file_count], SHARE_PATH_SIZE, target + len + 1);
		collect_clean(s->files[s->file_count++]);
	}
}

static void look_at_samba(void *arg, const char *folder, const char *command, size_t len)
{
	(void)len;
	if (text_starts(base_name(command), "smbd"))
		each_file(folder, add_file, arg);
}

void shares_find_users(const char *root, struct shares *s)
{
	CLEANUP_FREE struct sockets *sockets = calloc(1, sizeof(*sockets));
	bool samba = false;

	if (!sockets)
		return;
	load_sockets(root, sockets);
	for (size_t i = 0; i < sockets->count; i++)
		for (size_t j = 0; j < s->count; j++)
			if (sockets->list[i].state == TCP_IS_ESTABLISHED &&
			    serves(&s->list[j], sockets->list[i].port)) {
				add_peer(&s->list[j], sockets->list[i].peer);
				samba |= s->list[j].kind == SHARE_SMB ||
					 s->list[j].kind == SHARE_USER;
			}
	if (samba)
		each_process(root, look_at_samba, s);
}
