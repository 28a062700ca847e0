/*
 * How long after its descriptors are there a stick is decided on and put off, on a desk with a
 * dozen devices and a policy of as many entries as it may have. sysfs is a tree of files here.
 */
#define _GNU_SOURCE
#include <ftw.h>
#include <stdio.h>
#include <string.h>

#include "agent/guards/guard.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "policy/storage_rules.h"

#define DEVICES 12
#define ROUNDS 40
#define LIMIT_MS 100.0

static char top[] = "/tmp/menshen-bench-XXXXXX";

static void die(const char *what)
{
	fprintf(stderr, "bench_storage: %s\n", what);
	exit(1);
}

static void write_file(const char *name, const void *data, size_t len)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", top, name);
	*strrchr(path, '/') = 0;
	if (file_make_dirs(path, 0700))
		die(path);
	snprintf(path, sizeof(path), "%s/%s", top, name);
	if (file_replace(path, data, len, 0600))
		die(path);
}

static void write_leaf(unsigned port, const char *leaf, const void *data, size_t len)
{
	char name[128];

	snprintf(name, sizeof(name), "sys/bus/usb/devices/1-%u/%s", port, leaf);
	write_file(name, data, len);
}

static void plug(unsigned port, unsigned number, uint8_t class)
{
	const uint8_t data[] = {18, 1,	  0,  2, 0, 0, 0, 64, 0x51,  9, 0x66, 0x16,
				0,  1,	  1,  2, 3, 1, 9, 2,  0,     0, 1,    1,
				0,  0x80, 50, 9, 4, 0, 0, 2,  class, 6, 0x50, 0};
	char text[16];

	snprintf(text, sizeof(text), "%u\n", number);
	write_leaf(port, "authorized", "1\n", 2);
	write_leaf(port, "descriptors", data, sizeof(data));
	write_leaf(port, "devnum", text, strlen(text));
	write_leaf(port, "serial", text, strlen(text));
}

static json_t *make_settings(void)
{
	json_t *entries = json_array();
	char name[16];

	for (unsigned i = 0; i < STORAGE_ENTRIES_MAX; i++) {
		snprintf(name, sizeof(name), "entry-%u", i);
		json_array_append_new(entries, json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", name,
							 "access", "write", "vendor", "0951",
							 "product", "1666", "serial", name));
	}
	return json_pack("{s:o}", "entries", entries);
}

static int take(void *arg, const char *kind, const char *body, size_t len)
{
	(void)arg, (void)kind, (void)body, (void)len;
	return 0;
}

static void look_soon(void *arg)
{
	(void)arg;
}

static bool is_put_off(void)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	char path[256];

	snprintf(path, sizeof(path), "%s/sys/bus/usb/devices/1-99/authorized", top);
	return file_read(path, 16, &text) == 0 && buf_str(&text)[0] == '0';
}

static double measure(const struct guard_acts *acts, void *state, const json_t *settings)
{
	double worst = 0;

	for (unsigned i = 0; i < ROUNDS; i++) {
		int64_t start;

		plug(99, 20 + i, 8);
		start = clock_mono_us();
		acts->follow(state, GUARD_ENFORCE, settings);
		worst = MAX(worst, (double)(clock_mono_us() - start) / 1000);
		if (!is_put_off())
			die("the stick is in");
	}
	return worst;
}

static int remove_one(const char *path, const struct stat *s, int type, struct FTW *where)
{
	(void)s, (void)type, (void)where;
	return remove(path);
}

int main(void)
{
	const struct outbox outbox = {take, NULL};
	struct trusted_clock clock;
	struct guard_host host = {.root = top,
				  .state_dir = top,
				  .clock = &clock,
				  .outbox = &outbox,
				  .look = look_soon};
	const struct guard *guard = NULL;
	json_t *settings = make_settings();
	char path[64];
	void *state;
	double worst;

	for (size_t i = 0; i < guard_count; i++)
		if (text_equal(guards[i]->name, "storage"))
			guard = guards[i];
	if (!mkdtemp(top) || !guard || !settings || loop_new(&host.loop))
		die("no place");
	snprintf(path, sizeof(path), "%s/clock", top);
	trusted_clock_init(&clock, path, 0);
	write_file("sys/bus/usb/devices/usb1/authorized_default", "1\n", 2);
	for (unsigned i = 1; i <= DEVICES; i++)
		plug(i, i + 1, 3);
	if (guard->acts->start(&host, &state))
		die("it does not start");
	worst = measure(guard->acts, state, settings);
	printf("{\"name\": \"storage: from descriptors to decided, worst of %d\", \"value\": %.2f, "
	       "\"unit\": \"ms\", \"target\": \"< %.0f\", \"meets\": %s}\n",
	       ROUNDS, worst, LIMIT_MS, worst < LIMIT_MS ? "true" : "false");
	guard->acts->stop(state);
	loop_free(host.loop);
	json_decref(settings);
	return nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS) ? 1 : 0;
}
