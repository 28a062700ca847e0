#include "server/jobs/silence.h"

#include <pthread.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "server/engine/terminal.h"
#include "server/jobs/mass_effect.h"

#define ROUND_MAX 4096 /* the rest has its turn in the next round */

enum outcome { OUTCOME_NONE, OUTCOME_SILENT, OUTCOME_HELD, OUTCOME_DORMANT, OUTCOME_LATE };

struct overdue {
	struct uuid uuid;
	int64_t terminal_id, unit_id;
	char path[BREAKER_PATH_SIZE];
	bool due; /* the grace is over; else only half of it, or the breaker holds it already */
	bool held;
	enum outcome outcome;
};

struct silence {
	struct silence_options o;
	struct engine_work work;
	struct mass_effect *effect; /* the engine's thread only, while a round is under way */
	struct overdue *overdue;
	size_t count;
	int64_t now_mono_ms;
	int error; /* of the last round, said once */
	pthread_mutex_t lock;
	pthread_cond_t idle;
	bool under_way;
};

int silence_new(const struct silence_options *options, struct silence **ret)
{
	const struct mass_effect_options effect = {options->breaker, "terminal.silent",
						   STMT_TERMINAL_AGENTS_BELOW};
	struct silence *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->o = *options;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->idle, NULL);
	s->overdue = calloc(ROUND_MAX, sizeof(*s->overdue));
	err = s->overdue ? mass_effect_new(&effect, &s->effect) : -ENOMEM;
	if (err)
		silence_free(s);
	else
		*ret = s;
	return err;
}

void silence_free(struct silence *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	while (s->under_way)
		pthread_cond_wait(&s->idle, &s->lock);
	pthread_mutex_unlock(&s->lock);
	mass_effect_free(s->effect);
	free(s->overdue);
	pthread_cond_destroy(&s->idle);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* ---- a round: gather, judge, act, tell ---- */

/*
 * Whoever is late by half the grace is gathered too, and whoever is held: the breaker must see a
 * wave before its first desks are cut, and must not forget it while it lasts.
 */
static void gather(void *arg, const struct presence_view *v)
{
	struct silence *s = arg;
	int64_t late_ms = s->now_mono_ms - v->heard_mono_ms;
	bool due = late_ms > s->o.grace_ms && !v->held;

	if (s->count == ROUND_MAX || v->lifeline || v->dormant || !v->terminal_id)
		return;
	if (v->posture != POSTURE_GOOD && v->posture != POSTURE_BAD)
		return;
	if (late_ms <= s->o.grace_ms / 2)
		return;
	s->overdue[s->count++] = (struct overdue){.uuid = v->uuid,
						  .terminal_id = v->terminal_id,
						  .unit_id = v->unit_id,
						  .due = due,
						  .held = v->held};
}

/* Only who is on the network counts: the others are switched off. */
static int sort_out(struct silence *s, struct store *st)
{
	int64_t sessions;
	int err = 0;

	for (size_t i = 0; !err && i < s->count; i++) {
		struct overdue *o = &s->overdue[i];

		err = store_get_int(store_writer(st), STMT_TERMINAL_SESSION_OPEN,
				    STORE_ARGS(v_int(o->terminal_id)), 0, &sessions);
		if (err)
			return err;
		o->outcome = !o->due	    ? OUTCOME_LATE
			     : sessions > 0 ? OUTCOME_SILENT
					    : OUTCOME_DORMANT;
		if (sessions == 0)
			continue;
		err = mass_effect_path(st, o->unit_id, o->path);
		if (!err)
			err = mass_effect_hit(s->effect, o->path);
	}
	return err;
}

static int act(struct silence *s, struct store *st, int64_t now_ms)
{
	int err = 0;

	for (size_t i = 0; !err && i < s->count; i++) {
		struct overdue *o = &s->overdue[i];

		if (o->outcome == OUTCOME_LATE && o->held &&
		    mass_effect_is_open(s->effect, o->path))
			o->outcome = OUTCOME_SILENT;
		if (o->outcome != OUTCOME_SILENT)
			continue;
		if (mass_effect_holds(s->effect, o->path)) {
			o->outcome = OUTCOME_HELD;
			continue;
		}
		err = terminal_set_posture(st, now_ms, &actor_system, o->terminal_id,
					   POSTURE_SILENT, "");
		if (err == -EALREADY)
			err = 0;
		else if (!err)
			err = mass_effect_passed(s->effect, o->path, now_ms);
	}
	return err;
}

static int apply_round(struct engine_work *work, struct store *st, int64_t now_ms)
{
	struct silence *s = CONTAINER_OF(work, struct silence, work);
	bool told = false;
	int err = mass_effect_begin(s->effect, st, now_ms);

	if (!err)
		err = sort_out(s, st);
	if (!err)
		err = mass_effect_judge(s->effect, st, now_ms, &told);
	if (told)
		s->work.topics |= TOPIC_ALARM;
	return err ? err : act(s, st, now_ms);
}

static void tell(struct silence *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct overdue *o = &s->overdue[i];

		if (o->outcome == OUTCOME_LATE)
			continue;
		if (o->outcome == OUTCOME_SILENT)
			(void)presence_set_posture(s->o.presence, &o->uuid, POSTURE_SILENT, "");
		else
			presence_set_silence(s->o.presence, &o->uuid, o->outcome == OUTCOME_HELD,
					     o->outcome == OUTCOME_DORMANT);
	}
}

static void round_done(struct engine_work *work, int err)
{
	struct silence *s = CONTAINER_OF(work, struct silence, work);

	if (!err)
		tell(s);
	else if (err != s->error)
		log_error("who fell silent cannot be told: %s; the next round tries again",
			  strerror(-err));
	s->error = err;
	pthread_mutex_lock(&s->lock);
	s->under_way = false;
	pthread_cond_signal(&s->idle);
	pthread_mutex_unlock(&s->lock);
}

void silence_round(struct silence *s, int64_t now_mono_ms)
{
	bool busy;

	pthread_mutex_lock(&s->lock);
	busy = s->under_way;
	pthread_mutex_unlock(&s->lock);
	if (busy)
		return;
	s->count = 0;
	s->now_mono_ms = now_mono_ms;
	presence_each(s->o.presence, gather, s);
	if (s->count == 0 && !mass_effect_stands(s->effect))
		return;
	s->work = (struct engine_work){
		.apply = apply_round, .done = round_done, .topics = TOPIC_TERMINAL};
	s->under_way = true;
	if (engine_submit(s->o.engine, &s->work))
		s->under_way = false;
}

int silence_expect_known(struct store_db *db, struct presence *presence, int64_t now_mono_ms)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(db, STMT_TERMINAL_AGENTS, STORE_NO_ARGS, &c);

	while (!r && (r = store_next(c)) == 1) {
		struct presence_view v = {.terminal_id = store_int(c, 0),
					  .unit_id = store_int(c, 2),
					  .lifeline = store_int(c, 3) != 0};

		r = store_uuid(c, 1, &v.uuid);
		if (!r)
			r = posture_parse(store_text(c, 4), &v.posture);
		if (!r)
			r = presence_expect(presence, &v, now_mono_ms);
	}
	return r;
}
