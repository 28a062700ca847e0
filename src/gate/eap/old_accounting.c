#include "gate/eap/old_accounting.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"
#include "gate/eap/old_queue.h"
#include "gate/gate.h"
#include "gate/line/ledger.h"
#include "gate/line/record.h"
#include "radius/client.h"

#define TELL_MS MINUTE_MS

struct old_accounting {
	struct gate *gate;
	const struct radius_secret *secret;
	int fd;
	struct loop_watch *watch;
	struct loop_timer *again;
	struct old_queue *queue;
	uint64_t told; /* of what was lost */
	int64_t told_at_ms;
	/* The first of the queue, as it was sent. */
	bool under_way;
	unsigned tries;
	uint8_t next_id;
	struct radius_out out;
};

/* ---- what is lost ---- */

static void tell_lost(struct old_accounting *a, int64_t now_ms)
{
	uint64_t lost = old_queue_lost(a->queue);
	char note[96];

	a->gate->counters[COUNT_OLD_LOST] = lost;
	if (lost == a->told || (a->told_at_ms && now_ms - a->told_at_ms < TELL_MS))
		return;
	snprintf(note, sizeof(note), "accounting for the old server: %llu packets had no room",
		 (unsigned long long)(lost - a->told));
	log_warn("%s", note);
	record_gate(a->gate, "gate.old", 0, note);
	a->told = lost;
	a->told_at_ms = now_ms;
}

/* ---- sending ---- */

static void send_once(struct old_accounting *a)
{
	(void)send(a->fd, a->out.data, a->out.len, MSG_DONTWAIT); /* lost: it is sent again */
	loop_timer_arm(a->again, radius_retry_ms(a->tries++));
}

static int build(struct old_accounting *a, const struct old_packet *p)
{
	radius_begin_bare_request(&a->out, RADIUS_ACCOUNTING_REQUEST, a->next_id++);
	for (size_t at = 0; at < p->len; at += p->attributes[at + 1])
		radius_put(&a->out, p->attributes[at], p->attributes + at + 2,
			   p->attributes[at + 1] - 2U);
	return radius_finish_request(&a->out, a->secret);
}

static void send_next(struct old_accounting *a)
{
	const struct old_packet *p;

	while (!a->under_way && (p = old_queue_first(a->queue))) {
		if (build(a, p)) {
			old_queue_lose(a->queue);
			continue;
		}
		a->under_way = true;
		a->tries = 0;
		send_once(a);
	}
}

/* With nothing under way it is the rest of the minute after which more is told. */
static void on_again(void *arg)
{
	struct old_accounting *a = arg;

	if (a->under_way)
		send_once(a);
	tell_lost(a, gate_now(a->gate));
}

/* The old server is on again: who waits no more cannot be the occasion to tell. */
static void tell_rest(struct old_accounting *a)
{
	int64_t now_ms = gate_now(a->gate);

	tell_lost(a, now_ms);
	if (!a->under_way && old_queue_lost(a->queue) != a->told)
		loop_timer_arm(a->again, MIN(MAX(a->told_at_ms + TELL_MS - now_ms, 1), TELL_MS));
}

static void on_answer(void *arg, int fd, uint32_t events)
{
	struct old_accounting *a = arg;
	uint8_t data[RADIUS_PACKET_MAX];
	struct radius_packet p;
	ssize_t n;

	(void)events;
	while ((n = recv(fd, data, sizeof(data), MSG_DONTWAIT)) >= 0) {
		if (!a->under_way || radius_check_answer(&a->out, data, (size_t)n, a->secret, &p))
			continue;
		a->under_way = false;
		loop_timer_disarm(a->again);
		old_queue_pop(a->queue);
		ledger_soon(a->gate->ledger);
		send_next(a);
		tell_rest(a);
	}
}

int old_accounting_take(struct old_accounting *a, const struct request *r)
{
	int err = old_queue_add(a->queue, &r->packet, (uint32_t)(r->now_ms / SECOND_MS));

	if (err)
		return err;
	tell_lost(a, r->now_ms);
	send_next(a);
	return 0;
}

size_t old_accounting_waiting(const struct old_accounting *a)
{
	return old_queue_count(a->queue);
}

uint64_t old_accounting_left(const struct gate *g)
{
	CLEANUP_FREE char *path = NULL;
	struct stat st;

	if (file_path(g->settings.state_dir, "old-accounting", &path) || stat(path, &st) < 0 ||
	    st.st_size == 0)
		return 0;
	log_warn("%s: accounting waits for an old server that [old] names no more; name it, or "
		 "delete the file",
		 path);
	return (uint64_t)st.st_size;
}

/* ---- start and end ---- */

/* Where it hears accounting: as it is set, else at its port and one more. */
static int find_server(const struct settings *s, struct addr *ret)
{
	int err;

	if (!text_equal(s->old_accounting, "next"))
		return addr_parse(s->old_accounting, 1813, ret);
	err = addr_parse(s->old_server, 1812, ret);
	if (!err)
		addr_set_port(ret, (uint16_t)(addr_port(ret) + 1));
	return err;
}

static int open_line(struct old_accounting *a)
{
	struct addr to, any;
	int err = find_server(&a->gate->settings, &to);

	if (!err)
		err = addr_parse(to.sa.sa_family == AF_INET6 ? "::" : "0.0.0.0", 0, &any);
	if (err)
		return err;
	a->fd = addr_udp_bind(&any);
	if (a->fd < 0)
		return a->fd;
	if (connect(a->fd, &to.sa, to.len) < 0)
		return -errno;
	return loop_watch_fd(a->gate->loop, a->fd, EPOLLIN, on_answer, a, &a->watch);
}

static int write_queue(void *arg, int *ret_fd)
{
	struct old_accounting *a = arg;

	return old_queue_write(a->queue, ret_fd);
}

static int open_queue(struct old_accounting *a)
{
	CLEANUP_FREE char *path = NULL;
	int err = file_path(a->gate->settings.state_dir, "old-accounting", &path);

	return err ? err : old_queue_open(path, &a->queue);
}

int old_accounting_new(struct gate *g, const struct radius_secret *secret,
		       struct old_accounting **ret)
{
	struct old_accounting *a = calloc(1, sizeof(*a));
	int err;

	if (!a)
		return -ENOMEM;
	a->gate = g;
	a->secret = secret;
	a->fd = -1;
	err = open_queue(a);
	if (!err)
		err = open_line(a);
	if (!err)
		err = loop_timer_new(g->loop, on_again, a, &a->again);
	if (err) {
		old_accounting_free(a);
		return err;
	}
	ledger_join(g->ledger, write_queue, a);
	if (old_queue_first(a->queue))
		log_info("%zu packets of accounting wait for the old server from before",
			 old_queue_count(a->queue));
	send_next(a);
	*ret = a;
	return 0;
}

void old_accounting_free(struct old_accounting *a)
{
	if (!a)
		return;
	old_queue_free(a->queue);
	loop_watch_remove(a->watch);
	loop_timer_free(a->again);
	close_cleanup(&a->fd);
	free(a);
}
