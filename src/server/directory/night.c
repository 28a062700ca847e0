#include "server/directory/night.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "server/directory/people.h"
#include "server/jobs/mass_effect.h"

#define PEOPLE_AT_ONCE 500
#define PIECE_TRIES 3 /* the second without what the first called bad */
#define AGAIN_MS (15 * MINUTE_MS)
#define BAD_SHOWN 20

struct directory_night {
	struct directory_night_options o;
	struct mass_effect *effect; /* the engine's thread only */
	struct account importer;
	pthread_mutex_t lock;
	pthread_t thread;
	bool running, joinable;
	atomic_bool stopping;
	_Atomic int64_t tried_ms; /* the last begin */
	int64_t good_ms;	  /* of the last that was not in vain, as far as is known */
};

/* One run, on its thread. */
struct run {
	struct directory_night *night;
	struct directory_people people;
	struct engine_work work;
	bool *skip;
	size_t from, count; /* the piece under way */
	json_t *report, *bad_shown;
	int64_t started_ms, created, updated, bad, disabled, held;
	const char *result;
	char error[CONFIG_ERROR_SIZE];
};

/* ---- a piece ---- */

static int64_t number(const json_t *report, const char *name)
{
	return json_integer_value(json_object_get(report, name));
}

/* What changes nothing leaves nothing, not even an entry. */
static int apply_piece(struct engine_work *work, struct store *s, int64_t now_ms)
{
	struct run *r = CONTAINER_OF(work, struct run, work);
	int err;

	json_decref(r->report);
	r->report = NULL;
	err = directory_people_import(&r->people, r->from, r->count, r->skip, s, now_ms,
				      &actor_system, &r->night->importer, &r->report);
	if (!err && (number(r->report, "bad_count") ||
		     number(r->report, "creates") + number(r->report, "updates") == 0))
		err = -ECANCELED;
	return err;
}

/* The person on the import's line, the first of which is the header. */
static size_t person_at(const struct run *r, int64_t line)
{
	size_t i = r->from;

	for (; i + 1 < r->from + r->count; i++)
		if (!r->skip[i] && --line == 1)
			break;
	return i;
}

/* From the last, so that the lines before keep their places. */
static void skip_bad(struct run *r)
{
	json_t *bad = json_object_get(r->report, "bad");

	for (size_t i = json_array_size(bad); i-- > 0;) {
		json_t *one = json_array_get(bad, i);
		size_t person = person_at(r, number(one, "line"));

		r->skip[person] = true;
		r->bad++;
		if (json_array_size(r->bad_shown) == BAD_SHOWN)
			continue;
		(void)json_object_del(one, "line");
		(void)json_object_set_new(one, "person",
					  directory_people_shown(&r->people, person));
		(void)json_array_append(r->bad_shown, one);
	}
}

static int carry_piece(struct run *r)
{
	for (int try = 0; try < PIECE_TRIES; try++) {
		int err;

		r->work = (struct engine_work){.apply = apply_piece,
					       .topics = TOPIC_PERSON | TOPIC_ACCOUNT};
		err = engine_run(r->night->o.engine, &r->work);
		if (err && err != -ECANCELED)
			return err;
		if (number(r->report, "bad_count") == 0) {
			r->created += number(r->report, "creates");
			r->updated += number(r->report, "updates");
			return 0;
		}
		skip_bad(r);
	}
	return -EBADMSG;
}

static int carry_people(struct run *r)
{
	int err = 0;

	r->skip = calloc(r->people.count + 1, sizeof(*r->skip));
	if (!r->skip)
		return -ENOMEM;
	for (r->from = 0; !err && r->from < r->people.count; r->from += PEOPLE_AT_ONCE) {
		r->count = MIN(r->people.count - r->from, (size_t)PEOPLE_AT_ONCE);
		err = atomic_load(&r->night->stopping) ? -ESHUTDOWN : carry_piece(r);
	}
	return err;
}

/* ---- the end ---- */

