#include "radius/eap.h"

#include <string.h>

#include "base/buf.h"
#include "crypto/secret.h"
#include "radius/password.h"

#define EAP_HEADER 4
#define MD5_VALUE_SIZE 16

int eap_parse(const uint8_t *data, size_t len, struct eap_packet *ret)
{
	struct eap_packet e = {.data = data, .len = len};

	if (len < EAP_HEADER || len > EAP_PACKET_MAX || get_be16(data + 2) != len)
		return -EBADMSG;
	e.code = data[0];
	e.id = data[1];
	switch (e.code) {
	case EAP_REQUEST:
	case EAP_RESPONSE:
		if (len == EAP_HEADER)
			return -EBADMSG;
		e.type = data[EAP_HEADER];
		e.body = data + EAP_HEADER + 1;
		e.body_len = len - EAP_HEADER - 1;
		break;
	case EAP_SUCCESS:
	case EAP_FAILURE:
		if (len != EAP_HEADER)
			return -EBADMSG;
		break;
	default:
		return -EBADMSG;
	}
	*ret = e;
	return 0;
}

int eap_collect(const struct radius_packet *p, uint8_t dst[static EAP_PACKET_MAX],
		struct eap_packet *ret)
{
	const uint8_t *end = NULL;
	struct radius_attr a = {0};
	size_t len = 0;

	while (radius_find(p, RADIUS_EAP_MESSAGE, &a)) {
		if ((end && a.value - 2 != end) || a.len > EAP_PACKET_MAX - len)
			return -EBADMSG;
		memcpy(dst + len, a.value, a.len);
		len += a.len;
		end = a.value + a.len;
	}
	return end ? eap_parse(dst, len, ret) : -ENOENT;
}

bool eap_may_pass(const struct eap_packet *e)
{
	switch (e->type) {
	case EAP_TYPE_IDENTITY:
	case EAP_TYPE_NAK:
	case EAP_TYPE_TLS:
	case EAP_TYPE_TTLS:
	case EAP_TYPE_PEAP:
		return e->code == EAP_RESPONSE;
	default:
		return false;
	}
}

const char *eap_type_name(uint8_t type)
{
	switch (type) {
	case EAP_TYPE_IDENTITY:
		return "Identity";
	case EAP_TYPE_NOTIFICATION:
		return "Notification";
	case EAP_TYPE_NAK:
		return "Nak";
	case EAP_TYPE_MD5:
		return "MD5";
	case EAP_TYPE_TLS:
		return "TLS";
	case EAP_TYPE_TTLS:
		return "TTLS";
	case EAP_TYPE_PEAP:
		return "PEAP";
	default:
		return "other";
	}
}

void eap_put_end(struct radius_out *out, enum eap_code code, uint8_t id)
{
	uint8_t bytes[EAP_HEADER] = {(uint8_t)code, id, 0, EAP_HEADER};

	radius_put_eap(out, bytes, sizeof(bytes));
}

void eap_put_md5_challenge(struct radius_out *out, uint8_t id, const uint8_t challenge[static 16])
{
	uint8_t bytes[EAP_HEADER + 2 + MD5_VALUE_SIZE] = {
		EAP_REQUEST, id, 0, sizeof(bytes), EAP_TYPE_MD5, MD5_VALUE_SIZE};

	memcpy(bytes + EAP_HEADER + 2, challenge, MD5_VALUE_SIZE);
	radius_put_eap(out, bytes, sizeof(bytes));
}

int eap_check_md5(const struct eap_packet *e, uint8_t id, const char *password,
		  const uint8_t challenge[static 16])
{
	uint8_t sum[MD5_VALUE_SIZE];

	if (e->code != EAP_RESPONSE || e->type != EAP_TYPE_MD5 || e->id != id ||
	    e->body_len < 1 + sizeof(sum) || e->body[0] != sizeof(sum))
		return -EBADMSG;
	radius_chap_response(id, password, challenge, 16, sum);
	return secret_equal(sum, e->body + 1, sizeof(sum)) ? 0 : -EACCES;
}
