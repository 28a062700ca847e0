#include "server/gateway/isolate_finding.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "server/engine/period.h"
#include "server/engine/terminal.h"

#define EFFECT "terminal.isolate"
#define PATH_SIZE 256
#define WHY_SIZE 200

static int load_path(struct store *s, int64_t unit_id, char ret[static PATH_SIZE])
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(store_writer(s), STMT_TERMINAL_UNIT_PATH, STORE_ARGS(v_int(unit_id)),
			     &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r < 0 ? r : -EUCLEAN;
	return text_copy(ret, PATH_SIZE, store_text(c, 0));
}

struct wave {
	char path[PATH_SIZE];
	int64_t isolated, population;
};

/* Of the terminal's unit and what is below it; whoever isolated them counts. */
static int measure(struct store *s, int64_t unit_id, int64_t since_ms, struct wave *ret)
{
	struct store_db *db = store_writer(s);
	int err = load_path(s, unit_id, ret->path);

	if (!err)
		err = store_get_int(db, STMT_TERMINAL_ISOLATED_SINCE_BELOW,
				    STORE_ARGS(v_text(ret->path), v_int(since_ms)), 0,
				    &ret->isolated);
	if (!err)
		err = store_get_int(db, STMT_TERMINAL_IN_USE_BELOW, STORE_ARGS(v_text(ret->path)),
				    0, &ret->population);
	return err;
}

static bool is_too_many(const struct finding_policy *p, const struct wave *w)
{
	uint64_t with_this = (uint64_t)w->isolated + 1;

	return with_this >= p->least && with_this * 100 > p->percent * (uint64_t)w->population;
}

static int hold(struct store *s, int64_t now_ms, const struct finding_policy *p,
		const struct wave *w, int64_t *alarmed_ms, uint32_t *topics)
{
	char subject[ACT_SUBJECT_SIZE];

	if (*alarmed_ms && now_ms - *alarmed_ms < p->window_ms)
		return 0;
	*alarmed_ms = now_ms;
	*topics |= TOPIC_ALARM;
	snprintf(subject, sizeof(subject), "unit:%.100s", w->path);
	return act_log(s, now_ms, &actor_system, "breaker.tripped", 0, subject,
		       json_pack("{s:s, s:i, s:I, s:I}", "effect", EFFECT, "now", 1, "recent",
				 (json_int_t)w->isolated, "population", (json_int_t)w->population));
}

/* What would have been done is told, at most once a window: findings are many. */
static int hold_frozen(struct store *s, int64_t now_ms, const struct finding_policy *p,
		       const struct terminal *t, const char *code, int64_t *alarmed_ms,
		       uint32_t *topics)
{
	char subject[ACT_SUBJECT_SIZE];

	if (*alarmed_ms && now_ms - *alarmed_ms < p->window_ms)
		return 0;
	*alarmed_ms = now_ms;
	*topics |= TOPIC_ALARM;
	act_subject_terminal(subject, &t->uuid);
	return act_log(s, now_ms, &actor_system, "period.held", t->unit_id, subject,
		       json_pack("{s:s, s:s}", "effect", EFFECT, "finding", code));
}

int isolate_for_finding(struct store *s, int64_t now_ms, const struct finding_policy *p,
			const char *code, const struct mac *mac, const char *note,
			int64_t *alarmed_ms, uint32_t *topics)
{
	enum finding f = finding_from_code(code);
	char why[WHY_SIZE], text[WHY_SIZE];
	struct terminal t;
	struct wave w;
	bool frozen;
	int r;

	if (f == FINDING_COUNT || !(p->isolates & 1U << f))
		return 0;
	r = terminal_load_by_mac(store_writer(s), mac, &t);
	if (r <= 0 || t.lifeline || t.isolated_at_ms)
		return MIN(r, 0);
	r = period_is_frozen(store_writer(s), t.unit_id, now_ms, &frozen);
	if (r || frozen)
		return r ? r : hold_frozen(s, now_ms, p, &t, code, alarmed_ms, topics);
	r = measure(s, t.unit_id, now_ms - p->window_ms, &w);
	if (r)
		return r;
	if (is_too_many(p, &w))
		return hold(s, now_ms, p, &w, alarmed_ms, topics);
	*topics |= TOPIC_TERMINAL;
	snprintf(text, sizeof(text), "listener: %s: %.150s", code, note);
	text_fit(why, sizeof(why), text);
	return terminal_isolate(s, now_ms, &actor_system, t.id, 0, why);
}
