/* A frame of a stranger through everything that listens: the envelope, each protocol's parser on
 * its own, and the whole way into the table and the rules. What a parser accepts is fit to be
 * shown. */
#include <string.h>

#include "base/text.h"
#include "listener/arp.h"
#include "listener/dhcp.h"
#include "listener/dhcp6.h"
#include "listener/hear.h"
#include "listener/names.h"
#include "listener/nd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must_be_clean(const char *text, size_t size)
{
	if (strnlen(text, size) == size || !text_is_clean(text, strlen(text)))
		abort();
}

static void parse_gear(const uint8_t *data, size_t len)
{
	struct gear g;
	struct stp s;

	if (lldp_parse(data, len, &g) == 0 || cdp_parse(data, len, &g) == 0) {
		must_be_clean(g.name, sizeof(g.name));
		must_be_clean(g.port, sizeof(g.port));
		must_be_clean(g.model, sizeof(g.model));
	}
	(void)!stp_parse(data, len, &s);
}

static void parse_each(const uint8_t *data, size_t len)
{
	char name[HOST_NAME_SIZE] = "", print[DHCP_FINGERPRINT_SIZE];
	struct packet p = {.ttl = 255, .payload = data, .len = len};
	struct dhcp6 d6;
	struct dhcp d;
	struct arp a;
	struct nd nd;

	(void)!arp_parse(data, len, &a);
	(void)!nd_parse(&p, &nd);
	if (dhcp_parse(data, len, &d) == 0) {
		must_be_clean(d.host_name, sizeof(d.host_name));
		dhcp_fingerprint(print, &d);
		must_be_clean(print, sizeof(print));
	}
	if (dhcp6_parse(data, len, &d6) == 0)
		must_be_clean(d6.host_name, sizeof(d6.host_name));
	if (mdns_host_name(data, len, name) == 0 || netbios_host_name(data, len, name) == 0)
		must_be_clean(name, sizeof(name));
	parse_gear(data, len);
}

static void on_found(void *arg, enum finding f, const struct scene *s, const char *detail)
{
	(void)arg;
	(void)f;
	(void)s;
	must_be_clean(detail, DETAIL_SIZE);
}

/* Frames behind one another, each after its length in two bytes: state is where faults hide. */
static void hear_all(const uint8_t *data, size_t len)
{
	struct reader r = {data, len};
	struct expected e;
	struct table *t;
	const uint8_t *frame;
	uint16_t size;
	int64_t now_ms = 1000000;

	if (expected_init(&e) || table_new(16, &t))
		abort();
	struct hear h = {.table = t, .expected = &e, .found = on_found};

	hear_frame(&h, data, len, 0, now_ms);
	while (reader_be16(&r, &size) == 0 && reader_bytes(&r, size, &frame) == 0)
		hear_frame(&h, frame, size, 0, now_ms += 7000);
	table_free(t);
	expected_done(&e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	parse_each(data, len);
	hear_all(data, len);
	return 0;
}
