#include "server/engine/certificate.h"

#include <stdio.h>

int certificate_load(struct store_db *db, const char *serial, struct certificate *ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(db, STMT_CERTIFICATE_BY_SERIAL, STORE_ARGS(v_text(serial)), &c);

	if (!r)
		r = store_next(c);
	if (r == 1)
		*ret = (struct certificate){store_int(c, 0), store_int(c, 1), store_int(c, 2),
					    store_int(c, 3), store_int(c, 4)};
	return r;
}

int certificate_add(struct store *s, const struct cert_info *cert, int64_t terminal_id,
		    int64_t gate_id)
{
	return store_exec(s, STMT_CERTIFICATE_INSERT,
			  STORE_ARGS(v_text(cert->serial), v_int_or_null(terminal_id),
				     v_int_or_null(gate_id), v_int(cert->not_before_ms),
				     v_int(cert->not_after_ms)),
			  NULL);
}

int certificate_revoke_of_terminal(struct store *s, int64_t now_ms, int64_t terminal_id,
				   const char *keep, const char *why)
{
	return store_exec(s, STMT_CERTIFICATE_REVOKE_OF_TERMINAL,
			  STORE_ARGS(v_int(terminal_id), v_int(now_ms), v_text(why),
				     v_text(keep ? keep : "")),
			  NULL);
}

int certificate_revoke(struct store *s, int64_t now_ms, const struct entry_actor *who,
		       const char *serial, const char *why)
{
	struct certificate c;
	char subject[ACT_SUBJECT_SIZE];
	int r = certificate_load(store_writer(s), serial, &c);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	if (c.revoked_at_ms)
		return -EALREADY;
	r = store_exec(s, STMT_CERTIFICATE_REVOKE,
		       STORE_ARGS(v_text(serial), v_int(now_ms), v_text(why)), NULL);
	if (r)
		return r;
	snprintf(subject, sizeof(subject), "certificate:%s", serial);
	return act_log(s, now_ms, who, "certificate.revoke", 0, subject,
		       json_pack("{s:s, s:I, s:I}", "reason", why, "terminal",
				 (json_int_t)c.terminal_id, "gate", (json_int_t)c.gate_id));
}
