#include "gate/facts/rows.h"

#include <string.h>

#include "base/text.h"
#include "policy/verdict.h"

_Static_assert(sizeof(((menshen_SnapAccount *)0)->name) <= UINT8_MAX &&
		       sizeof(((menshen_SnapAccount *)0)->nt_sealed.bytes) <= UINT8_MAX,
	       "their lengths are kept in a byte");

/* Where the message has a moment or a text, and how much of a text. */
static const size_t time_at[SNAP_TIMES] = {
	[SNAP_UNTIL] = offsetof(menshen_SnapTerminal, until_ms),
	[SNAP_ISOLATED_UNTIL] = offsetof(menshen_SnapTerminal, isolated_until_ms),
	[SNAP_POSTURE_EXEMPT_UNTIL] = offsetof(menshen_SnapTerminal, posture_exempt_until_ms),
	[SNAP_SUPPLICANT_EXEMPT_UNTIL] = offsetof(menshen_SnapTerminal, supplicant_exempt_until_ms),
	[SNAP_ACCOUNT_LIVE_EXEMPT_UNTIL] =
		offsetof(menshen_SnapTerminal, account_live_exempt_until_ms),
};
static const size_t text_at[SNAP_TEXTS] = {
	[SNAP_CERTIFICATE] = offsetof(menshen_SnapTerminal, certificate),
	[SNAP_NAME] = offsetof(menshen_SnapTerminal, name),
	[SNAP_ASSET_NO] = offsetof(menshen_SnapTerminal, asset_no),
};

static int64_t message_time(const menshen_SnapTerminal *m, size_t which)
{
	int64_t value;

	memcpy(&value, (const uint8_t *)m + time_at[which], sizeof(value));
	return value;
}

static const char *message_text(const menshen_SnapTerminal *m, size_t which)
{
	return (const char *)m + text_at[which];
}

static size_t count_times(uint8_t times)
{
	return (size_t)__builtin_popcount(times);
}

int64_t snap_terminal_time(const struct snap_terminal *t, enum snap_time which)
{
	uint8_t bit = (uint8_t)(1U << which);

	return t->times & bit ? t->behind[count_times(t->times & (uint8_t)(bit - 1))] : 0;
}

const char *snap_terminal_text(const struct snap_terminal *t, enum snap_text which)
{
	const char *text = (const char *)&t->behind[count_times(t->times)];

	for (unsigned i = 0; i < (unsigned)which; i++)
		text += strlen(text) + 1;
	return text;
}

int snap_terminal_size(const menshen_SnapTerminal *m, size_t *ret)
{
	size_t size = sizeof(struct snap_terminal);

	if (m->kind >= TERMINAL_KIND_COUNT || m->status > TERMINAL_SCRAPPED ||
	    m->posture > POSTURE_SILENT ||
	    (m->uuid.size != 0 && m->uuid.size != sizeof(struct uuid)))
		return -EBADMSG;
	for (size_t i = 0; i < SNAP_TIMES; i++)
		size += message_time(m, i) ? sizeof(int64_t) : 0;
	for (size_t i = 0; i < SNAP_TEXTS; i++)
		size += strlen(message_text(m, i)) + 1;
	*ret = size;
	return 0;
}

void snap_terminal_pack(const menshen_SnapTerminal *m, struct snap_terminal *to)
{
	size_t times = 0;
	char *text;

	*to = (struct snap_terminal){
		.id = m->id,
		.unit_id = m->unit_id,
		.posture_at_ms = m->posture_at_ms,
		.kind = (uint8_t)m->kind,
		.status = (uint8_t)m->status,
		.posture = (uint8_t)m->posture,
		.has_uuid = m->uuid.size == sizeof(struct uuid),
		.lifeline = m->lifeline,
		.isolated_by_person = m->isolated_by_person,
		.policy_old = m->policy_old,
	};
	memcpy(&to->uuid, m->uuid.bytes, m->uuid.size);
	for (size_t i = 0; i < SNAP_TIMES; i++)
		if (message_time(m, i)) {
			to->times |= (uint8_t)(1U << i);
			to->behind[times++] = message_time(m, i);
		}
	text = (char *)&to->behind[times];
	for (size_t i = 0; i < SNAP_TEXTS; i++) {
		size_t size = strlen(message_text(m, i)) + 1;

		memcpy(text, message_text(m, i), size);
		text += size;
	}
}

