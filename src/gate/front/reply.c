#include "gate/front/reply.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "gate/front/front.h"
#include "gate/front/place.h"

enum verdict reply_possible(const struct picture *p, enum verdict wanted,
			    const struct reply_eap *eap)
{
	if (eap && !eap->success)
		return VERDICT_REJECT;
	if (wanted == VERDICT_ISOLATE && !place_can_isolate(p->vendor, p->at))
		return VERDICT_REJECT;
	return wanted;
}

const char *reply_text(enum reason reason)
{
	static char texts[REASON_COUNT][REPLY_TEXT_SIZE]; /* each is made once */
	const struct reason_text *t = reason_text(reason);
	char *text = texts[(unsigned)reason < REASON_COUNT ? reason : REASON_NONE];

	if (!text[0])
		snprintf(text, REPLY_TEXT_SIZE, "%s / %s [%s]", t->zh, t->en, t->code);
	return text;
}

/* Who is warned hears why, and from when on. */
static void warn_text(char dst[static REPLY_TEXT_SIZE], const struct picture *p,
		      const struct decision *d)
{
	const struct reason_text *t = reason_text(d->would_be_reason);
	char day[CLOCK_TEXT_SIZE], text[2 * REPLY_TEXT_SIZE];

	clock_format_cst(day, p->enforce_from_ms);
	day[strcspn(day, "T ")] = '\0';
	snprintf(text, sizeof(text), "%s%s将无法接入：%s / %s%s you will be kept out: %s [%s]",
		 p->enforce_from_ms ? day : "", p->enforce_from_ms ? "起" : "强制模式启用后", t->zh,
		 p->enforce_from_ms ? "from " : "once this is enforced",
		 p->enforce_from_ms ? day : "", t->en, t->code);
	text_fit(dst, REPLY_TEXT_SIZE, text);
}

static const char *text_of(const struct picture *p, const struct decision *d,
			   char room[static REPLY_TEXT_SIZE])
{
	if (d->reason != REASON_WARNED)
		return reply_text(d->reason);
	warn_text(room, p, d);
	return room;
}

/* As long as the settings say, and no longer than what it rests on. */
static uint32_t seconds_granted(const struct gate *g, const struct picture *p,
				const struct decision *d)
{
	uint64_t admitted = p->at->row.session_seconds ? p->at->row.session_seconds
						       : g->settings.session_seconds;
	int64_t seconds =
		(int64_t)(d->verdict == VERDICT_ADMIT ? admitted : g->settings.isolation_seconds);
	const int64_t ends_ms[] = {
		d->reason == REASON_BYPASS ? p->bypass_until_ms : 0,
		d->reason == REASON_MAINTENANCE ? p->maintained_until_ms : 0,
		p->knock.method == KNOCK_MAB && d->reason == REASON_OK ? p->permit_until_ms : 0,
		d->reason == REASON_OK ? p->facts.terminal.until_ms : 0,
		d->reason == REASON_WARNED ? verdict_posture_due(&p->facts.terminal) : 0,
	};

	for (size_t i = 0; i < ARRAY_SIZE(ends_ms); i++)
		if (ends_ms[i])
			seconds = MIN(seconds, (ends_ms[i] - p->knock.at_ms) / SECOND_MS + 1);
	return (uint32_t)MAX(seconds, 1);
}

static void put_keys(struct gate *g, struct radius_out *out, const struct request *r,
		     const struct snap_switch *at, const struct reply_eap *eap)
{
	const struct radius_secret *secret = front_secret(g->front, r, at);
	const uint8_t *authenticator = r->packet.authenticator;
	uint16_t salt = get_be16(authenticator);

	if (eap->recv_len)
		radius_put_mppe(out, RADIUS_MS_MPPE_RECV_KEY, secret, authenticator, salt,
				eap->recv_key, eap->recv_len);
	if (eap->send_len)
		radius_put_mppe(out, RADIUS_MS_MPPE_SEND_KEY, secret, authenticator,
				(uint16_t)(salt ^ 1), eap->send_key, eap->send_len);
}

void reply_place(struct gate *g, const struct picture *p, const struct decision *d,
		 struct reply_place *ret)
{
	enum terminal_kind kind = p->facts.terminal.known ? p->facts.terminal.kind : TERMINAL_OTHER;
	const struct planned_for who = {.mac = &p->knock.mac,
					.at = p->at,
					.vendor = p->vendor,
					.port = p->knock.port,
					.place = &ret->place,
					.verdict = d->verdict,
					.now_ms = p->knock.at_ms};

	ret->place = place_of(p->vendor, p->at, d->verdict, kind, g->settings.legacy_vlan);
	planned_draw(g, &who, &ret->planned);
	planned_put(&ret->planned, &ret->place);
}

static void put_acceptance(struct gate *g, struct radius_out *out, const struct request *r,
			   const struct picture *p, const struct decision *d,
			   const struct reply_place *place, const struct session *session,
			   const struct reply_eap *eap)
{
	vendor_put_place(p->vendor, &place->place, out);
	vendor_put_timeout(p->vendor, seconds_granted(g, p, d), out);
	radius_put_u32(out, RADIUS_ACCT_INTERIM_INTERVAL, (uint32_t)g->settings.interim_seconds);
	if (session)
		radius_put(out, RADIUS_CLASS, session->class_id, CLASS_SIZE);
	if (session && session->account[0])
		radius_put_text(out, RADIUS_USER_NAME, session->account);
	if (eap)
		put_keys(g, out, r, p->at, eap);
}

void reply_send(struct gate *g, const struct request *r, const struct picture *p,
		const struct decision *d, const struct reply_place *place,
		const struct session *session, const struct reply_eap *eap)
{
	bool accept = d->verdict != VERDICT_REJECT;
	char text[REPLY_TEXT_SIZE];
	struct radius_out *out =
		front_begin(g->front, r, accept ? RADIUS_ACCESS_ACCEPT : RADIUS_ACCESS_REJECT);

	if (eap)
		eap_put_end(out, accept ? EAP_SUCCESS : EAP_FAILURE, eap->id);
	if (accept)
		put_acceptance(g, out, r, p, d, place, session, eap);
	if (!eap || g->settings.reason_with_eap)
		radius_put_text(out, RADIUS_REPLY_MESSAGE, text_of(p, d, text));
	front_send(g->front, r);
}
