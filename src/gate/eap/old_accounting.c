#include "gate/eap/old_accounting.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/text.h"
#include "gate/gate.h"
#include "gate/line/record.h"
#include "radius/client.h"

#define TELL_MS MINUTE_MS

/* One packet of a switch, without what the way to the old server needs. */
struct waiting {
	struct waiting *next;
	bool is_interim;
	size_t len;
	uint8_t attributes[];
};

struct old_accounting {
	struct gate *gate;
	const struct radius_secret *secret;
	int fd;
	struct loop_watch *watch;
	struct loop_timer *again;
	struct waiting *first, **last;
	size_t count, lost;
	int64_t told_at_ms;
	/* The first of the queue, as it was sent. */
	bool under_way;
	unsigned tries;
	uint8_t next_id;
	struct radius_out out;
};

/* ---- the queue ---- */

static void take_out(struct old_accounting *a, struct waiting **at)
{
	struct waiting *w = *at;

	*at = w->next;
	if (!w->next)
		a->last = at;
	a->count--;
	free(w);
}

/* The first may be under way; it stays. */
static void make_room(struct old_accounting *a)
{
	struct waiting **at = &a->first->next;

	while (*at && !(*at)->is_interim)
		at = &(*at)->next;
	take_out(a, *at ? at : &a->first->next);
	a->lost++;
}

static void tell_lost(struct old_accounting *a, int64_t now_ms)
{
	char note[96];

	if (!a->lost || (a->told_at_ms && now_ms - a->told_at_ms < TELL_MS))
		return;
	snprintf(note, sizeof(note), "accounting for the old server: %zu packets had no room",
		 a->lost);
	log_warn("%s", note);
	record_gate(a->gate, "gate.old", 0, note);
	a->lost = 0;
	a->told_at_ms = now_ms;
}

/* Attributes of the packet, behind the header. A date of its own keeps a late one right. */
static int copy(const struct request *r, struct waiting **ret)
{
	const struct radius_packet *p = &r->packet;
	struct radius_attr at = {0};
	struct waiting *w = calloc(1, sizeof(*w) + p->len + 6);
	uint32_t status = 0, date;

	if (!w)
		return -ENOMEM;
	while (radius_next(p, &at)) {
		if (at.type == RADIUS_MESSAGE_AUTHENTICATOR || at.type == RADIUS_PROXY_STATE)
			continue;
		w->attributes[w->len++] = at.type;
		w->attributes[w->len++] = (uint8_t)(at.len + 2);
		memcpy(w->attributes + w->len, at.value, at.len);
		w->len += at.len;
	}
	if (radius_get_u32(p, RADIUS_EVENT_TIMESTAMP, &date)) {
		w->attributes[w->len++] = RADIUS_EVENT_TIMESTAMP;
		w->attributes[w->len++] = 6;
		set_be32(w->attributes + w->len, (uint32_t)(r->now_ms / SECOND_MS));
		w->len += 4;
	}
	(void)!radius_get_u32(p, RADIUS_ACCT_STATUS_TYPE, &status);
	w->is_interim = status == RADIUS_ACCT_INTERIM;
	*ret = w;
	return 0;
}

/* ---- sending ---- */

static void send_once(struct old_accounting *a)
{
	(void)send(a->fd, a->out.data, a->out.len, MSG_DONTWAIT); /* lost: it is sent again */
	loop_timer_arm(a->again, radius_retry_ms(a->tries++));
}

static int build(struct old_accounting *a, const struct waiting *w)
{
	radius_begin_bare_request(&a->out, RADIUS_ACCOUNTING_REQUEST, a->next_id++);
	for (size_t at = 0; at < w->len; at += w->attributes[at + 1])
		radius_put(&a->out, w->attributes[at], w->attributes + at + 2,
			   w->attributes[at + 1] - 2U);
	return radius_finish_request(&a->out, a->secret);
}

static void send_next(struct old_accounting *a)
{
	while (!a->under_way && a->first) {
		if (build(a, a->first)) {
			take_out(a, &a->first);
			a->lost++;
			continue;
		}
		a->under_way = true;
		a->tries = 0;
		send_once(a);
	}
}

static void on_again(void *arg)
{
	struct old_accounting *a = arg;

	if (a->under_way)
		send_once(a);
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
		take_out(a, &a->first);
		send_next(a);
	}
}

void old_accounting_take(struct old_accounting *a, const struct request *r)
{
	struct waiting *w;

	if (a->count == OLD_ACCOUNTING_MAX)
		make_room(a);
	if (copy(r, &w)) {
		a->lost++;
	} else {
		*a->last = w;
		a->last = &w->next;
		a->count++;
	}
	tell_lost(a, r->now_ms);
	send_next(a);
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

int old_accounting_new(struct gate *g, const struct radius_secret *secret,
		       struct old_accounting **ret)
{
	struct old_accounting *a = calloc(1, sizeof(*a));
	int err;

	if (!a)
		return -ENOMEM;
	a->gate = g;
	a->secret = secret;
	a->last = &a->first;
	a->fd = -1;
	err = open_line(a);
	if (!err)
		err = loop_timer_new(g->loop, on_again, a, &a->again);
	if (err) {
		old_accounting_free(a);
		return err;
	}
	*ret = a;
	return 0;
}

void old_accounting_free(struct old_accounting *a)
{
	if (!a)
		return;
	while (a->first)
		take_out(a, &a->first);
	loop_watch_remove(a->watch);
	loop_timer_free(a->again);
	close_cleanup(&a->fd);
	free(a);
}
