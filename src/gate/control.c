#define _GNU_SOURCE
#include "gate/control.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/file.h"
#include "base/text.h"
#include "gate/coa.h"
#include "gate/engine.h"
#include "gate/ledger.h"
#include "gate/link.h"
#include "gate/record.h"
#include "gate/review.h"

#define LINE_MAX_BYTES 4096
#define CLIENTS_MAX 8
#define SESSIONS_SHOWN_MAX 5000

struct client {
	struct control *control;
	struct loop_watch *watch;
	int fd; /* -1: free */
	unsigned uid;
	struct buf in;
};

struct control {
	struct gate *gate;
	int fd;
	struct loop_watch *watch;
	struct client clients[CLIENTS_MAX];
};

struct call {
	struct gate *gate;
	const json_t *args;
	unsigned uid;
};

static json_t *failure(const char *text)
{
	return json_pack("{s:s}", "error", text);
}

static const char *get_text(const struct call *c, const char *name)
{
	const char *text = json_string_value(json_object_get(c->args, name));

	return text ? text : "";
}

/* ---- status, sessions ---- */

static json_t *counters(const struct gate *g)
{
	json_t *object = json_object();

	for (size_t i = 0; i < COUNTER_COUNT; i++)
		json_object_set_new(object, counter_name((enum counter)i),
				    json_integer((json_int_t)g->counters[i]));
	return object;
}

static json_t *workers(const struct gate *g)
{
	json_t *array = json_array();

	for (unsigned i = 0; g->engine && i < g->settings.workers; i++)
		json_array_append_new(array, json_string(engine_worker_state(g->engine, i)));
	return array;
}

static json_t *bypass_list(const struct gate *g)
{
	json_t *array = json_array();
	char until[CLOCK_TEXT_SIZE];

	for (size_t i = 0; i < g->bypasses.count; i++) {
		clock_format_utc(until, g->bypasses.list[i].until_ms);
		json_array_append_new(
			array, json_pack("{s:s, s:s, s:s}", "outlet", g->bypasses.list[i].unit_code,
					 "until", until, "reason", g->bypasses.list[i].reason));
	}
	return array;
}

static json_t *show_status(const struct call *c)
{
	struct gate *g = c->gate;
	const struct spool *spool = ledger_spool(g->ledger);

	return json_pack(
		"{s:s, s:b, s:s, s:I, s:I, s:I, s:b, s:s, s:I, s:I, s:o, s:o, s:o}", "name",
		g->settings.name, "deciding", gate_can_decide(g), "snapshot",
		snapshot_source_name(g->source), "revision", (json_int_t)snapshot_rev(g->snapshot),
		"rows", (json_int_t)snapshot_rows(g->snapshot), "sessions",
		(json_int_t)sessions_live(g->sessions), "clock_degraded", g->steady.degraded,
		"server", g->link ? link_state(g->link) : "none", "records_waiting",
		(json_int_t)spool_waiting(spool), "disk_error", (json_int_t)ledger_error(g->ledger),
		"engine", workers(g), "bypass", bypass_list(g), "counters", counters(g));
}

static json_t *show_session(const struct session *n)
{
	static const char *const states[] = {"granted", "running", "ended"};
	char mac[MAC_TEXT_SIZE], class_text[CLASS_TEXT_SIZE];

	mac_format(mac, &n->mac);
	session_class_text(class_text, n);
	return json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "mac", mac,
			 "class", class_text, "state", states[n->state], "method",
			 knock_method_name(n->method), "switch", (json_int_t)n->switch_id, "port",
			 n->port, "account", n->account, "address", n->address, "verdict",
			 verdict_name(n->decision.verdict), "reason",
			 reason_text(n->decision.reason)->code, "would_be",
			 verdict_name(n->decision.would_be), "held", n->held);
}

static json_t *show_sessions(const struct call *c)
{
	json_t *array = json_array();
	const struct session *n;
	size_t at = 0;

	while ((n = sessions_next(c->gate->sessions, &at)) &&
	       json_array_size(array) < SESSIONS_SHOWN_MAX)
		if (session_is_live(n))
			json_array_append_new(array, show_session(n));
	return json_pack("{s:o}", "sessions", array);
}

/* ---- acts ---- */

static int64_t find_unit(const struct gate *g, const char *text)
{
	const struct snap_unit *u = snapshot_unit_named(g->snapshot, text);
	uint64_t id;

	if (u)
		return u->row.id;
	if (text_to_u64(text, 1, INT64_MAX, &id) == 0 && snapshot_unit(g->snapshot, (int64_t)id))
		return (int64_t)id;
	return 0;
}

static json_t *end_bypass(const struct call *c, int64_t unit_id)
{
	char note[96];
	int err = bypasses_end(&c->gate->bypasses, unit_id);

	if (err)
		return failure(err == -ENOENT ? "no bypass is active there" : strerror(-err));
	snprintf(note, sizeof(note), "bypass ended by uid %u", c->uid);
	record_gate(c->gate, "gate.bypass-end", unit_id, note);
	review_snapshot_changed(c->gate->review);
	return json_pack("{s:s}", "done", note);
}

