#include "server/api/static.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/addr.h"
#include "base/file.h"
#include "base/text.h"
#include "server/api/reply.h"

#define NONCE_MARK "__CSP_NONCE__"
#define INDEX_MAX (256U << 10)
#define STATIC_PATH_SIZE 4096
/* A worker lives by the policy of its own file: it must reach the stream. */
#define FILE_CSP "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"

static const struct {
	const char *ending, *type;
} types[] = {
	{".html", "text/html; charset=utf-8"},
	{".js", "text/javascript; charset=utf-8"},
	{".css", "text/css; charset=utf-8"},
	{".json", "application/json"},
	{".svg", "image/svg+xml"},
	{".png", "image/png"},
	{".ico", "image/x-icon"},
	{".woff2", "font/woff2"},
	{".txt", "text/plain; charset=utf-8"},
	{".webmanifest", "application/manifest+json"},
};

static const char *type_of(const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		size_t ending = strlen(types[i].ending);

		if (len > ending && !strcmp(path + len - ending, types[i].ending))
			return types[i].type;
	}
	return "application/octet-stream";
}

bool static_path_is_safe(const char *path)
{
	const char *at = path;

	if (!*path || strlen(path) > 512)
		return false;
	while (*at) {
		size_t len = strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					"0123456789._-");

		if (!len || *at == '.' || (at[len] && at[len] != '/'))
			return false;
		at += len;
		if (*at == '/' && !*++at)
			return false;
	}
	return true;
}

/* The built console lies in one folder; nothing in it is a link out of it. */
static int open_plain(const char *path, size_t *ret_size)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return -ENOENT;
	*ret_size = (size_t)st.st_size;
	return TAKE_FD(fd);
}

static bool accepts(struct MHD_Connection *connection, const char *coding)
{
	const char *header = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
							 MHD_HTTP_HEADER_ACCEPT_ENCODING);

	return header && strstr(header, coding);
}

static enum MHD_Result send_static(struct MHD_Connection *connection, unsigned status,
				   struct MHD_Response *response, const char *type,
				   const char *cache, const char *csp)
{
	enum MHD_Result r;

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, cache);
	reply_secure(response, csp);
	r = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return r;
}

static enum MHD_Result send_text(struct MHD_Connection *connection, unsigned status,
				 const char *text)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);

	return send_static(connection, status, response, "text/plain; charset=utf-8", "no-store",
			   NULL);
}

/* index.html with each NONCE_MARK replaced. */
static int fill_index(const char *page, const char *nonce, struct buf *ret)
{
	const char *mark;

	while ((mark = strstr(page, NONCE_MARK))) {
		buf_append(ret, page, (size_t)(mark - page));
		buf_puts(ret, nonce);
		page = mark + strlen(NONCE_MARK);
	}
	buf_puts(ret, page);
	return ret->error;
}

static int read_index(const struct static_site *site, struct buf *ret)
{
	char path[STATIC_PATH_SIZE];
	int err = -ENOENT;

	snprintf(path, sizeof(path), "%s/index.html", site->dir ? site->dir : "");
	if (site->dir)
		err = file_read(path, INDEX_MAX, ret);
	if (err && site->page) {
		buf_clear(ret);
		buf_puts(ret, site->page);
		err = ret->error;
	}
	return err;
}

static enum MHD_Result send_index(const struct static_site *site, struct MHD_Connection *connection)
{
	CLEANUP_BUF struct buf raw = BUF_INIT;
	CLEANUP_BUF struct buf page = BUF_INIT;
	char nonce[33], csp[512];
	uint8_t random[16];

	random_bytes(random, sizeof(random));
	hex_encode(nonce, random, sizeof(random));
	if (read_index(site, &raw) || fill_index(buf_str(&raw), nonce, &page))
		return send_text(connection, MHD_HTTP_NOT_FOUND, "The console is not built.\n");
	snprintf(csp, sizeof(csp),
		 "default-src 'none'; script-src 'self' 'nonce-%s'; style-src 'self' 'nonce-%s'; "
		 "img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; "
		 "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
		 nonce, nonce);
	return send_static(
		connection, MHD_HTTP_OK,
		MHD_create_response_from_buffer(page.len, page.data, MHD_RESPMEM_MUST_COPY),
		"text/html; charset=utf-8", "no-store", csp);
}

/* The file itself or its compressed neighbour; -ENOENT. */
static int open_best(struct MHD_Connection *connection, const char *path, size_t *ret_size,
		     const char **ret_coding)
{
	static const char *const codings[][2] = {{"br", ".br"}, {"gzip", ".gz"}};
	char beside[STATIC_PATH_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(codings); i++) {
		int fd;

		if (!accepts(connection, codings[i][0]) ||
		    (size_t)snprintf(beside, sizeof(beside), "%s%s", path, codings[i][1]) >=
			    sizeof(beside))
			continue;
		fd = open_plain(beside, ret_size);
		if (fd >= 0) {
			*ret_coding = codings[i][0];
			return fd;
		}
	}
	*ret_coding = NULL;
	return open_plain(path, ret_size);
}

static enum MHD_Result send_file(struct MHD_Connection *connection, const char *url, int fd,
				 size_t size, const char *coding)
{
	bool hashed = text_starts(url, "/assets/");
	struct MHD_Response *response = MHD_create_response_from_fd(size, fd);

	if (!response) {
		close(fd);
		return MHD_NO;
	}
	if (coding)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_ENCODING, coding);
	MHD_add_response_header(response, MHD_HTTP_HEADER_VARY, MHD_HTTP_HEADER_ACCEPT_ENCODING);
	return send_static(connection, MHD_HTTP_OK, response, type_of(url),
			   hashed ? "public, max-age=31536000, immutable" : "no-cache", FILE_CSP);
}

bool static_is_read(const char *method)
{
	return !strcmp(method, MHD_HTTP_METHOD_GET) || !strcmp(method, MHD_HTTP_METHOD_HEAD);
}

uint16_t static_port(struct MHD_Daemon *daemon)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_LISTEN_FD);
	struct addr addr = {.len = sizeof(addr.in6)};

	if (!info || getsockname(info->listen_fd, &addr.sa, &addr.len))
		return 0;
	return addr_port(&addr);
}

enum MHD_Result static_reply(const struct static_site *site, struct MHD_Connection *connection,
			     const char *url, const char *method)
{
	char path[STATIC_PATH_SIZE];
	const char *coding = NULL;
	size_t size = 0;
	int fd = -ENOENT;

	if (!static_is_read(method))
		return send_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "Only GET and HEAD.\n");
	if (!site->dir && !site->page)
		return send_text(connection, MHD_HTTP_NOT_FOUND, "There is no console here.\n");
	if (!strcmp(url, "/") || !strcmp(url, "/index.html"))
		return send_index(site, connection);
	if (site->dir && static_path_is_safe(url + 1) &&
	    (size_t)snprintf(path, sizeof(path), "%s%s", site->dir, url) < sizeof(path))
		fd = open_best(connection, path, &size, &coding);
	if (fd >= 0)
		return send_file(connection, url, fd, size, coding);
	if (strchr(url, '.'))
		return send_text(connection, MHD_HTTP_NOT_FOUND, "Not found.\n");
	return send_index(site, connection);
}
