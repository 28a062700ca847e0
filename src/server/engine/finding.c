#include "server/engine/finding.h"

#include "base/text.h"

struct found {
	char code[32], address[64];
	struct mac mac;
	int64_t unit_id, last_ms;
};

static int load(struct store_db *db, int64_t id, struct found *ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(db, STMT_FINDING_FACTS, STORE_ARGS(v_int(id)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	ret->unit_id = store_int(c, 3);
	ret->last_ms = store_int(c, 4);
	r = store_mac(c, 1, &ret->mac);
	if (!r)
		r = text_copy(ret->code, sizeof(ret->code), store_text(c, 0));
	return r ? r : text_copy(ret->address, sizeof(ret->address), store_text(c, 2));
}

int finding_settle(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		   const char *why)
{
	char subject[ACT_SUBJECT_SIZE];
	struct found f;
	int64_t settled_ms;
	int r = load(store_writer(s), id, &f);

	if (!r)
		r = store_get_int(store_writer(s), STMT_FINDING_SETTLED_AT,
				  STORE_ARGS(v_text(f.code), v_mac(&f.mac), v_text(f.address)), -1,
				  &settled_ms);
	if (!r && settled_ms >= f.last_ms)
		r = -EALREADY;
	/* A gate's clock may be ahead of ours. */
	if (!r)
		r = store_exec(s, STMT_FINDING_SETTLED_PUT,
			       STORE_ARGS(v_text(f.code), v_mac(&f.mac), v_text(f.address),
					  v_text(why), v_int(who->account),
					  v_int(MAX(now_ms, f.last_ms))),
			       NULL);
	if (r)
		return r;
	act_subject_mac(subject, &f.mac);
	return act_log(s, now_ms, who, "finding.settle", f.unit_id, subject,
		       json_pack("{s:s, s:s, s:s}", "finding", f.code, "address", f.address,
				 "reason", why));
}
