/* A packet at the gate's socket for the survey: what is taken is bounded and clean. */
#include <string.h>

#include "base/text.h"
#include "gate/beside/surveyor_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct surveyor_message m;

	if (surveyor_parse((const char *)data, len, &m))
		return 0;
	if (m.type == SURVEYOR_BOUNCED ? m.number == 0
				       : m.switch_id < 1 || mac_is_multicast(&m.mac))
		abort();
	const char *const texts[] = {m.said, m.port, m.name};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (!text_is_clean(texts[i], strlen(texts[i])))
			abort();
	return 0;
}
