/*
 * Load for the gate's benchmark, and the bare socket it is measured against.
 *
 *	gate_load echo PORT                       answers every packet with itself, for ever
 *	gate_load ask PORT COUNT OUTSTANDING MANY MAC authentications of MANY printers
 *	gate_load pace PORT COUNT RATE MANY	  the same, so many a second, until COUNT or SIGTERM
 *
 * `pace` does not wait for answers: a request that waited for one is late since its own time has
 * come, and whoever stalls is asked all the same. It sleeps between requests. What it was itself
 * too late for counts from when it was sent, and an answer is there when the kernel has it; its
 * own lateness stands apart. Both print a line of JSON: requests a second, p50 and p99 in micro-
 * seconds, how many were lost and how many were answered by something else than an Accept.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/text.h"
#include "radius/password.h"

#define BATCH 64
#define OUTSTANDING_MAX 256
#define SECRET "testing123"
#define LOST_AFTER_MS 500
#define LOOK_EVERY_NS INT64_C(100000000) /* for what is lost */
#define SOCKET_BUFFER (4 << 20)

static volatile sig_atomic_t stopped;

struct slot {
	struct radius_out out;
	int64_t sent_ns; /* 0: free */
};

struct load {
	int fd;
	struct radius_secret secret;
	struct slot slots[OUTSTANDING_MAX];
	unsigned outstanding, many;
	int64_t step_ns; /* from one request to the next; 0: each follows an answer */
	unsigned next;	 /* slot to look at */
	bool full;	 /* all slots wait for answers */
	int64_t full_to_ns;
	uint32_t *latency_us, *late_us;
	size_t late_count, count, asked, done, lost, others;
};

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

/* When the kernel had it: whoever reads late does not make the answer late. */
static int64_t arrived_ns(struct msghdr *m)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	struct timespec at, wall;

	if (!c || c->cmsg_type != SCM_TIMESTAMPNS)
		return now_ns();
	memcpy(&at, CMSG_DATA(c), sizeof(at));
	clock_gettime(CLOCK_REALTIME, &wall);
	return now_ns() - (wall.tv_sec - at.tv_sec) * INT64_C(1000000000) -
	       (wall.tv_nsec - at.tv_nsec);
}

static uint16_t port_of(const char *text)
{
	uint64_t port = 0;

	if (text_to_u64(text, 1, 65535, &port))
		exit(2);
	return (uint16_t)port;
}

static int udp(const char *host, uint16_t port)
{
	int size = SOCKET_BUFFER, fd;
	struct addr a;

	if (addr_parse(host, port, &a))
		exit(2);
	fd = addr_udp_bind(&a);
	if (fd < 0)
		exit(1);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return fd;
}

static void wait_readable(int fd, int timeout_ms)
{
	struct pollfd p = {fd, POLLIN, 0};

	poll(&p, 1, timeout_ms);
}

static _Noreturn void echo(uint16_t port)
{
	static uint8_t bytes[BATCH][RADIUS_PACKET_MAX];
	struct sockaddr_in6 from[BATCH];
	struct mmsghdr messages[BATCH];
	struct iovec vectors[BATCH];
	int fd = udp("127.0.0.1", port);

	for (;;) {
		int n;

		for (size_t i = 0; i < BATCH; i++) {
			vectors[i] = (struct iovec){bytes[i], sizeof(bytes[i])};
			messages[i].msg_hdr = (struct msghdr){.msg_name = &from[i],
							      .msg_namelen = sizeof(from[i]),
							      .msg_iov = &vectors[i],
							      .msg_iovlen = 1};
		}
		wait_readable(fd, -1);
		n = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
		for (int i = 0; i < n; i++)
			vectors[i].iov_len = messages[i].msg_len;
		for (int sent = 0; sent < n;) {
			int k = sendmmsg(fd, messages + sent, (unsigned)(n - sent), 0);

			sent += k > 0 ? k : 1;
		}
	}
}

