#include "server/api/api.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "base/log.h"
#include "base/text.h"
#include "server/api/auth.h"
#include "server/api/reply.h"
#include "server/api/static.h"
#include "server/api/stream.h"

#define CONNECTION_TIMEOUT_S 30
#define STACK_SIZE (1U << 20)
#define LOGIN_TRIES 30
#define LOGIN_TRIES_WINDOW_MS (5 * 60 * INT64_C(1000))
#define TRIES_PLACES 4096
#define TRIES_ACCOUNTS 16384 /* more than a bank has under attack at once */
#define REFUSALS_RECORDED 10
#define REFUSALS_WINDOW_MS (60 * INT64_C(1000))

/* ---- one call ---- */

static int source_of(struct MHD_Connection *connection, char ret[static LOGIN_SOURCE_SIZE])
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct addr addr = {0};

	if (!info || !info->client_addr)
		return -ENOTCONN;
	if (info->client_addr->sa_family == AF_INET6) {
		addr.len = sizeof(addr.in6);
		memcpy(&addr.in6, info->client_addr, sizeof(addr.in6));
	} else {
		addr.len = sizeof(addr.in);
		memcpy(&addr.in, info->client_addr, sizeof(addr.in));
	}
	addr_format_host(ret, &addr);
	return 0;
}

static int find_route(struct call *c, const char *method, const char *url)
{
	int r = text_starts(url, API_PREFIX)
			? route_find(method, url + strlen(API_PREFIX), &c->match)
			: -ENOENT;

	if (r == -EOPNOTSUPP)
		return call_refuse(c, REFUSAL_METHOD, NULL);
	return r ? call_refuse(c, REFUSAL_NOT_FOUND, NULL) : 0;
}

static int check_body_head(struct call *c)
{
	static const char *const types[] = {
		[BODY_JSON] = "application/json", [BODY_CSV] = "text/csv"};
	const char *type, *length;
	uint64_t bytes;

	length = MHD_lookup_connection_value(c->connection, MHD_HEADER_KIND,
					     MHD_HTTP_HEADER_CONTENT_LENGTH);
	if (length && text_to_u64(length, 0, API_BODY_MAX, &bytes))
		return call_refuse(c, REFUSAL_TOO_LARGE, NULL);
	if (c->match.route->body == BODY_NONE)
		return 0;
	type = MHD_lookup_connection_value(c->connection, MHD_HEADER_KIND,
					   MHD_HTTP_HEADER_CONTENT_TYPE);
	if (!type || !text_starts(type, types[c->match.route->body]))
		return call_refuse(c, REFUSAL_MEDIA_TYPE, NULL);
	return 0;
}

static int read_body(struct call *c)
{
	const struct route *route = c->match.route;
	json_error_t error;

	if (c->body_bytes.error)
		return call_refuse(c, REFUSAL_TOO_LARGE, NULL);
	if (route->body != BODY_JSON)
		return 0;
	c->body = json_loadb(c->body_bytes.len ? (const char *)c->body_bytes.data : "",
			     c->body_bytes.len, JSON_REJECT_DUPLICATES, &error);
	if (!c->body)
		return call_refuse(c, REFUSAL_MALFORMED, NULL);
	return value_check_object(c->body, route->fields, route->fields_least, &c->refused);
}

struct query_reading {
	struct call *c;
	int r;
};

static enum MHD_Result read_query_value(void *arg, enum MHD_ValueKind kind, const char *key,
					const char *value)
{
	static const struct value_rule none[] = {{.name = NULL}};
	struct query_reading *reading = arg;
	struct call *c = reading->c;
	const struct value_rule *rule = c->match.route->query ? c->match.route->query : none;
	json_t *v;

	(void)kind;
	while (rule->name && strcmp(rule->name, key) != 0)
		rule++;
	if (!rule->name)
		reading->r = call_refuse(c, REFUSAL_VALUE_UNKNOWN, key);
	else if (json_object_get(c->query, key))
		reading->r = call_refuse(c, REFUSAL_VALUE_WRONG, key);
	else
		reading->r = value_from_query(rule, value ? value : "", &v, &c->refused);
	if (!reading->r && json_object_set_new(c->query, key, v))
		reading->r = -ENOMEM;
	return reading->r ? MHD_NO : MHD_YES;
}