static int disable_gone(struct run *r, struct store *s, int64_t now_ms,
			const struct directory_gone *gone, size_t count)
{
	struct mass_effect *effect = r->night->effect;
	int err = 0;

	for (size_t i = 0; !err && i < count; i++) {
		if (mass_effect_holds(effect, gone[i].path)) {
			r->held++;
			continue;
		}
		err = account_set_enabled(s, now_ms, &actor_system, gone[i].id, false,
					  DIRECTORY_GONE);
		if (!err)
			err = mass_effect_passed(effect, gone[i].path, now_ms);
		r->disabled++;
	}
	return err;
}

static int end_gone(struct run *r, struct store *s, int64_t now_ms)
{
	CLEANUP_FREE struct directory_gone *gone = NULL;
	struct mass_effect *effect = r->night->effect;
	bool told = false;
	size_t count;
	int err = mass_effect_begin(effect, s, now_ms);

	if (!err)
		err = directory_people_gone(&r->people, s, &gone, &count);
	for (size_t i = 0; !err && i < count; i++)
		err = mass_effect_hit(effect, gone[i].path);
	if (!err)
		err = mass_effect_judge(effect, s, now_ms, &told);
	if (told)
		r->work.topics |= TOPIC_ALARM;
	return err ? err : disable_gone(r, s, now_ms, gone, count);
}

static int tell(struct run *r, struct store *s, int64_t now_ms)
{
	CLEANUP_FREE char *bad = json_dumps(r->bad_shown, JSON_COMPACT);
	int64_t people = (int64_t)r->people.count;
	int err;

	if (!bad)
		return -ENOMEM;
	err = store_exec(s, STMT_DIRECTORY_TELL,
			 STORE_ARGS(v_int(r->started_ms), v_int(now_ms), v_text(r->result),
				    v_text(r->error), v_int(people), v_int(r->created),
				    v_int(r->updated), v_int(r->bad), v_int(r->disabled),
				    v_int(r->held), v_text(bad)),
			 NULL);
	if (err)
		return err;
	return act_log(s, now_ms, &actor_system, "directory.sync", 0, "",
		       json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "result", r->result,
				 "error", r->error, "people", (json_int_t)people, "created",
				 (json_int_t)r->created, "updated", (json_int_t)r->updated, "bad",
				 (json_int_t)r->bad, "disabled", (json_int_t)r->disabled, "held",
				 (json_int_t)r->held));
}

static int apply_end(struct engine_work *work, struct store *s, int64_t now_ms)
{
	struct run *r = CONTAINER_OF(work, struct run, work);
	int err = 0;

	r->disabled = r->held = 0;
	if (!r->error[0])
		err = end_gone(r, s, now_ms);
	r->result = r->error[0] ? "failed" : r->held ? "held" : "done";
	return err ? err : tell(r, s, now_ms);
}

static void finish(struct run *r)
{
	int err;

	r->work = (struct engine_work){.apply = apply_end, .topics = TOPIC_PERSON | TOPIC_ACCOUNT};
	err = engine_run(r->night->o.engine, &r->work);
	if (err)
		log_error("the directory's people: the result cannot be kept: %s", strerror(-err));
	else if (r->error[0])
		log_error("the directory's people stay as they are: %s", r->error);
	else
		log_info("the directory's people: %zu, %lld new, %lld changed, %lld not taken, "
			 "%lld gone, %lld gone and held by the breaker",
			 r->people.count, (long long)r->created, (long long)r->updated,
			 (long long)r->bad, (long long)r->disabled, (long long)r->held);
}

/* ---- a run ---- */

static void carry_out(struct run *r)
{
	struct directory_settings settings;
	int err = directory_settings_load(r->night->o.file, &settings, r->error);

	if (!err)
		err = directory_people_read(&r->people, &settings, r->error);
	if (!err)
		err = carry_people(r);
	if (err == -ESHUTDOWN)
		return; /* the server stops: the next start tries again */
	if (err && !r->error[0])
		text_fit(r->error, sizeof(r->error), strerror(-err));
	finish(r);
}

