#include "gate/eap/old_server.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"
#include "crypto/secret.h"
#include "gate/eap/exchange.h"
#include "gate/eap/old_accounting.h"
#include "gate/front/front.h"
#include "gate/line/record.h"
#include "radius/client.h"
#include "radius/password.h"

#define SLOTS 256
#define LIFE_MS 10000
#define SWEEP_MS 1000
#define TUNNEL_PASSWORD 69
#define MS_CHAP_MPPE_KEYS 12
#define VENDOR_HEAD 5 /* vendor's number and type */

struct old_server {
	struct gate *gate;
	int fd;
	struct loop_watch *watch;
	struct loop_timer *sweep;
	struct radius_secret secret;
	struct old_accounting *accounting;
	struct asked_pool pool;
	struct asked *slots[SLOTS]; /* by the id that was sent */
	int64_t asked_at_ms[SLOTS]; /* monotonic */
	uint8_t next;
	bool ended[GIVE_BACK_MAX];
};

/* ---- whose knock it is ---- */

static bool is_given_back(const struct gate *g, const struct snap_switch *sw, int64_t now_ms)
{
	const struct give_back *b = &g->settings.give_back;

	for (size_t i = 0; sw && i < b->count; i++)
		if (now_ms < b->list[i].until_ms && text_equal(b->list[i].name, sw->row.name))
			return true;
	return false;
}

static bool keeps_realm(const struct gate *g, const char *user_name)
{
	const char *list = g->settings.old_realms, *realm = strrchr(user_name, '@');

	if (!realm || !*++realm || text_equal(list, "none"))
		return false;
	for (list += strspn(list, " ,"); *list; list += strspn(list, " ,")) {
		size_t len = strcspn(list, " ,");

		if ((len == 1 && *list == '*') ||
		    (len == strlen(realm) && strncasecmp(list, realm, len) == 0))
			return true;
		list += len;
	}
	return false;
}

bool old_server_wants(const struct old_server *o, const struct request *r)
{
	const struct gate *g = o ? o->gate : NULL;

	if (!g || !gate_can_decide(g) || snapshot_denied(g->snapshot, &r->mac, r->now_ms))
		return false;
	return is_given_back(g, snapshot_switch(g->snapshot, r->switch_id), r->now_ms) ||
	       keeps_realm(g, r->user_name);
}

/* A switch that starts anew or goes down ends the old server's sessions with its own. */
static bool hears_account(const struct old_server *o, const struct request *r, uint32_t status)
{
	const struct gate *g = o->gate;

	return is_given_back(g, snapshot_switch(g->snapshot, r->switch_id), r->now_ms) ||
	       (status == RADIUS_ACCT_ON || status == RADIUS_ACCT_OFF
			? !text_equal(g->settings.old_realms, "none")
			: keeps_realm(g, r->user_name));
}

int old_server_account(struct old_server *o, const struct request *r, uint32_t status)
{
	static const char *const names[] = {
		[RADIUS_ACCT_START] = "start",
		[RADIUS_ACCT_STOP] = "stop",
		[RADIUS_ACCT_ON] = "on",
		[RADIUS_ACCT_OFF] = "off",
	};
	char session[64] = "", note[USER_NAME_SIZE + 128];
	uint32_t lasted_s = 0;
	int err;

	if (!o || !hears_account(o, r, status))
		return 0;
	err = old_accounting_take(o->accounting, r);
	if (err || status >= ARRAY_SIZE(names) || !names[status])
		return err; /* an interim is no news */
	(void)!radius_get_text(&r->packet, RADIUS_ACCT_SESSION_ID, session, sizeof(session));
	(void)!radius_get_u32(&r->packet, RADIUS_ACCT_SESSION_TIME, &lasted_s);
	snprintf(note, sizeof(note), "accounting %s for the old server: %s, session %s, %u s",
		 names[status], r->user_name, session, lasted_s);
	if (r->has_mac)
		record_place(o->gate, "gate.old", r, note);
	else
		record_gate(o->gate, "gate.old", 0, note);
	return 0;
}

size_t old_server_waiting(const struct old_server *o)
{
	return o ? old_accounting_waiting(o->accounting) : 0;
}

/* ---- the question ---- */

static int put_proof(struct radius_out *out, const struct old_server *o, const struct request *r,
		     const struct radius_secret *of_switch)
{
	char password[RADIUS_PASSWORD_MAX + 1];
	struct radius_attr a = {0};
	int err = radius_get_password(&r->packet, of_switch, password, sizeof(password));

	if (!err)
		radius_put_password(out, &o->secret, password);
	secret_wipe(password, sizeof(password));
	/* Without a challenge of its own CHAP means the request's authenticator. */
	if (radius_find(&r->packet, RADIUS_CHAP_PASSWORD, &a)) {
		a = (struct radius_attr){0};
		if (!radius_find(&r->packet, RADIUS_CHAP_CHALLENGE, &a))
			radius_put(out, RADIUS_CHAP_CHALLENGE, r->packet.authenticator,
				   RADIUS_AUTHENTICATOR_SIZE);
	}
	return err == -ENOENT ? 0 : err;
}

