#include "survey/control.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json_line.h"
#include "base/text.h"

#define SOCKET "control.sock" /* below the run folder */
#define WORD_MAX 31
#define ANSWER_MAX (64U << 20)

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
	json_line_put(out, o);
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

			json_line_put(
				out,
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
			json_line_put(out, json_pack("{s:s, s:s, s:s, s:I}", "mac", mac, "switch",
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
			json_line_put(out,
				      json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "switch",
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

static void answer(void *arg, const char *word, uid_t uid, struct buf *out)
{
	(void)uid;
	out->error = -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (text_equal(verbs[i].word, word)) {
			out->error = 0;
			verbs[i].put(arg, out);
		}
}

int control_new(struct loop *l, struct survey *s, struct inquiry **ret)
{
	CLEANUP_FREE char *path = NULL;
	int err = file_path(s->settings->run_dir, SOCKET, &path);
	const struct inquiry_rules rules = {
		.path = path,
		.mode = 0600,
		.line_max = WORD_MAX,
		.answer_max = ANSWER_MAX,
		.answer = answer,
		.arg = s,
	};

	return err ? err : inquiry_new(l, &rules, ret);
}

int control_client(const struct settings *s, const char *verb)
{
	CLEANUP_BUF struct buf text = {.limit = ANSWER_MAX};
	CLEANUP_FREE char *path = NULL;
	size_t i = 0;
	int err;

	while (i < ARRAY_SIZE(verbs) && !text_equal(verbs[i].word, verb))
		i++;
	if (i == ARRAY_SIZE(verbs))
		return 2;
	err = file_path(s->run_dir, SOCKET, &path);
	if (!err)
		err = inquiry_ask(path, verb, &text);
	if (err) {
		fprintf(stderr, "menshen-survey: it does not answer under %s: %s\n", s->run_dir,
			strerror(-err));
		return 1;
	}
	return fputs(buf_str(&text), stdout) < 0 || fflush(stdout) ? 1 : 0;
}
