#include "server/api/enrolment.h"

#include <string.h>
#include <unistd.h>

#include "server/api/static.h"

#define IDLE_S 10
#define CONNECTIONS 64
#define CONNECTIONS_PER_ADDRESS 4
#define CONNECTION_MEMORY 16384

struct enrolment {
	struct MHD_Daemon *daemon;
	char *dir;
	struct static_site site;
};

static const char page[] =
	"<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">"
	"<meta name=\"viewport\" content=\"width=device-width\">"
	"<title>终端登记 Enrolment</title>"
	"<style nonce=\"__CSP_NONCE__\">body{font:16px/1.7 sans-serif;max-width:40em;"
	"margin:3em auto;padding:0 1em}h1{font-size:1.4em}code{background:#eee;padding:0 .3em}"
	"</style></head><body>"
	"<h1>本终端尚未入网</h1>"
	"<p>本终端位于隔离修复区，只能完成登记和修复。</p>"
	"<ol><li>没有登记码：请联系本部门设备负责人提交终端入网申请，或领取存量终端登记的登记码。</"
	"li>"
	"<li>已有登记码：安装客户端后运行 <code>menshen-agent enrol 登记码</code>。</li>"
	"<li>已登记但仍在隔离修复区：运行 <code>menshen-agent status</code> 查看原因，"
	"处理后自动恢复。</li></ol>"
	"<h1 lang=\"en\">This computer is not admitted yet</h1>"
	"<p lang=\"en\">It is isolated: it can be enrolled and mended, and nothing else.</p>"
	"<ol lang=\"en\"><li>No code: ask the device officer of your department to file an "
	"onboarding request, or for the code of the enrolment campaign.</li>"
	"<li>With a code: install the agent and run <code>menshen-agent enrol CODE</code>.</li>"
	"<li>Enrolled and still isolated: <code>menshen-agent status</code> says why; once that is "
	"mended, the computer is let in again by itself.</li></ol>"
	"</body></html>\n";

/* Stands in con_cls between the two calls for a file, so that a connection may ask again. */
static char heard;

static enum MHD_Result handle(void *arg, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload_data,
			      size_t *upload_data_size, void **con_cls)
{
	const struct enrolment *e = arg;

	(void)version;
	(void)upload_data;
	(void)upload_data_size;
	if (static_is_read(method) && !*con_cls) {
		*con_cls = &heard;
		return MHD_YES;
	}
	*con_cls = NULL;
	return static_reply(&e->site, connection, url, method);
}

static int start_daemon(struct enrolment *e, const struct enrolment_options *o)
{
	int fd = addr_tcp_listen(&o->listen, 64);

	if (fd < 0)
		return fd;
	e->daemon = MHD_start_daemon(
		MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | MHD_USE_TLS | MHD_USE_ITC, 0,
		NULL, NULL, handle, e, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_HTTPS_MEM_CERT,
		o->cert_pem, MHD_OPTION_HTTPS_MEM_KEY, o->key_pem, MHD_OPTION_HTTPS_PRIORITIES,
		STATIC_TLS_PRIORITIES, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
		MHD_OPTION_CONNECTION_LIMIT, o->connections ? o->connections : CONNECTIONS,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		o->connections_per_address ? o->connections_per_address : CONNECTIONS_PER_ADDRESS,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_END);
	if (!e->daemon) {
		close(fd);
		return -EBADMSG;
	}
	return 0;
}

int enrolment_start(const struct enrolment_options *options, struct enrolment **ret)
{
	struct enrolment *e = calloc(1, sizeof(*e));
	int r = 0;

	if (!e)
		return -ENOMEM;
	if (options->dir && !(e->dir = strdup(options->dir)))
		r = -ENOMEM;
	e->site = (struct static_site){e->dir, page};
	if (!r)
		r = start_daemon(e, options);
	if (r)
		enrolment_stop(e);
	else
		*ret = e;
	return r;
}

void enrolment_stop(struct enrolment *e)
{
	if (!e)
		return;
	if (e->daemon)
		MHD_stop_daemon(e->daemon);
	free(e->dir);
	free(e);
}

uint16_t enrolment_port(const struct enrolment *e)
{
	return static_port(e->daemon);
}