static json_t *begin_bypass(const struct call *c)
{
	struct gate *g = c->gate;
	int64_t unit_id = find_unit(g, get_text(c, "outlet")), now_ms = gate_now(g);
	json_int_t hours = json_integer_value(json_object_get(c->args, "hours"));
	struct bypass b = {.unit_id = unit_id, .uid = c->uid};
	char note[256], until[CLOCK_TEXT_SIZE];
	int err;

	if (!unit_id)
		return failure("no outlet has this code or number");
	if (json_is_true(json_object_get(c->args, "end")))
		return end_bypass(c, unit_id);
	if (hours < 1 || hours > BYPASS_HOURS_MAX)
		return failure("--hours wants 1 to 24");
	if (!get_text(c, "reason")[0] ||
	    text_copy(b.reason, sizeof(b.reason), get_text(c, "reason")) ||
	    text_copy(b.unit_code, sizeof(b.unit_code), get_text(c, "outlet")))
		return failure("--reason wants a sentence of at most 191 bytes");
	b.from_ms = now_ms;
	b.until_ms = now_ms + hours * HOUR_MS;
	err = bypasses_add(&g->bypasses, &b);
	if (err)
		return failure(err == -ENOSPC ? "too many are active" : strerror(-err));
	clock_format_utc(until, b.until_ms);
	snprintf(note, sizeof(note), "bypass until %s by uid %u: %s", until, c->uid, b.reason);
	log_warn("outlet %s: %s", b.unit_code, note);
	record_gate(g, "gate.bypass", unit_id, note);
	return json_pack("{s:s}", "done", note);
}

static json_t *reset_breaker(const struct call *c)
{
	int64_t unit_id = find_unit(c->gate, get_text(c, "outlet"));
	char note[64];

	if (!unit_id)
		return failure("no outlet has this code or number");
	breaker_reset(c->gate->breaker, unit_id);
	snprintf(note, sizeof(note), "breaker reset by uid %u", c->uid);
	record_gate(c->gate, "gate.breaker-reset", unit_id, note);
	review_snapshot_changed(c->gate->review);
	return json_pack("{s:s}", "done", note);
}

static json_t *disconnect(const struct call *c)
{
	struct session *n = NULL;
	struct mac mac;
	char why[48];
	int err;

	if (mac_parse(get_text(c, "mac"), &mac))
		return failure("the MAC is malformed");
	n = sessions_by_mac(c->gate->sessions, &mac);
	if (!n || !session_is_live(n))
		return failure("this MAC has no live session");
	snprintf(why, sizeof(why), "by uid %u", c->uid);
	err = coa_disconnect(c->gate->coa, n, why);
	return err ? failure(strerror(-err)) : json_pack("{s:s}", "done", "asked the switch");
}

static const struct verb {
	const char *name, *usage;
	json_t *(*run)(const struct call *c);
} verbs[] = {
	{"status", "", show_status},
	{"sessions", "", show_sessions},
	{"bypass", "--outlet CODE --hours N --reason TEXT | --outlet CODE --end", begin_bypass},
	{"breaker-reset", "--outlet CODE", reset_breaker},
	{"disconnect", "--mac MAC", disconnect},
};

/* ---- the server's side ---- */

static void drop_client(struct client *cl)
{
	loop_watch_remove(cl->watch);
	close(cl->fd);
	buf_done(&cl->in);
	cl->fd = -1;
	cl->watch = NULL;
}

static json_t *run_line(struct client *cl, const char *line, size_t len)
{
	json_t *args = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL), *answer = NULL;
	struct call c = {cl->control->gate, args, cl->uid};

	for (size_t i = 0; json_is_object(args) && i < ARRAY_SIZE(verbs); i++)
		if (text_equal(verbs[i].name, get_text(&c, "verb")))
			answer = verbs[i].run(&c);
	json_decref(args);
	return answer ? answer : failure("no such verb");
}

