#include "server/engine/permit.h"

#include <string.h>

#include "server/engine/terminal.h"

static json_t *permit_detail(int64_t id, const struct permit_spec *spec)
{
	char mac[MAC_TEXT_SIZE];

	mac_format(mac, &spec->mac);
	return json_pack("{s:I, s:s, s:I, s:s, s:I, s:I, s:I}", "permit", (json_int_t)id, "mac",
			 mac, "switch", (json_int_t)spec->switch_id, "port", spec->port, "from",
			 (json_int_t)spec->from_ms, "until", (json_int_t)spec->until_ms, "request",
			 (json_int_t)spec->request_id);
}

int permit_grant(struct store *s, int64_t now_ms, const struct entry_actor *who,
		 const struct permit_spec *spec, int64_t *ret_id)
{
	struct terminal t;
	char subject[ACT_SUBJECT_SIZE];
	int64_t id;
	int r = terminal_load_by_mac(store_writer(s), &spec->mac, &t);

	if (r < 0)
		return r;
	if (r == 0 || t.id != spec->terminal_id)
		return -ENOENT;
	if (spec->until_ms <= MAX(now_ms, spec->from_ms))
		return -EINVAL;
	r = store_exec(s, STMT_PERMIT_END_OF_MAC,
		       STORE_ARGS(v_mac(&spec->mac), v_int(now_ms), v_int(store_rev(s))), NULL);
	if (!r)
		r = store_insert(s, STMT_PERMIT_INSERT,
				 STORE_ARGS(v_int(t.id), v_mac(&spec->mac), v_int(spec->switch_id),
					    v_text(spec->port), v_int(spec->from_ms),
					    v_int(spec->until_ms), v_int_or_null(spec->request_id),
					    v_int(store_rev(s))),
				 &id);
	if (r)
		return r;
	act_subject_terminal(subject, &t.uuid);
	r = act_log(s, now_ms, who, "permit.grant", t.unit_id, subject, permit_detail(id, spec));
	if (!r)
		*ret_id = id;
	return r;
}

/* The unit and the subject of a permit in force. */
static int find_permit(struct store *s, int64_t id, int64_t *ret_unit,
		       char subject[static ACT_SUBJECT_SIZE])
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	struct uuid uuid;
	int r = store_select(store_writer(s), STMT_PERMIT_BY_ID, STORE_ARGS(v_int(id)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	if (!store_is_null(c, 5))
		return -EALREADY;
	r = store_uuid(c, 7, &uuid);
	if (r)
		return r;
	*ret_unit = store_int(c, 6);
	act_subject_terminal(subject, &uuid);
	return 0;
}

int permit_move(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		const struct permit_place *to)
{
	char subject[ACT_SUBJECT_SIZE];
	int64_t unit;
	int r = find_permit(s, id, &unit, subject);

	if (!r)
		r = store_exec(s, STMT_PERMIT_MOVE,
			       STORE_ARGS(v_int(id), v_int(to->switch_id), v_text(to->port),
					  v_int(to->request_id), v_int(store_rev(s))),
			       NULL);
	if (r)
		return r;
	return act_log(s, now_ms, who, "permit.move", unit, subject,
		       json_pack("{s:I, s:I, s:s, s:I}", "permit", (json_int_t)id, "switch",
				 (json_int_t)to->switch_id, "port", to->port, "request",
				 (json_int_t)to->request_id));
}

int permit_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
	       const char *why)
{
	char subject[ACT_SUBJECT_SIZE];
	int64_t unit;
	int r = find_permit(s, id, &unit, subject);

	if (!r)
		r = store_exec(s, STMT_PERMIT_END,
			       STORE_ARGS(v_int(id), v_int(now_ms), v_int(store_rev(s))), NULL);
	if (r)
		return r;
	return act_log(s, now_ms, who, "permit.end", unit, subject,
		       json_pack("{s:I, s:s}", "permit", (json_int_t)id, "reason", why));
}

