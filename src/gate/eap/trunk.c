#define _GNU_SOURCE
#include "gate/eap/trunk.h"

#include <string.h>
#include <sys/epoll.h>

#include "base/addr.h"
#include "gate/front/sender.h"

#define BATCH SENDER_MAX
#define SOCKET_BUFFER (1 << 20)		 /* for an answer to every id, where the kernel allows */
#define IN_SIZE (RADIUS_PACKET_MAX + 64) /* not all packets in the same sets of the cache */

struct slot {
	void *owner; /* NULL: free */
	struct radius_out *out;
	bool queued; /* among the trunk's `outgoing` */
	bool sent;   /* once at least, so it is finished, and in the window */
};

/* Questions that leave together. */
struct bundle {
	struct parcel parcels[BATCH];
	struct radius_out *outs[BATCH];
	struct radius_draft drafts[BATCH]; /* the new ones among them */
	size_t count, draft_count;
};

/* Answers that came together, each with the slot that it is for. */
struct harvest {
	struct radius_answer answers[BATCH];
	struct slot *slots[BATCH];
	size_t count;
};

struct trunk_socket {
	struct trunk *trunk;
	int fd;
	size_t waiting;
	struct loop_watch *watch;
};

struct trunk {
	struct loop *loop;
	struct sender *sender;
	trunk_answer_fn *answer;
	trunk_done_fn *done;
	void *arg;
	bool quiet;
	const struct radius_secret *secret;
	struct trunk_socket sockets[TRUNK_SOCKETS];
	struct slot slots[TRUNK_SLOTS];
	unsigned next_slot;
	size_t waiting, in_window;
	int outgoing[TRUNK_SLOTS]; /* slots, in the order in which they were asked */
	size_t outgoing_count;
	uint8_t in[BATCH][IN_SIZE];
};

int trunk_new(struct loop *loop, trunk_answer_fn *answer, trunk_done_fn *done, void *arg,
	      struct trunk **ret)
{
	struct trunk *t = calloc(1, sizeof(*t));
	int err;

	if (!t)
		return -ENOMEM;
	err = sender_new(&t->sender);
	if (err) {
		free(t);
		return err;
	}
	t->loop = loop;
	t->answer = answer;
	t->done = done;
	t->arg = arg;
	for (size_t i = 0; i < TRUNK_SOCKETS; i++)
		t->sockets[i] = (struct trunk_socket){.trunk = t, .fd = -1};
	*ret = t;
	return 0;
}

void trunk_free(struct trunk *t)
{
	if (!t)
		return;
	trunk_close(t);
	sender_free(t->sender);
	free(t);
}

/* ---- slots ---- */

static struct trunk_socket *socket_of(struct trunk *t, int slot)
{
	return &t->sockets[slot / TRUNK_IDS];
}

/* The sockets in use are few, so that what leaves or comes together is much; ids still go round. */
static unsigned slots_in_use(const struct trunk *t)
{
	size_t sockets = t->waiting / (TRUNK_IDS / 4 * 3) + 1;

	return (unsigned)(MIN(sockets, TRUNK_SOCKETS) * TRUNK_IDS);
}

int trunk_take_slot(struct trunk *t, void *owner)
{
	unsigned in_use = slots_in_use(t);

	for (unsigned i = 0; i < in_use; i++) {
		unsigned slot = t->next_slot++ % in_use;

		if (t->slots[slot].owner)
			continue;
		t->slots[slot] = (struct slot){.owner = owner};
		socket_of(t, (int)slot)->waiting++;
		t->waiting++;
		return (int)slot;
	}
	return -EBUSY;
}

static void leave_outgoing(struct trunk *t, int slot)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->outgoing_count; i++)
		if (t->outgoing[i] != slot)
			t->outgoing[kept++] = t->outgoing[i];
	t->outgoing_count = kept;
}

void trunk_leave_slot(struct trunk *t, int slot)
{
	if (t->slots[slot].queued)
		leave_outgoing(t, slot);
	t->in_window -= t->slots[slot].sent;
	t->slots[slot] = (struct slot){0};
	socket_of(t, slot)->waiting--;
	t->waiting--;
}

uint8_t trunk_id(int slot)
{
	return (uint8_t)(slot % TRUNK_IDS);
}

size_t trunk_waiting(const struct trunk *t)
{
	return t->waiting;
}

/* ---- questions ---- */

static bool may_leave(struct trunk *t, const struct slot *s)
{
	return s->sent || t->in_window < TRUNK_WINDOW;
}

static void take_into(struct trunk *t, struct bundle *b, int slot)
{
	struct slot *s = &t->slots[slot];

	if (!s->sent)
		b->drafts[b->draft_count++] = (struct radius_draft){s->out, t->secret, NULL};
	b->outs[b->count] = s->out;
	b->parcels[b->count++] = (struct parcel){
		.fd = socket_of(t, slot)->fd, .data = s->out->data, .len = s->out->len};
	t->in_window += !s->sent;
	s->sent = true;
	s->queued = false;
}

/*
 * Questions of one length leave as one message, so the shorter ones are padded: what follows the
 * length that a packet states is nothing (RFC 2865 section 3).
 */
