/*
 * Runs one fuzz target over the files and folders given, and over a few deterministic mutations of
 * each, without libFuzzer. Speaks TAP with one case; a crash leaves the plan unmet. The last line
 * of the log before a sanitizer's report names the input.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"

#define INPUT_MAX (1U << 20)
#define MUTATIONS 48

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static size_t inputs;

/* An exact heap copy, so that ASan sees a read of one byte too many. */
static void run_one(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	if (!copy)
		abort();
	if (len)
		memcpy(copy, data, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
	inputs++;
}

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Cuts, flips a bit, or sets a byte to an extreme, at places that only `round` decides. */
static size_t mutate(uint8_t *data, size_t len, uint32_t round)
{
	static const uint8_t extremes[] = {0x00, 0xff, 0x7f, 0x80, '\n', '"', '%', 1};
	uint32_t state = round * 2654435761U + 1;
	size_t at = next_random(&state) % len;

	if (round % 3 == 0)
		return at;
	if (round % 3 == 1)
		data[at] ^= (uint8_t)(1U << (next_random(&state) % 8));
	else
		data[at] = extremes[next_random(&state) % ARRAY_SIZE(extremes)];
	return len;
}

static void run_file(const char *path)
{
	CLEANUP_BUF struct buf original = BUF_INIT, copy = BUF_INIT;
	int err = file_read(path, INPUT_MAX, &original);

	printf("# %s\n", path);
	if (err) {
		printf("not ok 1 - %s cannot be read: %s\n", path, strerror(-err));
		exit(1);
	}
	run_one(original.data, original.len);
	for (uint32_t round = 0; original.len > 0 && round < MUTATIONS; round++) {
		buf_clear(&copy);
		buf_append(&copy, original.data, original.len);
		run_one(copy.data, mutate(copy.data, copy.len, round));
	}
}

static void run_path(const char *path)
{
	struct dirent **entries;
	struct stat st;
	int count;

	if (stat(path, &st) < 0)
		return; /* a target without seeds */
	if (!S_ISDIR(st.st_mode)) {
		run_file(path);
		return;
	}
	count = scandir(path, &entries, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		CLEANUP_FREE char *child = NULL;

		if (entries[i]->d_name[0] != '.' &&
		    asprintf(&child, "%s/%s", path, entries[i]->d_name) >= 0)
			run_path(child);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

int main(int argc, char **argv)
{
	static const uint8_t ones[64] = {[0 ... 63] = 0xff}, zeros[64];

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("1..1\n");
	run_one(zeros, 0);
	run_one(zeros, sizeof(zeros));
	run_one(ones, sizeof(ones));
	for (int i = 1; i < argc; i++)
		run_path(argv[i]);
	printf("ok 1 - %zu inputs are read without harm\n", inputs);
	return 0;
}