static void *run_thread(void *arg)
{
	struct directory_night *n = arg;
	struct run r = {.night = n, .started_ms = clock_wall_ms(), .bad_shown = json_array()};

	directory_people_init(&r.people);
	if (r.bad_shown)
		carry_out(&r);
	directory_people_done(&r.people);
	json_decref(r.report);
	json_decref(r.bad_shown);
	free(r.skip);
	pthread_mutex_lock(&n->lock);
	n->running = false;
	pthread_mutex_unlock(&n->lock);
	return NULL;
}

int directory_night_new(const struct directory_night_options *options, struct directory_night **ret)
{
	const struct mass_effect_options effect = {options->breaker, "account.disable",
						   STMT_ACCOUNT_DIRECTORY_BELOW};
	struct directory_night *n = calloc(1, sizeof(*n));
	int err = n ? mass_effect_new(&effect, &n->effect) : -ENOMEM;

	if (err) {
		free(n);
		return err;
	}
	n->o = *options;
	/* Over all units; the system's own acts name no account. */
	n->importer.grant_count = 1;
	n->importer.grants[0] = (struct grant){.role = ROLE_SYSTEM, .path = "/"};
	pthread_mutex_init(&n->lock, NULL);
	*ret = n;
	return 0;
}

void directory_night_free(struct directory_night *n)
{
	if (!n)
		return;
	atomic_store(&n->stopping, true);
	if (n->joinable)
		pthread_join(n->thread, NULL);
	pthread_mutex_destroy(&n->lock);
	mass_effect_free(n->effect);
	free(n);
}

bool directory_night_is_set_up(const struct directory_night *n)
{
	return !text_equal(n->o.file, "none");
}

bool directory_night_is_running(struct directory_night *n)
{
	bool running;

	pthread_mutex_lock(&n->lock);
	running = n->running;
	pthread_mutex_unlock(&n->lock);
	return running;
}

int directory_night_start(struct directory_night *n)
{
	int err = directory_night_is_set_up(n) ? 0 : -ENOENT;

	pthread_mutex_lock(&n->lock);
	if (!err && n->running)
		err = -EALREADY;
	if (!err && n->joinable)
		(void)pthread_join(n->thread, NULL);
	if (!err) {
		atomic_store(&n->tried_ms, clock_wall_ms());
		err = -pthread_create(&n->thread, NULL, run_thread, n);
		n->running = n->joinable = !err;
	}
	pthread_mutex_unlock(&n->lock);
	return err;
}

/* ---- when ---- */

/* The last time that the clock showed the hour. */
static int64_t last_hour(const struct directory_night *n, int64_t now_ms)
{
	int64_t since = n->o.at_minute * MINUTE_MS - CST_OFFSET_MS;

	return since + (now_ms - since) / DAY_MS * DAY_MS;
}

/* When the last run that came to an end with the directory began; 0: none has. */
static int last_good(struct directory_night *n, int64_t *ret_ms)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	struct store_db *db;
	int r = store_reader_new(n->o.store, &db);

	if (r)
		return r;
	*ret_ms = 0;
	r = store_select(db, STMT_DIRECTORY_LAST, STORE_NO_ARGS, &c);
	if (!r && (r = store_next(c)) == 1) {
		r = 0;
		if (!text_equal(store_text(c, 2), "failed"))
			*ret_ms = store_int(c, 0);
	}
	store_cursor_free(TAKE_PTR(c));
	store_reader_free(db);
	return r;
}

void directory_night_tick(struct directory_night *n, int64_t now_ms)
{
	int64_t tried_ms = atomic_load(&n->tried_ms), hour_ms = last_hour(n, now_ms);

	if (!directory_night_is_set_up(n) || directory_night_is_running(n) ||
	    (tried_ms && now_ms - tried_ms < AGAIN_MS) || n->good_ms >= hour_ms ||
	    last_good(n, &n->good_ms))
		return;
	if (n->good_ms < hour_ms && directory_night_start(n))
		log_error("the directory's people cannot be read now; trying again");
}
