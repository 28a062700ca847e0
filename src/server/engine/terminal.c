#include "server/engine/terminal.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "server/engine/certificate.h"

static const char *const status_names[] = {
	[TERMINAL_APPLIED] = "applied",	  [TERMINAL_APPROVED] = "approved",
	[TERMINAL_IN_USE] = "in-use",	  [TERMINAL_IN_REPAIR] = "in-repair",
	[TERMINAL_SCRAPPED] = "scrapped",
};

const char *terminal_status_name(enum terminal_status s)
{
	return status_names[s];
}

int terminal_status_parse(const char *name, enum terminal_status *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(status_names); i++)
		if (text_equal(status_names[i], name)) {
			*ret = (enum terminal_status)i;
			return 0;
		}
	return -EINVAL;
}

int posture_parse(const char *name, enum posture *ret)
{
	for (int i = POSTURE_UNKNOWN; i <= POSTURE_SILENT; i++)
		if (text_equal(posture_name((enum posture)i), name)) {
			*ret = (enum posture)i;
			return 0;
		}
	return -EINVAL;
}

/* ---- reading ---- */

static void copy_cut(char *dst, size_t size, const char *src)
{
	snprintf(dst, size, "%s", src);
}

/* A row that does not hold what its table promises: the database is damaged. */
static int read_row(const struct store_cursor *c, struct terminal *t)
{
	size_t epoch_len;
	const void *epoch = store_blob(c, 13, &epoch_len);

	*t = (struct terminal){.id = store_int(c, 0),
			       .unit_id = store_int(c, 2),
			       .owner_id = store_int(c, 3),
			       .kind = terminal_kind_from_name(store_text(c, 4)),
			       .lifeline = store_int(c, 6) != 0,
			       .posture_at_ms = store_int(c, 8),
			       .isolated_at_ms = store_int(c, 10),
			       .isolated_until_ms = store_int(c, 11)};
	if (store_uuid(c, 1, &t->uuid) || t->kind == TERMINAL_KIND_COUNT ||
	    terminal_status_parse(store_text(c, 5), &t->status) ||
	    posture_parse(store_text(c, 7), &t->posture) ||
	    text_copy(t->certificate, sizeof(t->certificate), store_text(c, 12)))
		return -EUCLEAN;
	if (epoch_len == sizeof(t->queue_epoch))
		memcpy(t->queue_epoch, epoch, epoch_len);
	copy_cut(t->posture_failing, sizeof(t->posture_failing), store_text(c, 9));
	copy_cut(t->asset_no, sizeof(t->asset_no), store_text(c, 14));
	copy_cut(t->name, sizeof(t->name), store_text(c, 15));
	copy_cut(t->os, sizeof(t->os), store_text(c, 16));
	copy_cut(t->agent_version, sizeof(t->agent_version), store_text(c, 17));
	return 1;
}

static int load_by(struct store_db *db, enum store_stmt stmt, struct store_value key,
		   struct terminal *ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(db, stmt, &key, 1, &c);

	if (!r)
		r = store_next(c);
	return r == 1 ? read_row(c, ret) : r;
}

int terminal_load(struct store_db *db, int64_t id, struct terminal *ret)
{
	return load_by(db, STMT_TERMINAL_BY_ID, v_int(id), ret);
}

int terminal_load_by_uuid(struct store_db *db, const struct uuid *uuid, struct terminal *ret)
{
	return load_by(db, STMT_TERMINAL_BY_UUID, v_uuid(uuid), ret);
}

int terminal_load_by_mac(struct store_db *db, const struct mac *mac, struct terminal *ret)
{
	return load_by(db, STMT_TERMINAL_BY_MAC, v_mac(mac), ret);
}

int terminal_load_by_asset_no(struct store_db *db, const char *asset_no, struct terminal *ret)
{
	return load_by(db, STMT_TERMINAL_BY_ASSET_NO, v_text(asset_no), ret);
}

/* ---- acts ---- */

/* The terminal that an act is about: -ENOENT when there is none. */
static int find(struct store *s, int64_t id, struct terminal *ret)
{
	int r = terminal_load(store_writer(s), id, ret);

	return r < 0 ? r : r == 0 ? -ENOENT : 0;
}

