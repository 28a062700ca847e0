#include "survey/messenger.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "survey/bulletin.h"

#define ANSWER_MS (30 * SECOND_MS)
#define SAME_MS HOUR_MS
#define BULLETIN_MAX (4U << 20)

struct messenger {
	struct survey *survey;
	messenger_say_fn *say;
	void *arg;
	struct loop_timer *timer;
	bool office;
	/* The switch on its way; 0: none. */
	int64_t switch_id, at_ms;
	bool whole;
	uint8_t digest[HASH_SIZE];
	struct buf text; /* what of it is not sent yet */
};

static void go_on(struct messenger *m);

static uint32_t uplink_macs(const struct messenger *m)
{
	return (uint32_t)m->survey->settings->uplink_macs;
}

static void drop(struct messenger *m)
{
	m->switch_id = 0;
	buf_clear(&m->text);
	loop_timer_disarm(m->timer);
}

/* ---- one switch ---- */

/* Line by line, as much as the socket takes. */
static void send_lines(struct messenger *m)
{
	size_t sent = 0;
	int err = 0;

	while (!err && sent < m->text.len) {
		const char *line = (const char *)m->text.data + sent;
		size_t len = (size_t)((const char *)memchr(line, '\n', m->text.len - sent) - line);

		err = m->say(m->arg, line, len);
		if (!err)
			sent += len + 1;
	}
	buf_consume(&m->text, sent);
	if (err && err != -EAGAIN)
		drop(m);
}

static bool is_new(const struct tidings *t)
{
	return !t->taken_at_ms || memcmp(t->now, t->taken, sizeof(t->now)) != 0;
}

static bool is_due(const struct seat *seat)
{
	const struct tidings *t = &seat->tidings;

	return seat->asked_at_ms && !t->tried &&
	       (is_new(t) || seat->asked_at_ms - t->taken_at_ms >= SAME_MS);
}

static void begin(struct messenger *m, struct seat *seat)
{
	seat->tidings.tried = true;
	m->switch_id = seat->target.id;
	m->at_ms = seat->asked_at_ms;
	memcpy(m->digest, seat->tidings.now, sizeof(m->digest));
	m->whole = is_new(&seat->tidings) && seat->last == ASKED_DONE;
	if (is_new(&seat->tidings))
		bulletin_write(seat, uplink_macs(m), m->at_ms, &m->text);
	else
		bulletin_write_same(seat, &m->text);
	if (m->text.error) {
		log_warn("switch %s is too much to tell head office: %s", seat->target.name,
			 strerror(-m->text.error));
		drop(m);
		return;
	}
	loop_timer_arm(m->timer, ANSWER_MS);
	send_lines(m);
}

static void go_on(struct messenger *m)
{
	for (size_t i = 0; m->office && !m->switch_id && i < m->survey->count; i++)
		if (is_due(&m->survey->seats[i]))
			begin(m, &m->survey->seats[i]);
}

/* It may have been lost anywhere on the way. */
static void on_timer(void *arg)
{
	struct messenger *m = arg;

	drop(m);
	go_on(m);
}

/* ---- what happens ---- */

void messenger_surveyed(struct messenger *m, struct seat *seat)
{
	CLEANUP_BUF struct buf text = {.limit = BULLETIN_MAX};

	bulletin_write(seat, uplink_macs(m), 0, &text);
	if (text.error || hash_bytes(HASH_SM3, text.data, text.len, seat->tidings.now))
		return; /* told after the next survey */
	seat->tidings.tried = false;
	go_on(m);
}

void messenger_office(struct messenger *m, bool is_there)
{
	m->office = is_there;
	drop(m);
	for (size_t i = 0; i < m->survey->count; i++)
		m->survey->seats[i].tidings.tried = false;
	go_on(m);
}

void messenger_taken(struct messenger *m, int64_t switch_id, int64_t at_ms, bool again)
{
	struct seat *seat = survey_seat(m->survey, switch_id);

	if (!switch_id || switch_id != m->switch_id || at_ms != m->at_ms || m->text.len)
		return;
	if (seat && again) {
		seat->tidings.taken_at_ms = 0;
		seat->tidings.tried = false;
	} else if (seat) {
		memcpy(seat->tidings.taken, m->digest, sizeof(m->digest));
		seat->tidings.taken_at_ms = at_ms;
		if (m->whole)
			seat->tidings.whole_at_ms = at_ms;
	}
	drop(m);
	go_on(m);
}

void messenger_room(struct messenger *m)
{
	send_lines(m);
	go_on(m);
}

bool messenger_has_more(const struct messenger *m)
{
	return m->text.len > 0;
}

int messenger_new(struct loop *l, messenger_say_fn *say, void *arg, struct messenger **ret)
{
	struct messenger *m = calloc(1, sizeof(*m));
	int err;

	if (!m)
		return -ENOMEM;
	m->say = say;
	m->arg = arg;
	buf_init(&m->text, BULLETIN_MAX);
	err = loop_timer_new(l, on_timer, m, &m->timer);
	if (err) {
		messenger_free(m);
		return err;
	}
	*ret = m;
	return 0;
}

void messenger_set_survey(struct messenger *m, struct survey *s)
{
	m->survey = s;
}

void messenger_free(struct messenger *m)
{
	if (!m)
		return;
	loop_timer_free(m->timer);
	buf_done(&m->text);
	free(m);
}
