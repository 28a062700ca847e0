#include "server/engine/org.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"

static int read_unit(const struct store_cursor *c, struct unit *ret)
{
	struct unit u = {
		.id = store_int(c, 0), .parent_id = store_int(c, 1), .ended = store_int(c, 7) != 0};

	if (text_copy(u.kind, sizeof(u.kind), store_text(c, 2)) ||
	    text_copy(u.code, sizeof(u.code), store_text(c, 3)) ||
	    text_copy(u.name, sizeof(u.name), store_text(c, 4)) ||
	    text_copy(u.path, sizeof(u.path), store_text(c, 5)) ||
	    text_copy(u.mode, sizeof(u.mode), store_text(c, 6)))
		return -EUCLEAN;
	*ret = u;
	return 1;
}

int unit_load(struct store_db *db, int64_t id, struct unit *ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(db, STMT_UNIT_FACTS, STORE_ARGS(v_int(id)), &c);

	if (!r)
		r = store_next(c);
	return r <= 0 ? r : read_unit(c, ret);
}

int unit_load_by_code(struct store_db *db, const char *code, struct unit *ret)
{
	int64_t id;
	int r = store_get_int(db, STMT_UNIT_BY_CODE, STORE_ARGS(v_text(code)), 0, &id);

	return r || !id ? r : unit_load(db, id, ret);
}

int unit_above(struct store_db *db, const struct unit *from, const char *kind, struct unit *ret)
{
	struct unit at = *from;
	int r = 1;

	while (strcmp(at.kind, kind) != 0) {
		r = at.parent_id ? unit_load(db, at.parent_id, &at) : 0;
		if (r <= 0)
			return r;
	}
	*ret = at;
	return 1;
}

int unit_mode_rank(const char *mode)
{
	static const char *const modes[] = {"observe", "warn", "enforce"};

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (!strcmp(modes[i], mode))
			return (int)i;
	return -1;
}

static void subject_of(char dst[static ACT_SUBJECT_SIZE], const char *what, int64_t id)
{
	snprintf(dst, ACT_SUBJECT_SIZE, "%s:%" PRId64, what, id);
}

