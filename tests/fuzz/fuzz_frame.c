/*
 * Bytes of a peer: frames are taken off one by one; one that decodes is encoded again and must then
 * decode to the same bytes.
 */
#include <string.h>

#include "wire/frame.h"

/* Room for the message of any type, aligned for all. */
static union {
	menshen_Policy policy; /* the largest */
	menshen_EnrolRequest enrol;
	menshen_Event event;
	uint8_t bytes[40U << 10];
} message;

#define SIZE(type, name) [FRAME_##type] = sizeof(menshen_##name)

static const size_t sizes[FRAME_TYPE_END] = {
	SIZE(AGENT_HELLO, AgentHello),
	SIZE(ENROL_REQUEST, EnrolRequest),
	SIZE(ENROL_ANSWER, EnrolAnswer),
	SIZE(RENEW_REQUEST, RenewRequest),
	SIZE(HEARTBEAT, Heartbeat),
	SIZE(EVENT, Event),
	SIZE(WELCOME, Welcome),
	SIZE(ACK, Ack),
	SIZE(POLICY, Policy),
	SIZE(VERDICT_NOTICE, VerdictNotice),
	SIZE(REFUSAL, Refusal),
	SIZE(GATE_HELLO, GateHello),
	SIZE(GATE_WELCOME, GateWelcome),
	SIZE(RECORD, Record),
	SIZE(SNAPSHOT_BEGIN, SnapshotBegin),
	SIZE(SNAPSHOT_END, SnapshotEnd),
	SIZE(SNAP_UNIT, SnapUnit),
	SIZE(SNAP_SWITCH, SnapSwitch),
	SIZE(SNAP_TERMINAL, SnapTerminal),
	SIZE(SNAP_MAC, SnapMac),
	SIZE(SNAP_ACCOUNT, SnapAccount),
	SIZE(SNAP_TERMINAL_ACCOUNT, SnapTerminalAccount),
	SIZE(SNAP_PERMIT, SnapPermit),
	SIZE(SNAP_DENY, SnapDeny),
	SIZE(SNAP_BYPASS, SnapBypass),
	SIZE(AGENT_SEEN, AgentSeen),
	SIZE(HEAD, Head),
	SIZE(HEAD_COSIGN, HeadCosign),
	SIZE(EXPLAIN_ASK, ExplainAsk),
	SIZE(EXPLAIN_ANSWER, ExplainAnswer),
	SIZE(PEER_HELLO, PeerHello),
	SIZE(PEER_WELCOME, PeerWelcome),
	SIZE(PEER_SESSION, PeerSession),
	SIZE(PEER_BEAT, PeerBeat),
	SIZE(PEER_ISOLATION, PeerIsolation),
	SIZE(SNAP_REVOKED, SnapRevoked),
	SIZE(SNAP_ADDRESS, SnapAddress),
	SIZE(GATE_PEERS, GatePeers),
	SIZE(SURVEY_SWITCH, SurveySwitch),
	SIZE(SURVEY_PORT, SurveyPort),
	SIZE(SURVEY_MACS, SurveyMacs),
	SIZE(SURVEY_NEIGHBOUR, SurveyNeighbour),
	SIZE(SURVEY_END, SurveyEnd),
	SIZE(SURVEY_TAKEN, SurveyTaken),
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void encode_twice(enum frame_type type)
{
	CLEANUP_BUF struct buf first = BUF_INIT, second = BUF_INIT;
	struct frame f;
	size_t used;

	if (frame_encode(&first, type, &message, sizes[type]))
		return; /* text that is no UTF-8 ends nowhere else */
	if (frame_parse(first.data, first.len, &f, &used) || used != first.len ||
	    frame_decode(&f, &message, sizes[type]) ||
	    frame_encode(&second, type, &message, sizes[type]) || first.len != second.len ||
	    memcmp(first.data, second.data, first.len) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct frame f;
	size_t used;

	while (frame_parse(data, len, &f, &used) == 0) {
		if (used > len || f.len > FRAME_MAX || !frame_name(f.type) || !sizes[f.type])
			abort();
		if (frame_decode(&f, &message, sizes[f.type]) == 0)
			encode_twice(f.type);
		data += used;
		len -= used;
	}
	return 0;
}
