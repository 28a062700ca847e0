/* EAP of a stranger: as one packet, and as attributes of a RADIUS packet put together. */
#include <string.h>

#include "radius/eap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void look(const struct eap_packet *e)
{
	static const uint8_t challenge[16] = {1};

	if (eap_may_pass(e) && (e->code != EAP_RESPONSE || e->type == EAP_TYPE_NONE))
		abort();
	if (e->body_len > e->len || !eap_type_name(e->type))
		abort();
	(void)!eap_check_md5(e, e->id, "password", challenge);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t whole[EAP_PACKET_MAX];
	struct radius_out out;
	struct radius_packet p;
	struct eap_packet e, again;

	if (radius_parse(data, len, &p) == 0 && eap_collect(&p, whole, &e) == 0)
		look(&e);
	if (eap_parse(data, len, &e))
		return 0;
	look(&e);
	radius_begin_request(&out, RADIUS_ACCESS_REQUEST, 1);
	radius_put_eap(&out, e.data, e.len);
	p = radius_out_packet(&out);
	if (!out.error && (eap_collect(&p, whole, &again) || again.len != e.len ||
			   memcmp(again.data, e.data, e.len) != 0))
		abort();
	return 0;
}
