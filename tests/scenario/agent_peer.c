/*
 * A gateway for tests of the desk agent: speaks the wire contract over TLS, and nothing else of a
 * server. agent_peer DIR ADDRESS:PORT [LIFE_S]
 *
 * DIR holds its CA (made when missing) and events.log, to which each event is synced before it is
 * acknowledged: "TERMINAL EPOCH SEQ KIND BODY". What it sees it prints, a line each; it obeys the
 * lines of its standard input:
 *
 *	policy EPOCH NUMBER BODY	signs the body and sends it, now and at each hello
 *	forged EPOCH NUMBER BODY	the same, signed by a stranger
 *	verdict VERDICT REASON KNOCK	a verdict notice; KNOCK 1: authenticate again
 *	mute 1|0			takes events, but acknowledges none
 *	drop				hangs up on everybody
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/addr.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/pem.h"
#include "base/text.h"
#include "crypto/sign.h"
#include "crypto/tls.h"
#include "wire/frame.h"

#define GOOD_CODE "K7QF-2M9X-TDRA"
#define EPOCHS_MAX 64
#define PEERS_MAX 64

struct epoch {
	char name[72]; /* terminal and epoch, as in events.log */
	uint64_t through;
};

struct server;

struct peer {
	struct server *server;
	int fd;
	struct loop_watch *watch;
	struct tls_conn *tls;
	bool ready, greeted;
	struct buf in, out;
	struct epoch *epoch;
	char terminal[UUID_TEXT_SIZE];
};

struct server {
	const char *dir;
	int64_t life_ms;
	struct loop *loop;
	struct ca *ca;
	struct tls_ctx *tls;
	struct sign_key *policy_key, *stranger;
	menshen_Policy policy;
	bool muted;
	int log_fd, listen_fd;
	struct epoch epochs[EPOCHS_MAX];
	size_t epoch_count;
	struct peer *peers[PEERS_MAX];
	struct buf commands;
};

static void die(const char *what, int err)
{
	fprintf(stderr, "agent_peer: %s: %s\n", what, strerror(-err));
	exit(1);
}

static struct epoch *find_epoch(struct server *s, const char *name)
{
	for (size_t i = 0; i < s->epoch_count; i++)
		if (text_equal(s->epochs[i].name, name))
			return &s->epochs[i];
	if (s->epoch_count == EPOCHS_MAX)
		die("too many epochs", -ENOSPC);
	text_fit(s->epochs[s->epoch_count].name, sizeof(s->epochs[0].name), name);
	return &s->epochs[s->epoch_count++];
}

/* ---- its files ---- */

static void load_events(struct server *s)
{
	char path[256], line[8192], terminal[37], epoch[33], name[72];
	unsigned long long seq;
	FILE *f;

	snprintf(path, sizeof(path), "%s/events.log", s->dir);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%36s %32s %llu", terminal, epoch, &seq) == 3) {
			snprintf(name, sizeof(name), "%s %s", terminal, epoch);
			find_epoch(s, name)->through = seq;
		}
	if (f)
		(void)fclose(f);
	s->log_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (s->log_fd < 0)
		die(path, -errno);
}

static void load_ca(struct server *s)
{
	char cert[256], key[256];
	int err;

	snprintf(cert, sizeof(cert), "%s/ca.pem", s->dir);
	snprintf(key, sizeof(key), "%s/ca.key", s->dir);
	err = ca_load(cert, key, &s->ca);
	if (err == -ENOENT) {
		err = ca_make("test head office", clock_wall_ms(), 30, &s->ca);
		if (!err)
			err = ca_save(s->ca, cert, key);
	}
	if (err)
		die(cert, err);
}

