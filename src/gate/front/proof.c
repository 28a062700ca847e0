#include "gate/front/proof.h"

bool proof_may_be_absent(const struct claim *c)
{
	const struct request *r = c->request;
	struct radius_attr eap = {0};

	return r->packet.code == RADIUS_ACCESS_REQUEST && c->unsigned_until_ms > r->now_ms &&
	       !radius_find(&r->packet, RADIUS_EAP_MESSAGE, &eap);
}

static enum proof judge(const struct claim *c, int message_result)
{
	const struct request *r = c->request;

	if (message_result == -EBADMSG)
		return PROOF_WRONG;
	if (r->packet.code == RADIUS_ACCOUNTING_REQUEST)
		return radius_check_request(&r->packet, c->secret) ? PROOF_WRONG : PROOF_GOOD;
	return r->is_signed ? PROOF_GOOD : PROOF_ABSENT;
}

void proof_batch(struct claim *claims, size_t count)
{
	struct radius_proof messages[PROOF_BATCH_MAX];

	for (size_t i = 0; i < count; i++)
		messages[i] = (struct radius_proof){&claims[i].request->packet, claims[i].secret,
						    NULL, -EBADMSG};
	radius_check_messages(messages, count);
	for (size_t i = 0; i < count; i++) {
		claims[i].request->is_signed = messages[i].result == 0;
		claims[i].proof = judge(&claims[i], messages[i].result);
	}
}
