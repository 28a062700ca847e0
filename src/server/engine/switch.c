#include "server/engine/switch.h"

#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "vendor/say.h"

static const char *text_or_none(const char *text)
{
	return text ? text : "";
}

static int check(const struct switch_spec *spec)
{
	struct addr address;

	if (spec->secret && strlen(spec->secret) < SWITCH_SECRET_MIN)
		return -EINVAL;
	if (spec->coa_port < 1 || spec->coa_port > UINT16_MAX)
		return -EINVAL;
	if (vendor_check_reach(text_or_none(spec->reach)) || spec->session_seconds < 0 ||
	    spec->session_seconds > SWITCH_SESSION_MOST_S)
		return -EINVAL;
	if (text_or_none(spec->coa_address)[0] && addr_parse(spec->coa_address, 0, &address))
		return -EINVAL;
	return addr_parse(spec->address, 0, &address);
}

/* The address as the gate compares it: one spelling for each host. */
static void spell_address(const char *text, char dst[static ADDR_TEXT_SIZE])
{
	struct addr address;

	if (addr_parse(text, 0, &address))
		snprintf(dst, ADDR_TEXT_SIZE, "%s", text);
	else
		addr_format_host(dst, &address);
}

static int tell(struct store *s, int64_t now_ms, const struct entry_actor *who, const char *act,
		int64_t id, const struct switch_spec *spec)
{
	char subject[ACT_SUBJECT_SIZE];

	snprintf(subject, sizeof(subject), "switch:%lld", (long long)id);
	return act_log(
		s, now_ms, who, act, spec->unit_id, subject,
		json_pack("{s:s, s:s, s:s, s:b, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:I, s:s}",
			  "name", spec->name, "address", spec->address, "vendor", spec->vendor,
			  "new_secret", spec->secret != NULL, "vlan_normal", spec->vlan_normal,
			  "vlan_isolation", spec->vlan_isolation, "acl_isolation",
			  spec->acl_isolation, "mab_unsigned_until",
			  (json_int_t)spec->mab_unsigned_until_ms, "acl_normal",
			  text_or_none(spec->acl_normal), "voice_vlan",
			  text_or_none(spec->voice_vlan), "reach", text_or_none(spec->reach),
			  "coa_address", text_or_none(spec->coa_address), "session_seconds",
			  (json_int_t)spec->session_seconds, "visitor_vlan",
			  text_or_none(spec->visitor_vlan)));
}

/* What it is told besides. */
static int put_answer(struct store *s, int64_t id, const struct switch_spec *spec)
{
	int err = store_exec(s, STMT_SWITCH_VISITOR_PUT,
			     STORE_ARGS(v_int(id), v_text(text_or_none(spec->visitor_vlan))), NULL);

	return err ? err
		   : store_exec(s, STMT_SWITCH_ANSWER_PUT,
				STORE_ARGS(v_int(id), v_text(text_or_none(spec->acl_normal)),
					   v_text(text_or_none(spec->voice_vlan)),
					   v_text(text_or_none(spec->reach)),
					   v_int(spec->session_seconds),
					   v_text(text_or_none(spec->coa_address))),
				NULL);
}

int switch_create(struct store *s, int64_t now_ms, const struct entry_actor *who,
		  const struct seal_pair *gates, const struct switch_spec *spec, int64_t *ret_id)
{
	CLEANUP_BUF struct buf sealed = BUF_INIT;
	char address[ADDR_TEXT_SIZE];
	int64_t id;
	int err = spec->secret ? check(spec) : -EINVAL;

	if (!err)
		err = seal_to_public(gates, SWITCH_SEAL_CONTEXT, spec->secret, strlen(spec->secret),
				     &sealed);
	if (err)
		return err;
	spell_address(spec->address, address);
	err = store_insert(s, STMT_SWITCH_INSERT,
			   STORE_ARGS(v_int(spec->unit_id), v_text(spec->name), v_text(address),
				      v_text(spec->vendor), v_blob(sealed.data, sealed.len),
				      v_int(spec->coa_port), v_text(spec->vlan_normal),
				      v_text(spec->vlan_isolation), v_text(spec->acl_isolation),
				      v_int_or_null(spec->mab_unsigned_until_ms), v_int(now_ms),
				      v_int(store_rev(s))),
			   &id);
	if (!err)
		err = put_answer(s, id, spec);
	if (!err)
		err = tell(s, now_ms, who, "switch.create", id, spec);
	if (!err)
		*ret_id = id;
	return err;
}

int switch_change(struct store *s, int64_t now_ms, const struct entry_actor *who,
		  const struct seal_pair *gates, int64_t id, const struct switch_spec *spec)
{
	CLEANUP_BUF struct buf sealed = BUF_INIT;
	char address[ADDR_TEXT_SIZE];
	int64_t changed = 0;
	int err = check(spec);

	if (!err && spec->secret)
		err = seal_to_public(gates, SWITCH_SEAL_CONTEXT, spec->secret, strlen(spec->secret),
				     &sealed);
	if (err)
		return err;
	spell_address(spec->address, address);
	err = store_exec(s, STMT_SWITCH_CHANGE,
			 STORE_ARGS(v_int(id), v_int(spec->unit_id), v_text(spec->name),
				    v_text(address), v_text(spec->vendor),
				    sealed.len ? v_blob(sealed.data, sealed.len) : v_null(),
				    v_int(spec->coa_port), v_text(spec->vlan_normal),
				    v_text(spec->vlan_isolation), v_text(spec->acl_isolation),
				    v_int_or_null(spec->mab_unsigned_until_ms),
				    v_int(store_rev(s))),
			 &changed);
	if (!err && changed == 0)
		err = -ENOENT;
	if (!err)
		err = put_answer(s, id, spec);
	return err ? err : tell(s, now_ms, who, "switch.change", id, spec);
}

/* The unit of a switch that has not ended. */
static int find(struct store *s, int64_t id, int64_t *ret_unit)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(store_writer(s), STMT_SWITCH_BY_ID, STORE_ARGS(v_int(id)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	*ret_unit = store_int(c, 1);
	return store_is_null(c, 3) ? 0 : -EALREADY;
}

int switch_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
	       const char *why)
{
	char subject[ACT_SUBJECT_SIZE];
	int64_t unit;
	int err = find(s, id, &unit);

	if (!err)
		err = store_exec(s, STMT_SWITCH_END,
				 STORE_ARGS(v_int(id), v_int(now_ms), v_int(store_rev(s))), NULL);
	if (err)
		return err;
	snprintf(subject, sizeof(subject), "switch:%lld", (long long)id);
	return act_log(s, now_ms, who, "switch.end", unit, subject,
		       json_pack("{s:s}", "reason", why));
}

int switch_set_mab_exception(struct store *s, int64_t now_ms, const struct entry_actor *who,
			     int64_t id, int64_t until_ms, const char *why)
{
	char subject[ACT_SUBJECT_SIZE];
	int64_t unit;
	int err = find(s, id, &unit);

	if (!err && until_ms && until_ms <= now_ms)
		err = -EINVAL;
	if (!err)
		err = store_exec(
			s, STMT_SWITCH_SET_MAB_UNSIGNED,
			STORE_ARGS(v_int(id), v_int_or_null(until_ms), v_int(store_rev(s))), NULL);
	if (err)
		return err;
	snprintf(subject, sizeof(subject), "switch:%lld", (long long)id);
	return act_log(s, now_ms, who, "switch.mab-exception", unit, subject,
		       json_pack("{s:I, s:s}", "until", (json_int_t)until_ms, "reason", why));
}
