#include "server/gateway/survey_effect.h"

#include "base/clock.h"
#include "base/mac.h"
#include "base/text.h"

#define SAID_OK "ok"

/* One telling on its way into the live views. */
struct telling {
	struct store *s;
	int64_t switch_id;
	int64_t at_ms;	 /* never in the future */
	int64_t turn;	 /* of its rows */
	int64_t last_ms; /* when the switch was asked before */
};

typedef int row_fn(const struct telling *t, const void *message);

static bool is_clean(const char *text)
{
	return text_is_clean(text, strlen(text));
}

static struct store_value mac_or_null(const uint8_t *bytes, size_t size)
{
	return size == sizeof(struct mac) ? v_blob(bytes, size) : v_null();
}

/* ---- what follows a SurveySwitch ---- */

static bool port_is_clean(const void *message)
{
	const menshen_SurveyPort *m = message;

	return m->port[0] && is_clean(m->port) && is_clean(m->long_name) && is_clean(m->alias);
}

static int put_port(const struct telling *t, const void *message)
{
	const menshen_SurveyPort *m = message;

	return store_exec(t->s, STMT_LIVE_SURVEY_PORT_PUT,
			  STORE_ARGS(v_int(t->switch_id), v_text(m->port), v_text(m->long_name),
				     v_text(m->alias), v_int(m->enabled), v_int(m->linked),
				     v_int(m->uplink), v_int(m->speed_mbit), v_int(m->macs)),
			  NULL);
}

static bool macs_are_clean(const void *message)
{
	const menshen_SurveyMacs *m = message;

	return m->port[0] && is_clean(m->port);
}

static int put_macs(const struct telling *t, const void *message)
{
	const menshen_SurveyMacs *m = message;
	int r = 0;

	for (size_t i = 0; !r && i < m->macs_count; i++)
		r = store_exec(t->s, STMT_LIVE_PLACE_PUT,
			       STORE_ARGS(v_int(t->switch_id),
					  v_blob(m->macs[i].mac, sizeof(m->macs[i].mac)),
					  v_text(m->port), v_int(m->macs[i].vlan), v_int(t->at_ms),
					  v_int(t->turn)),
			       NULL);
	return r;
}

static bool neighbour_is_clean(const void *message)
{
	const menshen_SurveyNeighbour *m = message;

	return is_clean(m->port) && is_clean(m->name) && is_clean(m->far_port);
}

static int put_neighbour(const struct telling *t, const void *message)
{
	const menshen_SurveyNeighbour *m = message;

	return store_exec(t->s, STMT_LIVE_SURVEY_NEIGHBOUR_PUT,
			  STORE_ARGS(v_int(t->switch_id), v_text(m->port),
				     mac_or_null(m->mac.bytes, m->mac.size), v_text(m->name),
				     v_text(m->far_port), v_int(m->can)),
			  NULL);
}

static const struct part {
	enum frame_type type;
	bool (*is_clean)(const void *message);
	row_fn *put;
} parts[] = {
	{FRAME_SURVEY_PORT, port_is_clean, put_port},
	{FRAME_SURVEY_MACS, macs_are_clean, put_macs},
	{FRAME_SURVEY_NEIGHBOUR, neighbour_is_clean, put_neighbour},
};

union part_message {
	menshen_SurveyPort port;
	menshen_SurveyMacs macs;
	menshen_SurveyNeighbour neighbour;
};

static const struct part *part_of(const struct frame *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (parts[i].type == f->type)
			return &parts[i];
	return NULL;
}

bool survey_frame_is_fine(const struct frame *f)
{
	const struct part *part = part_of(f);
	union part_message m;

	return part && frame_decode(f, &m, frame_size(f->type)) == 0 && part->is_clean(&m);
}

static int put_rows(const struct telling *t, const struct buf *frames)
{
	size_t at = 0, used;
	union part_message m;
	struct frame f;
	int r = 0;

	while (!r && at < frames->len) {
		const struct part *part = NULL;

		r = frame_parse(frames->data + at, frames->len - at, &f, &used);
		if (!r)
			part = part_of(&f);
		if (!r)
			r = part ? frame_decode(&f, &m, frame_size(f.type)) : -EBADMSG;
		if (!r)
			r = part->put(t, &m);
		at += used;
	}
	return r;
}

/* ---- the switch ---- */

static int put_self(const struct telling *t, const char *gate, const menshen_SurveySwitch *m)
{
	return store_exec(t->s, STMT_LIVE_SURVEY_PUT,
			  STORE_ARGS(v_int(t->switch_id), v_text(gate), v_int(t->at_ms),
				     v_text(m->said), v_int(m->at_ms), v_text(m->name),
				     v_text(m->description), v_text(m->model), v_text(m->serial),
				     mac_or_null(m->mac.bytes, m->mac.size),
				     mac_or_null(m->chassis.bytes, m->chassis.size), v_int(m->cut)),
			  NULL);
}

/* Who leaves is told apart by what the switch was asked before, so its row comes last. */
static int replace(const struct telling *t, const char *gate, const menshen_SurveySwitch *m,
		   const struct buf *frames)
{
	const struct store_value id = v_int(t->switch_id);
	int r = store_exec(t->s, STMT_LIVE_SURVEY_PORT_CLEAR, STORE_ARGS(id), NULL);

	if (!r)
		r = store_exec(t->s, STMT_LIVE_SURVEY_NEIGHBOUR_CLEAR, STORE_ARGS(id), NULL);
	if (!r)
		r = put_rows(t, frames);
	if (!r)
		r = store_exec(t->s, STMT_LIVE_PLACE_LEAVE,
			       STORE_ARGS(id, v_int(t->turn), v_int(t->last_ms)), NULL);
	if (!r)
		r = store_exec(t->s, STMT_LIVE_PLACE_FORGET,
			       STORE_ARGS(id, v_int(t->at_ms - SURVEY_KEPT_MS)), NULL);
	return r ? r : put_self(t, gate, m);
}

/* 1: it is on the inventory. */
static int find_switch(struct store *s, int64_t id, int64_t *ret_whole_ms, int64_t *ret_last_ms)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(store_writer(s), STMT_SURVEY_SWITCH, STORE_ARGS(v_int(id)), &c);

	if (!r)
		r = store_next(c);
	if (r == 1) {
		*ret_whole_ms = store_int(c, 1);
		*ret_last_ms = store_int(c, 2);
	}
	return r;
}

int survey_effect(struct store *s, int64_t now_ms, const char *gate,
		  const menshen_SurveySwitch *seen, const struct buf *frames, bool *ret_again)
{
	struct telling t = {.s = s,
			    .switch_id = seen->switch_id,
			    .at_ms = MIN(seen->at_ms, now_ms),
			    .turn = seen->at_ms};
	int64_t whole_ms = 0;
	int r = find_switch(s, t.switch_id, &whole_ms, &t.last_ms);

	*ret_again = false;
	if (r != 1)
		return r;
	if (seen->whole)
		return replace(&t, gate, seen, frames);
	*ret_again = text_equal(seen->said, SAID_OK) && whole_ms != seen->whole_at_ms;
	return store_exec(
		s, STMT_LIVE_SURVEY_SAID,
		STORE_ARGS(v_int(t.switch_id), v_text(gate), v_int(t.at_ms), v_text(seen->said)),
		NULL);
}
