#include "server/engine/ports.h"

#include <stdio.h>

/* What a limit belongs to. */
static const struct owner {
	enum store_stmt touch, put, unit;
	const char *noun, *act;
} unit_owner = {STMT_UNIT_TOUCH, STMT_UNIT_PORTS_PUT, STMT_COUNT, "unit", "unit.ports"},
  switch_owner = {STMT_SWITCH_TOUCH, STMT_SWITCH_PORTS_PUT, STMT_API_SWITCH_UNIT, "switch",
		  "switch.ports"};

static int set_ports(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		     const struct owner *o, const struct port_setting *p)
{
	char subject[ACT_SUBJECT_SIZE];
	int64_t changed = 0, unit = id;
	int r = p->terminals < 0 || p->terminals > PORT_TERMINALS_MOST ? -EINVAL : 0;

	if (!r)
		r = store_exec(s, o->touch, STORE_ARGS(v_int(id), v_int(store_rev(s))), &changed);
	if (!r && !changed)
		r = -ENOENT;
	if (!r && o->unit != STMT_COUNT)
		r = store_get_int(store_writer(s), o->unit, STORE_ARGS(v_int(id)), 0, &unit);
	if (!r)
		r = store_exec(s, o->put,
			       STORE_ARGS(v_int(id), v_int(p->terminals), v_int(p->phone_beside)),
			       NULL);
	if (r)
		return r;
	snprintf(subject, sizeof(subject), "%s:%lld", o->noun, (long long)id);
	return act_log(s, now_ms, who, o->act, unit, subject,
		       json_pack("{s:I, s:b, s:s}", "terminals", (json_int_t)p->terminals,
				 "phone_beside", p->phone_beside, "reason", p->why));
}

int unit_set_ports(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		   const struct port_setting *setting)
{
	return set_ports(s, now_ms, who, id, &unit_owner, setting);
}

int switch_set_ports(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		     const struct port_setting *setting)
{
	return set_ports(s, now_ms, who, id, &switch_owner, setting);
}
