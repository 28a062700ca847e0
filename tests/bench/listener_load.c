/*
 * Sends frames at an even rate, as a mirror port would:
 *
 *	listener_load INTERFACE KIND FRAMES_PER_SECOND SECONDS
 *
 * KIND "all": every frame is one that the listener wants (ARP of 10,000 terminals). "office": what
 *a floor of terminals sends: of 100 frames 90 TCP data, 6 UDP, one SYN, two ARP, one mDNS. Prints
 *{"sent": N, "wanted": N, "seconds": S}: wanted are those that must pass the filter.
 */
#define _GNU_SOURCE
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/buf.h"
#include "base/text.h"

#define BATCH 100
#define FRAME_SIZE 600
#define TERMINALS 10000

struct load {
	int fd;
	bool office;
	uint32_t next;
	uint64_t sent, wanted;
	uint8_t frames[BATCH][FRAME_SIZE];
	struct iovec parts[BATCH];
	struct mmsghdr messages[BATCH];
};

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "listener_load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void set_ends(uint8_t *f, uint32_t terminal, uint16_t type)
{
	static const uint8_t maker[2] = {0x00, 0x1e};

	memcpy(f, "\x00\x00\x5e\x00\x53\x01", 6);
	memcpy(f + 6, maker, sizeof(maker));
	set_be32(f + 8, terminal);
	set_be16(f + 12, type);
}

static void set_host(uint8_t *f, uint32_t terminal)
{
	set_be32(f, 0x0a000000 + terminal);
}

static size_t make_arp(uint8_t *f, uint32_t terminal)
{
	memset(f, 0, 60);
	set_ends(f, terminal, 0x0806);
	memcpy(f + 14, "\x00\x01\x08\x00\x06\x04\x00\x01", 8);
	memcpy(f + 22, f + 6, 6);
	set_host(f + 28, terminal);
	set_host(f + 38, 1);
	return 60;
}

static size_t make_ip(uint8_t *f, uint32_t terminal, uint8_t proto, size_t len)
{
	memset(f, 0, 74);
	set_ends(f, terminal, 0x0800);
	f[14] = 0x45;
	set_be16(f + 16, (uint16_t)(len - 14));
	f[22] = 128;
	f[23] = proto;
	set_host(f + 26, terminal);
	set_host(f + 30, 0x00ff0001);
	set_be16(f + 34, 49152);
	set_be16(f + 36, 443);
	if (proto == 17)
		set_be16(f + 38, (uint16_t)(len - 34));
	f[47] = proto == 6 ? 0x10 : 0;
	return len;
}

/* Returns its length; `wanted` counts what the filter must let in. */
static size_t make_frame(struct load *l, uint8_t *f)
{
	static const uint8_t answer[] =
		"\0\0\x84\0\0\0\0\1\0\0\0\0\5pc-01\5local\0\0\1\0\1\0\0\0\x78"
		"\0\4\x0a\0\0\1";
	uint32_t n = l->next++, terminal = n * 7 % TERMINALS + 2;
	size_t len;

	if (!l->office || n % 50 == 0) {
		l->wanted++;
		return make_arp(f, terminal);
	}
	if (n % 100 == 1) {
		l->wanted++;
		len = make_ip(f, terminal, 17, 42 + sizeof(answer) - 1);
		set_be16(f + 34, 5353);
		set_be16(f + 36, 5353);
		memcpy(f + 42, answer, sizeof(answer) - 1);
		return len;
	}
	if (n % 100 == 2) {
		l->wanted++;
		len = make_ip(f, terminal, 6, 74);
		f[47] = 0x02;
		return len;
	}
	return make_ip(f, terminal, n % 16 == 3 ? 17 : 6, FRAME_SIZE);
}

static void send_batch(struct load *l)
{
	int done = 0;

	for (size_t i = 0; i < BATCH; i++)
		l->parts[i].iov_len = make_frame(l, l->frames[i]);
	while (done < BATCH) {
		int n = sendmmsg(l->fd, l->messages + done, (unsigned)(BATCH - done), 0);

		if (n < 0 && errno != ENOBUFS && errno != EINTR)
			fail("sendmmsg");
		done += MAX(n, 0);
	}
	l->sent += BATCH;
}

static int open_interface(const char *name)
{
	int one = 1, fd = socket(AF_PACKET, SOCK_RAW, 0);
	struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(name)};

	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one)) < 0 ||
	    bind(fd, (const struct sockaddr *)&at, sizeof(at)) < 0)
		fail(name);
	return fd;
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void sleep_until(int64_t at_ns)
{
	struct timespec t = {at_ns / 1000000000, at_ns % 1000000000};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

int main(int argc, char **argv)
{
	static struct load l;
	uint64_t rate, seconds;
	int64_t began;

	if (argc != 5 || text_to_u64(argv[3], BATCH, 100000000, &rate) ||
	    text_to_u64(argv[4], 1, 3600, &seconds)) {
		fprintf(stderr, "usage: listener_load INTERFACE all|office RATE SECONDS\n");
		return 2;
	}
	l.office = text_equal(argv[2], "office");
	l.fd = open_interface(argv[1]);
	for (size_t i = 0; i < BATCH; i++) {
		l.parts[i].iov_base = l.frames[i];
		l.messages[i].msg_hdr.msg_iov = &l.parts[i];
		l.messages[i].msg_hdr.msg_iovlen = 1;
	}
	began = now_ns();
	while (l.sent < rate * seconds) {
		sleep_until(began + (int64_t)(l.sent * 1000000000 / rate));
		send_batch(&l);
	}
	printf("{\"sent\": %llu, \"wanted\": %llu, \"seconds\": %.3f}\n",
	       (unsigned long long)l.sent, (unsigned long long)l.wanted,
	       (double)(now_ns() - began) / 1e9);
	return 0;
}
