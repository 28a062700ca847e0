#include "survey/control.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/local.h"
#include "base/text.h"

#define CLIENTS_MAX 4
#define WORD_SIZE 32
#define ANSWER_MAX (64U << 20)

struct client {
	struct control *control;
	struct loop_watch *watch;
	int fd; /* -1: free */
	char word[WORD_SIZE];
	size_t word_len;
	struct buf out; /* an answer being written */
};

struct control {
	struct loop *loop;
	const struct survey *survey;
	int fd;
	struct loop_watch *watch;
	char path[PATH_SIZE + 16];
	struct client clients[CLIENTS_MAX];
};

/* ---- verbs ---- */

static void put_line(struct buf *out, json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);

	json_decref(object);
	if (text) {
		buf_puts(out, text);
		buf_puts(out, "\n");
	}
	free(text);
}

static void put_switch(const struct survey *s, const struct seat *seat, struct buf *out)
{
	const struct table *t = seat->table;
	json_t *o = json_pack("{s:s, s:s, s:s}", "switch", seat->target.name, "address",
			      seat->target.address, "said",
			      seat->asked_at_ms ? asked_text(seat->last) : "not asked yet");
	char at[CLOCK_TEXT_SIZE];
	json_int_t uplinks = 0;

	clock_format_utc(at, seat->asked_at_ms);
	if (seat->asked_at_ms)
		json_object_set_new(o, "asked_at", json_string(at));
	for (size_t i = 0; t && i < t->port_count; i++)
		uplinks += port_is_uplink(&t->ports[i], (uint32_t)s->settings->uplink_macs);
	if (t)
		json_object_update_new(
			o, json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:b}", "name", t->name,
				     "description", t->description, "model", t->model, "serial",
				     t->serial, "ports", (json_int_t)t->port_count, "uplinks",
				     uplinks, "macs", (json_int_t)t->mac_count, "cut", t->cut));
	put_line(out, o);
}

static void put_switches(const struct survey *s, struct buf *out)
{
	for (size_t i = 0; i < s->count; i++)
		put_switch(s, &s->seats[i], out);
}

static void put_ports(const struct survey *s, struct buf *out)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct table *t = s->tables[i];

		for (size_t k = 0; t && k < t->port_count; k++) {
			const struct table_port *p = &t->ports[k];

			put_line(out,
				 json_pack("{s:s, s:s, s:s, s:b, s:b, s:b, s:I}", "switch",
					   s->names[i], "port", p->name, "alias", p->alias,
					   "enabled", !p->is_down, "linked", p->is_linked, "uplink",
					   port_is_uplink(p, (uint32_t)s->settings->uplink_macs),
					   "macs", (json_int_t)p->macs));
		}
	}
}

/* Each MAC once: at the one switch where it stands. */
static void put_macs(const struct survey *s, struct buf *out)
{
	for (size_t i = 0; i < s->count; i++)
		for (size_t k = 0; s->tables[i] && k < s->tables[i]->mac_count; k++) {
			const struct table_mac *m = &s->tables[i]->macs[k];
			char mac[MAC_TEXT_SIZE];
			struct place p;

			if (!survey_find(s, &m->mac, &p) || p.at != i)
				continue;
			mac_format(mac, &m->mac);
			put_line(out, json_pack("{s:s, s:s, s:s, s:I}", "mac", mac, "switch",
						s->names[i], "port", p.port->name, "vlan",
						(json_int_t)p.mac->vlan));
		}
}

static void put_neighbours(const struct survey *s, struct buf *out)
{
	for (size_t i = 0; i < s->count; i++)
		for (size_t k = 0; s->tables[i] && k < s->tables[i]->neighbour_count; k++) {
			const struct table_neighbour *n = &s->tables[i]->neighbours[k];
			const struct table_port *p = table_port(s->tables[i], n->port);
			char mac[MAC_TEXT_SIZE] = "";

			if (n->has_mac)
				mac_format(mac, &n->mac);
			put_line(out, json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "switch",
						s->names[i], "port", p ? p->name : "", "neighbour",
						n->name, "mac", mac, "far_port", n->far_port,
						"unknown", survey_is_unknown(s, n)));
		}
}

static void put_status(const struct survey *s, struct buf *out)
{
	put_switches(s, out);
	put_macs(s, out);
}

