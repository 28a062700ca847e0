/* A RADIUS packet of a stranger: parsed, walked, printed, answered, and rebuilt attribute by
 * attribute; what was rebuilt says the same again. */
#include <string.h>

#include "radius/client.h"
#include "radius/eap.h"
#include "radius/password.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void answer(const struct radius_packet *p, const struct radius_secret *secret)
{
	struct radius_packet again;
	struct radius_out out;

	radius_begin_answer(&out, RADIUS_ACCESS_REJECT, p);
	if (radius_finish_answer(&out, secret, p->authenticator))
		return;
	if (radius_parse(out.data, out.len, &again) ||
	    radius_check_message(&again, secret, p->authenticator) ||
	    radius_check_response(&again, secret, p->authenticator))
		abort();
}

static void rebuild(const struct radius_packet *p, const struct radius_secret *secret)
{
	struct radius_attr a = {0}, b = {0};
	struct radius_packet again;
	struct radius_out out;

	radius_begin_request(&out, p->code, p->id);
	while (radius_next(p, &a))
		if (a.type != RADIUS_MESSAGE_AUTHENTICATOR)
			radius_put(&out, a.type, a.value, a.len);
	if (radius_finish_request(&out, secret))
		return;
	if (radius_parse(out.data, out.len, &again)) {
		if (p->message_at == 0)
			return; /* one attribute more than is allowed */
		abort();
	}
	if (radius_check_message(&again, secret, NULL) || !radius_next(&again, &b))
		abort();
	for (a = (struct radius_attr){0}; radius_next(p, &a);) {
		if (a.type == RADIUS_MESSAGE_AUTHENTICATOR)
			continue;
		if (!radius_next(&again, &b) || a.type != b.type || a.len != b.len ||
		    memcmp(a.value, b.value, a.len) != 0)
			abort();
	}
}

static void take_apart(const struct radius_packet *p, const struct radius_secret *secret)
{
	uint8_t key[RADIUS_MPPE_KEY_MAX];
	struct radius_attr a = {0};
	char text[600], small[9];
	size_t key_len = 0;
	int err;

	while (radius_next(p, &a)) {
		if (radius_attribute_print(text, sizeof(text), a.type, a.value, a.len) >=
			    sizeof(text) ||
		    radius_attribute_print(small, sizeof(small), a.type, a.value, a.len) >=
			    sizeof(small))
			abort();
	}
	err = radius_get_password(p, secret, text, sizeof(text));
	if (!err && strlen(text) > RADIUS_PASSWORD_MAX)
		abort();
	err = radius_get_mppe(p, RADIUS_MS_MPPE_SEND_KEY, secret, p->authenticator, key, &key_len);
	if (!err && key_len > sizeof(key))
		abort();
	(void)!radius_check_chap(p, "password");
	(void)!radius_check_message(p, secret, NULL);
	(void)!radius_check_request(p, secret);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct radius_secret secret;
	struct radius_packet p;

	if (radius_secret_set(&secret, "xyzzy5461", 9))
		abort();
	if (radius_parse(data, len, &p))
		return 0;
	take_apart(&p, &secret);
	answer(&p, &secret);
	rebuild(&p, &secret);
	return 0;
}
