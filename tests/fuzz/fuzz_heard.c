/* A packet at the gate's socket for the listener: what is taken fits into a record and is clean. */
#include <string.h>

#include "base/addr.h"
#include "base/text.h"
#include "gate/beside/heard_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct heard_message m;

	if (heard_parse((const char *)data, len, &m))
		return 0;
	if (m.number == 0 || mac_is_multicast(&m.mac))
		abort();
	const char *const texts[] = {m.address, m.detail, m.vendor, m.name, m.fingerprint, m.since};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (!text_is_clean(texts[i], strlen(texts[i])))
			abort();
	for (size_t i = 0; i < m.address_count; i++)
		if (!addr_is_host(m.addresses[i].text))
			abort();
	if (m.type == HEARD_FINDING && (m.finding >= FINDING_COUNT || m.vlan > 4094 || !m.count))
		abort();
	return 0;
}
