#define _GNU_SOURCE
#include "server/jobs/syslog.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mac.h"
#include "base/text.h"
#include "policy/event.h"

#define FACILITY 13 /* log audit */
#define SEVERITY_ALERT 1
#define SEVERITY_NOTICE 5
#define SEVERITY_INFO 6
#define TICK_MS 250
#define AGAIN_MS 3000
#define ENTRIES_AT_ONCE 200
#define OUT_MAX (256U << 10)
#define SD_ID "menshen@32473" /* of the documentation's enterprise number (RFC 5612) */
#define LOST_KIND "messages-lost"

/* A record as it came, its numbers not yet looked up. */
struct noted {
	struct syslog_message message;
	int64_t unit_id, terminal_id;
};

struct syslog {
	struct syslog_options o;
	struct store_db *reader;
	struct loop_timer *tick;
	char host[256];
	int fd;
	bool connected;
	struct loop_watch *watch;
	int64_t again_ms; /* not before this a new connection */
	struct buf out;	  /* TCP: framed, on its way */
	int64_t seq;	  /* of the audit log, read */
	uint64_t lost_told;
	bool loss_said;

	pthread_mutex_t lock; /* guards the queue */
	struct noted *queue;
	size_t first, count;
	uint64_t lost;
};

/* ---- a message (RFC 5424 section 6) ---- */

/* Printable US-ASCII without spaces, "-" for nothing. */
static void put_name(struct buf *to, const char *text, size_t max)
{
	size_t n = 0;

	for (; *text && n < max; text++)
		if (*text > ' ' && *text < 127) {
			buf_put_u8(to, (uint8_t)*text);
			n++;
		}
	if (n == 0)
		buf_put_u8(to, '-');
}

static void put_param(struct buf *to, const char *name, const char *value)
{
	if (!*value)
		return;
	buf_printf(to, " %s=\"", name);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\' || *value == ']')
			buf_put_u8(to, '\\');
		buf_put_u8(to, (uint8_t)*value < ' ' ? ' ' : (uint8_t)*value);
	}
	buf_put_u8(to, '"');
}

static int severity_of(const struct syslog_message *m)
{
	if (m->alarm)
		return SEVERITY_ALERT;
	return text_equal(m->verdict, "reject") || text_equal(m->verdict, "isolate")
		       ? SEVERITY_NOTICE
		       : SEVERITY_INFO;
}

void syslog_format(struct buf *to, const struct syslog_message *m, const char *host, unsigned pid)
{
	char at[CLOCK_TEXT_SIZE];

	clock_format_utc(at, m->at_ms);
	buf_printf(to, "<%d>1 %s ", FACILITY * 8 + severity_of(m), at);
	put_name(to, host, 255);
	buf_printf(to, " menshend %u ", pid);
	put_name(to, m->kind, 32);
	buf_puts(to, " [" SD_ID);
	put_param(to, "kind", m->kind);
	put_param(to, "unit", m->unit);
	put_param(to, "terminal", m->terminal);
	put_param(to, "verdict", m->verdict);
	put_param(to, "reason", m->reason);
	put_param(to, "mac", m->mac);
	put_param(to, "account", m->account);
	buf_puts(to, "] \xef\xbb\xbf");
	for (const char *p = m->text; *p; p++)
		buf_put_u8(to, (uint8_t)*p < ' ' ? ' ' : (uint8_t)*p);
}

/* ---- the queue ---- */

/* Cut where a character ends. */
static void copy(char *dst, size_t size, const char *src)
{
	size_t len = src ? strnlen(src, size - 1) : 0;

	if (src && src[len])
		while (len > 0 && ((uint8_t)src[len] & 0xc0) == 0x80)
			len--;
	memcpy(dst, src ? src : "", len);
	dst[len] = 0;
}

#define COPY(field, src) copy((field), sizeof(field), (src))

static void explain(struct syslog_message *m, const char *more)
{
	const struct event_kind *kind = event_kind_find(m->kind);
	char text[sizeof(m->text) * 2];

	snprintf(text, sizeof(text), "%s / %s%s%s", kind ? kind->zh : m->kind,
		 kind ? kind->en : m->kind, *more ? ": " : "", more);
	COPY(m->text, text);
}

static void note_record(struct noted *n, const struct store_record *r)
{
	struct syslog_message *m = &n->message;

	*n = (struct noted){.unit_id = r->unit_id, .terminal_id = r->terminal_id};
	m->at_ms = r->at_ms;
	COPY(m->kind, r->kind);
	COPY(m->reason, r->reason);
	COPY(m->verdict, r->verdict);
	COPY(m->account, r->account);
	if (r->mac)
		mac_format(m->mac, r->mac);
	explain(m, r->port ? r->port : "");
}