static int tell(struct store *s, int64_t now_ms, const struct entry_actor *who, const char *act,
		const struct terminal *t, json_t *detail)
{
	char subject[ACT_SUBJECT_SIZE];

	act_subject_terminal(subject, &t->uuid);
	return act_log(s, now_ms, who, act, t->unit_id, subject, detail);
}

/* "PC-2026-000017": the next after the greatest of this kind and year. */
static int next_asset_no(struct store *s, int64_t now_ms, enum terminal_kind kind,
			 char ret[static 33])
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	char prefix[24], pattern[64];
	uint64_t last = 0;
	int r, year = clock_month(now_ms) / 100;

	snprintf(prefix, sizeof(prefix), "%s-%04d-", terminal_kind_name(kind), year);
	for (char *p = prefix; *p; p++)
		*p = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
	snprintf(pattern, sizeof(pattern), "%s[0-9][0-9][0-9][0-9][0-9][0-9]", prefix);
	r = store_select(store_writer(s), STMT_TERMINAL_ASSET_NO_LAST, STORE_ARGS(v_text(pattern)),
			 &c);
	if (!r)
		r = store_next(c);
	if (r < 0)
		return r;
	if (!store_is_null(c, 0) &&
	    text_to_u64(store_text(c, 0) + strlen(prefix), 0, 999998, &last))
		return -ENOSPC;
	snprintf(ret, 33, "%s%06llu", prefix, (unsigned long long)last + 1);
	return 0;
}

int terminal_create(struct store *s, int64_t now_ms, const struct entry_actor *who,
		    const struct terminal_spec *spec, struct terminal *ret)
{
	struct terminal t = {.unit_id = spec->unit_id,
			     .owner_id = spec->owner_id,
			     .kind = spec->kind,
			     .status = spec->status,
			     .lifeline = spec->lifeline};
	const char *name = spec->name ? spec->name : "", *place = spec->place ? spec->place : "";
	int err = spec->asset_no ? text_copy(t.asset_no, sizeof(t.asset_no), spec->asset_no)
				 : next_asset_no(s, now_ms, spec->kind, t.asset_no);

	if (!err)
		err = text_copy(t.name, sizeof(t.name), name);
	if (err)
		return err;
	if (spec->uuid)
		t.uuid = *spec->uuid;
	else
		uuid_make(&t.uuid);
	err = store_insert(s, STMT_TERMINAL_INSERT,
			   STORE_ARGS(v_uuid(&t.uuid), v_text(t.asset_no),
				      v_text(terminal_kind_name(t.kind)), v_int(t.unit_id),
				      v_int_or_null(t.owner_id), v_text(name), v_text(place),
				      v_text(terminal_status_name(t.status)), v_int(t.lifeline),
				      v_text(spec->hardware_serial ? spec->hardware_serial : ""),
				      v_int(now_ms), v_int(store_rev(s))),
			   &t.id);
	if (!err)
		err = tell(s, now_ms, who, "terminal.create", &t,
			   json_pack("{s:s, s:s, s:s, s:b}", "asset_no", t.asset_no, "kind",
				     terminal_kind_name(t.kind), "status",
				     terminal_status_name(t.status), "lifeline", t.lifeline));
	if (!err)
		*ret = t;
	return err;
}

/* What a scrapped terminal leaves behind must open no door. */
static int end_belongings(struct store *s, int64_t now_ms, int64_t id)
{
	int err = store_exec(s, STMT_TERMINAL_MAC_END_ALL,
			     STORE_ARGS(v_int(id), v_int(now_ms), v_int(store_rev(s))), NULL);

	if (!err)
		err = store_exec(s, STMT_TERMINAL_ACCOUNT_END_ALL,
				 STORE_ARGS(v_int(id), v_int(now_ms), v_int(store_rev(s))), NULL);
	if (!err)
		err = store_exec(s, STMT_PERMIT_END_OF_TERMINAL,
				 STORE_ARGS(v_int(id), v_int(now_ms), v_int(store_rev(s))), NULL);
	if (!err)
		err = store_exec(s, STMT_CERTIFICATE_CLEAR_TERMINAL,
				 STORE_ARGS(v_int(id), v_int(store_rev(s))), NULL);
	return err ? err : certificate_revoke_of_terminal(s, now_ms, id, NULL, "scrapped");
}