static int read_query(struct call *c)
{
	struct query_reading reading = {c, 0};

	c->query = json_object();
	if (!c->query)
		return -ENOMEM;
	MHD_get_connection_values(c->connection, MHD_GET_ARGUMENT_KIND, read_query_value, &reading);
	if (reading.r)
		return reading.r;
	for (const struct value_rule *rule = c->match.route->query; rule && rule->name; rule++)
		if (rule->required && !json_object_get(c->query, rule->name))
			return call_refuse(c, REFUSAL_VALUE_MISSING, rule->name);
	return 0;
}

static int read_path(struct call *c)
{
	static const struct value_rule id = {RULE_ID("id")};
	const struct value_rule *rules = c->match.route->path_rules;

	c->path = json_array();
	for (size_t i = 0; i < c->match.value_count; i++) {
		json_t *v;
		int r = value_from_query(rules ? &rules[i] : &id, c->match.values[i], &v,
					 &c->refused);

		if (r)
			return r;
		if (json_array_append_new(c->path, v))
			return -ENOMEM;
	}
	return c->path ? 0 : -ENOMEM;
}

static int record_reading_act(struct deed *d)
{
	struct call *c = d->call;
	char act[96];
	json_t *query = json_object_size(c->query) ? json_copy(c->query) : json_object();

	snprintf(act, sizeof(act), "read.%s", c->match.route->operation);
	d->actor.role = "auditor";
	return act_log(d->store, d->now_ms, &d->actor, act, c->account.unit_id, "",
		       json_pack("{s:o*, s:O*}", "query", query, "path", c->path));
}

/* The auditor's reads stand in the log too (clause D35): before the answer leaves. */
static int record_reading(struct call *c)
{
	struct deed d = {0};

	if (!(account_roles(&c->account) & ROLE_AUDITOR) || c->match.route->unrecorded ||
	    strcmp(c->match.route->method, MHD_HTTP_METHOD_GET) != 0)
		return 0;
	return call_do_unchecked(c, &d, record_reading_act);
}

static int run_call(struct call *c)
{
	int r = read_path(c);

	if (!r)
		r = read_query(c);
	if (!r)
		r = read_body(c);
	if (!r)
		r = c->match.route->run(c);
	if (!r && c->logged_in)
		r = record_reading(c);
	return r;
}

/* Before the body is taken: a stranger's bytes are not kept. */
static int begin_call(struct call *c, const char *method, const char *url)
{
	int r = source_of(c->connection, c->source);

	if (!r)
		r = find_route(c, method, url);
	if (!r)
		r = auth_call(c);
	if (!r && (c->match.route->roles & ROLE_OPEN))
		c->body_bytes.limit = API_BODY_OPEN;
	if (!r)
		r = check_body_head(c);
	return r;
}

static enum MHD_Result finish_call(struct call *c, int r)
{
	r = refuse_errno(&c->refused, r) ? r : 0;
	if (r == -ECANCELED)
		auth_record_refusal(c);
	call_drop_reader(c);
	return reply_call(c, r);
}

/* A refusal that leaves before the body has arrived is lost with the connection: the bytes are let
 * through, up to a bound, and not kept. */
static enum MHD_Result take_body(struct call *c, const char *data, size_t *len)
{
	c->body_len += *len;
	if (c->body_len > API_BODY_HEARD)
		return MHD_NO;
	if (!c->early)
		buf_append(&c->body_bytes, data, *len);
	*len = 0;
	return MHD_YES;
}

/* Stands in con_cls between the two calls for a file. */
static char file_heard;

/* An answer in the first call would close the connection: a page of thirty files would pay thirty
 * handshakes. */
static enum MHD_Result handle_file(struct api *a, struct MHD_Connection *connection,
				   const char *url, const char *method, void **con_cls)
{
	const struct static_site site = {.dir = a->console_dir};

	if (static_is_read(method) && !*con_cls) {
		*con_cls = &file_heard;
		return MHD_YES;
	}
	*con_cls = NULL;
	return static_reply(&site, connection, url, method);
}

static enum MHD_Result handle(void *arg, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload_data,
			      size_t *upload_data_size, void **con_cls)
{
	struct api *a = arg;
	struct call *c = *con_cls;
	int r;

	(void)version;
	if (!text_starts(url, "/api/"))
		return handle_file(a, connection, url, method, con_cls);
	if (!c) {
		c = *con_cls = call_new(a, connection);
		if (!c)
			return MHD_NO;
		c->early = begin_call(c, method, url);
		call_drop_reader(c);
		return MHD_YES;
	}
	if (*upload_data_size)
		return take_body(c, upload_data, upload_data_size);
	r = c->early ? c->early : run_call(c);
	return finish_call(c, r);
}

