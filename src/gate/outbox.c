#define _GNU_SOURCE
#include "gate/outbox.h"

#include <netinet/udp.h>
#include <string.h>

#define TOGETHER_BYTES 60000 /* below the longest datagram */
#define CUT_MAX 1200	     /* a cut piece must fit into the route's MTU; IPv6 promises 1280 */

struct letter {
	struct radius_out out;
	struct addr to;
	int fd;
	bool taken; /* into a message */
};

/* Room for one control message that says where to cut. */
union cut {
	struct cmsghdr header;
	uint8_t bytes[CMSG_SPACE(sizeof(uint16_t))];
};

struct outbox {
	bool one_by_one; /* a route here does not cut */
	size_t count;
	struct letter letters[OUTBOX_SIZE];
	/* Of the flush under way: one message per run of like letters, one vector per letter. */
	size_t messages_count, vectors_count;
	struct mmsghdr messages[OUTBOX_SIZE];
	int fds[OUTBOX_SIZE];
	union cut cuts[OUTBOX_SIZE];
	struct iovec vectors[OUTBOX_SIZE];
};

int outbox_new(struct outbox **ret)
{
	struct outbox *o = calloc(1, sizeof(*o));

	if (!o)
		return -ENOMEM;
	*ret = o;
	return 0;
}

void outbox_free(struct outbox *o)
{
	free(o);
}

struct radius_out *outbox_room(struct outbox *o)
{
	if (o->count == OUTBOX_SIZE)
		outbox_flush(o);
	return &o->letters[o->count].out;
}

void outbox_add(struct outbox *o, int fd, const struct addr *to)
{
	struct letter *l = &o->letters[o->count++];

	l->fd = fd;
	l->to = *to;
	l->taken = false;
}

static bool are_alike(const struct letter *a, const struct letter *b)
{
	return a->out.len == b->out.len && a->fd == b->fd && a->to.len == b->to.len &&
	       memcmp(&a->to.sa, &b->to.sa, a->to.len) == 0;
}

static void put_vector(struct outbox *o, struct letter *l)
{
	o->vectors[o->vectors_count++] = (struct iovec){l->out.data, l->out.len};
	l->taken = true;
}

static void say_where_to_cut(struct msghdr *m, union cut *cut, size_t len)
{
	uint16_t size = (uint16_t)len;

	memset(cut, 0, sizeof(*cut));
	cut->header.cmsg_level = SOL_UDP;
	cut->header.cmsg_type = UDP_SEGMENT;
	cut->header.cmsg_len = CMSG_LEN(sizeof(size));
	memcpy(CMSG_DATA(&cut->header), &size, sizeof(size));
	m->msg_control = cut->bytes;
	m->msg_controllen = sizeof(cut->bytes);
}

/* A message of this letter and, where the kernel may cut, of all like it. */
static void add_message(struct outbox *o, size_t first)
{
	struct letter *l = &o->letters[first];
	struct msghdr *m = &o->messages[o->messages_count].msg_hdr;
	size_t began = o->vectors_count, bytes = l->out.len;

	*m = (struct msghdr){
		.msg_name = &l->to.sa, .msg_namelen = l->to.len, .msg_iov = &o->vectors[began]};
	put_vector(o, l);
	for (size_t i = first + 1; !o->one_by_one && l->out.len <= CUT_MAX && i < o->count; i++) {
		struct letter *other = &o->letters[i];

		if (other->taken || !are_alike(l, other) || bytes + l->out.len > TOGETHER_BYTES)
			continue;
		put_vector(o, other);
		bytes += l->out.len;
	}
	m->msg_iovlen = o->vectors_count - began;
	if (m->msg_iovlen > 1)
		say_where_to_cut(m, &o->cuts[o->messages_count], l->out.len);
	o->fds[o->messages_count++] = l->fd;
}

static void send_alone(int fd, const struct msghdr *together)
{
	for (size_t i = 0; i < together->msg_iovlen; i++) {
		struct msghdr m = {.msg_name = together->msg_name,
				   .msg_namelen = together->msg_namelen,
				   .msg_iov = &together->msg_iov[i],
				   .msg_iovlen = 1};

		(void)!sendmsg(fd, &m, 0);
	}
}

/* What these errors say of a message of several letters is that this route cannot cut it. */
static bool cannot_cut(int error)
{
	return error == EIO || error == EINVAL || error == EOPNOTSUPP || error == EMSGSIZE;
}

static void send_run(struct outbox *o, size_t first, size_t count)
{
	struct mmsghdr *messages = &o->messages[first];
	size_t sent = 0;

	while (sent < count) {
		int n = sendmmsg(o->fds[first], messages + sent, (unsigned)(count - sent), 0);

		if (n > 0) {
			sent += (size_t)n;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (messages[sent].msg_hdr.msg_iovlen > 1 && cannot_cut(errno)) {
			o->one_by_one = true;
			send_alone(o->fds[first], &messages[sent].msg_hdr);
		}
		sent++;
	}
}

void outbox_flush(struct outbox *o)
{
	size_t first = 0;

	o->messages_count = o->vectors_count = 0;
	for (size_t i = 0; i < o->count; i++)
		if (!o->letters[i].taken)
			add_message(o, i);
	for (size_t i = 1; i <= o->messages_count; i++) {
		if (i < o->messages_count && o->fds[i] == o->fds[first])
			continue;
		send_run(o, first, i - first);
		first = i;
	}
	o->count = 0;
}