int terminal_set_status(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
			enum terminal_status status, const char *why)
{
	struct terminal t;
	int err = find(s, id, &t);

	if (err)
		return err;
	if (t.status == status)
		return -EALREADY;
	if (t.status == TERMINAL_SCRAPPED)
		return -EPERM; /* what is scrapped comes back as a new terminal */
	err = store_exec(s, STMT_TERMINAL_SET_STATUS,
			 STORE_ARGS(v_int(id), v_text(terminal_status_name(status)),
				    v_int(store_rev(s)), v_int(now_ms)),
			 NULL);
	if (!err && status == TERMINAL_SCRAPPED)
		err = end_belongings(s, now_ms, id);
	if (err)
		return err;
	return tell(s, now_ms, who, "terminal.status", &t,
		    json_pack("{s:s, s:s, s:s}", "from", terminal_status_name(t.status), "to",
			      terminal_status_name(status), "reason", why ? why : ""));
}

int terminal_change(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		    const struct terminal_place *to)
{
	struct terminal t;
	int err = find(s, id, &t);

	if (!err)
		err = store_exec(s, STMT_TERMINAL_CHANGE,
				 STORE_ARGS(v_int(id), v_int(to->unit_id),
					    v_int_or_null(to->owner_id), v_text(to->name),
					    v_text(to->place), v_int(store_rev(s))),
				 NULL);
	if (err)
		return err;
	return tell(s, now_ms, who, "terminal.change", &t,
		    json_pack("{s:I, s:I, s:s, s:s}", "unit", (json_int_t)to->unit_id, "owner",
			      (json_int_t)to->owner_id, "name", to->name, "place", to->place));
}

int terminal_set_lifeline(struct store *s, int64_t now_ms, const struct entry_actor *who,
			  int64_t id, bool lifeline, const char *why)
{
	struct terminal t;
	int err = find(s, id, &t);

	if (!err && t.lifeline == lifeline)
		err = -EALREADY;
	if (!err)
		err = store_exec(s, STMT_TERMINAL_SET_LIFELINE,
				 STORE_ARGS(v_int(id), v_int(lifeline), v_int(store_rev(s))), NULL);
	if (err)
		return err;
	return tell(s, now_ms, who, "terminal.lifeline", &t,
		    json_pack("{s:b, s:s}", "lifeline", lifeline, "reason", why ? why : ""));
}

/* ---- what it owns ---- */

static json_t *mac_detail(const struct mac *mac)
{
	char text[MAC_TEXT_SIZE];

	mac_format(text, mac);
	return json_pack("{s:s}", "mac", text);
}

int terminal_own_mac(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		     const struct mac *mac)
{
	struct terminal t, owner;
	int r, err = find(s, id, &t);

	if (err)
		return err;
	r = terminal_load_by_mac(store_writer(s), mac, &owner);
	if (r < 0)
		return r;
	if (r == 1)
		return owner.id == id ? -EALREADY : -EEXIST;
	err = store_exec(s, STMT_TERMINAL_MAC_INSERT,
			 STORE_ARGS(v_int(id), v_mac(mac), v_int(store_rev(s))), NULL);
	return err ? err : tell(s, now_ms, who, "terminal.mac.own", &t, mac_detail(mac));
}

int terminal_end_mac(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		     const struct mac *mac)
{
	struct terminal t;
	int64_t changed = 0;
	int err = find(s, id, &t);

	if (!err)
		err = store_exec(
			s, STMT_TERMINAL_MAC_END,
			STORE_ARGS(v_int(id), v_mac(mac), v_int(now_ms), v_int(store_rev(s))),
			&changed);
	if (!err && changed == 0)
		err = -ENOENT;
	return err ? err : tell(s, now_ms, who, "terminal.mac.end", &t, mac_detail(mac));
}