static int build(struct old_server *o, struct asked *a, uint8_t id)
{
	const struct request *r = &a->request;
	const struct snap_switch *sw = snapshot_switch(o->gate->snapshot, r->switch_id);
	struct radius_attr at = {0};
	int err;

	if (!sw)
		return -ENOENT;
	radius_begin_request(&a->out, RADIUS_ACCESS_REQUEST, id);
	while (radius_next(&r->packet, &at))
		if (at.type != RADIUS_MESSAGE_AUTHENTICATOR && at.type != RADIUS_USER_PASSWORD)
			radius_put(&a->out, at.type, at.value, at.len);
	err = put_proof(&a->out, o, r, front_secret(o->gate->front, r, sw));
	return err ? err : radius_finish_request(&a->out, &o->secret);
}

static void ask(struct old_server *o, uint8_t id)
{
	const struct radius_out *out = &o->slots[id]->out;

	(void)!send(o->fd, out->data, out->len, MSG_DONTWAIT); /* lost: the switch asks again */
}

static struct asked *leave_slot(struct old_server *o, unsigned id)
{
	struct asked *a = o->slots[id];

	o->slots[id] = NULL;
	return a;
}

static void drop(struct old_server *o, unsigned id)
{
	struct asked *a = leave_slot(o, id);

	front_silence(o->gate->front, &a->request);
	asked_give_back(&o->pool, a);
}

void old_server_take(struct old_server *o, const struct request *r)
{
	unsigned tries = 0;
	struct asked *a;
	uint8_t id;

	while (tries < SLOTS && o->slots[o->next]) {
		o->next++;
		tries++;
	}
	a = tries < SLOTS ? asked_take(&o->pool) : NULL;
	if (!a) {
		front_silence(o->gate->front, r);
		return;
	}
	id = o->next++;
	asked_adopt(a, r);
	o->slots[id] = a;
	o->asked_at_ms[id] = clock_mono_ms();
	if (build(o, a, id))
		drop(o, id);
	else
		ask(o, id);
}

bool old_server_repeat(struct old_server *o, const struct request *r)
{
	for (unsigned id = 0; o && id < SLOTS; id++)
		if (o->slots[id] && request_repeats(r, &o->slots[id]->request)) {
			ask(o, (uint8_t)id);
			return true;
		}
	return false;
}

/* ---- the answer ---- */

/* What is hidden under a secret, or belongs to one step of the way. */
static bool stays_behind(const struct radius_attr *a)
{
	if (a->type == RADIUS_MESSAGE_AUTHENTICATOR || a->type == RADIUS_PROXY_STATE ||
	    a->type == TUNNEL_PASSWORD)
		return true;
	return a->type == RADIUS_VENDOR_SPECIFIC && a->len >= VENDOR_HEAD &&
	       get_be32(a->value) == RADIUS_VENDOR_MICROSOFT &&
	       (a->value[4] == RADIUS_MS_MPPE_SEND_KEY || a->value[4] == RADIUS_MS_MPPE_RECV_KEY ||
		a->value[4] == MS_CHAP_MPPE_KEYS);
}

static void put_keys(struct old_server *o, struct radius_out *out, const struct asked *a,
		     const struct radius_packet *p, const struct radius_secret *of_switch)
{
	static const uint8_t types[] = {RADIUS_MS_MPPE_SEND_KEY, RADIUS_MS_MPPE_RECV_KEY};
	const uint8_t *authenticator = a->request.packet.authenticator;
	uint16_t salt = get_be16(authenticator);
	uint8_t key[RADIUS_MPPE_KEY_MAX];
	size_t len;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (radius_get_mppe(p, types[i], &o->secret, a->out.data + 4, key, &len) == 0)
			radius_put_mppe(out, types[i], of_switch, authenticator,
					(uint16_t)(salt ^ i), key, len);
	secret_wipe(key, sizeof(key));
}

static void tell(struct old_server *o, const struct request *r, uint8_t code)
{
	char note[USER_NAME_SIZE + 64];

	if (code == RADIUS_ACCESS_CHALLENGE)
		return;
	snprintf(note, sizeof(note), "the old server %s %s",
		 code == RADIUS_ACCESS_ACCEPT ? "accepts" : "rejects", r->user_name);
	record_place(o->gate, "gate.old", r, note);
}

static void forward(struct old_server *o, const struct asked *a, const struct radius_packet *p)
{
	const struct request *r = &a->request;
	struct gate *g = o->gate;
	const struct snap_switch *sw = snapshot_switch(g->snapshot, r->switch_id);
	struct radius_attr at = {0};
	struct radius_out *out;

	if (!sw || !gate_can_decide(g) || snapshot_denied(g->snapshot, &r->mac, gate_now(g))) {
		front_silence(g->front, r);
		return;
	}
	out = front_begin(g->front, r, p->code);
	while (radius_next(p, &at))
		if (!stays_behind(&at))
			radius_put(out, at.type, at.value, at.len);
	put_keys(o, out, a, p, front_secret(g->front, r, sw));
	front_send(g->front, r);
	tell(o, r, p->code);
}