static void pad(struct bundle *b)
{
	size_t longest = 0;

	for (size_t i = 0; i < b->count; i++)
		if (b->parcels[i].len <= SENDER_CUT_MAX)
			longest = MAX(longest, b->parcels[i].len);
	for (size_t i = 0; i < b->count; i++) {
		struct parcel *p = &b->parcels[i];

		if (p->len >= longest)
			continue;
		memset(b->outs[i]->data + p->len, 0, longest - p->len);
		p->len = longest;
	}
}

/* What loopback does not take now is sent when the switch asks again. */
static void finish_and_send(struct trunk *t, struct bundle *b)
{
	radius_finish_many(b->drafts, b->draft_count);
	pad(b);
	sender_send(t->sender, b->parcels, b->count);
	b->count = b->draft_count = 0;
}

void trunk_flush(struct trunk *t)
{
	struct bundle b;
	size_t kept = 0;

	b.count = b.draft_count = 0;
	for (size_t i = 0; i < t->outgoing_count; i++) {
		int slot = t->outgoing[i];

		if (!may_leave(t, &t->slots[slot])) {
			t->outgoing[kept++] = slot;
			continue;
		}
		take_into(t, &b, slot);
		if (b.count == BATCH)
			finish_and_send(t, &b);
	}
	finish_and_send(t, &b);
	t->outgoing_count = kept;
}

void trunk_ask(struct trunk *t, int slot, struct radius_out *out)
{
	struct slot *s = &t->slots[slot];

	s->out = out;
	if (s->queued)
		return;
	t->outgoing[t->outgoing_count++] = slot;
	s->queued = true;
}

/* ---- answers ---- */

static void gather(struct trunk_socket *s, struct harvest *h, const uint8_t *data, size_t len)
{
	struct trunk *t = s->trunk;
	size_t first = (size_t)(s - t->sockets) * TRUNK_IDS;
	struct slot *slot = len > 1 ? &t->slots[first + data[1]] : NULL;

	if (!slot || !slot->sent)
		return;
	h->slots[h->count] = slot;
	h->answers[h->count++] = (struct radius_answer){
		.request = slot->out, .data = data, .len = len, .secret = t->secret};
}

/* A second answer to one question finds that the first has left the slot. */
static void hand_out(struct trunk *t, const struct harvest *h)
{
	for (size_t i = 0; i < h->count; i++) {
		const struct radius_answer *a = &h->answers[i];
		const struct slot *s = h->slots[i];

		if (!a->result && s->sent && s->out == a->request)
			t->answer(t->arg, s->owner, &a->packet);
	}
}

/* True when there may be more. */
static bool read_batch(struct trunk_socket *s)
{
	struct trunk *t = s->trunk;
	struct mmsghdr messages[BATCH];
	struct iovec vectors[BATCH];
	struct harvest h;
	int n;

	for (size_t i = 0; i < BATCH; i++) {
		vectors[i] = (struct iovec){t->in[i], RADIUS_PACKET_MAX};
		messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
	}
	n = recvmmsg(s->fd, messages, BATCH, MSG_DONTWAIT, NULL);
	h.count = 0;
	for (int i = 0; i < n; i++)
		gather(s, &h, t->in[i], messages[i].msg_len);
	radius_check_answers(h.answers, h.count);
	hand_out(t, &h);
	return n == BATCH;
}

static void on_readable(void *arg, int fd, uint32_t events)
{
	struct trunk_socket *s = arg;

	(void)fd;
	(void)events;
	read_batch(s); /* more than a batch: the loop calls again */
	s->trunk->done(s->trunk->arg);
}

void trunk_poll(struct trunk *t)
{
	for (size_t i = 0; i < TRUNK_SOCKETS; i++)
		while (t->sockets[i].waiting > 0 && read_batch(&t->sockets[i]))
			;
}

void trunk_set_quiet(struct trunk *t, bool quiet)
{
	if (quiet == t->quiet)
		return;
	t->quiet = quiet;
	for (size_t i = 0; i < TRUNK_SOCKETS; i++)
		if (t->sockets[i].watch)
			(void)!loop_watch_change(t->sockets[i].watch, quiet ? 0 : EPOLLIN);
}

/* ---- sockets ---- */

static int open_socket(struct trunk_socket *s, const struct addr *to)
{
	struct addr any;
	int size = SOCKET_BUFFER, err = addr_parse("127.0.0.1", 0, &any);

	if (err)
		return err;
	s->fd = addr_udp_bind(&any);
	if (s->fd < 0)
		return s->fd;
	setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (connect(s->fd, &to->sa, to->len) < 0)
		return -errno;
	return loop_watch_fd(s->trunk->loop, s->fd, s->trunk->quiet ? 0 : EPOLLIN, on_readable, s,
			     &s->watch);
}

int trunk_open(struct trunk *t, uint16_t port, const struct radius_secret *secret)
{
	struct addr to;
	int err = addr_parse("127.0.0.1", port, &to);

	t->secret = secret;
	for (size_t i = 0; !err && i < TRUNK_SOCKETS; i++)
		err = open_socket(&t->sockets[i], &to);
	if (err)
		trunk_close(t);
	return err;
}

void trunk_close(struct trunk *t)
{
	for (size_t i = 0; i < TRUNK_SOCKETS; i++) {
		loop_watch_remove(t->sockets[i].watch);
		t->sockets[i].watch = NULL;
		close_cleanup(&t->sockets[i].fd);
		t->sockets[i].fd = -1;
	}
}
