#include "gate/live/change.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "gate/front/place.h"

static const struct {
	const char *said;
	uint8_t code;
} steps[] = {
	[CHANGE_PLACE] = {"CoA-Request", RADIUS_COA_REQUEST},
	[CHANGE_REAUTHENTICATE] = {"CoA-Request to authenticate again", RADIUS_COA_REQUEST},
	[CHANGE_DISCONNECT] = {"Disconnect-Request", RADIUS_DISCONNECT_REQUEST},
	[CHANGE_BOUNCE] = {"CoA-Request to bounce the port", RADIUS_COA_REQUEST},
	[CHANGE_BOUNCE_SNMP] = {"port bounce by SNMP", 0},
};

enum change_step change_first(const struct vendor *v, const struct vendor_place *from,
			      const struct vendor_place *to)
{
	if (!to || v->change == VENDOR_CHANGE_DISCONNECT)
		return CHANGE_DISCONNECT;
	if (v->change == VENDOR_CHANGE_REAUTHENTICATE)
		return CHANGE_REAUTHENTICATE;
	if (place_can_change(from, to))
		return CHANGE_PLACE;
	return vendor_says(v, VENDOR_USE_REAUTHENTICATE) ? CHANGE_REAUTHENTICATE
							 : CHANGE_DISCONNECT;
}

enum change_step change_next(const struct vendor *v, enum change_step step,
			     enum change_outcome outcome, bool may_bounce)
{
	if (outcome == CHANGE_ACK || outcome == CHANGE_GONE)
		return CHANGE_OVER;
	if (outcome == CHANGE_NAK && step < CHANGE_DISCONNECT)
		return CHANGE_DISCONNECT;
	if (!may_bounce || v->bounce == VENDOR_BOUNCE_NONE || step == CHANGE_BOUNCE_SNMP)
		return CHANGE_OVER;
	if (outcome == CHANGE_NAK && step == CHANGE_DISCONNECT && v->bounce == VENDOR_BOUNCE_COA)
		return CHANGE_BOUNCE;
	return CHANGE_BOUNCE_SNMP;
}

/* The port's own name: what stands in for it when the switch sent only a number is not one. */
static const char *port_id(const struct session *n)
{
	char number[16];

	snprintf(number, sizeof(number), "%u", n->nas_port);
	return n->nas_port && strcmp(n->port, number) == 0 ? NULL : n->port;
}

int change_build(struct radius_out *out, uint8_t id, enum change_step step,
		 const struct change_facts *f)
{
	const struct session *n = f->session;
	const struct vendor_session known = {
		.session_id = n->acct_id,
		.calling = n->calling,
		.port_id = port_id(n),
		/* MAC authentication names the MAC, in the form that the vendor's file sets. */
		.user = n->account[0] ? n->account : n->calling,
		.switch_address = f->at->row.address,
		.terminal_address = n->address,
		.has_nas_port = n->nas_port != 0,
		.nas_port = n->nas_port,
		.class_value = n->class_id,
		.class_len = CLASS_SIZE,
		.now_s = (uint32_t)(f->now_ms / SECOND_MS),
	};

	if (f->vendor->message_authenticator)
		radius_begin_request(out, steps[step].code, id);
	else
		radius_begin_bare_request(out, steps[step].code, id);
	vendor_put_session(f->vendor, &known, out);
	if (step == CHANGE_PLACE)
		vendor_put_place(f->vendor, f->to, out);
	else if (step == CHANGE_REAUTHENTICATE)
		vendor_put_command(f->vendor, VENDOR_USE_REAUTHENTICATE, out);
	else if (step == CHANGE_BOUNCE)
		vendor_put_command(f->vendor, VENDOR_USE_BOUNCE, out);
	return radius_finish_request(out, f->secret ? f->secret : &f->at->secret);
}

enum change_outcome change_read(const struct radius_packet *answer, uint32_t *ret_cause)
{
	uint32_t cause = 0;

	(void)!radius_get_u32(answer, RADIUS_ERROR_CAUSE, &cause);
	*ret_cause = cause;
	if (answer->code == RADIUS_DISCONNECT_ACK || answer->code == RADIUS_COA_ACK)
		return CHANGE_ACK;
	/* It answers with a knock of its own (RFC 5176 section 3.2). */
	if (cause == RADIUS_ERROR_REQUEST_INITIATED)
		return CHANGE_ACK;
	return cause == RADIUS_ERROR_SESSION_NOT_FOUND ? CHANGE_GONE : CHANGE_NAK;
}

void change_tell(char dst[static CHANGE_TEXT_SIZE], enum change_step step,
		 enum change_outcome outcome, uint32_t cause)
{
	const char *name = cause ? radius_error_cause_name(cause) : NULL;
	const char *said = steps[step].said;

	if (step == CHANGE_BOUNCE_SNMP)
		snprintf(dst, CHANGE_TEXT_SIZE, "%s: this gate has none, do it on the switch",
			 said);
	else if (outcome == CHANGE_SILENT)
		snprintf(dst, CHANGE_TEXT_SIZE, "%s: no answer", said);
	else if (outcome == CHANGE_ACK)
		snprintf(dst, CHANGE_TEXT_SIZE, "%s: ACK", said);
	else if (!cause)
		snprintf(dst, CHANGE_TEXT_SIZE, "%s: NAK", said);
	else
		snprintf(dst, CHANGE_TEXT_SIZE, "%s: NAK, %s (%u)", said, name ? name : "cause",
			 cause);
}