static void on_answer(void *arg, int fd, uint32_t events)
{
	struct old_server *o = arg;
	uint8_t data[RADIUS_PACKET_MAX];
	struct radius_packet p;
	ssize_t n;

	(void)events;
	while ((n = recv(fd, data, sizeof(data), MSG_DONTWAIT)) >= 0) {
		struct asked *a = n > 1 ? o->slots[data[1]] : NULL;

		if (!a || radius_check_answer(&a->out, data, (size_t)n, &o->secret, &p))
			continue;
		leave_slot(o, data[1]);
		forward(o, a, &p);
		asked_give_back(&o->pool, a);
	}
	front_flush(o->gate->front);
}

/* ---- time, start, end ---- */

static void tell_given_back(struct old_server *o, size_t i, bool begins)
{
	const struct give_back *b = &o->gate->settings.give_back;
	char until[CLOCK_TEXT_SIZE], note[160];

	clock_format_cst(until, b->list[i].until_ms);
	snprintf(note, sizeof(note), "switch %s %s the old server: until %s", b->list[i].name,
		 begins ? "is given back to" : "is no longer given back to", until);
	log_warn("%s", note);
	record_gate(o->gate, "gate.old", 0, note);
}

static void end_given_back(struct old_server *o)
{
	const struct give_back *b = &o->gate->settings.give_back;
	int64_t now_ms = gate_now(o->gate);

	for (size_t i = 0; i < b->count; i++)
		if (!o->ended[i] && now_ms >= b->list[i].until_ms) {
			o->ended[i] = true;
			tell_given_back(o, i, false);
		}
}

static void on_sweep(void *arg)
{
	struct old_server *o = arg;
	int64_t now_ms = clock_mono_ms();

	for (unsigned id = 0; id < SLOTS; id++)
		if (o->slots[id] && now_ms - o->asked_at_ms[id] > LIFE_MS)
			drop(o, id);
	end_given_back(o);
	loop_timer_arm(o->sweep, SWEEP_MS);
}

static int read_secret(struct old_server *o)
{
	CLEANUP_SECRET_BUF struct buf text = BUF_INIT;
	const char *path = o->gate->settings.old_secret_file;
	struct stat st;
	int err = stat(path, &st) < 0 ? -errno : st.st_mode & 077 ? -EACCES : 0;

	if (!err)
		err = file_read(path, 1024, &text);
	if (!err)
		err = radius_secret_set(&o->secret, buf_str(&text),
					strcspn(buf_str(&text), "\r\n"));
	if (err)
		log_error("the old server's secret in %s: %s; only the gate's user may read it",
			  path, strerror(-err));
	return err;
}

static int open_line(struct old_server *o)
{
	struct addr to, any;
	int err = addr_parse(o->gate->settings.old_server, 1812, &to);

	if (!err)
		err = addr_parse(to.sa.sa_family == AF_INET6 ? "::" : "0.0.0.0", 0, &any);
	if (err)
		return err;
	o->fd = addr_udp_bind(&any);
	if (o->fd < 0)
		return o->fd;
	if (connect(o->fd, &to.sa, to.len) < 0)
		return -errno;
	return loop_watch_fd(o->gate->loop, o->fd, EPOLLIN, on_answer, o, &o->watch);
}

int old_server_new(struct gate *g, struct old_server **ret)
{
	struct old_server *o;
	int err;

	*ret = NULL;
	if (text_equal(g->settings.old_server, "none")) {
		(void)old_accounting_left(g);
		return 0;
	}
	o = calloc(1, sizeof(*o));
	if (!o)
		return -ENOMEM;
	o->gate = g;
	o->fd = -1;
	err = read_secret(o);
	if (!err)
		err = open_line(o);
	if (!err)
		err = loop_timer_new(g->loop, on_sweep, o, &o->sweep);
	if (!err)
		err = old_accounting_new(g, &o->secret, &o->accounting);
	if (err) {
		old_server_free(o);
		return err;
	}
	for (size_t i = 0; i < g->settings.give_back.count; i++)
		tell_given_back(o, i, true);
	loop_timer_arm(o->sweep, SWEEP_MS);
	*ret = o;
	return 0;
}

void old_server_free(struct old_server *o)
{
	if (!o)
		return;
	for (unsigned id = 0; id < SLOTS; id++)
		asked_give_back(&o->pool, leave_slot(o, id));
	asked_pool_done(&o->pool);
	old_accounting_free(o->accounting);
	loop_watch_remove(o->watch);
	loop_timer_free(o->sweep);
	close_cleanup(&o->fd);
	radius_secret_wipe(&o->secret);
	free(o);
}
