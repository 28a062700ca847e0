/* What the agent knows of programs and mounts: hashes that last, lines of mountinfo. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/linux/mounts.h"
#include "agent/linux/program_hash.h"
#include "place.h"

static void a_mount_is_read_with_its_blanks(void **state)
{
	static const char line[] =
		"36 35 8:17 / /media/li/USB\\040stick rw,nosuid shared:1 master:2 "
		"- vfat /dev/sdb1 rw,utf8";
	struct mount m;

	(void)state;
	assert_int_equal(mount_parse(line, strlen(line), &m), 0);
	assert_string_equal(m.place, "/media/li/USB stick");
	assert_string_equal(m.type, "vfat");
	assert_string_equal(m.source, "/dev/sdb1");
	assert_int_equal(m.major, 8);
	assert_int_equal(m.minor, 17);
	assert_false(mount_is_far(&m) || mount_is_virtual(&m));
}

static void every_cut_of_a_mounts_line_is_refused_or_whole(void **state)
{
	static const char line[] = "36 35 8:17 / /x rw - fuse.sshfs li@host:/ rw";
	struct mount m;
	size_t good = 0;

	(void)state;
	for (size_t len = 0; len < strlen(line); len++)
		good += mount_parse(line, len, &m) == 0;
	assert_true(good > 0 && good < 16); /* from the source's first character on */
	assert_int_equal(mount_parse(line, strlen(line), &m), 0);
	assert_true(mount_is_far(&m));
	assert_int_equal(mount_parse("36 35 x:17 / /x rw - ext4 d rw", 30, &m), -EBADMSG);
	assert_int_equal(mount_parse("36 35 8:1 / x rw - ext4 d rw", 28, &m), -EBADMSG);
}

static void a_hash_is_believed_for_the_same_file_unchanged_only(void **state)
{
	struct hash_cache *c;
	struct file_id id = {.device = 1, .inode = 2, .size = 3, .changed_ns = 4}, other = id;
	struct program_hash h = {.sha256 = {7}}, got;

	(void)state;
	assert_int_equal(hash_cache_new(&c), 0);
	assert_false(hash_cache_get(c, &id, &got));
	hash_cache_put(c, &id, &h);
	assert_true(hash_cache_get(c, &id, &got));
	assert_int_equal(got.sha256[0], 7);
	other.changed_ns++;
	assert_false(hash_cache_get(c, &other, &got));
	other = id;
	other.device++;
	assert_false(hash_cache_get(c, &other, &got));
	hash_cache_free(c);
}

static void a_new_file_and_one_that_is_being_written_are_not_believed(void **state)
{
	const struct place *p = *state;
	CLEANUP_FD int fd = -1, writer = -1;
	struct program_hash h;
	struct stat st;

	place_write(p, "program", "abc");
	fd = open(place_path(p, "program"), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0 && fstat(fd, &st) == 0);
	assert_int_equal(program_hash_fd(fd, true, &h), 0);
	assert_int_equal(h.sha256[0], 0xba); /* FIPS 180-4's example */
	assert_int_equal(h.sm3[0], 0x66);    /* GB/T 32905's */
	assert_false(program_hash_lasts(fd, &st));
	st.st_ctim.tv_sec -= 10;
	writer = open(place_path(p, "program"), O_WRONLY | O_CLOEXEC);
	assert_true(writer >= 0);
	assert_false(program_hash_lasts(fd, &st));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mount_is_read_with_its_blanks),
		cmocka_unit_test(every_cut_of_a_mounts_line_is_refused_or_whole),
		cmocka_unit_test(a_hash_is_believed_for_the_same_file_unchanged_only),
		PLACE_CASE(a_new_file_and_one_that_is_being_written_are_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