static void answer_client(struct client *cl, json_t *answer)
{
	char *text = json_dumps(answer, JSON_COMPACT);

	json_decref(answer);
	if (text) {
		int flags = fcntl(cl->fd, F_GETFL);
		struct timeval limit = {.tv_sec = 1};

		/* A person's tool reads at once; one that does not is cut after a second. */
		setsockopt(cl->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
		fcntl(cl->fd, F_SETFL, flags & ~O_NONBLOCK);
		(void)!file_write_all(cl->fd, text, strlen(text));
		(void)!file_write_all(cl->fd, "\n", 1);
	}
	free(text);
}

static void on_client(void *arg, int fd, uint32_t events)
{
	struct client *cl = arg;
	uint8_t chunk[1024];
	ssize_t n = read(fd, chunk, sizeof(chunk));
	uint8_t *end;

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		buf_append(&cl->in, chunk, (size_t)n);
	end = cl->in.len ? memchr(cl->in.data, '\n', cl->in.len) : NULL;
	if (end)
		answer_client(cl, run_line(cl, (char *)cl->in.data, (size_t)(end - cl->in.data)));
	if (n <= 0 || end || cl->in.error)
		drop_client(cl);
}

static void on_connect(void *arg, int fd, uint32_t events)
{
	struct control *c = arg;
	CLEANUP_FD int peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct ucred who;
	socklen_t len = sizeof(who);

	(void)events;
	if (peer < 0 || getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0)
		return;
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		struct client *cl = &c->clients[i];

		if (cl->fd >= 0)
			continue;
		*cl = (struct client){.control = c, .fd = peer, .uid = who.uid};
		buf_init(&cl->in, LINE_MAX_BYTES);
		if (loop_watch_fd(c->gate->loop, peer, EPOLLIN, on_client, cl, &cl->watch))
			cl->fd = -1;
		else
			(void)TAKE_FD(peer);
		return;
	}
}

static int socket_address(const struct settings *s, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	return (size_t)snprintf(ret->sun_path, sizeof(ret->sun_path), "%s/control.sock",
				s->run_dir) < sizeof(ret->sun_path)
		       ? 0
		       : -ENAMETOOLONG;
}

int control_new(struct gate *g, struct control **ret)
{
	struct control *c = calloc(1, sizeof(*c));
	struct sockaddr_un at;
	mode_t mask;
	int err;

	if (!c)
		return -ENOMEM;
	c->gate = g;
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		c->clients[i].fd = -1;
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	err = c->fd < 0 ? -errno : socket_address(&g->settings, &at);
	if (!err) {
		unlink(at.sun_path);
		mask = umask(0177);
		if (bind(c->fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(c->fd, 8) < 0)
			err = -errno;
		umask(mask);
	}
	if (!err)
		err = loop_watch_fd(g->loop, c->fd, EPOLLIN, on_connect, c, &c->watch);
	if (err) {
		control_free(c);
		return err;
	}
	*ret = c;
	return 0;
}

void control_free(struct control *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i].fd >= 0)
			drop_client(&c->clients[i]);
	loop_watch_remove(c->watch);
	close_cleanup(&c->fd);
	free(c);
}

/* ---- the client's side ---- */

static int usage(void)
{
	fprintf(stderr, "usage: menshen-gate [-c FILE] [run]\n");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		fprintf(stderr, "       menshen-gate [-c FILE] %s %s\n", verbs[i].name,
			verbs[i].usage);
	return 2;
}

/* --name value pairs; --end alone; --hours is a number. NULL: malformed. */
static json_t *parse_arguments(int argc, char **argv)
{
	json_t *args = json_pack("{s:s}", "verb", argv[0]);
	uint64_t number;

	for (int i = 1; args && i < argc; i++) {
		const char *name = argv[i] + 2;

		if (!text_starts(argv[i], "--") || (!text_equal(name, "end") && i + 1 == argc)) {
			json_decref(args);
			return NULL;
		}
		if (text_equal(name, "end"))
			json_object_set_new(args, name, json_true());
		else if (text_equal(name, "hours"))
			json_object_set_new(args, name,
					    text_to_u64(argv[++i], 0, 1000000, &number)
						    ? json_null()
						    : json_integer((json_int_t)number));
		else
			json_object_set_new(args, name, json_string(argv[++i]));
	}
	return args;
}

static int ask(const struct settings *s, const char *line, struct buf *ret)
{
	CLEANUP_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un at;
	uint8_t chunk[4096];
	ssize_t n;
	int err = fd < 0 ? -errno : socket_address(s, &at);

	if (!err && connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		err = -errno;
	if (!err)
		err = file_write_all(fd, line, strlen(line));
	if (!err)
		err = file_write_all(fd, "\n", 1);
	while (!err && (n = read(fd, chunk, sizeof(chunk))) > 0)
		buf_append(ret, chunk, (size_t)n);
	return err ? err : ret->error;
}

int control_client(const struct settings *s, int argc, char **argv)
{
	CLEANUP_BUF struct buf answer = BUF_INIT;
	json_t *args = parse_arguments(argc, argv), *root;
	char *line = args ? json_dumps(args, JSON_COMPACT) : NULL;
	const char *error;
	int err, status = 1;

	json_decref(args);
	if (!line)
		return usage();
	err = ask(s, line, &answer);
	free(line);
	if (err) {
		fprintf(stderr, "menshen-gate: the gate is not running under %s: %s\n", s->run_dir,
			strerror(-err));
		return 1;
	}
	root = json_loadb(buf_str(&answer), answer.len, 0, NULL);
	error = json_string_value(json_object_get(root, "error"));
	if (error)
		fprintf(stderr, "menshen-gate: %s\n", error);
	else if (root)
		status = json_dumpf(root, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER) ? 1 : 0;
	if (!status)
		putchar('\n');
	json_decref(root);
	return error && text_equal(error, "no such verb") ? usage() : status;
}
