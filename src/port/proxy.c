#include "port/proxy.h"

#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

#define PASSAGES_MAX (2 * SETTINGS_PORTS_MAX)

/* A request of hostapd, under way or answered; the last ones are kept for its retransmissions. */
struct passage {
	struct proxy *proxy;
	struct radius_out from_hostapd; /* the bytes as they came */
	struct addr hostapd;
	char port[IF_NAMESIZE];
	struct mac mac;
	struct gates_request *under_way;
	struct radius_out answer; /* len 0: none yet */
};

struct proxy {
	struct gates *gates;
	struct proxy_events events;
	void *arg;
	int fd;
	uint16_t udp_port;
	struct loop_watch *watch;
	struct radius_secret secret;
	char secret_text[PROXY_SECRET_SIZE];
	struct passage *passages[PASSAGES_MAX];
	size_t next;
	/* Which gate gave a State; conversations are as many as ports. */
	struct {
		uint8_t state[RADIUS_VALUE_MAX];
		size_t len, gate;
	} conversations[SETTINGS_PORTS_MAX];
	size_t next_conversation;
};

uint16_t proxy_port(const struct proxy *p)
{
	return p->udp_port;
}

const char *proxy_secret(const struct proxy *p)
{
	return p->secret_text;
}

static void remember_state(struct proxy *p, const struct radius_packet *answer, size_t gate)
{
	struct radius_attr a = {0};
	size_t at;

	if (!radius_find(answer, RADIUS_STATE, &a))
		return;
	at = p->next_conversation++ % ARRAY_SIZE(p->conversations);
	memcpy(p->conversations[at].state, a.value, a.len);
	p->conversations[at].len = a.len;
	p->conversations[at].gate = gate;
}

static size_t gate_of(const struct proxy *p, const struct radius_packet *request)
{
	struct radius_attr a = {0};

	if (!radius_find(request, RADIUS_STATE, &a))
		return GATES_ANY;
	for (size_t i = 0; i < ARRAY_SIZE(p->conversations); i++)
		if (p->conversations[i].len == a.len &&
		    memcmp(p->conversations[i].state, a.value, a.len) == 0)
			return p->conversations[i].gate;
	return GATES_ANY;
}

static void reply(const struct passage *s)
{
	if (sendto(s->proxy->fd, s->answer.data, s->answer.len, MSG_DONTWAIT, &s->hostapd.sa,
		   s->hostapd.len) < 0)
		log_warn("hostapd cannot be answered: %s", strerror(errno));
}

/* Time and place of a session are the port's affair (RFC 3579 section 2.6: the timers of EAP). */
static bool is_for_hostapd(uint8_t code, uint8_t type)
{
	return type == RADIUS_EAP_MESSAGE || type == RADIUS_STATE || type == RADIUS_REPLY_MESSAGE ||
	       (type == RADIUS_SESSION_TIMEOUT && code == RADIUS_ACCESS_CHALLENGE);
}

static int translate(struct passage *s, const struct radius_packet *answer)
{
	const struct radius_packet request = radius_out_packet(&s->from_hostapd);
	struct radius_attr a = {0};
	int err;

	radius_begin_answer(&s->answer, answer->code, &request);
	while (radius_next(answer, &a))
		if (is_for_hostapd(answer->code, a.type))
			radius_put(&s->answer, a.type, a.value, a.len);
	err = radius_finish_answer(&s->answer, &s->proxy->secret, request.authenticator);
	if (err)
		s->answer.len = 0;
	return err;
}

/* An answer that cannot be obeyed is told as a refusal; hostapd may say success, nobody opens. */
static void tell(const struct passage *s, const struct radius_packet *packet)
{
	struct answer answer;

	if (packet->code == RADIUS_ACCESS_CHALLENGE)
		return;
	if (answer_read(packet, &answer)) {
		answer = (struct answer){.kind = ANSWER_REJECT};
		if (text_copy(answer.reason, sizeof(answer.reason),
			      "the gate's answer cannot be obeyed"))
			answer.reason[0] = 0;
	}
	s->proxy->events.answered(s->proxy->arg, s->port, &s->mac, &answer);
}

static void on_answer(void *arg, int err, const struct radius_packet *packet, size_t gate)
{
	struct passage *s = arg;
	const struct answer silence = {.kind = ANSWER_SILENT};

	s->under_way = NULL;
	if (err && gates_alive(s->proxy->gates)) {
		s->proxy->events.broken(s->proxy->arg, s->port, &s->mac);
		return;
	}
	if (err) {
		s->proxy->events.answered(s->proxy->arg, s->port, &s->mac, &silence);
		return;
	}
	remember_state(s->proxy, packet, gate);
	/* The port must know the verdict before hostapd can report success. */
	tell(s, packet);
	if (translate(s, packet))
		log_error("%s: an answer of the gate does not fit into a packet", s->port);
	else
		reply(s);
}

