#include "server/api/metrics_page.h"

#include <string.h>
#include <unistd.h>

#include "base/exposition.h"
#include "base/text.h"
#include "server/api/static.h"

#define IDLE_S 5
#define CONNECTIONS 16
#define CONNECTION_MEMORY 16384
#define TEXT_MAX (4U << 20)

struct metrics_page {
	struct metrics_page_options o;
	struct MHD_Daemon *daemon;
};

static enum MHD_Result reply(struct MHD_Connection *connection, unsigned status, const void *data,
			     size_t len)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		len, (void *)(uintptr_t)data, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result r;

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
				status == MHD_HTTP_OK ? EXPOSITION_TYPE : "text/plain");
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, MHD_HTTP_METHOD_GET);
	r = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return r;
}

static enum MHD_Result reply_metrics(struct metrics_page *p, struct MHD_Connection *connection)
{
	CLEANUP_BUF struct buf text = BUF_INIT;

	buf_init(&text, TEXT_MAX);
	p->o.write(p->o.arg, &text);
	if (text.error)
		return reply(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "", 0);
	return reply(connection, MHD_HTTP_OK, text.data, text.len);
}

/* Stands in con_cls between the two calls for a request. */
static char heard;

static enum MHD_Result handle(void *arg, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload_data,
			      size_t *upload_data_size, void **con_cls)
{
	(void)version;
	(void)upload_data;
	if (!*con_cls) {
		*con_cls = &heard;
		return MHD_YES;
	}
	if (*upload_data_size) {
		*upload_data_size = 0; /* nobody reads it */
		return MHD_YES;
	}
	*con_cls = NULL;
	if (!text_equal(method, MHD_HTTP_METHOD_GET))
		return reply(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "", 0);
	if (!text_equal(url, "/metrics"))
		return reply(connection, MHD_HTTP_NOT_FOUND, "", 0);
	return reply_metrics(arg, connection);
}

int metrics_page_start(const struct metrics_page_options *options, struct metrics_page **ret)
{
	struct metrics_page *p = calloc(1, sizeof(*p));
	int fd;

	if (!p)
		return -ENOMEM;
	p->o = *options;
	fd = addr_tcp_listen(&options->listen, CONNECTIONS);
	if (fd < 0) {
		free(p);
		return fd;
	}
	p->daemon = MHD_start_daemon(
		MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | MHD_USE_ITC, 0, NULL, NULL,
		handle, p, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)IDLE_S, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_END);
	if (!p->daemon) {
		close(fd);
		free(p);
		return -ENOMEM;
	}
	*ret = p;
	return 0;
}

void metrics_page_stop(struct metrics_page *p)
{
	if (!p)
		return;
	MHD_stop_daemon(p->daemon);
	free(p);
}
