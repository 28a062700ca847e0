/* Files for the listener that a person, or a spreadsheet, wrote. */
#include <string.h>

#include "listener/expected.h"
#include "listener/oui.h"
#include "listener/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char error[EXPECTED_ERROR_SIZE] = "";
	const char *text = (const char *)data;
	struct mac mac = {{0, 0x1e, 0x67, 0, 0, 1}};
	struct expected e;
	struct plan *p;
	struct oui *o;
	size_t skipped;

	if (oui_parse(text, len, &o, &skipped) == 0) {
		if (strlen(oui_vendor(o, &mac)) >= OUI_NAME_SIZE)
			abort();
		oui_free(o);
	}
	if (plan_parse(text, len, &p, &skipped) == 0) {
		(void)plan_ip_of(p, &mac);
		plan_free(p);
	}
	if (expected_parse("f", text, len, &e, error) == 0) {
		(void)expected_is_gear(&e, &mac);
		expected_done(&e);
	} else if (!error[0]) {
		abort();
	}
	return 0;
}
