#include "server/engine/publish.h"

#include <stdio.h>
#include <string.h>

int policy_latest(struct store_db *db, struct policy_version *ret, struct buf *ret_body,
		  struct buf *ret_signature)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	const void *signature;
	size_t len;
	int r = store_select(db, STMT_POLICY_LATEST, STORE_NO_ARGS, &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r;
	signature = store_blob(c, 3, &len);
	buf_puts(ret_body, store_text(c, 2));
	buf_append(ret_signature, signature, len);
	if (ret_body->error || ret_signature->error)
		return -ENOMEM;
	*ret = (struct policy_version){(uint64_t)store_int(c, 0), (uint64_t)store_int(c, 1)};
	return 1;
}

/* The body with its version in it, as the bytes that are signed. */
static int write_body(const json_t *body, const struct policy_version *v, char **ret)
{
	json_t *copy = json_is_object(body) ? json_deep_copy(body) : NULL;
	char *text = NULL;

	if (!json_is_object(body))
		return -EINVAL;
	if (copy && !json_object_set_new(copy, "epoch", json_integer((json_int_t)v->epoch)) &&
	    !json_object_set_new(copy, "number", json_integer((json_int_t)v->number)))
		text = json_dumps(copy, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(copy);
	if (!text)
		return -ENOMEM;
	if (strlen(text) > POLICY_BODY_MAX) {
		free(text);
		return -EMSGSIZE;
	}
	*ret = text;
	return 0;
}

static int insert(struct store *s, int64_t now_ms, const struct policy_version *v, const char *text,
		  const struct sign_key *key, int64_t account_id)
{
	uint8_t signature[SIGN_SIZE_MAX];
	size_t len;
	int err = sign_bytes(key, text, strlen(text), signature, &len);

	if (err)
		return err;
	return store_exec(s, STMT_POLICY_INSERT,
			  STORE_ARGS(v_int((int64_t)v->epoch), v_int((int64_t)v->number),
				     v_text(text), v_blob(signature, len),
				     v_int_or_null(account_id), v_int(now_ms)),
			  NULL);
}

int policy_publish(struct store *s, int64_t now_ms, const struct entry_actor *who,
		   const struct sign_key *key, uint64_t epoch, const json_t *body,
		   int64_t account_id, struct policy_version *ret)
{
	CLEANUP_FREE char *text = NULL;
	struct policy_version v = {.epoch = epoch};
	char subject[ACT_SUBJECT_SIZE];
	int64_t last;
	int err = store_get_int(store_writer(s), STMT_POLICY_LAST_NUMBER,
				STORE_ARGS(v_int((int64_t)epoch)), 0, &last);

	if (err)
		return err;
	v.number = (uint64_t)last + 1;
	err = write_body(body, &v, &text);
	if (!err)
		err = insert(s, now_ms, &v, text, key, account_id);
	if (err)
		return err;
	snprintf(subject, sizeof(subject), "policy:%llu.%llu", (unsigned long long)v.epoch,
		 (unsigned long long)v.number);
	err = act_log(s, now_ms, who, "policy.publish", 0, subject,
		      json_pack("{s:s}", "key", sign_key_id(key)));
	if (!err)
		*ret = v;
	return err;
}