/* An alarm's record is passed over: its entry of the audit log is told. */
static bool is_told(const struct syslog *s, const struct store_record *r)
{
	const struct event_kind *kind = event_kind_find(r->kind);

	return !(kind && kind->alarm) && event_kinds_have(s->o.kinds, r->kind);
}

void syslog_records(void *syslog, const struct store_record *records, size_t count)
{
	struct syslog *s = syslog;

	for (size_t i = 0; i < count; i++) {
		if (!is_told(s, &records[i]))
			continue;
		pthread_mutex_lock(&s->lock);
		if (s->count < SYSLOG_QUEUE)
			note_record(&s->queue[(s->first + s->count++) % SYSLOG_QUEUE], &records[i]);
		else
			s->lost++;
		pthread_mutex_unlock(&s->lock);
	}
}

static bool take(struct syslog *s, struct noted *ret)
{
	bool any;

	pthread_mutex_lock(&s->lock);
	any = s->count > 0;
	if (any) {
		*ret = s->queue[s->first];
		s->first = (s->first + 1) % SYSLOG_QUEUE;
		s->count--;
	}
	pthread_mutex_unlock(&s->lock);
	return any;
}

static uint64_t lost_so_far(struct syslog *s, uint64_t more)
{
	uint64_t lost;

	pthread_mutex_lock(&s->lock);
	s->lost += more;
	lost = s->lost;
	pthread_mutex_unlock(&s->lock);
	return lost;
}

/* ---- the collector ---- */

static void hang_up(struct syslog *s, const char *why)
{
	if (s->fd < 0)
		return;
	loop_watch_remove(s->watch);
	s->watch = NULL;
	close(s->fd);
	s->fd = -1;
	if (s->connected || !s->loss_said)
		log_warn("the syslog collector cannot be reached: %s; trying again", why);
	s->connected = false;
	s->loss_said = true;
	s->again_ms = clock_mono_ms() + AGAIN_MS;
	if (s->out.len > 0) /* the one that was cut in two, and perhaps some before it */
		(void)lost_so_far(s, 1);
	buf_clear(&s->out);
}

static void flush_out(struct syslog *s)
{
	ssize_t n;

	while (s->fd >= 0 && s->out.len > 0) {
		n = send(s->fd, s->out.data, s->out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n < 0) {
			hang_up(s, strerror(errno));
			return;
		}
		buf_consume(&s->out, (size_t)n);
	}
	if (s->fd >= 0 &&
	    loop_watch_change(s->watch, EPOLLIN | (s->out.len ? (uint32_t)EPOLLOUT : 0)))
		hang_up(s, "no memory");
}

static void on_collector(void *arg, int fd, uint32_t events)
{
	struct syslog *s = arg;
	int err = 0;
	socklen_t len = sizeof(err);
	char said[64];

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0 || err) {
		hang_up(s, strerror(err));
		return;
	}
	if (events & EPOLLIN && recv(fd, said, sizeof(said), MSG_DONTWAIT) == 0) {
		hang_up(s, "it hung up");
		return;
	}
	if (events & EPOLLOUT && !s->connected) {
		s->connected = true;
		log_info("the syslog collector takes messages");
	}
	flush_out(s);
}

static void call_collector(struct syslog *s)
{
	if (s->fd >= 0 || clock_mono_ms() < s->again_ms)
		return;
	s->fd = addr_tcp_connect(&s->o.collector);
	if (s->fd < 0) {
		s->again_ms = clock_mono_ms() + AGAIN_MS;
		return;
	}
	if (loop_watch_fd(s->o.loop, s->fd, EPOLLIN | EPOLLOUT, on_collector, s, &s->watch))
		hang_up(s, "no memory");
}

static bool has_room(const struct syslog *s)
{
	return !s->o.tcp || (s->connected && s->out.len + SYSLOG_MESSAGE_MAX + 8 < OUT_MAX);
}

static int open_udp(struct syslog *s)
{
	const struct addr *a = &s->o.collector;

	s->fd = socket(a->sa.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	return s->fd < 0 ? -errno : 0;
}

static void send_message(struct syslog *s, const struct syslog_message *m)
{
	const struct addr *a = &s->o.collector;
	CLEANUP_BUF struct buf text = BUF_INIT;

	buf_init(&text, SYSLOG_MESSAGE_MAX);
	syslog_format(&text, m, s->host, (unsigned)getpid());
	if (text.error) {
		(void)lost_so_far(s, 1);
	} else if (s->o.tcp) {
		buf_printf(&s->out, "%zu ", text.len);
		buf_append(&s->out, text.data, text.len);
	} else if (sendto(s->fd, text.data, text.len, MSG_DONTWAIT, &a->sa, a->len) < 0) {
		(void)lost_so_far(s, 1);
	}
}

/* ---- what is told ---- */

static void look_up(struct syslog *s, enum store_stmt stmt, int64_t id, size_t column, char *dst,
		    size_t size)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;

	if (!id)
		return;
	snprintf(dst, size, "%lld", (long long)id);
	if (store_select(s->reader, stmt, STORE_ARGS(v_int(id)), &c) == 0 && store_next(c) == 1 &&
	    *store_text(c, column))
		copy(dst, size, store_text(c, column));
}

