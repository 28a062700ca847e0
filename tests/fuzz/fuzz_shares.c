/* What a desk's people write into the files that name shares. */
#include <string.h>

#include "agent/linux/shares_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(const struct shares *s)
{
	if (s->count > SHARES_MAX)
		abort();
	for (size_t i = 0; i < s->count; i++)
		if (strlen(s->list[i].name) >= SHARE_NAME_SIZE ||
		    strlen(s->list[i].path) >= SHARE_PATH_SIZE)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct smb_includes includes = {.count = 0};
	struct shares *s = calloc(1, sizeof(*s));
	char *text = malloc(len + 1);

	if (s && text) {
		memcpy(text, data, len);
		text[len] = 0;
		shares_read_smb(text, s, &includes);
		shares_read_usershare("x", text, s);
		shares_read_exports(text, s);
		check(s);
	}
	free(text);
	free(s);
	return 0;
}