static void load_policy_key(struct server *s)
{
	char path[256];
	int err;

	snprintf(path, sizeof(path), "%s/policy.key", s->dir);
	err = sign_key_load(path, &s->policy_key);
	if (err == -ENOENT) {
		err = sign_key_make(SIGN_SM2, &s->policy_key);
		if (!err)
			err = sign_key_save(s->policy_key, path);
	}
	if (!err)
		err = sign_key_make(SIGN_SM2, &s->stranger);
	if (err)
		die(path, err);
}

static void make_tls(struct server *s, const char *address)
{
	CLEANUP_BUF struct buf key = BUF_INIT, cert = BUF_INIT;
	int64_t now = clock_wall_ms();
	const struct cert_spec spec = {.common_name = "gateway",
				       .sans = {address},
				       .server = true,
				       .not_before_ms = now - HOUR_MS,
				       .not_after_ms = now + DAY_MS};
	struct tls_server_options o = {.ca_pem = ca_pem(s->ca)};
	int err = ca_issue_pair(s->ca, &spec, &key, &cert);

	o.cert_pem = buf_str(&cert);
	o.key_pem = buf_str(&key);
	if (!err)
		err = tls_server_new(&o, &s->tls);
	if (err)
		die("TLS", err);
}

/* ---- connections ---- */

static void hang_up(struct peer *p)
{
	for (size_t i = 0; i < PEERS_MAX; i++)
		if (p->server->peers[i] == p)
			p->server->peers[i] = NULL;
	loop_watch_remove(p->watch);
	tls_conn_free(p->tls);
	close(p->fd);
	buf_done(&p->in);
	buf_done(&p->out);
	free(p);
}

#define SEND(p, type, msg)                                                                         \
	do {                                                                                       \
		if (FRAME_ENCODE(&(p)->out, type, msg))                                            \
			die("encode", -EINVAL);                                                    \
	} while (0)

/* A certificate for the key of this request, as the wire carries it. */
static int issue(struct server *s, const uint8_t *csr, size_t len, const struct uuid *terminal,
		 menshen_EnrolAnswer *answer)
{
	CLEANUP_BUF struct buf csr_pem = BUF_INIT, cert = BUF_INIT, der = BUF_INIT;
	int64_t now = clock_wall_ms();
	const struct cert_spec spec = {.common_name = "terminal",
				       .holder = CERT_TERMINAL,
				       .terminal = *terminal,
				       .client = true,
				       .not_before_ms = now,
				       .not_after_ms = now + s->life_ms};
	int err;

	pem_encode(&csr_pem, "CERTIFICATE REQUEST", csr, len);
	err = ca_issue_csr(s->ca, csr_pem.data, csr_pem.len, &spec, &cert);
	if (!err)
		err = pem_decode(buf_str(&cert), cert.len, "CERTIFICATE", &der);
	if (err)
		return err;
	memcpy(answer->certificate.bytes, der.data, der.len);
	answer->certificate.size = (pb_size_t)der.len;
	memcpy(answer->terminal.bytes, terminal->b, sizeof(terminal->b));
	answer->terminal.size = sizeof(terminal->b);
	answer->accepted = true;
	return 0;
}

static int on_enrol(struct peer *p, const struct frame *f)
{
	CLEANUP_BUF struct buf key = BUF_INIT;
	menshen_EnrolAnswer answer = {0};
	menshen_EnrolRequest ask;
	struct uuid terminal;

	if (FRAME_DECODE(f, &ask))
		return -EBADMSG;
	printf("enrol %s %u\n", ask.code, (unsigned)ask.nics_count);
	uuid_make(&terminal);
	if (!text_equal(ask.code, GOOD_CODE)) {
		text_fit(answer.reason, sizeof(answer.reason), "code-unknown");
		text_fit(answer.text_zh, sizeof(answer.text_zh), "登记码不正确");
		text_fit(answer.text_en, sizeof(answer.text_en), "no such code");
	} else if (issue(p->server, ask.csr.bytes, ask.csr.size, &terminal, &answer) ||
		   sign_key_public_pem(p->server->policy_key, &key)) {
		return -EBADMSG;
	} else {
		text_fit(answer.asset_no, sizeof(answer.asset_no), "PC-2026-000017");
		memcpy(answer.policy_key.bytes, key.data, key.len);
		answer.policy_key.size = (pb_size_t)key.len;
	}
	SEND(p, FRAME_ENROL_ANSWER, &answer);
	return 0;
}

