#include "radius/secret.h"

#include <string.h>

#include "crypto/md5_lanes.h"
#include "crypto/secret.h"

static const uint8_t zeros[RADIUS_AUTHENTICATOR_SIZE];

int radius_secret_set(struct radius_secret *s, const void *text, size_t len)
{
	if (len == 0 || len > sizeof(s->text))
		return -EINVAL;
	memcpy(s->text, text, len);
	s->len = len;
	hmac_md5_key_init(&s->keyed, text, len);
	return 0;
}

void radius_secret_wipe(struct radius_secret *s)
{
	secret_wipe(s, sizeof(*s));
}

/* Access-Request and Status-Server are made with a random authenticator, the others with zeros. */
static bool has_random_authenticator(uint8_t code)
{
	return code == RADIUS_ACCESS_REQUEST || code == RADIUS_STATUS_SERVER;
}

/* The packet as it was when it was signed: `head` is room for its header. */
static struct md5_task task_of(const struct radius_proof *proof, uint8_t *head)
{
	const struct radius_packet *p = proof->packet;
	const uint8_t *authenticator = proof->request_authenticator;
	size_t at = p->message_at, after = at + RADIUS_AUTHENTICATOR_SIZE;

	if (!authenticator)
		authenticator = has_random_authenticator(p->code) ? p->authenticator : zeros;
	memcpy(head, p->data, 4);
	memcpy(head + 4, authenticator, RADIUS_AUTHENTICATOR_SIZE);
	return (struct md5_task){
		.key = &proof->secret->keyed,
		.pieces = {{head, RADIUS_HEADER_SIZE},
			   {p->data + RADIUS_HEADER_SIZE, at - RADIUS_HEADER_SIZE},
			   {zeros, sizeof(zeros)},
			   {p->data + after, p->len - after}},
		.count = 4,
	};
}

void radius_check_messages(struct radius_proof *proofs, size_t count)
{
	uint8_t heads[RADIUS_BATCH_MAX][RADIUS_HEADER_SIZE];
	struct md5_task tasks[RADIUS_BATCH_MAX];
	size_t task_count = 0;

	for (size_t i = 0; i < count; i++) {
		if (proofs[i].packet->message_at == 0)
			continue;
		tasks[task_count] = task_of(&proofs[i], heads[task_count]);
		task_count++;
	}
	md5_many(tasks, task_count);
	task_count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct radius_packet *p = proofs[i].packet;

		if (p->message_at == 0)
			proofs[i].result = -ENOENT;
		else if (secret_equal(tasks[task_count++].sum, p->data + p->message_at, MD5_SIZE))
			proofs[i].result = 0;
		else
			proofs[i].result = -EBADMSG;
	}
}

int radius_check_message(const struct radius_packet *p, const struct radius_secret *s,
			 const uint8_t *request_authenticator)
{
	struct radius_proof proof = {p, s, request_authenticator, -EBADMSG};

	radius_check_messages(&proof, 1);
	return proof.result;
}

static int check_authenticator(const struct radius_packet *p, const struct radius_secret *s,
			       const uint8_t *authenticator)
{
	uint8_t sum[MD5_SIZE];

	md5_pieces(
		(struct piece[]){
			{p->data, 4},
			{authenticator, RADIUS_AUTHENTICATOR_SIZE},
			{p->data + RADIUS_HEADER_SIZE, p->len - RADIUS_HEADER_SIZE},
			{s->text, s->len},
		},
		4, sum);
	return secret_equal(sum, p->authenticator, sizeof(sum)) ? 0 : -EBADMSG;
}

int radius_check_request(const struct radius_packet *p, const struct radius_secret *s)
{
	return check_authenticator(p, s, zeros);
}

int radius_check_response(const struct radius_packet *p, const struct radius_secret *s,
			  const uint8_t request_authenticator[static RADIUS_AUTHENTICATOR_SIZE])
{
	return check_authenticator(p, s, request_authenticator);
}