void snap_terminal_unpack(const struct snap_terminal *t, menshen_SnapTerminal *to)
{
	*to = (menshen_SnapTerminal){
		.id = t->id,
		.unit_id = t->unit_id,
		.posture_at_ms = t->posture_at_ms,
		.kind = t->kind,
		.status = t->status,
		.posture = t->posture,
		.lifeline = t->lifeline,
		.isolated_by_person = t->isolated_by_person,
		.policy_old = t->policy_old,
	};
	if (t->has_uuid) {
		to->uuid.size = sizeof(t->uuid);
		memcpy(to->uuid.bytes, &t->uuid, sizeof(t->uuid));
	}
	for (size_t i = 0; i < SNAP_TIMES; i++) {
		int64_t value = snap_terminal_time(t, (enum snap_time)i);

		memcpy((uint8_t *)to + time_at[i], &value, sizeof(value));
	}
	for (size_t i = 0; i < SNAP_TEXTS; i++) {
		const char *text = snap_terminal_text(t, (enum snap_text)i);

		memcpy((uint8_t *)to + text_at[i], text, strlen(text) + 1);
	}
}

const uint8_t *snap_account_sealed(const struct snap_account *a)
{
	return (const uint8_t *)a->name + a->name_len + 1;
}

size_t snap_account_size(const menshen_SnapAccount *m)
{
	return MAX(offsetof(struct snap_account, name) + strlen(m->name) + 1 + m->nt_sealed.size,
		   sizeof(struct snap_account));
}

void snap_account_pack(const menshen_SnapAccount *m, struct snap_account *to)
{
	*to = (struct snap_account){
		.id = m->id,
		.unit_id = m->unit_id,
		.locked_until_ms = m->locked_until_ms,
		.name_len = (uint8_t)strlen(m->name),
		.sealed_len = (uint8_t)m->nt_sealed.size,
		.enabled = m->enabled,
		.directory = m->directory,
	};
	memcpy(to->name, m->name, to->name_len + 1U);
	text_lower(to->name);
	memcpy(to->name + to->name_len + 1, m->nt_sealed.bytes, to->sealed_len);
}

void snap_account_unpack(const struct snap_account *a, menshen_SnapAccount *to)
{
	*to = (menshen_SnapAccount){
		.id = a->id,
		.unit_id = a->unit_id,
		.locked_until_ms = a->locked_until_ms,
		.enabled = a->enabled,
		.directory = a->directory,
		.nt_sealed.size = a->sealed_len,
	};
	memcpy(to->name, a->name, a->name_len + 1U);
	memcpy(to->nt_sealed.bytes, snap_account_sealed(a), a->sealed_len);
}

size_t snap_permit_size(const menshen_SnapPermit *m)
{
	return MAX(offsetof(struct snap_permit, hours) + m->hours_count * sizeof(m->hours[0]),
		   sizeof(struct snap_permit));
}

void snap_permit_pack(const menshen_SnapPermit *m, const char *port, struct snap_permit *to)
{
	*to = (struct snap_permit){
		.id = m->id,
		.switch_id = m->switch_id,
		.terminal_id = m->terminal_id,
		.from_ms = m->from_ms,
		.until_ms = m->until_ms,
		.port = port,
		.hours_count = (uint8_t)m->hours_count,
	};
	memcpy(to->mac.b, m->mac, sizeof(to->mac.b));
	memcpy(to->hours, m->hours, m->hours_count * sizeof(m->hours[0]));
}

void snap_permit_unpack(const struct snap_permit *p, menshen_SnapPermit *to)
{
	*to = (menshen_SnapPermit){
		.id = p->id,
		.switch_id = p->switch_id,
		.terminal_id = p->terminal_id,
		.from_ms = p->from_ms,
		.until_ms = p->until_ms,
		.hours_count = p->hours_count,
	};
	memcpy(to->mac, p->mac.b, sizeof(to->mac));
	memcpy(to->port, p->port, strlen(p->port) + 1);
	memcpy(to->hours, p->hours, p->hours_count * sizeof(p->hours[0]));
}
