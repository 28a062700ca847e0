/* A configuration file of a stranger: it loads, or one sentence says why not. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/config.h"
#include "base/file.h"

struct settings {
	char name[24];
	uint64_t count;
	bool on;
	struct addr listen;
};

static const struct config_key keys[] = {
	{"main", "name", CONFIG_TEXT, CONFIG_FIELD(struct settings, name), 0, 0, "x"},
	{"main", "count", CONFIG_U64, CONFIG_FIELD(struct settings, count), 1, 99, "7"},
	{"main", "on", CONFIG_BOOL, CONFIG_FIELD(struct settings, on), 0, 0, "yes"},
	{"net", "listen", CONFIG_ADDRESS, CONFIG_FIELD(struct settings, listen), 1812, 0, "::1"},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP_FD int fd = memfd_create("settings", MFD_CLOEXEC);
	char path[64], error[CONFIG_ERROR_SIZE];
	struct settings s = {0};
	int err;

	if (fd < 0 || file_write_all(fd, data, len))
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	err = config_load(path, keys, ARRAY_SIZE(keys), &s, error);
	if ((err == 0) != (error[0] == 0))
		abort(); /* a refusal without a sentence, or a sentence without a refusal */
	if (!err && (s.count < 1 || s.count > 99 || !memchr(s.name, 0, sizeof(s.name))))
		abort();
	return 0;
}
