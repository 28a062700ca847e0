#include "survey/survey.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

static void go_on(void *arg);

struct seat *survey_seat(struct survey *s, int64_t switch_id)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->seats[i].target.id == switch_id)
			return &s->seats[i];
	return NULL;
}

static bool is_due_before(const struct seat *a, const struct seat *b)
{
	return !b || a->due_at_ms < b->due_at_ms;
}

static void list_tables(struct survey *s)
{
	for (size_t i = 0; i < s->count; i++) {
		s->tables[i] = s->seats[i].table;
		s->names[i] = s->seats[i].target.name;
	}
}

/* ---- what came of it ---- */

static void tell_bounced(struct survey *s, const struct order *o, enum asked asked)
{
	const struct seat *seat = survey_seat(s, o->switch_id);

	log_info("bounce of port %s of %s: %s", o->port, seat ? seat->target.name : "a switch",
		 asked_text(asked));
	if (s->teller.bounced)
		s->teller.bounced(s->teller.arg, o->number, asked);
}

static void drop_order(struct survey *s)
{
	memmove(s->orders, s->orders + 1, --s->order_count * sizeof(*s->orders));
}

static void take_tables(struct survey *s, struct seat *seat, enum asked asked, struct table *table)
{
	if (seat->last != asked || !seat->asked_at_ms)
		log_info("switch %s: %s", seat->target.name, asked_text(asked));
	seat->last = asked;
	seat->asked_at_ms = clock_wall_ms();
	seat->due_at_ms = clock_mono_ms() + (int64_t)s->settings->period_s * 1000;
	if (table) {
		table_free(seat->table);
		seat->table = table;
		list_tables(s);
	}
	if (s->teller.surveyed)
		s->teller.surveyed(s->teller.arg, s, seat);
}

static void on_done(void *arg, enum asked asked, struct table *table)
{
	struct survey *s = arg;
	struct seat *seat = survey_seat(s, s->asking_id);

	if (!s->asking_id && s->order_count) {
		const struct order done = s->orders[0];

		drop_order(s);
		tell_bounced(s, &done, asked);
	} else if (seat) {
		take_tables(s, seat, asked, TAKE_PTR(table));
	}
	table_free(table);
	s->asking_id = 0;
	loop_timer_arm(s->timer, 0);
}

/* ---- what is next ---- */

/* 0: it began; otherwise what to say of it. */
static enum asked begin_order(struct survey *s, const struct order *o)
{
	const struct seat *seat = survey_seat(s, o->switch_id);
	const struct table_port *p;

	if (!seat || !seat->table)
		return ASKED_UNKNOWN;
	p = table_port_named(seat->table, o->port);
	if (!p)
		return ASKED_NO_PORT;
	if (port_is_uplink(p, (uint32_t)s->settings->uplink_macs))
		return ASKED_UPLINK;
	return run_bounce(s->run, &seat->target, p->index, o->port, (unsigned)s->settings->hold_ms)
		       ? ASKED_FAILED
		       : ASKED_DONE;
}

static void begin_orders(struct survey *s)
{
	while (s->order_count) {
		const struct order o = s->orders[0];
		enum asked asked = begin_order(s, &o);

		if (!asked)
			return;
		drop_order(s);
		tell_bounced(s, &o, asked);
	}
}

static void begin_survey(struct survey *s)
{
	int64_t now_ms = clock_mono_ms();
	struct seat *next = NULL;
	int err;

	for (size_t i = 0; i < s->count; i++)
		if (is_due_before(&s->seats[i], next))
			next = &s->seats[i];
	if (!next)
		return;
	if (next->due_at_ms > now_ms) {
		loop_timer_arm(s->timer, next->due_at_ms - now_ms);
		return;
	}
	err = run_tables(s->run, &next->target, (int64_t)s->settings->most_s * 1000);
	if (err) {
		log_warn("cannot ask %s: %s", next->target.name, strerror(-err));
		take_tables(s, next, ASKED_FAILED, NULL);
		loop_timer_arm(s->timer, 1000);
		return;
	}
	s->asking_id = next->target.id;
}

static void go_on(void *arg)
{
	struct survey *s = arg;

	if (run_is_busy(s->run))
		return;
	begin_orders(s);
	if (!run_is_busy(s->run))
		begin_survey(s);
}

void survey_bounce(struct survey *s, const struct order *o)
{
	if (s->order_count == ORDERS_MAX) {
		tell_bounced(s, o, ASKED_FAILED);
		return;
	}
	s->orders[s->order_count++] = *o;
	if (run_cancel(s->run))
		s->asking_id = 0;
	loop_timer_arm(s->timer, 0);
}

/* ---- the switches ---- */

/* What was known of a switch that is asked in the same way as before. */
static void keep(struct survey *s, struct seat *to)
{
	struct seat *from = survey_seat(s, to->target.id);

	if (!from || !text_equal(from->target.address, to->target.address) ||
	    memcmp(&from->target.credential, &to->target.credential,
		   sizeof(from->target.credential)))
		return;
	to->table = TAKE_PTR(from->table);
	to->last = from->last;
	to->asked_at_ms = from->asked_at_ms;
	to->due_at_ms = from->due_at_ms;
	to->tidings = from->tidings;
}

static void drop_seats(struct survey *s)
{
	for (size_t i = 0; i < s->count; i++)
		table_free(s->seats[i].table);
	if (s->seats)
		explicit_bzero(s->seats, s->count * sizeof(*s->seats));
	free(s->seats);
	free(s->tables);
	free(s->names);
}

int survey_set_targets(struct survey *s, const struct target *targets, size_t count)
{
	CLEANUP_FREE struct seat *seats = NULL;
	CLEANUP_FREE const struct table **tables = NULL;
	CLEANUP_FREE const char **names = NULL;

	if (count > SWITCHES_MAX)
		return -E2BIG;
	seats = calloc(count + 1, sizeof(*seats));
	tables = calloc(count + 1, sizeof(*tables));
	names = calloc(count + 1, sizeof(*names));
	if (!seats || !tables || !names)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		seats[i].target = targets[i];
		keep(s, &seats[i]);
	}
	drop_seats(s);
	s->seats = TAKE_PTR(seats);
	s->tables = TAKE_PTR(tables);
	s->names = TAKE_PTR(names);
	s->count = count;
	list_tables(s);
	if (!run_is_busy(s->run))
		loop_timer_arm(s->timer, 0);
	return 0;
}

bool survey_find(const struct survey *s, const struct mac *mac, struct place *ret)
{
	return place_find(s->tables, s->count, (uint32_t)s->settings->uplink_macs, mac, ret);
}

bool survey_is_unknown(const struct survey *s, const struct table_neighbour *n)
{
	return neighbour_is_unknown(s->tables, s->names, s->count, n);
}

int survey_new(struct loop *l, const struct settings *settings, const struct survey_teller *teller,
	       struct survey **ret)
{
	struct survey *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->loop = l;
	s->settings = settings;
	if (teller)
		s->teller = *teller;
	err = loop_timer_new(l, go_on, s, &s->timer);
	if (!err)
		err = run_new(l, on_done, s, &s->run);
	if (err) {
		survey_free(s);
		return err;
	}
	*ret = s;
	return 0;
}

void survey_free(struct survey *s)
{
	if (!s)
		return;
	run_free(s->run);
	loop_timer_free(s->timer);
	drop_seats(s);
	free(s);
}
