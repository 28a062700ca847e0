#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "crypto/archive.h"

#define PASSPHRASE "correct horse battery"
#define BIG 200000

static char folder[64], archive[96], out[96], scratch[96];

static int open_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/menshen-archive-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(archive, sizeof(archive), "%s/a", folder);
	snprintf(out, sizeof(out), "%s/out", folder);
	snprintf(scratch, sizeof(scratch), "%s/scratch", folder);
	return 0;
}

static void clear(const char *path)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", path);
	/* NOLINTNEXTLINE(cert-env33-c): the folder's name is our own */
	assert_int_equal(system(command), 0); /* allow system: a test clears its own folder */
}

static int close_folder(void **state)
{
	(void)state;
	clear(folder);
	return 0;
}

static void what_lies_where_it_is_written_is_not_written_into(void **state)
{
	CLEANUP_BUF struct buf kept = BUF_INIT;
	struct archive_writer *w;
	char part[112];

	(void)state;
	snprintf(part, sizeof(part), "%s.part", archive);
	assert_int_equal(file_replace(scratch, "of somebody else", 16, 0644), 0);
	assert_int_equal(link(scratch, part), 0);
	assert_int_equal(archive_create(archive, PASSPHRASE, &w), 0);
	assert_int_equal(archive_finish(w), 0);
	archive_writer_free(w);
	assert_int_equal(file_read(scratch, 64, &kept), 0);
	assert_string_equal(buf_str(&kept), "of somebody else");
}

static void make(void)
{
	CLEANUP_FREE char *big = malloc(BIG);
	struct archive_writer *w;

	assert_non_null(big);
	for (size_t i = 0; i < BIG; i++)
		big[i] = (char)(i * 7 + i / 251);
	assert_int_equal(file_replace(scratch, big, BIG, 0644), 0);
	assert_int_equal(archive_create(archive, PASSPHRASE, &w), 0);
	assert_int_equal(archive_add_bytes(w, "note", 0600, "hello", 5), 0);
	assert_int_equal(archive_add_file(w, "data/deep/big.db", scratch), 0);
	assert_int_equal(archive_add_bytes(w, "empty", 0644, "", 0), 0);
	assert_int_equal(archive_finish(w), 0);
	archive_writer_free(w);
}

static int extract(const char *passphrase, struct archive_extracted *ret)
{
	clear(out);
	return archive_extract(archive, passphrase, out, ret);
}

static void what_goes_in_comes_out_and_is_nobody_elses(void **state)
{
	CLEANUP_BUF struct buf was = BUF_INIT, is = BUF_INIT, raw = BUF_INIT;
	struct archive_extracted done;
	char path[160];
	struct stat st;

	(void)state;
	make();
	assert_int_equal(extract(PASSPHRASE, &done), 0);
	assert_int_equal(done.files, 3);
	assert_int_equal(done.bytes, BIG + 5);
	snprintf(path, sizeof(path), "%s/data/deep/big.db", out);
	assert_int_equal(file_read(path, BIG, &is), 0);
	assert_int_equal(file_read(scratch, BIG, &was), 0);
	assert_int_equal(is.len, was.len);
	assert_memory_equal(is.data, was.data, is.len);
	snprintf(path, sizeof(path), "%s/note", out);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(archive, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(file_read(archive, 2 * BIG, &raw), 0);
	assert_null(memmem(raw.data, raw.len, "hello", 5));
	assert_null(memmem(raw.data, raw.len, "big.db", 6));
	/* a second time over what is there */
	assert_int_equal(archive_extract(archive, PASSPHRASE, out, &done), -EEXIST);
}

static void another_passphrase_opens_nothing(void **state)
{
	struct archive_extracted done;
	struct archive_writer *w;
	struct stat st;

	(void)state;
	make();
	assert_int_equal(extract("correct horse batterz", &done), -EPERM);
	assert_int_equal(stat(out, &st), -1); /* nothing was made */
	assert_int_equal(archive_create(archive, "too short", &w), -EINVAL);
}

/* A place in each part: salt, first length, first chunk, later lengths and chunks, the end. */
static void a_flipped_bit_and_a_cut_are_found_wherever_they_are(void **state)
{
	CLEANUP_BUF struct buf whole = BUF_INIT;
	static const size_t steps = 12;
	struct archive_extracted done;

	(void)state;
	make();
	assert_int_equal(file_read(archive, 2 * BIG, &whole), 0);
	for (size_t i = 0; i <= steps; i++) {
		size_t at = MIN(whole.len * i / steps, whole.len - 1);

		whole.data[at] ^= 1;
		assert_int_equal(file_replace(archive, whole.data, whole.len, 0600), 0);
		assert_true(extract(PASSPHRASE, &done) < 0);
		whole.data[at] ^= 1;
		assert_int_equal(file_replace(archive, whole.data, at, 0600), 0);
		assert_true(extract(PASSPHRASE, &done) < 0);
	}
	buf_puts(&whole, "x");
	assert_int_equal(file_replace(archive, whole.data, whole.len, 0600), 0);
	assert_int_equal(extract(PASSPHRASE, &done), -EBADMSG);
}

static void a_name_never_leaves_its_folder(void **state)
{
	static const char *const bad[] = {"",	  "/etc/passwd", "../x", "a/../b", "a//b", "a/",
					  ".ssh", "a/.b",	 "a b",	 "a\nb",   "a\\b"};
	static const char *const good[] = {"a", "data/menshen.db", "records-202611.db", "a/b/c"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(archive_name_ok(bad[i], strlen(bad[i])));
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(archive_name_ok(good[i], strlen(good[i])));
	assert_false(archive_name_ok("a\0b", 3));
}

static void what_is_not_finished_is_not_there(void **state)
{
	struct archive_writer *w;
	struct stat st;

	(void)state;
	clear(archive);
	assert_int_equal(archive_create(archive, PASSPHRASE, &w), 0);
	assert_int_equal(archive_add_bytes(w, "note", 0600, "hello", 5), 0);
	assert_int_equal(archive_add_file(w, "gone", "/nonexistent"), -ENOENT);
	archive_writer_free(w);
	assert_int_equal(stat(archive, &st), -1);
}

static void a_passphrase_that_others_can_read_is_none(void **state)
{
	CLEANUP_BUF struct buf p = BUF_INIT;

	(void)state;
	assert_int_equal(file_replace(scratch, "some long words\n", 16, 0644), 0);
	assert_int_equal(archive_passphrase_load(scratch, &p), -EPERM);
	assert_int_equal(file_replace(scratch, "some long words\nmore", 20, 0600), 0);
	assert_int_equal(archive_passphrase_load(scratch, &p), 0);
	assert_string_equal(buf_str(&p), "some long words");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out_and_is_nobody_elses),
		cmocka_unit_test(another_passphrase_opens_nothing),
		cmocka_unit_test(a_flipped_bit_and_a_cut_are_found_wherever_they_are),
		cmocka_unit_test(a_name_never_leaves_its_folder),
		cmocka_unit_test(what_is_not_finished_is_not_there),
		cmocka_unit_test(what_lies_where_it_is_written_is_not_written_into),
		cmocka_unit_test(a_passphrase_that_others_can_read_is_none),
	};

	return cmocka_run_group_tests(tests, open_folder, close_folder);
}