static void build(struct load *l, unsigned id)
{
	struct radius_out *out = &l->slots[id].out;
	uint32_t number = (uint32_t)((l->asked * 2654435761U) % l->many);
	char plain[16], calling[24];
	uint8_t mac[6] = {2};

	set_be32(mac + 2, number);
	snprintf(plain, sizeof(plain), "%02x%02x%02x%02x%02x%02x", mac[0], mac[1], mac[2], mac[3],
		 mac[4], mac[5]);
	snprintf(calling, sizeof(calling), "%02X-%02X-%02X-%02X-%02X-%02X", mac[0], mac[1], mac[2],
		 mac[3], mac[4], mac[5]);
	radius_begin_request(out, RADIUS_ACCESS_REQUEST, (uint8_t)id);
	radius_put_text(out, RADIUS_USER_NAME, plain);
	radius_put_password(out, &l->secret, plain);
	radius_put_text(out, RADIUS_CALLING_STATION_ID, calling);
	radius_put_text(out, RADIUS_NAS_PORT_ID, "GigabitEthernet1/0/1");
	radius_put_u32(out, RADIUS_NAS_PORT, 1);
	radius_put_u32(out, RADIUS_NAS_PORT_TYPE, RADIUS_PORT_TYPE_ETHERNET);
	radius_put_u32(out, RADIUS_SERVICE_TYPE, RADIUS_SERVICE_CALL_CHECK);
	if (radius_finish_request(out, &l->secret))
		exit(1);
}

static void ask(struct load *l, unsigned id, int64_t due_ns)
{
	build(l, id);
	l->asked++;
	l->slots[id].sent_ns = due_ns;
	(void)!send(l->fd, l->slots[id].out.data, l->slots[id].out.len, 0);
}

static void take(struct load *l, const uint8_t *data, size_t len, int64_t at_ns)
{
	struct slot *s;

	if (len < 2 || data[1] >= l->outstanding)
		return;
	s = &l->slots[data[1]];
	if (!s->sent_ns)
		return;
	l->latency_us[l->done++] = (uint32_t)(MAX(at_ns - s->sent_ns, 0) / 1000);
	l->others += data[0] != RADIUS_ACCESS_ACCEPT && data[0] != RADIUS_ACCESS_REQUEST;
	s->sent_ns = 0;
	if (!l->step_ns && l->asked < l->count)
		ask(l, data[1], now_ns());
}

static void receive_now(struct load *l)
{
	uint8_t data[RADIUS_PACKET_MAX];
	union {
		char bytes[CMSG_SPACE(sizeof(struct timespec))];
		struct cmsghdr align;
	} said;
	struct iovec into = {data, sizeof(data)};
	ssize_t n;

	do {
		struct msghdr m = {.msg_iov = &into,
				   .msg_iovlen = 1,
				   .msg_control = said.bytes,
				   .msg_controllen = sizeof(said.bytes)};

		n = recvmsg(l->fd, &m, MSG_DONTWAIT);
		if (n > 0)
			take(l, data, (size_t)n, arrived_ns(&m));
	} while (n > 0);
}

static void receive(struct load *l)
{
	wait_readable(l->fd, 100);
	receive_now(l);
}

static void give_up_lost(struct load *l)
{
	for (unsigned i = 0; i < l->outstanding; i++) {
		struct slot *s = &l->slots[i];

		if (!s->sent_ns || now_ns() - s->sent_ns < LOST_AFTER_MS * INT64_C(1000000))
			continue;
		s->sent_ns = 0;
		l->lost++;
		if (!l->step_ns && l->asked < l->count)
			ask(l, i, now_ns());
	}
}

static int by_value(const void *a, const void *b)
{
	uint32_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x < y ? -1 : x > y;
}

static uint32_t percent_of(uint32_t *values, size_t count, size_t percent)
{
	qsort(values, count, sizeof(*values), by_value);
	return count ? values[MIN(count * percent / 100, count - 1)] : 0;
}

static void tell(struct load *l, double seconds)
{
	printf("{\"req_s\": %.0f, \"p50_us\": %u, \"p99_us\": %u, \"max_us\": %u, \"lost\": %zu, "
	       "\"others\": %zu, \"late_p99_us\": %u, \"late_max_us\": %u}\n",
	       (double)l->done / seconds, percent_of(l->latency_us, l->done, 50),
	       percent_of(l->latency_us, l->done, 99), percent_of(l->latency_us, l->done, 100),
	       l->lost, l->others, percent_of(l->late_us, l->late_count, 99),
	       percent_of(l->late_us, l->late_count, 100));
}

