#include "server/engine/gear.h"

int gear_approve(struct store *s, int64_t now_ms, const struct entry_actor *who,
		 const struct gear_spec *spec, int64_t *ret_id)
{
	char subject[ACT_SUBJECT_SIZE];
	int64_t id, before;
	int r = spec->until_ms > now_ms ? 0 : -EINVAL;

	if (!r)
		r = store_get_int(store_writer(s), STMT_GEAR_STANDING,
				  STORE_ARGS(v_mac(&spec->mac), v_text(spec->kind)), 0, &before);
	if (!r && before)
		r = gear_end(s, now_ms, who, before, "approved anew");
	if (!r)
		r = store_insert(s, STMT_GEAR_INSERT,
				 STORE_ARGS(v_mac(&spec->mac), v_text(spec->kind),
					    v_text(spec->name), v_text(spec->place),
					    v_int(spec->unit_id), v_int(spec->owner_id),
					    v_int_or_null(spec->request_id), v_int(now_ms),
					    v_int(spec->until_ms), v_int(store_rev(s))),
				 &id);
	if (r)
		return r;
	act_subject_mac(subject, &spec->mac);
	r = act_log(s, now_ms, who, "gear.approve", spec->unit_id, subject,
		    json_pack("{s:I, s:s, s:s, s:I, s:I}", "gear", (json_int_t)id, "kind",
			      spec->kind, "name", spec->name, "until", (json_int_t)spec->until_ms,
			      "request", (json_int_t)spec->request_id));
	if (!r)
		*ret_id = id;
	return r;
}

int gear_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
	     const char *why)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	char subject[ACT_SUBJECT_SIZE];
	struct mac mac;
	int r = store_select(store_writer(s), STMT_GEAR_BY_ID, STORE_ARGS(v_int(id)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	if (!store_is_null(c, 3))
		return -EALREADY;
	r = store_mac(c, 0, &mac);
	if (!r)
		r = store_exec(s, STMT_GEAR_END,
			       STORE_ARGS(v_int(id), v_int(now_ms), v_int(store_rev(s))), NULL);
	if (r)
		return r;
	act_subject_mac(subject, &mac);
	return act_log(s, now_ms, who, "gear.end", store_int(c, 2), subject,
		       json_pack("{s:I, s:s, s:s}", "gear", (json_int_t)id, "kind",
				 store_text(c, 1), "reason", why));
}
