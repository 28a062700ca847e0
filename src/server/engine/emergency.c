#include "server/engine/emergency.h"

#include "server/engine/permit.h"
#include "server/engine/terminal.h"

int emergency_unit(struct store_db *db, int64_t switch_id, int64_t *ret)
{
	int64_t unit = 0;
	int r = store_get_int(db, STMT_REQUEST_SWITCH, STORE_ARGS(v_int(switch_id)), 0, &unit);

	if (!r && !unit)
		r = -ENOENT;
	if (!r)
		*ret = unit;
	return r;
}

static int check(struct store *s, int64_t now_ms, const struct mac *mac, struct refused *why)
{
	struct store_db *db = store_writer(s);
	int64_t recent, standing = 0;
	int r = store_get_int(db, STMT_EMERGENCY_RECENT,
			      STORE_ARGS(v_mac(mac), v_int(now_ms - EMERGENCY_AGAIN_MS)), 0,
			      &recent);

	if (!r)
		r = store_get_int(db, STMT_EMERGENCY_STANDING,
				  STORE_ARGS(v_mac(mac), v_int(now_ms)), 0, &standing);
	if (r)
		return r;
	if (mac_is_multicast(mac))
		return refuse(why, REFUSAL_VALUE_WRONG, "mac");
	if (recent)
		return refuse(why, REFUSAL_EMERGENCY_AGAIN, "mac");
	return standing ? refuse(why, REFUSAL_TAKEN, "mac") : 0;
}

/* The device by its MAC, or a new one of the switch's unit. A computer has a client instead. */
static int get_device(struct store *s, int64_t now_ms, const struct entry_actor *who,
		      const struct emergency_spec *spec, struct terminal *ret, struct refused *why)
{
	struct terminal_spec device = {
		.kind = TERMINAL_OTHER, .name = "应急接入设备", .status = TERMINAL_IN_USE};
	int r = terminal_load_by_mac(store_writer(s), &spec->mac, ret);

	if (r < 0)
		return r;
	if (r)
		return terminal_kind_needs_agent(ret->kind) || ret->kind == TERMINAL_VISITOR ||
				       ret->status == TERMINAL_SCRAPPED
			       ? refuse(why, REFUSAL_MAC_TAKEN, "mac")
			       : 0;
	r = emergency_unit(store_writer(s), spec->switch_id, &device.unit_id);
	if (!r)
		r = terminal_create(s, now_ms, who, &device, ret);
	return r ? r : terminal_own_mac(s, now_ms, who, ret->id, &spec->mac);
}

static int grant(struct store *s, int64_t now_ms, const struct entry_actor *who,
		 const struct emergency_spec *spec, const struct terminal *t, int64_t *ret_permit)
{
	const struct permit_spec permit = {.terminal_id = t->id,
					   .mac = spec->mac,
					   .switch_id = spec->switch_id,
					   .port = spec->port,
					   .from_ms = now_ms,
					   .until_ms = now_ms + EMERGENCY_LIFE_MS};
	char subject[ACT_SUBJECT_SIZE];
	int r = permit_grant(s, now_ms, who, &permit, ret_permit);

	if (!r)
		r = store_exec(s, STMT_EMERGENCY_INSERT,
			       STORE_ARGS(v_int(*ret_permit), v_mac(&spec->mac),
					  v_int(who->account), v_int(now_ms), v_text(spec->why)),
			       NULL);
	if (r)
		return r;
	act_subject_terminal(subject, &t->uuid);
	return act_log(s, now_ms, who, "permit.emergency", t->unit_id, subject,
		       json_pack("{s:I, s:I, s:s}", "permit", (json_int_t)*ret_permit, "until",
				 (json_int_t)permit.until_ms, "reason", spec->why));
}

static int file_follow_up(struct store *s, int64_t now_ms, const struct entry_actor *who,
			  const struct account *account, const struct emergency_spec *spec,
			  struct refused *why)
{
	char mac[MAC_TEXT_SIZE];
	int64_t unit, id;
	json_t *form;
	int r = emergency_unit(store_writer(s), spec->switch_id, &unit);

	if (r)
		return r;
	mac_format(mac, &spec->mac);
	form = json_pack("{s:s, s:I, s:s, s:I, s:s}", "mac", mac, "switch",
			 (json_int_t)spec->switch_id, "port", spec->port, "days",
			 (json_int_t)spec->days, "reason", spec->why);
	if (!form)
		return -ENOMEM;
	r = request_file(s, now_ms, who, account, request_kind_find(EMERGENCY_KIND), unit, form,
			 &id, why);
	json_decref(form);
	return r;
}

int emergency_grant(struct store *s, int64_t now_ms, const struct entry_actor *who,
		    const struct account *account, const struct emergency_spec *spec,
		    int64_t *ret_permit, struct refused *why)
{
	struct terminal t;
	int64_t permit;
	int r = check(s, now_ms, &spec->mac, why);

	if (!r)
		r = get_device(s, now_ms, who, spec, &t, why);
	if (!r)
		r = grant(s, now_ms, who, spec, &t, &permit);
	if (!r)
		r = file_follow_up(s, now_ms, who, account, spec, why);
	if (!r)
		*ret_permit = permit;
	return r;
}
