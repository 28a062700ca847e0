#include "port/gates.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/log.h"

#define IDS 256

/* One socket to one gate's one port: whatever comes in from elsewhere is not read at all. */
struct line {
	struct gates *gates;
	enum gates_kind kind;
	size_t gate;
	struct addr addr;
	int fd;
	struct loop_watch *watch;
};

struct gates {
	struct loop *loop;
	const struct settings *settings;
	size_t count;
	struct line lines[GATES_KINDS][2];
	struct gates_request *waiting[GATES_KINDS][IDS];
	uint8_t next_id[GATES_KINDS];
	bool silent[2];
	bool silence; /* was told: all of them */
	struct loop_timer *probe;
	void (*on_back)(void *arg);
	void *arg;
};

bool gates_one_alive(const struct gates *g, size_t gate)
{
	return gate < g->count && !g->silent[gate];
}

bool gates_alive(const struct gates *g)
{
	return gates_one_alive(g, 0) || gates_one_alive(g, 1);
}

static void mark_silent(struct gates *g, size_t gate)
{
	char text[ADDR_TEXT_SIZE];

	if (g->silent[gate])
		return;
	g->silent[gate] = true;
	addr_format(text, &g->lines[GATES_AUTH][gate].addr);
	log_warn("gate %s does not answer; look at the link, its address and its secret", text);
	if (!gates_alive(g)) {
		g->silence = true;
		log_warn("no gate answers: new terminals get %s",
			 g->settings->critical_vlan ? "the critical VLAN" : "nothing");
	}
	if (!loop_timer_is_armed(g->probe))
		loop_timer_arm(g->probe, (int64_t)g->settings->probe_s * 1000);
}

static void mark_alive(struct gates *g, size_t gate)
{
	char text[ADDR_TEXT_SIZE];

	if (!g->silent[gate])
		return;
	g->silent[gate] = false;
	addr_format(text, &g->lines[GATES_AUTH][gate].addr);
	log_info("gate %s answers again", text);
	if (g->silence) {
		g->silence = false;
		g->on_back(g->arg);
	}
}

static void release(struct gates_request *req)
{
	struct gates *g = req->gates;

	g->waiting[req->kind][req->out.data[1]] = NULL;
	loop_timer_free(req->timer);
	free(req);
}

void gates_cancel(struct gates_request *req)
{
	if (req)
		release(req);
}

/* The first living gate; the first of all when none lives. */
static size_t choose(const struct gates *g)
{
	return g->silent[0] && gates_one_alive(g, 1) ? 1 : 0;
}

static void transmit(struct gates_request *req)
{
	struct gates *g = req->gates;
	const struct line *line = &g->lines[req->kind][req->gate];

	req->tries_left--;
	/* A lost packet and one that the kernel refused (ICMP) are the same: it is tried again. */
	if (send(line->fd, req->out.data, req->out.len, MSG_DONTWAIT) < 0)
		log_debug("a request could not be sent: %d", errno);
	loop_timer_arm(req->timer, (int64_t)g->settings->timeout_ms);
}

/* One try is enough for a gate that is known to be silent. */
static void address(struct gates_request *req, size_t gate)
{
	const struct gates *g = req->gates;

	req->gate = gate;
	req->tries_left = g->silent[gate] ? 1 : (size_t)g->settings->tries;
}

static void finish(struct gates_request *req, int err, const struct radius_packet *answer)
{
	gates_done_fn *done = req->done;
	void *arg = req->arg;
	size_t gate = req->gate;

	release(req);
	done(arg, err, answer, gate);
}

static void on_timeout(void *arg)
{
	struct gates_request *req = arg;

	if (req->tries_left > 0) {
		transmit(req);
		return;
	}
	if (req->kind == GATES_AUTH)
		mark_silent(req->gates, req->gate);
	if (--req->gates_left > 0) {
		address(req, 1 - req->gate);
		transmit(req);
		return;
	}
	finish(req, -ETIMEDOUT, NULL);
}

static void on_answer(struct line *line, const uint8_t *data, size_t len)
{
	struct gates *g = line->gates;
	struct gates_request *req = len > 1 ? g->waiting[line->kind][data[1]] : NULL;
	struct radius_packet answer;

	if (!req || !req->done || req->gate != line->gate ||
	    radius_check_answer(&req->out, data, len, &g->settings->secret, &answer))
		return; /* late, forged or damaged: as if it had not come */
	if (line->kind == GATES_AUTH)
		mark_alive(g, line->gate);
	finish(req, 0, &answer);
}