static void completed(void *arg, struct MHD_Connection *connection, void **con_cls,
		      enum MHD_RequestTerminationCode how)
{
	(void)arg;
	(void)connection;
	(void)how;
	if (*con_cls != &file_heard)
		call_free(*con_cls);
	*con_cls = NULL;
}

/* ---- the server ---- */

static int open_readers(struct api *a)
{
	pthread_condattr_t monotonic;

	pthread_mutex_init(&a->readers_lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&a->readers_free, &monotonic);
	pthread_condattr_destroy(&monotonic);
	for (; a->readers_idle < API_READERS; a->readers_idle++) {
		int r = store_reader_new(a->options.store, &a->readers[a->readers_idle]);

		if (r)
			return r;
	}
	return 0;
}

static int copy_options(struct api *a, const struct api_options *options)
{
	int r = 0;

	a->options = *options;
	a->options.cert_pem = a->options.key_pem = a->options.console_dir =
		a->options.log_keys_pem = NULL;
	if (options->console_dir && !(a->console_dir = strdup(options->console_dir)))
		return -ENOMEM;
	if (options->log_keys_pem)
		r = sign_keyring_add_pem(&a->log_keys, options->log_keys_pem,
					 strlen(options->log_keys_pem));
	return r;
}

__attribute__((format(printf, 2, 0))) static void log_mhd(void *arg, const char *fmt, va_list ap)
{
	char line[256];

	(void)arg;
	vsnprintf(line, sizeof(line), fmt, ap);
	line[strcspn(line, "\n")] = '\0';
	log_debug("api: %s", line);
}

static int start_daemon(struct api *a, const struct api_options *options)
{
	unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
			 MHD_USE_POLL | MHD_USE_TLS | MHD_USE_ERROR_LOG | MHD_USE_ITC;
	int fd = addr_tcp_listen(&options->listen, 256);

	if (fd < 0)
		return fd;
	errno = 0;
	a->daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, handle, a, MHD_OPTION_EXTERNAL_LOGGER, log_mhd, NULL,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_HTTPS_MEM_CERT, options->cert_pem,
		MHD_OPTION_HTTPS_MEM_KEY, options->key_pem, MHD_OPTION_HTTPS_PRIORITIES,
		STATIC_TLS_PRIORITIES, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)CONNECTION_TIMEOUT_S, MHD_OPTION_CONNECTION_LIMIT,
		options->connections ? options->connections : 512U,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		options->connections_per_address ? options->connections_per_address : 64U,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)32768, MHD_OPTION_THREAD_STACK_SIZE,
		(size_t)STACK_SIZE, MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_END);
	if (!a->daemon) {
		close(fd);
		return -EBADMSG;
	}
	return 0;
}

int api_start(const struct api_options *options, struct api **ret)
{
	struct api *a = calloc(1, sizeof(*a));
	int r;

	if (!a)
		return -ENOMEM;
	r = copy_options(a, options);
	if (!r)
		r = open_readers(a);
	if (!r)
		r = throttle_new(4096, LOGIN_TRIES, LOGIN_TRIES_WINDOW_MS, &a->login_throttle);
	if (!r)
		r = throttle_new(4096, REFUSALS_RECORDED, REFUSALS_WINDOW_MS, &a->refusal_throttle);
	if (!r)
		r = tries_new(TRIES_PLACES, TRIES_ACCOUNTS, &a->tries);
	if (!r)
		r = tries_new(TRIES_PLACES, TRIES_PLACES, &a->nobody_tries);
	if (!r)
		r = idle_new(LOGIN_IDLE_MS, &a->idle);
	if (!r)
		r = stream_hub_start(a, &a->hub);
	if (!r)
		r = start_daemon(a, options);
	if (r) {
		api_stop(a);
		return r;
	}
	*ret = a;
	return 0;
}

void api_stop(struct api *a)
{
	if (!a)
		return;
	stream_hub_stop(a->hub);
	if (a->daemon)
		MHD_stop_daemon(a->daemon);
	stream_hub_free(a->hub);
	while (a->readers_idle)
		store_reader_free(a->readers[--a->readers_idle]);
	throttle_free(a->login_throttle);
	tries_free(a->tries);
	tries_free(a->nobody_tries);
	throttle_free(a->refusal_throttle);
	idle_free(a->idle);
	sign_keyring_done(&a->log_keys);
	pthread_mutex_destroy(&a->readers_lock);
	pthread_cond_destroy(&a->readers_free);
	free(a->console_dir);
	free(a);
}

uint16_t api_port(const struct api *a)
{
	return static_port(a->daemon);
}
