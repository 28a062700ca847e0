#include "server/jobs/mass_effect.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "server/engine/act.h"

#define RESETS_MAX 64

/* A unit that stands in live_tripped; `open`: two persons let the effect through. */
struct reset {
	char path[BREAKER_PATH_SIZE];
	bool open;
};

struct mass_effect {
	struct mass_effect_options o;
	struct breaker *breaker;
	struct reset resets[RESETS_MAX];
	size_t reset_count;
	bool stands;
};

int mass_effect_new(const struct mass_effect_options *options, struct mass_effect **ret)
{
	struct mass_effect *m = calloc(1, sizeof(*m));
	int err = m ? breaker_new(&options->breaker, &m->breaker) : -ENOMEM;

	if (err) {
		free(m);
		return err;
	}
	m->o = *options;
	m->stands = true; /* what was there at the last stop */
	*ret = m;
	return 0;
}

void mass_effect_free(struct mass_effect *m)
{
	if (!m)
		return;
	breaker_free(m->breaker);
	free(m);
}

static int load_resets(struct mass_effect *m, struct store *s, int64_t now_ms)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(store_writer(s), STMT_TRIPPED_ALL, STORE_ARGS(v_text(m->o.act)), &c);

	m->reset_count = 0;
	while (!r && m->reset_count < RESETS_MAX && (r = store_next(c)) == 1) {
		struct reset *reset = &m->resets[m->reset_count++];

		reset->open = store_int(c, 1) > now_ms;
		r = text_copy(reset->path, sizeof(reset->path), store_text(c, 0));
	}
	return r;
}

int mass_effect_begin(struct mass_effect *m, struct store *s, int64_t now_ms)
{
	breaker_begin(m->breaker, now_ms);
	m->stands = false;
	return load_resets(m, s, now_ms);
}

int mass_effect_hit(struct mass_effect *m, const char *path)
{
	return breaker_hit(m->breaker, path);
}

bool mass_effect_is_open(const struct mass_effect *m, const char *path)
{
	for (size_t i = 0; i < m->reset_count; i++)
		if (m->resets[i].open && text_starts(path, m->resets[i].path))
			return true;
	return false;
}

bool mass_effect_holds(const struct mass_effect *m, const char *path)
{
	return breaker_holds(m->breaker, path);
}

int mass_effect_passed(struct mass_effect *m, const char *path, int64_t now_ms)
{
	return breaker_passed(m->breaker, path, now_ms);
}

bool mass_effect_stands(const struct mass_effect *m)
{
	return m->stands;
}

/* Units whose wave is over are there no more. */
static int forget_calm(struct mass_effect *m, struct store *s)
{
	int err = 0;

	for (size_t i = 0; !err && i < m->reset_count; i++) {
		const struct reset *reset = &m->resets[i];

		if (reset->open || breaker_is_tripped(m->breaker, reset->path))
			m->stands = true;
		else
			err = store_exec(s, STMT_TRIPPED_REMOVE,
					 STORE_ARGS(v_text(reset->path), v_text(m->o.act)), NULL);
	}
	return err;
}

static int show_tripped(struct mass_effect *m, struct store *s, int64_t now_ms,
			const struct breaker_unit *u, int64_t population)
{
	m->stands = true;
	return store_exec(s, STMT_TRIPPED_PUT,
			  STORE_ARGS(v_text(u->path), v_text(m->o.act),
				     v_int((int64_t)(u->hits + u->recent)), v_int(population),
				     v_int(now_ms)),
			  NULL);
}

static int log_tripped(const struct mass_effect *m, struct store *s, int64_t now_ms,
		       const struct breaker_unit *u, int64_t population)
{
	char subject[ACT_SUBJECT_SIZE];

	snprintf(subject, sizeof(subject), "unit:%.100s", u->path);
	return act_log(s, now_ms, &actor_system, "breaker.tripped", 0, subject,
		       json_pack("{s:s, s:I, s:I, s:I}", "effect", m->o.act, "now",
				 (json_int_t)u->hits, "recent", (json_int_t)u->recent, "population",
				 (json_int_t)population));
}

static int judge_unit(struct mass_effect *m, struct store *s, int64_t now_ms,
		      struct breaker_unit *u, bool *told)
{
	int64_t population;
	int err = store_get_int(store_writer(s), m->o.population, STORE_ARGS(v_text(u->path)), 0,
				&population);

	if (err)
		return err;
	breaker_judge(m->breaker, u, (uint64_t)population);
	if (mass_effect_is_open(m, u->path))
		u->tripped = false;
	if (u->tripped)
		err = show_tripped(m, s, now_ms, u, population);
	if (!err && u->tripped && !u->was_tripped) {
		*told = true;
		err = log_tripped(m, s, now_ms, u, population);
	}
	return err;
}

int mass_effect_judge(struct mass_effect *m, struct store *s, int64_t now_ms, bool *ret_told)
{
	struct breaker_unit *u;
	bool told = false;
	size_t at = 0;
	int err = 0;

	while (!err && (u = breaker_next_unit(m->breaker, &at)))
		err = judge_unit(m, s, now_ms, u, &told);
	if (!err)
		err = forget_calm(m, s);
	if (!err)
		*ret_told = told;
	return err;
}

int mass_effect_path(struct store *s, int64_t unit_id, char ret[static BREAKER_PATH_SIZE])
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(store_writer(s), STMT_TERMINAL_UNIT_PATH, STORE_ARGS(v_int(unit_id)),
			     &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r < 0 ? r : -EUCLEAN;
	return text_copy(ret, BREAKER_PATH_SIZE, store_text(c, 0));
}
