#include "gate/knock/imposter.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "gate/front/request.h"
#include "gate/line/record.h"
#include "policy/finding.h"

struct place {
	int64_t switch_id;
	char port[PORT_SIZE];
};

struct moves {
	struct mac mac;
	struct place from; /* of the last move */
	int64_t at_ms;
	unsigned back;
};

struct told_key {
	struct mac mac;
	enum finding finding;
	int64_t switch_id;
};

void imposters_init(struct imposters *s)
{
	map_init(&s->moves, sizeof(struct mac));
	told_init(&s->told, sizeof(struct told_key), IMPOSTERS_MAX, IMPOSTER_AGAIN_MS);
}

static void forget(struct imposters *s)
{
	struct moves *m;
	size_t at = 0;

	while ((m = map_next(&s->moves, &at)))
		free(m);
	map_clear(&s->moves);
}

void imposters_done(struct imposters *s)
{
	forget(s);
	map_done(&s->moves);
	told_done(&s->told);
}

static void tell(struct gate *g, const struct request *r, const struct picture *p,
		 const struct session *session, enum finding f, const char *note)
{
	struct told_key key;
	struct record_finding found = {.mac = &r->mac,
				       .session = session,
				       .terminal_id = p->terminal ? p->terminal->id : 0,
				       .code = finding_text(f)->code,
				       .address = session ? session->address : "",
				       .note = note,
				       .switch_id = r->switch_id,
				       .port = r->port};

	memset(&key, 0, sizeof(key)); /* the padding, too */
	key.mac = r->mac;
	key.finding = f;
	key.switch_id = r->switch_id;
	if (told_ask(&g->imposters.told, &key, r->now_ms) == TOLD_NEW)
		record_finding(g, &found);
}

/* ---- what the verdict says ---- */

static bool is_of_another_branch(const struct gate *g, const struct picture *p)
{
	const struct snap_switch *home = snapshot_switch(g->snapshot, p->facts.permit.switch_id);

	return !home || home->row.unit_id != p->at->row.unit_id;
}

static const struct {
	enum reason reason;
	enum finding finding;
	bool (*holds)(const struct gate *g, const struct picture *p); /* NULL: always */
	const char *note;
} signs[] = {
	{REASON_MAC_OF_ANOTHER, FINDING_CLONE, NULL,
	 "the certificate or account is one terminal's, the MAC another's"},
	{REASON_AGENT_MAC_MISMATCH, FINDING_CLONE, NULL,
	 "the terminal's agent is alive and has no card of this MAC"},
	{REASON_ACCOUNT_NOT_ON_TERMINAL, FINDING_OTHER_ACCOUNT, NULL,
	 "the account is not this terminal's"},
	{REASON_PERMIT_OTHER_SWITCH, FINDING_OTHER_BRANCH, is_of_another_branch,
	 "its permit is for a switch of another branch"},
};

static const char *switch_name(const struct gate *g, int64_t id)
{
	const struct snap_switch *sw = snapshot_switch(g->snapshot, id);

	return sw ? sw->row.name : "another switch";
}

void imposters_look(struct gate *g, const struct request *r, const struct picture *p,
		    const struct decision *d, const struct session *session)
{
	char note[256];

	for (size_t i = 0; r->has_mac && i < ARRAY_SIZE(signs); i++) {
		if (signs[i].reason != d->would_be_reason ||
		    (signs[i].holds && !signs[i].holds(g, p)))
			continue;
		snprintf(note, sizeof(note), "%s: %.60s port %.60s", signs[i].note, p->at->row.name,
			 r->port);
		tell(g, r, p, session, signs[i].finding, note);
	}
}

/* ---- two places ---- */

/* NULL when memory is short: then nothing is told. */
static struct moves *get_moves(struct imposters *s, const struct mac *mac)
{
	struct moves *m = map_get(&s->moves, mac);

	if (m)
		return m;
	if (s->moves.count >= IMPOSTERS_MAX)
		forget(s);
	m = calloc(1, sizeof(*m));
	if (!m)
		return NULL;
	m->mac = *mac;
	if (map_put(&s->moves, &m->mac, m, NULL)) {
		free(m);
		return NULL;
	}
	return m;
}

static bool is_by_radio(const struct request *r)
{
	uint32_t type;

	return radius_get_u32(&r->packet, RADIUS_NAS_PORT_TYPE, &type) == 0 &&
	       type == RADIUS_PORT_TYPE_RADIO;
}

void imposters_moved(struct gate *g, const struct request *r, const struct picture *p,
		     const struct session *left)
{
	bool is_here = left->switch_id == r->switch_id && strcmp(left->port, r->port) == 0;
	struct moves *m =
		is_here || !r->port[0] || is_by_radio(r) ? NULL : get_moves(&g->imposters, &r->mac);
	char note[256];

	if (!m)
		return;
	if (m->from.switch_id != r->switch_id || strcmp(m->from.port, r->port) != 0 ||
	    r->now_ms - m->at_ms > MOVES_WINDOW_MS)
		m->back = 0;
	else
		m->back++;
	m->from.switch_id = left->switch_id;
	(void)!text_copy(m->from.port, sizeof(m->from.port), left->port);
	m->at_ms = r->now_ms;
	if (m->back < MOVES_BACK)
		return;
	snprintf(note, sizeof(note),
		 "%u times back and forth between %.60s port %.40s and %.60s port %.40s", m->back,
		 switch_name(g, left->switch_id), left->port, p->at->row.name, r->port);
	tell(g, r, p, NULL, FINDING_TWO_PLACES, note);
}