static int on_renew(struct peer *p, const struct frame *f)
{
	menshen_EnrolAnswer answer = {0};
	menshen_RenewRequest ask;
	struct tls_peer who;

	if (FRAME_DECODE(f, &ask) || tls_conn_peer(p->tls, clock_wall_ms(), &who) ||
	    issue(p->server, ask.csr.bytes, ask.csr.size, &who.cert.terminal, &answer))
		return -EBADMSG;
	printf("renew %s\n", who.expired ? "expired" : "good");
	SEND(p, FRAME_ENROL_ANSWER, &answer);
	return 0;
}

static int on_hello(struct peer *p, const struct frame *f)
{
	menshen_Welcome w = {.server_time_ms = clock_wall_ms(), .heartbeat_s = 2};
	menshen_Refusal no = {.reason = "certificate-expired", .text_en = "renew it first"};
	char epoch[33], name[72];
	menshen_AgentHello hello;
	struct tls_peer who;

	if (FRAME_DECODE(f, &hello) || tls_conn_peer(p->tls, clock_wall_ms(), &who))
		return -EBADMSG;
	if (who.expired) {
		SEND(p, FRAME_REFUSAL, &no);
		return 0;
	}
	uuid_format(p->terminal, &who.cert.terminal);
	hex_encode(epoch, hello.epoch, sizeof(hello.epoch));
	snprintf(name, sizeof(name), "%s %s", p->terminal, epoch);
	p->epoch = find_epoch(p->server, name);
	printf("hello %s next=%llu policy=%llu.%llu resumed=%d\n", name,
	       (unsigned long long)hello.next_seq, (unsigned long long)hello.policy_epoch,
	       (unsigned long long)hello.policy_number, tls_conn_resumed(p->tls));
	w.through_seq = p->epoch->through;
	p->greeted = true;
	SEND(p, FRAME_WELCOME, &w);
	if (p->server->policy.number)
		SEND(p, FRAME_POLICY, &p->server->policy);
	return 0;
}

static int on_event(struct peer *p, const struct frame *f)
{
	menshen_Ack ack;
	menshen_Event e;
	char line[8192];
	int n;

	if (!p->epoch || FRAME_DECODE(f, &e))
		return -EBADMSG;
	ack.through_seq = e.seq;
	if (e.seq <= p->epoch->through) {
		printf("replay %llu\n", (unsigned long long)e.seq);
	} else {
		n = snprintf(line, sizeof(line), "%s %llu %s %.*s\n", p->epoch->name,
			     (unsigned long long)e.seq, e.kind, (int)e.body.size,
			     (const char *)e.body.bytes);
		if (file_write_all(p->server->log_fd, line, (size_t)n) ||
		    fdatasync(p->server->log_fd) < 0)
			die("events.log", -errno);
		p->epoch->through = e.seq;
		printf("event %llu %s %.*s\n", (unsigned long long)e.seq, e.kind, (int)e.body.size,
		       (const char *)e.body.bytes);
	}
	if (!p->server->muted)
		SEND(p, FRAME_ACK, &ack);
	return 0;
}

static int on_heartbeat(struct peer *p, const struct frame *f)
{
	menshen_Heartbeat h;

	(void)p;
	if (FRAME_DECODE(f, &h))
		return -EBADMSG;
	printf("heartbeat %u nics=%u eap=%s %s\n", h.posture, (unsigned)h.nics_count,
	       h.nics_count ? h.nics[0].eap : "-", h.failing);
	return 0;
}

