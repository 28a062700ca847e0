#define _GNU_SOURCE
#include "gate/front/sender.h"

#include <netinet/udp.h>
#include <string.h>

#define TOGETHER_BYTES 60000 /* below the longest datagram */

/* Room for one control message that says where to cut. */
union cut {
	struct cmsghdr header;
	uint8_t bytes[CMSG_SPACE(sizeof(uint16_t))];
};

struct sender {
	bool one_by_one; /* a route here does not cut */
	/* Of the call under way: one message per run of like parcels, one vector per parcel. */
	const struct parcel *parcels;
	size_t count, message_count, vector_count;
	bool taken[SENDER_MAX]; /* into a message */
	struct mmsghdr messages[SENDER_MAX];
	int fds[SENDER_MAX];
	union cut cuts[SENDER_MAX];
	struct iovec vectors[SENDER_MAX];
};

int sender_new(struct sender **ret)
{
	struct sender *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	*ret = s;
	return 0;
}

void sender_free(struct sender *s)
{
	free(s);
}

static bool same_peer(const struct addr *a, const struct addr *b)
{
	if (!a || !b)
		return a == b;
	return a->len == b->len && memcmp(&a->sa, &b->sa, a->len) == 0;
}

static bool are_alike(const struct parcel *a, const struct parcel *b)
{
	return a->len == b->len && a->fd == b->fd && same_peer(a->to, b->to);
}

static void put_vector(struct sender *s, size_t i)
{
	const struct parcel *p = &s->parcels[i];

	s->vectors[s->vector_count++] = (struct iovec){(void *)(uintptr_t)p->data, p->len};
	s->taken[i] = true;
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

/* A message of this parcel and, where the kernel may cut, of all like it. */
static void add_message(struct sender *s, size_t first)
{
	const struct parcel *p = &s->parcels[first];
	struct msghdr *m = &s->messages[s->message_count].msg_hdr;
	size_t began = s->vector_count, bytes = p->len;

	*m = (struct msghdr){.msg_iov = &s->vectors[began]};
	if (p->to) {
		m->msg_name = (void *)(uintptr_t)&p->to->sa;
		m->msg_namelen = p->to->len;
	}
	put_vector(s, first);
	for (size_t i = first + 1; !s->one_by_one && p->len <= SENDER_CUT_MAX && i < s->count;
	     i++) {
		if (s->taken[i] || !are_alike(p, &s->parcels[i]) || bytes + p->len > TOGETHER_BYTES)
			continue;
		put_vector(s, i);
		bytes += p->len;
	}
	m->msg_iovlen = s->vector_count - began;
	if (m->msg_iovlen > 1)
		say_where_to_cut(m, &s->cuts[s->message_count], p->len);
	s->fds[s->message_count++] = p->fd;
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

/* What these errors say of a message of several parcels is that this route cannot cut it. */
static bool cannot_cut(int error)
{
	return error == EIO || error == EINVAL || error == EOPNOTSUPP || error == EMSGSIZE;
}

static void send_run(struct sender *s, size_t first, size_t count)
{
	struct mmsghdr *messages = &s->messages[first];
	size_t sent = 0;

	while (sent < count) {
		int n = sendmmsg(s->fds[first], messages + sent, (unsigned)(count - sent), 0);

		if (n > 0) {
			sent += (size_t)n;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (messages[sent].msg_hdr.msg_iovlen > 1 && cannot_cut(errno)) {
			s->one_by_one = true;
			send_alone(s->fds[first], &messages[sent].msg_hdr);
		}
		sent++;
	}
}

void sender_send(struct sender *s, const struct parcel *parcels, size_t count)
{
	size_t first = 0;

	s->parcels = parcels;
	s->count = count;
	s->message_count = s->vector_count = 0;
	memset(s->taken, 0, count * sizeof(s->taken[0]));
	for (size_t i = 0; i < count; i++)
		if (!s->taken[i])
			add_message(s, i);
	for (size_t i = 1; i <= s->message_count; i++) {
		if (i < s->message_count && s->fds[i] == s->fds[first])
			continue;
		send_run(s, first, i - first);
		first = i;
	}
}
