#include "wire/frame.h"

#include <pb_decode.h>
#include <pb_encode.h>

struct type {
	const char *name;
	const pb_msgdesc_t *fields;
	size_t size;	/* of the struct */
	size_t longest; /* encoded */
};

#define TYPE(name, message)                                                                        \
	{                                                                                          \
		name, menshen_##message##_fields, sizeof(menshen_##message),                       \
			menshen_##message##_size                                                   \
	}

static const struct type types[FRAME_TYPE_END] = {
	[FRAME_AGENT_HELLO] = TYPE("agent hello", AgentHello),
	[FRAME_ENROL_REQUEST] = TYPE("enrol request", EnrolRequest),
	[FRAME_ENROL_ANSWER] = TYPE("enrol answer", EnrolAnswer),
	[FRAME_RENEW_REQUEST] = TYPE("renew request", RenewRequest),
	[FRAME_HEARTBEAT] = TYPE("heartbeat", Heartbeat),
	[FRAME_EVENT] = TYPE("event", Event),
	[FRAME_WELCOME] = TYPE("welcome", Welcome),
	[FRAME_ACK] = TYPE("ack", Ack),
	[FRAME_POLICY] = TYPE("policy", Policy),
	[FRAME_VERDICT_NOTICE] = TYPE("verdict notice", VerdictNotice),
	[FRAME_REFUSAL] = TYPE("refusal", Refusal),
	[FRAME_GATE_HELLO] = TYPE("gate hello", GateHello),
	[FRAME_GATE_WELCOME] = TYPE("gate welcome", GateWelcome),
	[FRAME_RECORD] = TYPE("record", Record),
	[FRAME_SNAPSHOT_BEGIN] = TYPE("snapshot begin", SnapshotBegin),
	[FRAME_SNAPSHOT_END] = TYPE("snapshot end", SnapshotEnd),
	[FRAME_SNAP_UNIT] = TYPE("unit", SnapUnit),
	[FRAME_SNAP_SWITCH] = TYPE("switch", SnapSwitch),
	[FRAME_SNAP_TERMINAL] = TYPE("terminal", SnapTerminal),
	[FRAME_SNAP_MAC] = TYPE("mac", SnapMac),
	[FRAME_SNAP_ACCOUNT] = TYPE("account", SnapAccount),
	[FRAME_SNAP_TERMINAL_ACCOUNT] = TYPE("terminal account", SnapTerminalAccount),
	[FRAME_SNAP_PERMIT] = TYPE("permit", SnapPermit),
	[FRAME_SNAP_DENY] = TYPE("deny", SnapDeny),
	[FRAME_SNAP_BYPASS] = TYPE("bypass", SnapBypass),
	[FRAME_AGENT_SEEN] = TYPE("agent seen", AgentSeen),
	[FRAME_HEAD] = TYPE("head", Head),
	[FRAME_HEAD_COSIGN] = TYPE("head cosign", HeadCosign),
	[FRAME_EXPLAIN_ASK] = TYPE("explain ask", ExplainAsk),
	[FRAME_EXPLAIN_ANSWER] = TYPE("explain answer", ExplainAnswer),
	[FRAME_PEER_HELLO] = TYPE("peer hello", PeerHello),
	[FRAME_PEER_WELCOME] = TYPE("peer welcome", PeerWelcome),
	[FRAME_PEER_SESSION] = TYPE("peer session", PeerSession),
	[FRAME_PEER_BEAT] = TYPE("peer beat", PeerBeat),
	[FRAME_SNAP_REVOKED] = TYPE("revoked", SnapRevoked),
	[FRAME_SNAP_ADDRESS] = TYPE("address", SnapAddress),
	[FRAME_GATE_PEERS] = TYPE("gate peers", GatePeers),
	[FRAME_SURVEY_SWITCH] = TYPE("survey switch", SurveySwitch),
	[FRAME_SURVEY_PORT] = TYPE("survey port", SurveyPort),
	[FRAME_SURVEY_MACS] = TYPE("survey macs", SurveyMacs),
	[FRAME_SURVEY_NEIGHBOUR] = TYPE("survey neighbour", SurveyNeighbour),
	[FRAME_SURVEY_END] = TYPE("survey end", SurveyEnd),
	[FRAME_SURVEY_TAKEN] = TYPE("survey taken", SurveyTaken),
	[FRAME_PEER_ISOLATION] = TYPE("peer isolation", PeerIsolation),
};

static const struct type *find_type(unsigned type)
{
	return type < FRAME_TYPE_END && types[type].name ? &types[type] : NULL;
}

const char *frame_name(enum frame_type type)
{
	const struct type *t = find_type(type);

	return t ? t->name : NULL;
}

size_t frame_size(enum frame_type type)
{
	const struct type *t = find_type(type);

	return t ? t->size : 0;
}

int frame_parse(const uint8_t *data, size_t len, struct frame *ret, size_t *ret_used)
{
	uint32_t size;

	if (len < FRAME_HEADER)
		return -EAGAIN;
	size = get_be32(data);
	if (size < 2 || size - 2 > FRAME_MAX || !find_type(get_be16(data + 4)))
		return -EBADMSG;
	if (len - 4 < size)
		return -EAGAIN;
	*ret = (struct frame){(enum frame_type)get_be16(data + 4), data + FRAME_HEADER, size - 2};
	*ret_used = 4 + (size_t)size;
	return 0;
}

int frame_decode(const struct frame *f, void *message, size_t size)
{
	const struct type *t = find_type(f->type);
	pb_istream_t in = pb_istream_from_buffer(f->payload, f->len);

	if (!t || t->size != size)
		return -EINVAL;
	memset(message, 0, size);
	/* Every default of ours is zero: without going through all fields once more. */
	return pb_decode_ex(&in, t->fields, message, PB_DECODE_NOINIT) ? 0 : -EBADMSG;
}

int frame_encode(struct buf *to, enum frame_type type, const void *message, size_t size)
{
	const struct type *t = find_type(type);
	pb_ostream_t out;
	size_t need;
	uint8_t *p;

	if (!t || t->size != size)
		return to->error = -EINVAL;
	need = t->longest;
	/* Its true length is asked for only where the longest would not fit: that costs a pass. */
	if (to->len + FRAME_HEADER + need > to->limit &&
	    (!pb_get_encoded_size(&need, t->fields, message) || need > FRAME_MAX))
		return to->error = -EMSGSIZE;
	p = buf_reserve(to, FRAME_HEADER + need);
	if (!p)
		return to->error;
	out = pb_ostream_from_buffer(p + FRAME_HEADER, need);
	if (!pb_encode(&out, t->fields, message))
		return to->error = -EINVAL;
	set_be32(p, (uint32_t)(out.bytes_written + 2));
	set_be16(p + 4, (uint16_t)type);
	to->len += FRAME_HEADER + out.bytes_written;
	to->data[to->len] = 0;
	return 0;
}
