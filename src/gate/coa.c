#include "gate/coa.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/text.h"
#include "gate/record.h"
#include "radius/client.h"

#define IDS 256
#define TRIES 4
#define ANSWER_MAX RADIUS_PACKET_MAX

struct disconnect {
	struct coa *coa;
	struct loop_timer *timer;
	bool busy;
	unsigned tries;
	uint8_t class_id[CLASS_SIZE];
	int64_t switch_id;
	struct addr to;
	struct radius_out out;
	char why[96];
};

struct coa {
	struct gate *gate;
	int fd4, fd6;
	struct loop_watch *watch4, *watch6;
	uint8_t next_id;
	struct disconnect *slots[IDS]; /* by the packet's id; made when first needed */
};

static struct session *find_session(const struct disconnect *d)
{
	return sessions_by_class(d->coa->gate->sessions, d->class_id, CLASS_SIZE);
}

static void finish(struct disconnect *d, const char *how, bool is_gone)
{
	struct gate *g = d->coa->gate;
	struct session *n = find_session(d);
	const struct session_report report = {.at_ms = gate_now(g)};
	char note[160];

	d->busy = false;
	loop_timer_disarm(d->timer);
	if (!n)
		return;
	snprintf(note, sizeof(note), "%s: %s", d->why, how);
	if (is_gone)
		sessions_end(g->sessions, n, &report);
	record_session(g, "session.disconnect", n, note);
}

static void send_once(struct disconnect *d)
{
	int fd = d->to.sa.sa_family == AF_INET6 ? d->coa->fd6 : d->coa->fd4;

	/* What the kernel does not take now is repeated by the timer. */
	(void)!sendto(fd, d->out.data, d->out.len, 0, &d->to.sa, d->to.len);
	loop_timer_arm(d->timer, radius_retry_ms(d->tries++));
}

static void on_timer(void *arg)
{
	struct disconnect *d = arg;

	if (d->tries < TRIES)
		send_once(d);
	else
		finish(d, "the switch does not answer", false);
}

static void take_answer(struct coa *c, const struct addr *from, const uint8_t *data, size_t len)
{
	struct disconnect *d = len > 1 ? c->slots[data[1]] : NULL;
	const struct snap_switch *sw;
	struct radius_packet p;
	uint32_t cause = 0;
	char how[48];

	if (!d || !d->busy || !addr_same_host(&d->to, from) || addr_port(&d->to) != addr_port(from))
		return;
	sw = snapshot_switch(c->gate->snapshot, d->switch_id);
	if (!sw || radius_check_answer(&d->out, data, len, &sw->secret, &p))
		return;
	if (p.code == RADIUS_DISCONNECT_ACK) {
		finish(d, "ACK", true);
		return;
	}
	(void)!radius_get_u32(&p, RADIUS_ERROR_CAUSE, &cause);
	snprintf(how, sizeof(how), "NAK, cause %u", cause);
	finish(d, how, cause == RADIUS_ERROR_SESSION_NOT_FOUND);
}

static void on_readable(void *arg, int fd, uint32_t events)
{
	uint8_t data[ANSWER_MAX];
	struct addr from = {.len = sizeof(from.in6)};
	ssize_t n;

	(void)events;
	while ((n = recvfrom(fd, data, sizeof(data), MSG_DONTWAIT, &from.sa, &from.len)) >= 0) {
		take_answer(arg, &from, data, (size_t)n);
		from.len = sizeof(from.in6);
	}
}

static int open_socket(struct coa *c, const char *any, int *ret_fd, struct loop_watch **ret_watch)
{
	struct addr a;
	int fd, err = addr_parse(any, 0, &a);

	if (err)
		return err;
	fd = addr_udp_bind(&a);
	if (fd < 0)
		return fd;
	*ret_fd = fd;
	return loop_watch_fd(c->gate->loop, fd, EPOLLIN, on_readable, c, ret_watch);
}

int coa_new(struct gate *g, struct coa **ret)
{
	struct coa *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	c->gate = g;
	c->fd4 = c->fd6 = -1;
	err = open_socket(c, "0.0.0.0", &c->fd4, &c->watch4);
	if (!err)
		err = open_socket(c, "::", &c->fd6, &c->watch6);
	if (err == -EAFNOSUPPORT || err == -EADDRNOTAVAIL)
		err = 0; /* a machine without IPv6 */
	if (err) {
		coa_free(c);
		return err;
	}
	*ret = c;
	return 0;
}

void coa_free(struct coa *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < IDS; i++) {
		if (c->slots[i])
			loop_timer_free(c->slots[i]->timer);
		free(c->slots[i]);
	}
	loop_watch_remove(c->watch4);
	loop_watch_remove(c->watch6);
	close_cleanup(&c->fd4);
	close_cleanup(&c->fd6);
	free(c);
}

/* Goes round, so that a late answer does not meet the next request. */
static int take_slot(struct coa *c, struct disconnect **ret, uint8_t *ret_id)
{
	for (unsigned i = 0; i < IDS; i++) {
		uint8_t id = c->next_id++;
		struct disconnect *d = c->slots[id];
		int err;

		if (d && d->busy)
			continue;
		if (!d) {
			d = calloc(1, sizeof(*d));
			if (!d)
				return -ENOMEM;
			d->coa = c;
			err = loop_timer_new(c->gate->loop, on_timer, d, &d->timer);
			if (err) {
				free(d);
				return err;
			}
			c->slots[id] = d;
		}
		*ret = d;
		*ret_id = id;
		return 0;
	}
	return -EBUSY;
}

static bool is_under_way(const struct coa *c, const struct session *n)
{
	for (size_t i = 0; i < IDS; i++)
		if (c->slots[i] && c->slots[i]->busy &&
		    memcmp(c->slots[i]->class_id, n->class_id, CLASS_SIZE) == 0)
			return true;
	return false;
}

static int build(struct disconnect *d, uint8_t id, const struct session *n,
		 const struct snap_switch *sw, int64_t now_ms)
{
	radius_begin_request(&d->out, RADIUS_DISCONNECT_REQUEST, id);
	if (n->acct_id[0])
		radius_put_text(&d->out, RADIUS_ACCT_SESSION_ID, n->acct_id);
	radius_put_text(&d->out, RADIUS_CALLING_STATION_ID, n->calling);
	radius_put_u32(&d->out, RADIUS_EVENT_TIMESTAMP, (uint32_t)(now_ms / SECOND_MS));
	return radius_finish_request(&d->out, &sw->secret);
}

int coa_disconnect(struct coa *c, struct session *n, const char *why)
{
	const struct snap_switch *sw = snapshot_switch(c->gate->snapshot, n->switch_id);
	int64_t now_ms = gate_now(c->gate);
	struct disconnect *d;
	uint8_t id;
	int err;

	if (!sw || !sw->usable)
		return -ENOENT;
	if (is_under_way(c, n))
		return -EBUSY;
	err = take_slot(c, &d, &id);
	if (!err)
		err = addr_parse(sw->row.address, RADIUS_DYNAUTH_PORT, &d->to);
	if (!err)
		err = build(d, id, n, sw, now_ms);
	if (err)
		return err;
	if (sw->row.coa_port)
		addr_set_port(&d->to, (uint16_t)sw->row.coa_port);
	memcpy(d->class_id, n->class_id, CLASS_SIZE);
	d->switch_id = n->switch_id;
	snprintf(d->why, sizeof(d->why), "%s", why);
	d->tries = 0;
	d->busy = true;
	n->disconnect_asked_at_ms = now_ms;
	c->gate->counters[COUNT_DISCONNECTS]++;
	send_once(d);
	return 0;
}