static const struct {
	const char *word;
	void (*put)(const struct survey *s, struct buf *out);
} verbs[] = {
	{"status", put_status}, {"switches", put_switches},	{"ports", put_ports},
	{"macs", put_macs},	{"neighbours", put_neighbours},
};

/* ---- the survey's side ---- */

static void drop_client(struct client *cl)
{
	loop_watch_remove(cl->watch);
	close_cleanup(&cl->fd);
	buf_done(&cl->out);
	cl->fd = -1;
	cl->watch = NULL;
}

static bool read_word(struct client *cl)
{
	ssize_t n = read(cl->fd, cl->word + cl->word_len, WORD_SIZE - 1 - cl->word_len);
	char *end;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return false;
	cl->word_len += (size_t)n;
	cl->word[cl->word_len] = 0;
	end = strchr(cl->word, '\n');
	if (!end)
		return cl->word_len < WORD_SIZE - 1;
	*end = 0;
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (text_equal(verbs[i].word, cl->word))
			verbs[i].put(cl->control->survey, &cl->out);
	return cl->out.len && !cl->out.error && loop_watch_change(cl->watch, EPOLLOUT) == 0;
}

static bool write_answer(struct client *cl)
{
	ssize_t n = send(cl->fd, cl->out.data, cl->out.len, MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	buf_consume(&cl->out, (size_t)n);
	return cl->out.len > 0;
}

static void on_client(void *arg, int fd, uint32_t events)
{
	struct client *cl = arg;

	(void)fd;
	if (!((events & EPOLLOUT) ? write_answer(cl) : read_word(cl)))
		drop_client(cl);
}

static void on_connect(void *arg, int fd, uint32_t events)
{
	struct control *c = arg;
	uid_t uid;
	CLEANUP_FD int peer = local_accept(fd, &uid);

	(void)events;
	for (size_t i = 0; peer >= 0 && i < CLIENTS_MAX; i++) {
		struct client *cl = &c->clients[i];

		if (cl->fd >= 0)
			continue;
		*cl = (struct client){.control = c, .fd = peer};
		buf_init(&cl->out, ANSWER_MAX);
		if (loop_watch_fd(c->loop, peer, EPOLLIN, on_client, cl, &cl->watch))
			cl->fd = -1;
		else
			(void)TAKE_FD(peer);
		return;
	}
}

static void socket_path(char dst[static PATH_SIZE + 16], const struct settings *s)
{
	snprintf(dst, PATH_SIZE + 16, "%s/control.sock", s->run_dir);
}

int control_new(struct loop *l, const struct survey *s, struct control **ret)
{
	struct control *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	c->loop = l;
	c->survey = s;
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		c->clients[i].fd = -1;
	socket_path(c->path, s->settings);
	c->fd = local_listen(c->path, SOCK_STREAM, 0600);
	err = MIN(c->fd, 0);
	if (!err)
		err = loop_watch_fd(l, c->fd, EPOLLIN, on_connect, c, &c->watch);
	if (err) {
		control_free(c);
		return err;
	}
	*ret = c;
	return 0;
}

void control_free(struct control *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i].fd >= 0)
			drop_client(&c->clients[i]);
	loop_watch_remove(c->watch);
	if (c->fd >= 0) {
		unlink(c->path);
		close(c->fd);
	}
	free(c);
}

/* ---- the client's side ---- */

int control_client(const struct settings *s, const char *verb)
{
	CLEANUP_FD int fd = -1;
	char path[PATH_SIZE + 16], chunk[65536];
	ssize_t n = 0;
	size_t i = 0;

	while (i < ARRAY_SIZE(verbs) && !text_equal(verbs[i].word, verb))
		i++;
	if (i == ARRAY_SIZE(verbs))
		return 2;
	socket_path(path, s);
	fd = local_connect(path, SOCK_STREAM, 0);
	if (fd < 0 || file_write_all(fd, verb, strlen(verb)) || file_write_all(fd, "\n", 1)) {
		fprintf(stderr, "menshen-survey: it is not running under %s\n", s->run_dir);
		return 1;
	}
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		if (fwrite(chunk, 1, (size_t)n, stdout) != (size_t)n)
			return 1;
	return n < 0 || fflush(stdout) ? 1 : 0;
}
