/* The small parsers of base: what they accept, they write out again as the same thing. */
#include <string.h>

#include "base/addr.h"
#include "base/clock.h"
#include "base/mac.h"
#include "base/text.h"
#include "base/uuid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static void check_mac(const char *s, size_t len)
{
	char text[MAC_TEXT_SIZE];
	struct mac mac, again;

	if (mac_parse_n(s, len, &mac))
		return;
	mac_format(text, &mac);
	demand(mac_parse(text, &again) == 0 && mac_equal(&mac, &again));
}

static void check_uuid(const char *s)
{
	char text[UUID_TEXT_SIZE];
	struct uuid uuid, again;

	if (uuid_parse(s, &uuid))
		return;
	uuid_format(text, &uuid);
	demand(uuid_parse(text, &again) == 0 && uuid_equal(&uuid, &again));
}

static void check_addr(const char *s)
{
	char text[ADDR_TEXT_SIZE];
	struct addr addr, again;

	if (addr_parse(s, 1812, &addr))
		return;
	addr_format(text, &addr);
	demand(addr_parse(text, 1, &again) == 0 && addr_same_host(&addr, &again) &&
	       addr_port(&addr) == addr_port(&again));
}

static void check_clock(const char *s)
{
	char text[CLOCK_TEXT_SIZE];
	int64_t at, again;

	if (clock_parse(s, &at))
		return;
	clock_format_utc(text, at);
	demand(clock_parse(text, &again) == 0 && at == again);
}

static void check_numbers(const char *s)
{
	uint8_t bytes[8];
	uint64_t u;
	int64_t i;

	demand(text_to_u64(s, 5, 500, &u) || (u >= 5 && u <= 500));
	demand(text_to_i64(s, -5, 5, &i) || (i >= -5 && i <= 5));
	if (hex_decode(bytes, sizeof(bytes), s) == 0) {
		char text[2 * sizeof(bytes) + 1];

		hex_encode(text, bytes, sizeof(bytes));
		demand(strcasecmp(text, s) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *s = malloc(len + 1);

	if (!s)
		return 0;
	if (len)
		memcpy(s, data, len);
	s[len] = 0;
	text_is_clean((const char *)data, len);
	check_mac((const char *)data, len);
	check_uuid(s);
	check_addr(s);
	check_clock(s);
	check_numbers(s);
	text_lower(s);
	text_trim(s);
	free(s);
	return 0;
}
