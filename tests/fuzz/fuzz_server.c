/* Texts that people and gates hand to head office: enrolment codes, notes of a bypass. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "server/engine/enrol.h"
#include "server/gateway/bypass_note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char text[512], again[sizeof(text) + 2];
	uint8_t hash[HASH_SIZE], hash_again[HASH_SIZE];
	struct bypass_spec spec = {0};

	if (len >= sizeof(text))
		return 0;
	memcpy(text, data, len);
	text[len] = 0;
	if (enrol_code_hash(text, hash) == 0) {
		/* Case and dashes do not matter. */
		snprintf(again, sizeof(again), "-%s ", text);
		if (enrol_code_hash(again, hash_again) ||
		    memcmp(hash, hash_again, sizeof(hash)) != 0)
			abort();
	}
	if (bypass_note_parse(text, &spec) == 0 &&
	    (spec.unit_id <= 0 || spec.why < text || spec.why > text + len))
		abort();
	return 0;
}
