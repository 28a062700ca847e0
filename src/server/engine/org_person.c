#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "server/engine/org.h"

int person_load(struct store_db *db, int64_t id, struct person *ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	struct person p = {0};
	int r = store_select(db, STMT_PERSON_FACTS, STORE_ARGS(v_int(id)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r;
	p.id = store_int(c, 0);
	p.unit_id = store_int(c, 1);
	p.ended = store_int(c, 6) != 0;
	if (text_copy(p.name, sizeof(p.name), store_text(c, 2)) ||
	    text_copy(p.staff_no, sizeof(p.staff_no), store_text(c, 3)) ||
	    text_copy(p.post, sizeof(p.post), store_text(c, 4)) ||
	    text_copy(p.phone, sizeof(p.phone), store_text(c, 5)))
		return -EUCLEAN;
	*ret = p;
	return 1;
}

int person_load_by_staff_no(struct store_db *db, const char *staff_no, struct person *ret)
{
	int64_t id;
	int r = store_get_int(db, STMT_PERSON_BY_STAFF_NO, STORE_ARGS(v_text(staff_no)), 0, &id);

	return r || !id ? r : person_load(db, id, ret);
}

static int check_unit(struct store *s, int64_t unit_id, struct refused *why)
{
	struct unit unit;
	int r = unit_load(store_writer(s), unit_id, &unit);

	if (r <= 0)
		return r ? r : refuse(why, REFUSAL_NOT_FOUND, "unit_id");
	return unit.ended ? refuse(why, REFUSAL_ENDED, "unit_id") : 0;
}

static void subject_of(char dst[static ACT_SUBJECT_SIZE], int64_t id)
{
	snprintf(dst, ACT_SUBJECT_SIZE, "person:%" PRId64, id);
}

int person_create(struct store *s, int64_t now_ms, const struct entry_actor *who,
		  const struct person_spec *spec, int64_t *ret_id, struct refused *why)
{
	char subject[ACT_SUBJECT_SIZE];
	int64_t id;
	int r = check_unit(s, spec->unit_id, why);

	if (r)
		return r;
	r = store_insert(s, STMT_PERSON_INSERT,
			 STORE_ARGS(v_int(spec->unit_id), v_text(spec->name),
				    v_text(spec->staff_no), v_text(spec->post),
				    v_text(spec->phone)),
			 &id);
	if (r)
		return r == -EEXIST ? refuse(why, REFUSAL_TAKEN, "staff_no") : r;
	subject_of(subject, id);
	r = act_log(s, now_ms, who, "person.create", spec->unit_id, subject,
		    json_pack("{s:s, s:s, s:s}", "name", spec->name, "staff_no", spec->staff_no,
			      "post", spec->post));
	if (!r)
		*ret_id = id;
	return r;
}

int person_change(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		  const struct person_spec *spec, struct refused *why)
{
	char subject[ACT_SUBJECT_SIZE];
	struct person old;
	int r = person_load(store_writer(s), id, &old);

	if (r <= 0)
		return r ? r : -ENOENT;
	if (old.ended)
		return refuse(why, REFUSAL_ENDED, NULL);
	r = check_unit(s, spec->unit_id, why);
	if (r)
		return r;
	if (old.unit_id == spec->unit_id && !strcmp(old.name, spec->name) &&
	    !strcmp(old.post, spec->post) && !strcmp(old.phone, spec->phone))
		return -EALREADY;
	r = store_exec(s, STMT_PERSON_CHANGE,
		       STORE_ARGS(v_int(id), v_int(spec->unit_id), v_text(spec->name),
				  v_text(spec->post), v_text(spec->phone)),
		       NULL);
	/* A gate knows the account's unit. */
	if (!r && old.unit_id != spec->unit_id)
		r = store_exec(s, STMT_PERSON_ACCOUNT_REV,
			       STORE_ARGS(v_int(id), v_int(store_rev(s))), NULL);
	if (r)
		return r;
	subject_of(subject, id);
	return act_log(s, now_ms, who, "person.change", spec->unit_id, subject,
		       json_pack("{s:I, s:s, s:s}", "unit_before", (json_int_t)old.unit_id, "name",
				 spec->name, "post", spec->post));
}

int person_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
	       const char *reason)
{
	char subject[ACT_SUBJECT_SIZE];
	struct person person;
	int64_t account, rev = store_rev(s);
	int r = person_load(store_writer(s), id, &person);

	if (r <= 0)
		return r ? r : -ENOENT;
	if (person.ended)
		return -EALREADY;
	r = store_get_int(store_writer(s), STMT_ACCOUNT_OF_PERSON, STORE_ARGS(v_int(id)), 0,
			  &account);
	if (!r)
		r = store_exec(s, STMT_PERSON_END, STORE_ARGS(v_int(id), v_int(now_ms)), NULL);
	if (!r)
		r = store_exec(s, STMT_PERSON_DISABLE_ACCOUNT, STORE_ARGS(v_int(id), v_int(rev)),
			       NULL);
	if (!r)
		r = store_exec(s, STMT_PERSON_END_TERMINAL_ACCOUNTS,
			       STORE_ARGS(v_int(id), v_int(now_ms), v_int(rev)), NULL);
	if (!r)
		r = store_exec(s, STMT_ROLE_END_ALL, STORE_ARGS(v_int(account), v_int(now_ms)),
			       NULL);
	if (!r)
		r = store_exec(s, STMT_LOGIN_END_OF_ACCOUNT,
			       STORE_ARGS(v_int(account), v_int(now_ms), v_int(0)), NULL);
	if (r)
		return r;
	subject_of(subject, id);
	return act_log(s, now_ms, who, "person.end", person.unit_id, subject,
		       json_pack("{s:s}", "reason", reason));
}
