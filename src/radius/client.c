#include "radius/client.h"

/* Which answers belong to which request; 0 ends a row. */
static const struct {
	uint8_t request, answers[4];
} pairs[] = {
	{RADIUS_ACCESS_REQUEST,
	 {RADIUS_ACCESS_ACCEPT, RADIUS_ACCESS_REJECT, RADIUS_ACCESS_CHALLENGE}},
	{RADIUS_ACCOUNTING_REQUEST, {RADIUS_ACCOUNTING_RESPONSE}},
	{RADIUS_STATUS_SERVER, {RADIUS_ACCESS_ACCEPT, RADIUS_ACCOUNTING_RESPONSE}},
	{RADIUS_DISCONNECT_REQUEST, {RADIUS_DISCONNECT_ACK, RADIUS_DISCONNECT_NAK}},
	{RADIUS_COA_REQUEST, {RADIUS_COA_ACK, RADIUS_COA_NAK}},
};

static bool code_answers(uint8_t request, uint8_t answer)
{
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		for (size_t j = 0; pairs[i].request == request && pairs[i].answers[j]; j++)
			if (pairs[i].answers[j] == answer)
				return true;
	return false;
}

static bool demands_message_authenticator(uint8_t request)
{
	return request == RADIUS_ACCESS_REQUEST;
}

/* All but the sums. */
static int look_at(struct radius_answer *a)
{
	int err = radius_parse(a->data, a->len, &a->packet);

	if (err)
		return err;
	if (a->packet.id != a->request->data[1] ||
	    !code_answers(a->request->data[0], a->packet.code))
		return -EBADMSG;
	return 0;
}

static int judge(const struct radius_answer *a, int message_result)
{
	int err = message_result;

	if (err == -ENOENT && !demands_message_authenticator(a->request->data[0]))
		err = radius_check_response(&a->packet, a->secret, a->request->data + 4);
	return err ? -EBADMSG : 0;
}

void radius_check_answers(struct radius_answer *answers, size_t count)
{
	struct radius_proof proofs[RADIUS_BATCH_MAX];
	size_t proof_count = 0;

	for (size_t i = 0; i < count; i++) {
		struct radius_answer *a = &answers[i];

		a->result = look_at(a);
		if (!a->result)
			proofs[proof_count++] = (struct radius_proof){
				&a->packet, a->secret, a->request->data + 4, -EBADMSG};
	}
	radius_check_messages(proofs, proof_count);
	proof_count = 0;
	for (size_t i = 0; i < count; i++)
		if (!answers[i].result)
			answers[i].result = judge(&answers[i], proofs[proof_count++].result);
}

int radius_check_answer(const struct radius_out *request, const void *data, size_t len,
			const struct radius_secret *s, struct radius_packet *ret)
{
	struct radius_answer a = {.request = request, .data = data, .len = len, .secret = s};

	radius_check_answers(&a, 1);
	if (!a.result)
		*ret = a.packet;
	return a.result;
}

unsigned radius_retry_ms(unsigned attempt)
{
	return 2000U << MIN(attempt, 3U);
}
