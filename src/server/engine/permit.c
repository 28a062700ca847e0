#include "server/engine/permit.h"

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

int permit_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
	       const char *why)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	char subject[ACT_SUBJECT_SIZE];
	struct uuid uuid;
	int64_t unit;
	int r = store_select(store_writer(s), STMT_PERMIT_BY_ID, STORE_ARGS(v_int(id)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	if (!store_is_null(c, 5))
		return -EALREADY;
	unit = store_int(c, 6);
	r = store_uuid(c, 7, &uuid);
	if (!r)
		r = store_exec(s, STMT_PERMIT_END,
			       STORE_ARGS(v_int(id), v_int(now_ms), v_int(store_rev(s))), NULL);
	if (r)
		return r;
	act_subject_terminal(subject, &uuid);
	return act_log(s, now_ms, who, "permit.end", unit, subject,
		       json_pack("{s:I, s:s}", "permit", (json_int_t)id, "reason", why));
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
