/* Files for the listener that a person, or a spreadsheet, wrote. */
#include <string.h>

#include "base/oui.h"
#include "listener/memory.h"
#include "listener/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* What was read is written so that it is read again, the same. */
static void remember(const char *text, size_t len)
{
	CLEANUP_BUF struct buf first = BUF_INIT, again = BUF_INIT;
	struct table *t[2];
	struct expected e;

	if (expected_init(&e) || table_new(16, &t[0]) || table_new(16, &t[1]))
		abort();
	(void)memory_read(text, len, t[0], &e);
	memory_write(&first, t[0], &e);
	if (memory_read(buf_str(&first), first.len, t[1], &e) != 0)
		abort();
	memory_write(&again, t[1], &e);
	if (strcmp(buf_str(&first), buf_str(&again)) != 0)
		abort();
	table_free(t[0]);
	table_free(t[1]);
	expected_done(&e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char error[EXPECTED_ERROR_SIZE] = "";
	const char *text = (const char *)data;
	struct mac mac = {{0, 0x1e, 0x67, 0, 0, 1}};
	struct expected e;
	struct plan *p;
	struct oui *o;
	size_t skipped;

	remember(text, len);

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