int terminal_allow_account(struct store *s, int64_t now_ms, const struct entry_actor *who,
			   int64_t id, int64_t account_id)
{
	struct terminal t;
	int err = find(s, id, &t);

	if (!err)
		err = store_exec(s, STMT_TERMINAL_ACCOUNT_INSERT,
				 STORE_ARGS(v_int(id), v_int(account_id), v_int(store_rev(s))),
				 NULL);
	if (err)
		return err == -EEXIST ? -EALREADY : err;
	return tell(s, now_ms, who, "terminal.account.allow", &t,
		    json_pack("{s:I}", "account", (json_int_t)account_id));
}

int terminal_end_account(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
			 int64_t account_id)
{
	struct terminal t;
	int64_t changed = 0;
	int err = find(s, id, &t);

	if (!err)
		err = store_exec(s, STMT_TERMINAL_ACCOUNT_END,
				 STORE_ARGS(v_int(id), v_int(account_id), v_int(now_ms),
					    v_int(store_rev(s))),
				 &changed);
	if (!err && changed == 0)
		err = -ENOENT;
	if (err)
		return err;
	return tell(s, now_ms, who, "terminal.account.end", &t,
		    json_pack("{s:I}", "account", (json_int_t)account_id));
}

/* ---- isolation and posture ---- */

int terminal_isolate(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		     int64_t until_ms, const char *why)
{
	struct terminal t;
	int err = find(s, id, &t);

	if (!err && until_ms && until_ms <= now_ms)
		err = -EINVAL;
	if (!err)
		err = store_exec(s, STMT_TERMINAL_ISOLATE,
				 STORE_ARGS(v_int(id), v_int(now_ms), v_int_or_null(until_ms),
					    v_text(why ? why : ""), v_int(store_rev(s))),
				 NULL);
	if (err)
		return err;
	return tell(
		s, now_ms, who, "terminal.isolate", &t,
		json_pack("{s:I, s:s}", "until", (json_int_t)until_ms, "reason", why ? why : ""));
}

int terminal_release(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		     const char *why)
{
	struct terminal t;
	int err = find(s, id, &t);

	if (!err && !t.isolated_at_ms)
		err = -EALREADY;
	if (!err)
		err = store_exec(
			s, STMT_TERMINAL_ISOLATE,
			STORE_ARGS(v_int(id), v_null(), v_null(), v_text(""), v_int(store_rev(s))),
			NULL);
	if (err)
		return err;
	return tell(s, now_ms, who, "terminal.release", &t,
		    json_pack("{s:s}", "reason", why ? why : ""));
}

int terminal_set_posture(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
			 enum posture posture, const char *failing)
{
	struct terminal t;
	int err = find(s, id, &t);

	if (!err && t.posture == posture && text_equal(t.posture_failing, failing))
		err = -EALREADY;
	if (!err)
		err = store_exec(s, STMT_TERMINAL_SET_POSTURE,
				 STORE_ARGS(v_int(id), v_text(posture_name(posture)), v_int(now_ms),
					    v_text(failing), v_int(store_rev(s))),
				 NULL);
	if (err)
		return err;
	return tell(s, now_ms, who, "terminal.posture", &t,
		    json_pack("{s:s, s:s, s:s}", "from", posture_name(t.posture), "to",
			      posture_name(posture), "failing", failing));
}

int terminal_set_agent(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		       const struct terminal_agent *a)
{
	struct terminal t;
	int err = find(s, id, &t);

	if (!err && text_equal(t.agent_version, a->version) && text_equal(t.os, a->os) &&
	    text_equal(t.certificate, a->certificate) && !memcmp(t.queue_epoch, a->queue_epoch, 16))
		err = -EALREADY;
	if (!err)
		err = store_exec(s, STMT_TERMINAL_SET_AGENT,
				 STORE_ARGS(v_int(id), v_text(a->version), v_text(a->os),
					    v_blob(a->queue_epoch, 16), v_text(a->certificate),
					    v_int(store_rev(s))),
				 NULL);
	if (!err && !text_equal(t.certificate, a->certificate))
		err = certificate_revoke_of_terminal(s, now_ms, id, a->certificate, "superseded");
	if (err)
		return err;
	return tell(s, now_ms, who, "terminal.agent", &t,
		    json_pack("{s:s, s:s, s:s}", "version", a->version, "os", a->os, "certificate",
			      a->certificate));
}
