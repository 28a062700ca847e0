/* What a stranger sends to the box: as it came, and with its proofs made right. */
#include <string.h>

#include "port/answer.h"
#include "port/das.h"
#include "port/hostapd.h"
#include "radius/build.h"

#define NOW_MS INT64_C(1790000000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(const struct das_request *r, const struct radius_packet *p)
{
	if (r->class_len > p->len || !memchr(r->session_id, 0, sizeof(r->session_id)))
		abort();
	if (!r->session_id[0] && !r->class_value && !r->has_mac)
		abort(); /* it would end everybody's session */
	if (r->is_change && (r->place.vlan > 4094 || (!r->place.vlan && !r->place.filter[0])))
		abort();
}

static void read_answer(const void *data, size_t len)
{
	struct radius_packet p;
	struct answer a;

	if (radius_parse(data, len, &p) || answer_read(&p, &a))
		return;
	if (a.vlan > 4094 || a.class_len > sizeof(a.class_value) ||
	    !memchr(a.reason, 0, sizeof(a.reason)))
		abort();
}

static void read_event(const uint8_t *data, size_t len)
{
	char line[256], port[IF_NAMESIZE];
	struct mac mac;

	if (len >= sizeof(line))
		return;
	memcpy(line, data, len);
	line[len] = 0;
	if (hostapd_read_event(line, port, &mac) != HOSTAPD_OTHER && !memchr(port, 0, sizeof(port)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct radius_secret secret;
	struct radius_packet p;
	struct das_request r;
	struct radius_out out;

	if (secret.len == 0 && radius_secret_set(&secret, "s", 1))
		abort();
	if (das_read(data, len, &secret, NOW_MS, &p, &r) == 0)
		check(&r, &p);
	read_answer(data, len);
	read_event(data, len);
	/* The attributes alone, under a right authenticator, at the right time. */
	radius_begin_request(&out, len & 1 ? RADIUS_COA_REQUEST : RADIUS_DISCONNECT_REQUEST, 1);
	radius_put_u32(&out, RADIUS_EVENT_TIMESTAMP, (uint32_t)(NOW_MS / 1000));
	if (len > sizeof(out.data) - out.len)
		return 0;
	if (len)
		memcpy(out.data + out.len, data, len);
	out.len += len;
	if (radius_finish_request(&out, &secret) == 0 &&
	    das_read(out.data, out.len, &secret, NOW_MS, &p, &r) == 0)
		check(&r, &p);
	return 0;
}