/* What may stand under what. */
static bool kind_fits(const char *parent, const char *kind)
{
	static const char *const fits[][2] = {
		{"head-office", "branch"}, {"head-office", "department"}, {"head-office", "outlet"},
		{"branch", "branch"},	   {"branch", "outlet"},	  {"branch", "department"},
		{"outlet", "department"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(fits); i++)
		if (!strcmp(fits[i][0], parent) && !strcmp(fits[i][1], kind))
			return true;
	return false;
}

/* Where the new unit stands: its parent's path, "/" for the head office. */
static int place_unit(struct store_db *db, const struct unit_spec *spec,
		      char ret_path[static UNIT_PATH_SIZE], struct refused *why)
{
	struct unit parent;
	int64_t root;
	int r;

	if (!spec->parent_id) {
		r = store_get_int(db, STMT_UNIT_ROOT, STORE_NO_ARGS, 0, &root);
		if (r)
			return r;
		if (root || strcmp(spec->kind, "head-office") != 0)
			return refuse(why, REFUSAL_UNIT_KIND, "kind");
		return text_copy(ret_path, UNIT_PATH_SIZE, "/");
	}
	r = unit_load(db, spec->parent_id, &parent);
	if (r <= 0)
		return r ? r : refuse(why, REFUSAL_NOT_FOUND, "parent_id");
	if (parent.ended)
		return refuse(why, REFUSAL_ENDED, "parent_id");
	if (!kind_fits(parent.kind, spec->kind))
		return refuse(why, REFUSAL_UNIT_KIND, "kind");
	return text_copy(ret_path, UNIT_PATH_SIZE, parent.path);
}

int unit_create(struct store *s, int64_t now_ms, const struct entry_actor *who,
		const struct unit_spec *spec, int64_t *ret_id, struct refused *why)
{
	char parent_path[UNIT_PATH_SIZE], path[UNIT_PATH_SIZE], subject[ACT_SUBJECT_SIZE];
	int64_t id;
	int r = place_unit(store_writer(s), spec, parent_path, why);

	if (!r)
		r = store_get_int(store_writer(s), STMT_UNIT_NEXT_ID, STORE_NO_ARGS, 1, &id);
	if (r)
		return r;
	if ((size_t)snprintf(path, sizeof(path), "%s%" PRId64 "/", parent_path, id) >= sizeof(path))
		return refuse(why, REFUSAL_UNIT_KIND, "parent_id");
	r = store_exec(s, STMT_UNIT_INSERT,
		       STORE_ARGS(v_int(id), v_int_or_null(spec->parent_id), v_text(spec->kind),
				  v_text(spec->code), v_text(spec->name), v_text(path),
				  v_int(store_rev(s))),
		       NULL);
	if (r)
		return r == -EEXIST ? refuse(why, REFUSAL_TAKEN, "code") : r;
	subject_of(subject, "unit", id);
	r = act_log(s, now_ms, who, "unit.create", id, subject,
		    json_pack("{s:s, s:s, s:s}", "kind", spec->kind, "code", spec->code, "name",
			      spec->name));
	if (!r)
		*ret_id = id;
	return r;
}

static int load_live_unit(struct store *s, int64_t id, struct unit *ret)
{
	int r = unit_load(store_writer(s), id, ret);

	if (r <= 0)
		return r ? r : -ENOENT;
	return ret->ended ? -EPERM : 0;
}

int unit_rename(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		const char *name)
{
	char subject[ACT_SUBJECT_SIZE];
	struct unit unit;
	int r = load_live_unit(s, id, &unit);

	if (r)
		return r;
	if (!strcmp(unit.name, name))
		return -EALREADY;
	r = store_exec(s, STMT_UNIT_RENAME,
		       STORE_ARGS(v_int(id), v_text(name), v_int(store_rev(s))), NULL);
	if (r)
		return r;
	subject_of(subject, "unit", id);
	return act_log(s, now_ms, who, "unit.rename", id, subject,
		       json_pack("{s:s, s:s}", "from", unit.name, "to", name));
}

int unit_set_mode(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		  const char *mode, const char *reason)
{
	char subject[ACT_SUBJECT_SIZE];
	struct unit unit;
	int r = load_live_unit(s, id, &unit);

	if (r)
		return r;
	if (unit_mode_rank(mode) < 0)
		return -EINVAL;
	if (!strcmp(unit.mode, mode))
		return -EALREADY;
	r = store_exec(s, STMT_UNIT_SET_MODE,
		       STORE_ARGS(v_int(id), v_text(mode), v_int(store_rev(s))), NULL);
	if (r)
		return r;
	subject_of(subject, "unit", id);
	return act_log(
		s, now_ms, who, "unit.mode", id, subject,
		json_pack("{s:s, s:s, s:s}", "from", unit.mode, "to", mode, "reason", reason));
}

int unit_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
	     const char *reason, struct refused *why)
{
	char subject[ACT_SUBJECT_SIZE];
	struct unit unit;
	int64_t in_use;
	int r = load_live_unit(s, id, &unit);

	if (!r)
		r = store_get_int(store_writer(s), STMT_UNIT_IN_USE, STORE_ARGS(v_int(id)), 0,
				  &in_use);
	if (r)
		return r;
	if (in_use || !unit.parent_id)
		return refuse(why, REFUSAL_UNIT_IN_USE, NULL);
	r = store_exec(s, STMT_UNIT_END, STORE_ARGS(v_int(id), v_int(now_ms), v_int(store_rev(s))),
		       NULL);
	if (r)
		return r;
	subject_of(subject, "unit", id);
	return act_log(s, now_ms, who, "unit.end", id, subject,
		       json_pack("{s:s}", "reason", reason));
}
