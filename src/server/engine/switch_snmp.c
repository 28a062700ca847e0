#include "server/engine/switch_snmp.h"

#include <stdio.h>
#include <string.h>

#include "crypto/secret.h"
#include "vendor/snmp.h"

static int seal(const struct seal_pair *gates, const char *text, const char **ret_version,
		struct buf *ret)
{
	struct credential c;
	int err;

	if (!text[0]) {
		*ret_version = "none";
		return 0;
	}
	err = credential_parse(text, &c);
	if (err)
		return err;
	*ret_version = c.is_v3 ? "3" : "2c";
	secret_wipe(&c, sizeof(c));
	return seal_to_public(gates, SNMP_SEAL_CONTEXT, text, strlen(text), ret);
}

int switch_set_snmp(struct store *s, int64_t now_ms, const struct entry_actor *who,
		    const struct seal_pair *gates, int64_t id, const char *credential)
{
	CLEANUP_BUF struct buf sealed = BUF_INIT;
	char subject[ACT_SUBJECT_SIZE];
	int64_t changed = 0, unit = 0;
	const char *version;
	int r = seal(gates, credential, &version, &sealed);

	if (!r)
		r = store_exec(s, STMT_SWITCH_TOUCH, STORE_ARGS(v_int(id), v_int(store_rev(s))),
			       &changed);
	if (!r && !changed)
		r = -ENOENT;
	if (!r)
		r = store_get_int(store_writer(s), STMT_API_SWITCH_UNIT, STORE_ARGS(v_int(id)), 0,
				  &unit);
	if (!r)
		r = store_exec(s, STMT_SWITCH_SNMP_PUT,
			       STORE_ARGS(v_int(id), v_text(version),
					  sealed.len ? v_blob(sealed.data, sealed.len) : v_null()),
			       NULL);
	if (r)
		return r;
	snprintf(subject, sizeof(subject), "switch:%lld", (long long)id);
	return act_log(s, now_ms, who, "switch.snmp", unit, subject,
		       json_pack("{s:s}", "version", version));
}