static struct passage *find_repeated(const struct proxy *p, const struct radius_packet *packet)
{
	for (size_t i = 0; i < ARRAY_SIZE(p->passages); i++) {
		struct passage *s = p->passages[i];

		if (s && s->from_hostapd.data[1] == packet->id &&
		    memcmp(s->from_hostapd.data + 4, packet->authenticator,
			   RADIUS_AUTHENTICATOR_SIZE) == 0)
			return s;
	}
	return NULL;
}

/* The oldest passage makes room. */
static struct passage *new_passage(struct proxy *p)
{
	struct passage **slot = &p->passages[p->next++ % PASSAGES_MAX];

	if (*slot)
		gates_cancel((*slot)->under_way);
	else
		*slot = malloc(sizeof(**slot));
	if (*slot)
		memset(*slot, 0, sizeof(**slot));
	return *slot;
}

static int read_who(const struct radius_packet *packet, char port[static IF_NAMESIZE],
		    struct mac *ret_mac)
{
	char text[RADIUS_VALUE_MAX + 1];
	int err = radius_get_text(packet, RADIUS_NAS_PORT_ID, port, IF_NAMESIZE);

	if (!err)
		err = radius_get_text(packet, RADIUS_CALLING_STATION_ID, text, sizeof(text));
	return err ? err : mac_parse(text, ret_mac);
}

static int forward(struct passage *s, const struct radius_packet *packet)
{
	struct proxy *p = s->proxy;
	struct request_place place;
	const char *session_id;
	struct gates_request *req;
	int err = p->events.runs(p->arg, s->port, &s->mac, &place, &session_id);

	if (err)
		return err;
	req = gates_begin(p->gates, GATES_AUTH, RADIUS_ACCESS_REQUEST);
	if (!req)
		return -EBUSY;
	request_put_relayed(&req->out, &place, packet, session_id);
	err = gates_send(req, gate_of(p, packet), on_answer, s);
	if (!err)
		s->under_way = req;
	return err;
}

static void on_request(struct proxy *p, const uint8_t *data, size_t len, const struct addr *from)
{
	struct radius_packet packet;
	struct passage *s;
	struct mac mac;
	char port[IF_NAMESIZE];

	if (radius_parse(data, len, &packet) || packet.code != RADIUS_ACCESS_REQUEST ||
	    radius_check_message(&packet, &p->secret, NULL) || read_who(&packet, port, &mac))
		return; /* somebody else on this host: only hostapd has the secret */
	s = find_repeated(p, &packet);
	if (s) {
		if (s->answer.len > 0)
			reply(s);
		return;
	}
	s = new_passage(p);
	if (!s)
		return;
	s->proxy = p;
	s->hostapd = *from;
	s->mac = mac;
	memcpy(s->port, port, sizeof(port));
	memcpy(s->from_hostapd.data, packet.data, packet.len);
	s->from_hostapd.len = packet.len;
	if (forward(s, &packet))
		log_warn("%s: an EAP response was not forwarded", port);
}

static void on_readable(void *arg, int fd, uint32_t events)
{
	struct proxy *p = arg;
	uint8_t data[RADIUS_PACKET_MAX];
	struct addr from = {.len = sizeof(from.in6)};
	ssize_t n;

	(void)events;
	while ((n = recvfrom(fd, data, sizeof(data), 0, &from.sa, &from.len)) >= 0) {
		on_request(p, data, (size_t)n, &from);
		from = (struct addr){.len = sizeof(from.in6)};
	}
}

static int listen_on_loopback(struct loop *loop, struct proxy *p)
{
	struct addr own = {
		.len = sizeof(own.in),
		.in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}};

	p->fd = addr_udp_bind(&own);
	if (p->fd < 0)
		return p->fd;
	if (getsockname(p->fd, &own.sa, &own.len) < 0)
		return -errno;
	p->udp_port = addr_port(&own);
	return loop_watch_fd(loop, p->fd, EPOLLIN, on_readable, p, &p->watch);
}

int proxy_new(struct loop *loop, struct gates *gates, const struct proxy_events *events, void *arg,
	      struct proxy **ret)
{
	struct proxy *p = calloc(1, sizeof(*p));
	uint8_t bytes[16];
	int err;

	if (!p)
		return -ENOMEM;
	p->gates = gates;
	p->events = *events;
	p->arg = arg;
	random_bytes(bytes, sizeof(bytes));
	hex_encode(p->secret_text, bytes, sizeof(bytes));
	err = radius_secret_set(&p->secret, p->secret_text, strlen(p->secret_text));
	if (!err)
		err = listen_on_loopback(loop, p);
	if (err) {
		proxy_free(p);
		return err;
	}
	*ret = p;
	return 0;
}

void proxy_free(struct proxy *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(p->passages); i++) {
		if (p->passages[i])
			gates_cancel(p->passages[i]->under_way);
		free(p->passages[i]);
	}
	loop_watch_remove(p->watch);
	close_cleanup(&p->fd);
	radius_secret_wipe(&p->secret);
	free(p);
}