static int pack_windows(const json_t *windows, uint32_t ret[static HOURS_MOST], size_t *ret_count)
{
	uint32_t packed[HOURS_MOST];
	const json_t *w;
	size_t i;

	if (!json_is_array(windows) || json_array_size(windows) > HOURS_MOST)
		return -EINVAL;
	json_array_foreach(windows, i, w)
	{
		const struct hours_window window = {
			.days = (unsigned)json_integer_value(json_object_get(w, "days")),
			.from_minute =
				(unsigned)json_integer_value(json_object_get(w, "from_minute")),
			.until_minute =
				(unsigned)json_integer_value(json_object_get(w, "until_minute"))};

		if (hours_pack(&window, &packed[i]))
			return -EINVAL;
	}
	memcpy(ret, packed, i * sizeof(*packed));
	*ret_count = i;
	return 0;
}

int permit_hours_parse(const char *windows, uint32_t ret[static HOURS_MOST], size_t *ret_count)
{
	json_t *parsed;
	int err;

	if (!windows[0]) {
		*ret_count = 0;
		return 0;
	}
	parsed = json_loads(windows, 0, NULL);
	err = parsed ? pack_windows(parsed, ret, ret_count) : -EINVAL;
	json_decref(parsed);
	return err;
}

int permit_set_hours(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		     const json_t *windows, const char *why)
{
	CLEANUP_FREE char *text = json_dumps(windows, JSON_COMPACT);
	char subject[ACT_SUBJECT_SIZE];
	uint32_t packed[HOURS_MOST];
	int64_t unit;
	size_t count;
	int r = text ? pack_windows(windows, packed, &count) : -ENOMEM;

	if (!r)
		r = find_permit(s, id, &unit, subject);
	if (!r)
		r = store_exec(s, STMT_PERMIT_TOUCH, STORE_ARGS(v_int(id), v_int(store_rev(s))),
			       NULL);
	if (!r)
		r = store_exec(s, STMT_PERMIT_HOURS_PUT, STORE_ARGS(v_int(id), v_text(text)), NULL);
	if (r)
		return r;
	return act_log(s, now_ms, who, "permit.hours", unit, subject,
		       json_pack("{s:I, s:O, s:s}", "permit", (json_int_t)id, "hours", windows,
				 "reason", why));
}

int deny_add(struct store *s, int64_t now_ms, const struct entry_actor *who, const struct mac *mac,
	     int64_t until_ms, const char *why, int64_t *ret_id)
{
	char subject[ACT_SUBJECT_SIZE];
	int64_t id;
	int err = until_ms && until_ms <= now_ms ? -EINVAL : 0;

	if (!err)
		err = store_insert(s, STMT_DENY_INSERT,
				   STORE_ARGS(v_mac(mac), v_text(why), v_int(now_ms),
					      v_int_or_null(until_ms), v_int(store_rev(s))),
				   &id);
	if (err)
		return err;
	act_subject_mac(subject, mac);
	err = act_log(s, now_ms, who, "deny.add", 0, subject,
		      json_pack("{s:I, s:I, s:s}", "deny", (json_int_t)id, "until",
				(json_int_t)until_ms, "reason", why));
	if (!err)
		*ret_id = id;
	return err;
}

int deny_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
	     const char *why)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	char subject[ACT_SUBJECT_SIZE];
	struct mac mac;
	int r = store_select(store_writer(s), STMT_DENY_BY_ID, STORE_ARGS(v_int(id)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	if (!store_is_null(c, 2))
		return -EALREADY;
	r = store_mac(c, 1, &mac);
	if (!r)
		r = store_exec(s, STMT_DENY_END,
			       STORE_ARGS(v_int(id), v_int(now_ms), v_int(store_rev(s))), NULL);
	if (r)
		return r;
	act_subject_mac(subject, &mac);
	return act_log(s, now_ms, who, "deny.end", 0, subject,
		       json_pack("{s:I, s:s}", "deny", (json_int_t)id, "reason", why));
}