#define UNIT_CODE 3
#define TERMINAL_ASSET 14

static void tell(struct syslog *s, struct noted *n)
{
	struct syslog_message *m = &n->message;

	look_up(s, STMT_UNIT_FACTS, n->unit_id, UNIT_CODE, m->unit, sizeof(m->unit));
	look_up(s, STMT_TERMINAL_BY_ID, n->terminal_id, TERMINAL_ASSET, m->terminal,
		sizeof(m->terminal));
	send_message(s, m);
}

static void tell_loss(struct syslog *s)
{
	struct syslog_message m = {.at_ms = clock_wall_ms(), .alarm = true};
	uint64_t lost = lost_so_far(s, 0);

	if (lost == s->lost_told)
		return;
	COPY(m.kind, LOST_KIND);
	snprintf(m.text, sizeof(m.text), "%llu 条消息未能发送 / %llu messages were lost",
		 (unsigned long long)(lost - s->lost_told),
		 (unsigned long long)(lost - s->lost_told));
	log_warn("syslog: %llu messages were lost", (unsigned long long)(lost - s->lost_told));
	s->lost_told = lost;
	send_message(s, &m);
}

/* Acts of the audit log that are alarms: the breaker's, and what gates and desks raise. */
static bool is_alarm(const char *act)
{
	const struct event_kind *kind = event_kind_find(act);

	return text_starts(act, "breaker.") || text_starts(act, "alarm.") || (kind && kind->alarm);
}

/* Columns: seq, at, act, subject, unit_id, path. */
static void tell_entry(struct syslog *s, const struct store_cursor *c)
{
	struct noted n = {.unit_id = store_int(c, 4)};

	s->seq = store_int(c, 0);
	if (!is_alarm(store_text(c, 2)))
		return;
	n.message.at_ms = store_int(c, 1);
	n.message.alarm = true;
	COPY(n.message.kind, store_text(c, 2));
	explain(&n.message, store_text(c, 3));
	tell(s, &n);
}

static void tell_entries(struct syslog *s)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(s->reader, STMT_API_FEED_ENTRIES,
			     STORE_ARGS(v_int(s->seq), v_int(ENTRIES_AT_ONCE)), &c);

	while (!r && has_room(s) && store_next(c) == 1)
		tell_entry(s, c);
}

static void on_tick(void *arg)
{
	struct syslog *s = arg;
	struct noted n;

	if (s->o.tcp)
		call_collector(s);
	if (has_room(s))
		tell_loss(s);
	if (has_room(s))
		tell_entries(s);
	while (has_room(s) && take(s, &n))
		tell(s, &n);
	if (s->o.tcp && s->connected)
		flush_out(s);
	loop_timer_arm(s->tick, TICK_MS);
}

/* ---- its life ---- */

int syslog_new(const struct syslog_options *options, struct syslog **ret)
{
	struct syslog *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->o = *options;
	s->fd = -1;
	pthread_mutex_init(&s->lock, NULL);
	buf_init(&s->out, OUT_MAX);
	s->queue = calloc(SYSLOG_QUEUE, sizeof(*s->queue));
	if (gethostname(s->host, sizeof(s->host) - 1))
		s->host[0] = 0;
	err = s->queue ? store_reader_new(options->store, &s->reader) : -ENOMEM;
	if (!err)
		err = store_get_int(s->reader, STMT_LOG_SIZE, STORE_NO_ARGS, 0, &s->seq);
	s->seq--;
	if (!err && !s->o.tcp)
		err = open_udp(s);
	if (!err)
		err = loop_timer_new(s->o.loop, on_tick, s, &s->tick);
	if (err) {
		syslog_free(s);
		return err;
	}
	loop_timer_arm(s->tick, TICK_MS);
	*ret = s;
	return 0;
}

void syslog_free(struct syslog *s)
{
	if (!s)
		return;
	loop_timer_free(s->tick);
	loop_watch_remove(s->watch);
	if (s->fd >= 0)
		close(s->fd);
	store_reader_free(s->reader);
	pthread_mutex_destroy(&s->lock);
	buf_done(&s->out);
	free(s->queue);
	free(s);
}