static void on_readable(void *arg, int fd, uint32_t events)
{
	struct line *line = arg;
	uint8_t data[RADIUS_PACKET_MAX];
	ssize_t n;

	(void)events;
	while ((n = recv(fd, data, sizeof(data), 0)) >= 0 || errno == ECONNREFUSED)
		if (n > 0)
			on_answer(line, data, (size_t)n);
}

struct gates_request *gates_begin(struct gates *g, enum gates_kind kind, uint8_t code)
{
	struct gates_request *req;

	/* Ids go round, so that a late answer seldom meets a new request. */
	for (unsigned i = 0; i < IDS; i++) {
		uint8_t id = g->next_id[kind]++;

		if (g->waiting[kind][id])
			continue;
		req = calloc(1, sizeof(*req));
		if (!req || loop_timer_new(g->loop, on_timeout, req, &req->timer)) {
			free(req);
			return NULL;
		}
		req->gates = g;
		req->kind = kind;
		radius_begin_request(&req->out, code, id);
		g->waiting[kind][id] = req;
		return req;
	}
	return NULL;
}

int gates_send(struct gates_request *req, size_t gate, gates_done_fn *done, void *arg)
{
	struct gates *g = req->gates;
	int err = radius_finish_request(&req->out, &g->settings->secret);

	if (err) {
		release(req);
		return err;
	}
	req->done = done;
	req->arg = arg;
	req->sticky = gate != GATES_ANY;
	req->gates_left = req->sticky ? 1 : g->count;
	address(req, req->sticky ? gate : choose(g));
	transmit(req);
	return 0;
}

static void on_probed(void *arg, int err, const struct radius_packet *answer, size_t gate)
{
	(void)arg; /* on_answer() and on_timeout() have drawn the conclusion */
	(void)err;
	(void)answer;
	(void)gate;
}

static void on_probe(void *arg)
{
	struct gates *g = arg;

	for (size_t i = 0; i < g->count; i++) {
		struct gates_request *req;

		if (!g->silent[i])
			continue;
		req = gates_begin(g, GATES_AUTH, RADIUS_STATUS_SERVER);
		if (req && gates_send(req, i, on_probed, g))
			log_error("a Status-Server request could not be built");
		loop_timer_arm(g->probe, (int64_t)g->settings->probe_s * 1000);
	}
}

static int open_line(struct gates *g, enum gates_kind kind, size_t gate)
{
	struct line *line = &g->lines[kind][gate];
	int err;

	*line = (struct line){g, kind, gate, g->settings->gates[gate], -1, NULL};
	if (kind == GATES_ACCT)
		addr_set_port(&line->addr, g->settings->accounting_port);
	line->fd = socket(line->addr.sa.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (line->fd < 0)
		return -errno;
	err = loop_watch_fd(g->loop, line->fd, EPOLLIN, on_readable, line, &line->watch);
	if (err)
		return err;
	return connect(line->fd, &line->addr.sa, line->addr.len) < 0 ? -errno : 0;
}

DEFINE_POINTER_CLEANUP(struct gates *, gates_free)

int gates_new(struct loop *loop, const struct settings *settings, void (*on_back)(void *arg),
	      void *arg, struct gates **ret)
{
	CLEANUP(gates_free_cleanup) struct gates *g = calloc(1, sizeof(*g));
	int err;

	if (!g)
		return -ENOMEM;
	*g = (struct gates){.loop = loop,
			    .settings = settings,
			    .count = settings->gate_count,
			    .on_back = on_back,
			    .arg = arg};
	for (int kind = 0; kind < GATES_KINDS; kind++)
		for (size_t i = 0; i < ARRAY_SIZE(g->lines[kind]); i++)
			g->lines[kind][i].fd = -1;
	err = loop_timer_new(loop, on_probe, g, &g->probe);
	for (int kind = 0; !err && kind < GATES_KINDS; kind++)
		for (size_t i = 0; !err && i < g->count; i++)
			err = open_line(g, (enum gates_kind)kind, i);
	if (err)
		return err;
	*ret = TAKE_PTR(g);
	return 0;
}

void gates_free(struct gates *g)
{
	if (!g)
		return;
	for (int kind = 0; kind < GATES_KINDS; kind++) {
		for (size_t id = 0; id < IDS; id++)
			gates_cancel(g->waiting[kind][id]);
		for (size_t i = 0; i < ARRAY_SIZE(g->lines[kind]); i++) {
			loop_watch_remove(g->lines[kind][i].watch);
			close_cleanup(&g->lines[kind][i].fd);
		}
	}
	loop_timer_free(g->probe);
	free(g);
}