static int on_frame(struct peer *p, const struct frame *f)
{
	switch (f->type) {
	case FRAME_ENROL_REQUEST:
		return on_enrol(p, f);
	case FRAME_RENEW_REQUEST:
		return on_renew(p, f);
	case FRAME_AGENT_HELLO:
		return on_hello(p, f);
	case FRAME_EVENT:
		return on_event(p, f);
	case FRAME_HEARTBEAT:
		return on_heartbeat(p, f);
	default:
		return -EPROTO;
	}
}

/* Negative: hang up. */
static int read_peer(struct peer *p)
{
	enum tls_result r;
	struct frame f;
	size_t used, n;

	for (;;) {
		uint8_t *to = buf_reserve(&p->in, 4096);

		r = to ? tls_conn_read(p->tls, to, 4096, &n) : TLS_FAILED;
		if (r != TLS_DONE)
			return r == TLS_WANT_READ || r == TLS_WANT_WRITE ? 0 : -EPIPE;
		p->in.len += n;
		while (frame_parse(p->in.data, p->in.len, &f, &used) == 0) {
			if (on_frame(p, &f))
				return -EPROTO;
			buf_consume(&p->in, used);
		}
	}
}

static int write_peer(struct peer *p)
{
	enum tls_result r = TLS_DONE;
	size_t n;

	while (p->out.len && r == TLS_DONE) {
		r = tls_conn_write(p->tls, p->out.data, p->out.len, &n);
		if (r == TLS_DONE)
			buf_consume(&p->out, n);
	}
	if (r == TLS_CLOSED || r == TLS_FAILED)
		return -EPIPE;
	return loop_watch_change(p->watch, p->out.len ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void on_peer(void *arg, int fd, uint32_t events)
{
	struct peer *p = arg;
	enum tls_result r;

	(void)fd;
	(void)events;
	if (!p->ready) {
		r = tls_conn_handshake(p->tls);
		if (r == TLS_WANT_READ || r == TLS_WANT_WRITE)
			return;
		if (r != TLS_DONE) {
			printf("handshake failed: %s\n", tls_conn_error(p->tls));
			hang_up(p);
			return;
		}
		p->ready = true;
	}
	if (read_peer(p) || write_peer(p))
		hang_up(p);
}

static void on_listen(void *arg, int fd, uint32_t events)
{
	struct server *s = arg;
	struct peer *p = calloc(1, sizeof(*p));
	size_t at = 0;

	(void)events;
	while (at < PEERS_MAX && s->peers[at])
		at++;
	if (!p || at == PEERS_MAX)
		die("too many peers", -ENOSPC);
	p->server = s;
	buf_init(&p->in, 1 << 20);
	buf_init(&p->out, 1 << 20);
	p->fd = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (p->fd < 0 || tls_accept_new(s->tls, p->fd, &p->tls) ||
	    loop_watch_fd(s->loop, p->fd, EPOLLIN, on_peer, p, &p->watch))
		die("accept", -errno);
	s->peers[at] = p;
}

/* ---- commands ---- */

static void tell_all(struct server *s, enum frame_type type, const void *message, size_t size)
{
	for (size_t i = 0; i < PEERS_MAX; i++) {
		struct peer *p = s->peers[i];

		if (!p || !p->greeted)
			continue;
		if (frame_encode(&p->out, type, message, size))
			die("encode", -EINVAL);
		if (write_peer(p))
			hang_up(p);
	}
}

static void command_policy(struct server *s, char *line, const struct sign_key *key)
{
	unsigned long long epoch, number;
	int at = 0;
	uint8_t signature[SIGN_SIZE_MAX];
	size_t len;

	if (sscanf(line, "%llu %llu %n", &epoch, &number, &at) != 2)
		die("policy EPOCH NUMBER BODY", -EINVAL);
	s->policy = (menshen_Policy){.epoch = epoch, .number = number};
	line += at;
	if (sign_bytes(key, line, strlen(line), signature, &len))
		die("sign", -EINVAL);
	memcpy(s->policy.body.bytes, line, strlen(line));
	s->policy.body.size = (pb_size_t)strlen(line);
	memcpy(s->policy.signature.bytes, signature, len);
	s->policy.signature.size = (pb_size_t)len;
	tell_all(s, FRAME_POLICY, &s->policy, sizeof(s->policy));
}

static void command_verdict(struct server *s, const char *line)
{
	menshen_VerdictNotice n = {0};
	unsigned knock;

	if (sscanf(line, "%u %31s %u", &n.verdict, n.reason, &knock) != 3)
		die("verdict VERDICT REASON KNOCK", -EINVAL);
	n.reauthenticate = knock == 1;
	tell_all(s, FRAME_VERDICT_NOTICE, &n, sizeof(n));
}

static void obey(struct server *s, char *line)
{
	if (text_starts(line, "policy "))
		command_policy(s, line + 7, s->policy_key);
	else if (text_starts(line, "forged "))
		command_policy(s, line + 7, s->stranger);
	else if (text_starts(line, "verdict "))
		command_verdict(s, line + 8);
	else if (text_starts(line, "mute "))
		s->muted = line[5] == '1';
	else if (text_equal(line, "drop"))
		for (size_t i = 0; i < PEERS_MAX; i++)
			if (s->peers[i])
				hang_up(s->peers[i]);
	printf("done %.*s\n", (int)strcspn(line, " "), line);
}

static void on_command(void *arg, int fd, uint32_t events)
{
	struct server *s = arg;
	char chunk[4096], *end;
	ssize_t n = read(fd, chunk, sizeof(chunk));

	(void)events;
	if (n <= 0) {
		loop_stop(s->loop);
		return;
	}
	buf_append(&s->commands, chunk, (size_t)n);
	while ((end = memchr(s->commands.data, '\n', s->commands.len))) {
		*end = 0;
		obey(s, (char *)s->commands.data);
		buf_consume(&s->commands, (size_t)(end + 1 - (char *)s->commands.data));
	}
}

static void close_all(struct server *s, struct loop_watch *listening, struct loop_watch *commands)
{
	for (size_t i = 0; i < PEERS_MAX; i++)
		if (s->peers[i])
			hang_up(s->peers[i]);
	loop_watch_remove(listening);
	loop_watch_remove(commands);
	tls_ctx_free(s->tls);
	ca_free(s->ca);
	sign_key_free(s->policy_key);
	sign_key_free(s->stranger);
	buf_done(&s->commands);
	loop_free(s->loop);
}

int main(int argc, char **argv)
{
	static struct server s = {.commands = BUF_INIT, .life_ms = 30 * DAY_MS};
	struct loop_watch *listening, *commands;
	struct addr a;
	char address[ADDR_TEXT_SIZE];

	if (argc < 3)
		die("agent_peer DIR ADDRESS:PORT [LIFE_S]", -EINVAL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	s.dir = argv[1];
	if (argc > 3)
		s.life_ms = strtoll(argv[3], NULL, 10) * SECOND_MS;
	if (addr_parse(argv[2], 0, &a))
		die(argv[2], -EINVAL);
	addr_format_host(address, &a);
	load_ca(&s);
	load_policy_key(&s);
	make_tls(&s, address);
	load_events(&s);
	if (loop_new(&s.loop))
		die("loop", -ENOMEM);
	s.listen_fd = addr_tcp_listen(&a, 64);
	if (s.listen_fd < 0)
		die(address, s.listen_fd);
	if (loop_watch_fd(s.loop, s.listen_fd, EPOLLIN, on_listen, &s, &listening) ||
	    loop_watch_fd(s.loop, STDIN_FILENO, EPOLLIN, on_command, &s, &commands))
		die("loop", -errno);
	addr_format(address, &a);
	printf("ready %s\n", address);
	if (loop_run(s.loop))
		die("loop", -EIO);
	close_all(&s, listening, commands);
	return 0;
}
