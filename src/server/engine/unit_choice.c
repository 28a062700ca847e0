#include "server/engine/unit_choice.h"

#include <inttypes.h>
#include <stdio.h>

#include "server/engine/period.h"

#define AS_ABOVE_WORD "as-above"

const struct unit_choice unit_grace = {"unit.grace", UNIT_GRACE_HOURS_MOST, STMT_UNIT_GRACE_FACTS,
				       STMT_UNIT_GRACE_PUT};
const struct unit_choice unit_last_known = {"unit.last-known", UNIT_LAST_KNOWN_DAYS_MOST,
					    STMT_UNIT_LAST_KNOWN_FACTS, STMT_UNIT_LAST_KNOWN_PUT};

/* UNIT_AS_ABOVE where nothing is said. */
struct standing {
	int64_t own, above;
};

static int load_standing(struct store_db *db, const struct unit_choice *choice, int64_t id,
			 struct standing *ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(db, choice->facts, STORE_ARGS(v_int(id)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r ? r : -ENOENT;
	*ret = (struct standing){store_int(c, 0), store_int(c, 1)};
	return 0;
}

/* Looks whether it may be set at all. */
static int look(struct store *s, int64_t now_ms, const struct unit_choice *choice, int64_t id,
		int64_t value, struct standing *ret, struct refused *why)
{
	bool frozen = false;
	int r = value < UNIT_AS_ABOVE || value > choice->most ? -EINVAL : 0;

	if (!r)
		r = load_standing(store_writer(s), choice, id, ret);
	if (!r && ret->own == value)
		r = -EALREADY;
	if (!r)
		r = period_is_frozen(store_writer(s), id, now_ms, &frozen);
	return !r && frozen ? refuse(why, REFUSAL_FROZEN, NULL) : r;
}

int unit_choice_weakens(struct store *s, int64_t now_ms, const struct unit_choice *choice,
			int64_t id, int64_t value, bool *ret_weakens, struct refused *why)
{
	struct standing at;
	int64_t before, after;
	int r = look(s, now_ms, choice, id, value, &at, why);

	if (r)
		return r;
	before = at.own == UNIT_AS_ABOVE ? at.above : at.own;
	after = value == UNIT_AS_ABOVE ? at.above : value;
	/* A gate's own file may say anything: what comes before it may be nothing, what comes
	 * after it everything. */
	*ret_weakens = after == UNIT_AS_ABOVE ? before != UNIT_AS_ABOVE && before < choice->most
					      : after > MAX(before, 0);
	return 0;
}

static json_t *in_words(int64_t value)
{
	return value == UNIT_AS_ABOVE ? json_string(AS_ABOVE_WORD) : json_integer(value);
}

json_t *unit_choice_detail(int64_t value)
{
	return json_pack("{s:o}", "to", in_words(value));
}

int64_t unit_choice_detailed(const json_t *detail)
{
	const json_t *to = json_object_get(detail, "to");

	return json_is_integer(to) ? json_integer_value(to) : UNIT_AS_ABOVE;
}

int unit_choose(struct store *s, int64_t now_ms, const struct entry_actor *who,
		const struct unit_choice *choice, int64_t id, int64_t value, const char *reason,
		struct refused *why)
{
	char subject[ACT_SUBJECT_SIZE];
	struct standing at;
	int r = look(s, now_ms, choice, id, value, &at, why);

	if (!r)
		r = store_exec(s, STMT_UNIT_TOUCH, STORE_ARGS(v_int(id), v_int(store_rev(s))),
			       NULL);
	if (!r)
		r = store_exec(
			s, choice->put,
			STORE_ARGS(v_int(id), value == UNIT_AS_ABOVE ? v_null() : v_int(value)),
			NULL);
	if (r)
		return r;
	snprintf(subject, sizeof(subject), "unit:%" PRId64, id);
	return act_log(s, now_ms, who, choice->act, id, subject,
		       json_pack("{s:o, s:o, s:s}", "from", in_words(at.own), "to", in_words(value),
				 "reason", reason));
}