static void run(struct load *l)
{
	int64_t began_ns = now_ns(), looked_ns = began_ns;

	for (unsigned i = 0; i < l->outstanding && l->asked < l->count; i++)
		ask(l, i, now_ns());
	while (l->done + l->lost < l->count) {
		receive(l);
		if (now_ns() - looked_ns > LOOK_EVERY_NS) {
			give_up_lost(l);
			looked_ns = now_ns();
		}
	}
	tell(l, (double)(now_ns() - began_ns) / 1e9);
}

/* From when on a request counts: its own time, unless it was this process that slept. */
static int64_t counts_from(struct load *l, int64_t due_ns, int64_t at_ns)
{
	if (l->full)
		l->full_to_ns = at_ns;
	l->full = false;
	if (due_ns <= l->full_to_ns)
		return due_ns;
	l->late_us[l->late_count++] = (uint32_t)((at_ns - due_ns) / 1000);
	return at_ns;
}

/* False: all slots wait for answers. */
static bool ask_free(struct load *l, int64_t due_ns)
{
	for (unsigned i = 0; i < l->outstanding; i++) {
		unsigned id = (l->next + i) % l->outstanding;

		if (l->slots[id].sent_ns)
			continue;
		l->next = id + 1;
		ask(l, id, counts_from(l, due_ns, now_ns()));
		return true;
	}
	l->full = true;
	return false;
}

/* Until an answer comes or the next request is due: who spins is put aside for its neighbours. */
static void rest(const struct load *l, int64_t due_ns)
{
	struct pollfd p = {l->fd, POLLIN, 0};
	struct timespec left = {0, MIN(due_ns - now_ns(), LOOK_EVERY_NS)};

	if (left.tv_nsec > 0)
		ppoll(&p, 1, &left, NULL);
}

static void run_paced(struct load *l)
{
	int64_t began_ns = now_ns(), looked_ns = began_ns;

	prctl(PR_SET_TIMERSLACK, 1UL);
	while (!stopped && l->done + l->lost < l->count) {
		int64_t due_ns = began_ns + (int64_t)l->asked * l->step_ns;

		while (l->asked < l->count && due_ns <= now_ns() && ask_free(l, due_ns))
			due_ns += l->step_ns;
		rest(l, due_ns);
		receive_now(l);
		if (now_ns() - looked_ns > LOOK_EVERY_NS) {
			give_up_lost(l);
			looked_ns = now_ns();
		}
	}
	tell(l, (double)(now_ns() - began_ns) / 1e9);
}

static void on_signal(int signo)
{
	(void)signo;
	stopped = 1;
}

int main(int argc, char **argv)
{
	static struct load l;
	uint64_t count, outstanding, rate = 0, many;
	struct addr to;
	bool paced;

	if (argc == 3 && text_equal(argv[1], "echo"))
		echo(port_of(argv[2]));
	paced = argc == 6 && text_equal(argv[1], "pace");
	if (argc != 6 || (!paced && !text_equal(argv[1], "ask")) ||
	    text_to_u64(argv[3], 1, 100000000, &count) ||
	    text_to_u64(argv[4], 1, paced ? 1000000 : OUTSTANDING_MAX,
			paced ? &rate : &outstanding) ||
	    text_to_u64(argv[5], 1, 10000000, &many) ||
	    addr_parse("127.0.0.1", port_of(argv[2]), &to) ||
	    radius_secret_set(&l.secret, SECRET, strlen(SECRET)))
		return 2;
	l.fd = udp("127.0.0.1", 0);
	l.count = count;
	l.outstanding = paced ? OUTSTANDING_MAX : (unsigned)outstanding;
	l.many = (unsigned)many;
	l.latency_us = calloc(count, sizeof(*l.latency_us));
	l.late_us = calloc(count, sizeof(*l.late_us));
	if (!l.latency_us || !l.late_us ||
	    setsockopt(l.fd, SOL_SOCKET, SO_TIMESTAMPNS, &(const int){1}, sizeof(int)) < 0 ||
	    connect(l.fd, &to.sa, to.len) < 0)
		return 1;
	signal(SIGTERM, on_signal);
	if (paced) {
		l.step_ns = INT64_C(1000000000) / (int64_t)rate;
		run_paced(&l);
	} else {
		run(&l);
	}
	return 0;
}
