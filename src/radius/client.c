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

int radius_check_answer(const struct radius_out *request, const void *data, size_t len,
			const struct radius_secret *s, struct radius_packet *ret)
{
	const uint8_t *authenticator = request->data + 4;
	struct radius_packet p;
	int err = radius_parse(data, len, &p);

	if (err)
		return err;
	if (p.id != request->data[1] || !code_answers(request->data[0], p.code))
		return -EBADMSG;
	err = radius_check_message(&p, s, authenticator);
	if (err == -ENOENT && !demands_message_authenticator(request->data[0]))
		err = radius_check_response(&p, s, authenticator);
	if (err)
		return -EBADMSG;
	*ret = p;
	return 0;
}

unsigned radius_retry_ms(unsigned attempt)
{
	return 2000U << MIN(attempt, 3U);
}
