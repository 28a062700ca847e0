/* Codes: made, hashed, handed out for one terminal or for a campaign. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "server/engine/enrol.h"

#define CODE_CHARS 12
#define CAMPAIGN_ITEMS_MAX 1000

/* 32 characters, 5 bits each; no 0, O, 1, I. */
static const char alphabet[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

void enrol_code_make(char dst[static ENROL_CODE_SIZE])
{
	uint8_t random[CODE_CHARS];
	size_t at = 0;

	random_bytes(random, sizeof(random));
	for (size_t i = 0; i < CODE_CHARS; i++) {
		if (i > 0 && i % 4 == 0)
			dst[at++] = '-';
		dst[at++] = alphabet[random[i] & 31];
	}
	dst[at] = 0;
}

int enrol_code_hash(const char *code, uint8_t ret[static HASH_SIZE])
{
	char plain[CODE_CHARS];
	size_t len = 0;

	for (const char *p = code; *p; p++) {
		char c = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;

		if (c == '-' || c == ' ')
			continue;
		if (len == CODE_CHARS || !strchr(alphabet, c))
			return -EINVAL;
		plain[len++] = c;
	}
	if (len != CODE_CHARS)
		return -EINVAL;
	return hash_bytes(HASH_SHA256, plain, len, ret);
}

static int new_code(char code[static ENROL_CODE_SIZE], uint8_t hash[static HASH_SIZE])
{
	enrol_code_make(code);
	return enrol_code_hash(code, hash);
}

int enrol_code_issue(struct store *s, int64_t now_ms, const struct entry_actor *who,
		     int64_t terminal_id, int64_t expires_at_ms,
		     char ret_code[static ENROL_CODE_SIZE])
{
	char code[ENROL_CODE_SIZE], subject[ACT_SUBJECT_SIZE];
	uint8_t hash[HASH_SIZE];
	struct terminal t;
	int r = terminal_load(store_writer(s), terminal_id, &t);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	if (t.status == TERMINAL_APPLIED || t.status == TERMINAL_SCRAPPED)
		return -EPERM;
	r = new_code(code, hash);
	if (!r)
		r = store_exec(s, STMT_ENROL_CODE_END_OF_TERMINAL,
			       STORE_ARGS(v_int(terminal_id), v_int(now_ms)), NULL);
	if (!r)
		r = store_exec(s, STMT_ENROL_CODE_INSERT,
			       STORE_ARGS(v_int(terminal_id), v_blob(hash, sizeof(hash)),
					  v_int(expires_at_ms)),
			       NULL);
	if (r)
		return r;
	act_subject_terminal(subject, &t.uuid);
	r = act_log(s, now_ms, who, "enrol.code", t.unit_id, subject,
		    json_pack("{s:I}", "expires", (json_int_t)expires_at_ms));
	if (!r)
		memcpy(ret_code, code, sizeof(code));
	return r;
}

/* ---- campaigns ---- */

static int tell(struct store *s, int64_t now_ms, const struct entry_actor *who, const char *act,
		int64_t unit, int64_t id, json_t *detail)
{
	char subject[ACT_SUBJECT_SIZE];

	snprintf(subject, sizeof(subject), "campaign:%lld", (long long)id);
	return act_log(s, now_ms, who, act, unit, subject, detail);
}

int campaign_create(struct store *s, int64_t now_ms, const struct entry_actor *who,
		    const struct campaign_spec *spec, int64_t *ret_id,
		    char ret_code[static ENROL_CODE_SIZE])
{
	char code[ENROL_CODE_SIZE];
	uint8_t hash[HASH_SIZE];
	int64_t id;
	int err = spec->places < 1 || spec->until_ms <= now_ms ? -EINVAL : new_code(code, hash);

	if (!err)
		err = store_insert(s, STMT_ENROL_CAMPAIGN_INSERT,
				   STORE_ARGS(v_int(spec->unit_id), v_text(spec->name),
					      v_blob(hash, sizeof(hash)), v_int(spec->places),
					      v_int(spec->until_ms), v_int(now_ms)),
				   &id);
	if (!err)
		err = tell(s, now_ms, who, "campaign.create", spec->unit_id, id,
			   json_pack("{s:s, s:I, s:I}", "name", spec->name, "places",
				     (json_int_t)spec->places, "until",
				     (json_int_t)spec->until_ms));
	if (err)
		return err;
	*ret_id = id;
	memcpy(ret_code, code, sizeof(code));
	return 0;
}

/* The unit of a campaign that has not ended. */
static int find(struct store *s, int64_t id, int64_t *ret_unit)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(store_writer(s), STMT_ENROL_CAMPAIGN_BY_ID, STORE_ARGS(v_int(id)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	*ret_unit = store_int(c, 1);
	return store_is_null(c, 2) ? 0 : -EALREADY;
}

int campaign_add_items(struct store *s, int64_t now_ms, const struct entry_actor *who,
		       int64_t campaign_id, const struct campaign_item *items, size_t count)
{
	int64_t unit;
	int err = count > CAMPAIGN_ITEMS_MAX ? -E2BIG : find(s, campaign_id, &unit);

	for (size_t i = 0; !err && i < count; i++)
		err = store_exec(s, STMT_ENROL_CAMPAIGN_ITEM_INSERT,
				 STORE_ARGS(v_int(campaign_id), v_mac(&items[i].mac),
					    v_text(items[i].asset_no),
					    v_text(items[i].name ? items[i].name : ""),
					    v_int_or_null(items[i].owner_id)),
				 NULL);
	return err ? err
		   : tell(s, now_ms, who, "campaign.items", unit, campaign_id,
			  json_pack("{s:I}", "count", (json_int_t)count));
}

int campaign_end(struct store *s, int64_t now_ms, const struct entry_actor *who,
		 int64_t campaign_id)
{
	int64_t unit;
	int err = find(s, campaign_id, &unit);

	if (!err)
		err = store_exec(s, STMT_ENROL_CAMPAIGN_END,
				 STORE_ARGS(v_int(campaign_id), v_int(now_ms)), NULL);
	return err ? err : tell(s, now_ms, who, "campaign.end", unit, campaign_id, json_object());
}
