#include "radius/secret.h"

#include <string.h>

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

int radius_check_message(const struct radius_packet *p, const struct radius_secret *s,
			 const uint8_t *request_authenticator)
{
	const uint8_t *authenticator = request_authenticator;
	size_t at = p->message_at, after = at + RADIUS_AUTHENTICATOR_SIZE;
	uint8_t head[RADIUS_HEADER_SIZE], sum[MD5_SIZE];

	if (at == 0)
		return -ENOENT;
	if (!authenticator)
		authenticator = has_random_authenticator(p->code) ? p->authenticator : zeros;
	memcpy(head, p->data, 4);
	memcpy(head + 4, authenticator, RADIUS_AUTHENTICATOR_SIZE);
	hmac_md5(&s->keyed,
		 (struct piece[]){
			 {head, sizeof(head)},
			 {p->data + RADIUS_HEADER_SIZE, at - RADIUS_HEADER_SIZE},
			 {zeros, sizeof(zeros)},
			 {p->data + after, p->len - after},
		 },
		 4, sum);
	return secret_equal(sum, p->data + at, sizeof(sum)) ? 0 : -EBADMSG;
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
