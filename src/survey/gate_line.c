#include "survey/gate_line.h"

#include <jansson.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/local.h"
#include "base/log.h"
#include "base/text.h"
#include "survey/messenger.h"

#define MESSAGE_MAX 2048
#define RETRY_MS 2000
#define SNMP_PORT 161

struct gate_line {
	struct loop *loop;
	const char *path;
	int fd;
	struct loop_watch *watch;
	struct loop_timer *retry;
	struct survey *survey;
	struct messenger *messenger;
	bool complained;
	struct target *coming; /* between "begin" and "end"; NULL otherwise */
	size_t coming_count;
};

/* ---- to the gate ---- */

/* What does not fit now is said again after the next survey, or asked for again. */
static void tell(struct gate_line *g, json_t *message)
{
	CLEANUP_FREE char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;

	json_decref(message);
	if (text && g->fd >= 0 && send(g->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		log_warn("the gate at %s does not take a message: %s", g->path, strerror(errno));
}

static void tell_bounced(void *arg, uint64_t number, enum asked asked)
{
	tell(arg, json_pack("{s:s, s:I, s:b, s:s}", "type", "bounced", "n", (json_int_t)number,
			    "ok", asked == ASKED_DONE, "said", asked_text(asked)));
}

/* Goes on when there is room again. */
static int say(void *arg, const char *text, size_t len)
{
	struct gate_line *g = arg;

	if (g->fd < 0)
		return -ENOTCONN;
	return send(g->fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

static void wait_for_room(struct gate_line *g)
{
	uint32_t events = messenger_has_more(g->messenger) ? EPOLLIN | EPOLLOUT : EPOLLIN;

	if (g->watch && loop_watch_change(g->watch, events))
		log_warn("the line to the gate at %s cannot be watched", g->path);
}

static void tell_strangers(struct gate_line *g, const struct survey *s, const struct seat *seat)
{
	for (size_t i = 0; !seat->last && seat->table && i < seat->table->neighbour_count; i++) {
		const struct table_neighbour *n = &seat->table->neighbours[i];
		const struct table_port *p = table_port(seat->table, n->port);
		char mac[MAC_TEXT_SIZE] = "";

		if (!survey_is_unknown(s, n))
			continue;
		if (n->has_mac)
			mac_format(mac, &n->mac);
		tell(g, json_pack("{s:s, s:I, s:s, s:s, s:s}", "type", "neighbour", "switch",
				  (json_int_t)seat->target.id, "port", p ? p->name : "", "mac", mac,
				  "name", n->name));
	}
}

static void tell_surveyed(void *arg, struct survey *s, struct seat *seat)
{
	struct gate_line *g = arg;

	tell_strangers(g, s, seat);
	messenger_surveyed(g->messenger, seat);
	wait_for_room(g);
}

/* ---- from the gate ---- */

static void drop_coming(struct gate_line *g)
{
	if (g->coming)
		explicit_bzero(g->coming, SWITCHES_MAX * sizeof(*g->coming));
	free(g->coming);
	g->coming = NULL;
	g->coming_count = 0;
}

static int take_begin(struct gate_line *g, const json_t *message)
{
	(void)message;
	drop_coming(g);
	g->coming = calloc(SWITCHES_MAX, sizeof(*g->coming));
	return g->coming ? 0 : -ENOMEM;
}

static const char *text_of(const json_t *message, const char *name)
{
	const char *text = json_string_value(json_object_get(message, name));

	return text ? text : "";
}

static int take_switch(struct gate_line *g, const json_t *message)
{
	struct target t;
	struct addr a;

	memset(&t, 0, sizeof(t));
	t.id = json_integer_value(json_object_get(message, "id"));
	if (!g->coming || g->coming_count == SWITCHES_MAX || t.id < 1 ||
	    text_copy(t.name, sizeof(t.name), text_of(message, "name")) ||
	    addr_parse(text_of(message, "address"), SNMP_PORT, &a))
		return -EBADMSG;
	addr_format(t.address, &a);
	/* One that a person wrote wrongly costs the others nothing. */
	if (credential_parse(text_of(message, "snmp"), &t.credential))
		log_warn("switch %s: its SNMP credential is none", t.name);
	else
		g->coming[g->coming_count++] = t;
	explicit_bzero(&t, sizeof(t));
	return 0;
}

static int take_end(struct gate_line *g, const json_t *message)
{
	int err;

	(void)message;
	if (!g->coming)
		return -EBADMSG;
	err = survey_set_targets(g->survey, g->coming, g->coming_count);
	drop_coming(g);
	return err;
}

static int take_bounce(struct gate_line *g, const json_t *message)
{
	struct order o = {
		.number = (uint64_t)json_integer_value(json_object_get(message, "n")),
		.switch_id = json_integer_value(json_object_get(message, "switch")),
	};

	if (text_copy(o.port, sizeof(o.port), text_of(message, "port")))
		return -EBADMSG;
	survey_bounce(g->survey, &o);
	return 0;
}

static int take_office(struct gate_line *g, const json_t *message)
{
	messenger_office(g->messenger, json_is_true(json_object_get(message, "there")));
	return 0;
}

static int take_taken(struct gate_line *g, const json_t *message)
{
	messenger_taken(g->messenger, json_integer_value(json_object_get(message, "switch")),
			json_integer_value(json_object_get(message, "at")),
			json_is_true(json_object_get(message, "again")));
	return 0;
}

static const struct {
	const char *type;
	int (*take)(struct gate_line *g, const json_t *message);
} takers[] = {
	{"begin", take_begin},	 {"switch", take_switch}, {"end", take_end},
	{"bounce", take_bounce}, {"office", take_office}, {"taken", take_taken},
};

static int take(struct gate_line *g, const char *text, size_t len)
{
	json_t *message = json_loadb(text, len, 0, NULL);
	const char *type = text_of(message, "type");
	int err = -EBADMSG;

	for (size_t i = 0; message && i < ARRAY_SIZE(takers); i++)
		if (text_equal(takers[i].type, type))
			err = takers[i].take(g, message);
	json_decref(message);
	return err;
}

/* ---- the connection ---- */

static void disconnect(struct gate_line *g)
{
	loop_watch_remove(g->watch);
	close_cleanup(&g->fd);
	g->watch = NULL;
	g->fd = -1;
	drop_coming(g);
	messenger_office(g->messenger, false);
	loop_timer_arm(g->retry, RETRY_MS);
}

static void hear(struct gate_line *g, int fd)
{
	char text[MESSAGE_MAX];
	ssize_t len = recv(fd, text, sizeof(text), MSG_TRUNC);
	int err = 0;

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len > (ssize_t)sizeof(text))
		err = -EMSGSIZE;
	else if (len > 0)
		err = take(g, text, (size_t)len);
	explicit_bzero(text, sizeof(text));
	if (err)
		log_warn("the gate at %s says what cannot be taken: %s", g->path, strerror(-err));
	if (len > 0 && !err)
		return;
	log_warn("the line to the gate at %s is down", g->path);
	g->complained = true;
	disconnect(g);
}

static void on_socket(void *arg, int fd, uint32_t events)
{
	struct gate_line *g = arg;

	if (events & EPOLLOUT)
		messenger_room(g->messenger);
	if (events & ~(uint32_t)EPOLLOUT)
		hear(g, fd);
	wait_for_room(g);
}

static void try_connect(void *arg)
{
	struct gate_line *g = arg;
	int fd = local_connect(g->path, SOCK_SEQPACKET, SOCK_NONBLOCK), err = MIN(fd, 0);

	if (!err) {
		g->fd = fd;
		err = loop_watch_fd(g->loop, fd, EPOLLIN, on_socket, g, &g->watch);
	}
	if (err) {
		if (!g->complained)
			log_warn("no gate at %s: %s", g->path, strerror(-err));
		g->complained = true;
		disconnect(g);
		return;
	}
	g->complained = false;
	log_info("the gate at %s is there", g->path);
}

int gate_line_new(struct loop *l, const struct settings *settings, struct gate_line **ret)
{
	struct gate_line *g = calloc(1, sizeof(*g));
	const struct survey_teller teller = {tell_bounced, tell_surveyed, g};
	int err;

	if (!g)
		return -ENOMEM;
	g->loop = l;
	g->path = settings->gate;
	g->fd = -1;
	err = loop_timer_new(l, try_connect, g, &g->retry);
	if (!err)
		err = messenger_new(l, say, g, &g->messenger);
	if (!err)
		err = survey_new(l, settings, &teller, &g->survey);
	if (err) {
		gate_line_free(g);
		return err;
	}
	messenger_set_survey(g->messenger, g->survey);
	loop_timer_arm(g->retry, 0);
	*ret = g;
	return 0;
}

void gate_line_free(struct gate_line *g)
{
	if (!g)
		return;
	survey_free(g->survey);
	messenger_free(g->messenger);
	loop_watch_remove(g->watch);
	close_cleanup(&g->fd);
	loop_timer_free(g->retry);
	drop_coming(g);
	free(g);
}

struct survey *gate_line_survey(struct gate_line *g)
{
	return g->survey;
}

bool gate_line_is_connected(const struct gate_line *g)
{
	return g->fd >= 0;
}
