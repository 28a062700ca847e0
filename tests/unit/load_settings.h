/* A program's settings out of a text; behind the program's own settings.h, and cmocka.h. */
#pragma once

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/file.h"

static int load(const char *text, struct settings *s, char error[static CONFIG_ERROR_SIZE])
{
	CLEANUP_FD int fd = memfd_create("settings", MFD_CLOEXEC);
	char path[64];

	assert_true(fd >= 0);
	assert_int_equal(file_write_all(fd, text, strlen(text)), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return settings_load(path, s, error);
}
