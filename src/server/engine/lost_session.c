#include "server/engine/lost_session.h"

#include "base/text.h"
#include "server/engine/stay_addresses.h"

#define SOURCE "office:sessions" /* of the records that head office writes itself */

/* A row of the live view. */
struct lost {
	struct mac mac;
	char session[64], account[64], port[64], method[24], verdict[16], reason[32], vlan[32];
	int64_t terminal_id, switch_id, unit_id, began_ms, heard_ms;
	bool is_over;
};

static int read_texts(const struct store_cursor *c, struct lost *l)
{
	const struct {
		char *to;
		size_t size;
	} texts[] = {
		{l->session, sizeof(l->session)}, {l->account, sizeof(l->account)},
		{l->port, sizeof(l->port)},	  {l->method, sizeof(l->method)},
		{l->verdict, sizeof(l->verdict)}, {l->reason, sizeof(l->reason)},
		{l->vlan, sizeof(l->vlan)},
	};
	int r = 0;

	for (size_t i = 0; !r && i < ARRAY_SIZE(texts); i++)
		r = text_copy(texts[i].to, texts[i].size, store_text(c, 7 + i));
	return r;
}

static int load(struct store_db *db, int64_t id, struct lost *ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(db, STMT_LOST_SESSION, STORE_ARGS(v_int(id)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	ret->terminal_id = store_int(c, 1);
	ret->switch_id = store_int(c, 2);
	ret->unit_id = store_int(c, 3);
	ret->began_ms = store_int(c, 4);
	ret->heard_ms = store_int(c, 5);
	ret->is_over = store_int(c, 6) != 0;
	r = store_mac(c, 0, &ret->mac);
	return r ? r : read_texts(c, ret);
}

int lost_session_unit(struct store_db *db, int64_t id, int64_t *ret)
{
	struct lost l;
	int r = load(db, id, &l);

	if (!r)
		*ret = l.unit_id;
	return r;
}

/* As a gate's record would tell it, so that the history has the stay. */
static int put_record(struct store *s, int64_t now_ms, const struct lost *l,
		      const struct stay_addresses *addresses)
{
	const struct store_stay stay = {.session = l->session,
					.why = "lost",
					.began_at = l->began_ms,
					.heard_at = l->heard_ms,
					.ended_at = l->heard_ms,
					.addresses = addresses->list,
					.address_count = addresses->count};
	struct store_record record = {.at_ms = now_ms,
				      .kind = "session.lost",
				      .unit_id = l->unit_id,
				      .terminal_id = l->terminal_id,
				      .switch_id = l->switch_id,
				      .mac = &l->mac,
				      .account = l->account[0] ? l->account : NULL,
				      .port = l->port,
				      .verdict = l->verdict,
				      .reason = l->reason,
				      .stay = &stay};
	json_t *body = json_pack("{s:s, s:s, s:s}", "method", l->method, "vlan", l->vlan, "note",
				 "ended by a person");
	CLEANUP_FREE char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	uint8_t epoch[16] = {0};
	bool known;
	int r;

	json_decref(body);
	if (!text)
		return -ENOMEM;
	record.body = text;
	r = store_source_cursor(s, SOURCE, epoch, &record.seq, &known);
	if (r)
		return r;
	record.seq = known ? record.seq + 1 : 1;
	return store_records(s, SOURCE, epoch, &record, 1);
}

int lost_session_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		     const char *why)
{
	char subject[ACT_SUBJECT_SIZE];
	struct stay_addresses addresses;
	struct lost l;
	int r = load(store_writer(s), id, &l);

	if (!r && l.is_over)
		r = -EALREADY;
	if (!r && l.heard_ms > now_ms - LOST_SESSION_AFTER_MS)
		r = -EBUSY;
	if (!r)
		r = stay_addresses_read(store_writer(s), l.session, &addresses);
	if (!r)
		r = put_record(s, now_ms, &l, &addresses);
	if (!r)
		r = store_exec(s, STMT_LOST_SESSION_END,
			       STORE_ARGS(v_int(id), v_int(l.heard_ms), v_int(now_ms)), NULL);
	if (!r)
		r = store_exec(s, STMT_SWEEP_SESSION_ADDRESSES, STORE_ARGS(v_int(id)), NULL);
	if (r)
		return r;
	act_subject_mac(subject, &l.mac);
	return act_log(s, now_ms, who, "stay.end", l.unit_id, subject,
		       json_pack("{s:s, s:s}", "port", l.port, "reason", why));
}
