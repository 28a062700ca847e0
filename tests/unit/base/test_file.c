#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/file.h"

#define READ_MAX (4U << 20)

static char folder[] = "/tmp/menshen-file-XXXXXX";
static char path[64], beside[72];

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/state", folder);
	snprintf(beside, sizeof(beside), "%s.new", path);
	return 0;
}

static int empty_folder(void **state)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	(void)state;
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(dir), entry->d_name,
				 entry->d_type == DT_DIR ? AT_REMOVEDIR : 0);
	if (dir)
		closedir(dir);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

static void assert_content(const char *file, const void *expected, size_t len)
{
	CLEANUP_BUF struct buf b = BUF_INIT;

	assert_int_equal(file_read(file, READ_MAX, &b), 0);
	assert_int_equal(b.len, len);
	if (len)
		assert_memory_equal(b.data, expected, len);
}

static size_t entries_in_folder(void)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	size_t count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

static void a_replaced_file_has_the_new_bytes_and_nothing_beside(void **state)
{
	(void)state;
	assert_int_equal(file_replace(path, "old and long", 12, 0600), 0);
	assert_content(path, "old and long", 12);
	assert_int_equal(file_replace(path, "new", 3, 0600), 0);
	assert_content(path, "new", 3);
	assert_int_equal(file_replace(path, "", 0, 0600), 0);
	assert_content(path, "", 0);
	assert_int_equal(entries_in_folder(), 1);
}

static void the_mode_is_exact_whatever_the_umask_and_the_old_file(void **state)
{
	struct stat st;
	mode_t before = umask(077);

	(void)state;
	assert_int_equal(file_replace(path, "x", 1, 0644), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	umask(0);
	assert_int_equal(file_replace(path, "x", 1, 0600), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	umask(before);
}

static void a_reader_of_the_old_file_keeps_the_old_file(void **state)
{
	CLEANUP_FD int fd = -1;
	char text[8] = {0};

	(void)state;
	assert_int_equal(file_replace(path, "old", 3, 0600), 0);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(file_replace(path, "newer", 5, 0600), 0);
	assert_int_equal(read(fd, text, sizeof(text)), 3);
	assert_string_equal(text, "old");
}

static void a_write_that_fails_leaves_the_old_file(void **state)
{
	static char big[65536];
	pid_t pid;
	int status;

	(void)state;
	assert_int_equal(file_replace(path, "old", 3, 0600), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct rlimit small = {1000, 1000};

		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &small);
		_exit(file_replace(path, big, sizeof(big), 0600) == -EFBIG ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_content(path, "old", 3);
	assert_int_equal(entries_in_folder(), 1);
}

static void what_a_crash_left_beside_is_swept_away(void **state)
{
	(void)state;
	assert_int_equal(file_replace(path, "old", 3, 0600), 0);
	assert_int_equal(file_replace(beside, "half of someth", 14, 0600), 0);
	assert_content(path, "old", 3); /* what a start after the crash reads */
	assert_int_equal(file_replace(path, "new", 3, 0600), 0);
	assert_content(path, "new", 3);
	assert_int_equal(entries_in_folder(), 1);
}

static void a_link_beside_is_never_written_through(void **state)
{
	char victim[72];

	(void)state;
	snprintf(victim, sizeof(victim), "%s/victim", folder);
	assert_int_equal(file_replace(victim, "precious", 8, 0600), 0);
	assert_int_equal(symlink(victim, beside), 0);
	assert_int_equal(file_replace(path, "one", 3, 0600), 0);
	assert_content(victim, "precious", 8);
	assert_int_equal(link(victim, beside), 0);
	assert_int_equal(file_replace(path, "two", 3, 0600), 0);
	assert_content(victim, "precious", 8);
	assert_content(path, "two", 3);
}

static void a_folder_in_the_way_is_an_error_that_leaves_nothing(void **state)
{
	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(file_replace(path, "x", 1, 0600), -EISDIR);
	assert_int_equal(entries_in_folder(), 1);
	assert_int_equal(file_replace("/nowhere/at/all", "x", 1, 0600), -ENOENT);
}

/* A killed writer, again and again: a reader sees one of the two contents, whole. */
static void a_kill_at_any_moment_leaves_old_or_new(void **state)
{
	static char a[20000], b[30000];

	(void)state;
	memset(a, 'a', sizeof(a));
	memset(b, 'b', sizeof(b));
	assert_int_equal(file_replace(path, a, sizeof(a), 0600), 0);
	for (int round = 0; round < 40; round++) {
		CLEANUP_BUF struct buf seen = BUF_INIT;
		pid_t pid = fork();
		const char *expected;

		assert_true(pid >= 0);
		if (pid == 0)
			for (;;)
				if (file_replace(path, b, sizeof(b), 0600) ||
				    file_replace(path, a, sizeof(a), 0600))
					_exit(1);
		usleep((useconds_t)(200 + 137 * round));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		assert_int_equal(file_read(path, READ_MAX, &seen), 0);
		expected = seen.len == sizeof(a) ? a : b;
		assert_true(seen.len == sizeof(a) || seen.len == sizeof(b));
		assert_memory_equal(seen.data, expected, seen.len);
	}
}

static void reading_appends_and_stops_at_the_bound(void **state)
{
	CLEANUP_BUF struct buf b = BUF_INIT;

	(void)state;
	assert_int_equal(file_replace(path, "12345", 5, 0600), 0);
	buf_puts(&b, "head:");
	assert_int_equal(file_read(path, 5, &b), 0);
	assert_string_equal(buf_str(&b), "head:12345");
	assert_int_equal(file_read(path, 4, &b), -EFBIG);
	assert_string_equal(buf_str(&b), "head:12345");
	assert_int_equal(file_read("/dev/zero", 100000, &b), -EFBIG);
	assert_string_equal(buf_str(&b), "head:12345");
	assert_int_equal(file_read("/nowhere", 5, &b), -ENOENT);
	assert_int_equal(file_read(folder, 5, &b), -EISDIR);
}

static void a_buffer_too_small_for_the_file_says_so(void **state)
{
	CLEANUP_BUF struct buf b;

	(void)state;
	buf_init(&b, 100);
	assert_int_equal(file_read("/dev/zero", READ_MAX, &b), -EMSGSIZE);
	assert_int_equal(b.len, 0);
}

static void folders_are_made_all_the_way_and_twice_is_harmless(void **state)
{
	char deep[96], file[96];
	struct stat st;

	(void)state;
	snprintf(deep, sizeof(deep), "%s/a/b/c/", folder);
	assert_int_equal(file_make_dirs(deep, 0700), 0);
	assert_int_equal(file_make_dirs(deep, 0700), 0);
	assert_int_equal(stat(deep, &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(file_make_dirs("/", 0700), 0);
	assert_int_equal(file_make_dirs("", 0700), -ENOENT);
	snprintf(file, sizeof(file), "%s/a/file", folder);
	assert_int_equal(file_replace(file, "x", 1, 0600), 0);
	assert_int_equal(file_make_dirs(file, 0700), -ENOTDIR);
	unlink(file);
	for (const char *const *name = (const char *const[]){"a/b/c", "a/b", "a", NULL}; *name;
	     name++) {
		snprintf(file, sizeof(file), "%s/%s", folder, *name);
		assert_int_equal(rmdir(file), 0);
	}
}

static void all_bytes_go_through_a_narrow_pipe(void **state)
{
	static uint8_t sent[300000], got[300000];
	size_t at = 0;
	int ends[2];
	pid_t pid;
	ssize_t n;

	(void)state;
	random_bytes(sent, sizeof(sent));
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(file_write_all(ends[1], sent, sizeof(sent)) ? 1 : 0);
	close(ends[1]);
	while ((n = read(ends[0], got + at, MIN(sizeof(got) - at, 4097))) > 0)
		at += (size_t)n;
	close(ends[0]);
	waitpid(pid, NULL, 0);
	assert_int_equal(at, sizeof(sent));
	assert_memory_equal(got, sent, sizeof(sent));
	assert_int_equal(file_write_all(-1, "x", 1), -EBADF);
	assert_int_equal(file_write_all(-1, "x", 0), 0);
}

static void a_folder_that_is_none_cannot_be_synced(void **state)
{
	(void)state;
	assert_int_equal(file_sync_dir(folder), 0);
	assert_int_equal(file_sync_dir("/nowhere"), -ENOENT);
	assert_int_equal(file_sync_dir("/dev/null"), -ENOTDIR);
}

static void a_lock_is_held_until_its_file_is_closed(void **state)
{
	int first = -1, second = -1;

	(void)state;
	assert_int_equal(file_lock(folder, "lock", &first), 0);
	assert_int_equal(file_lock(folder, "lock", &second), -EBUSY);
	assert_int_equal(second, -1);
	close(first);
	assert_int_equal(file_lock(folder, "lock", &second), 0);
	close(second);
}

static void random_bytes_fill_the_whole_and_differ(void **state)
{
	uint8_t a[600] = {0}, b[600] = {0};
	size_t zeros = 0;

	(void)state;
	random_bytes(a, sizeof(a));
	random_bytes(b, sizeof(b));
	assert_true(memcmp(a, b, sizeof(a)) != 0);
	for (size_t i = 0; i < sizeof(a); i++)
		zeros += a[i] == 0;
	assert_true(zeros < 60);
}

#define FILE_TEST(f) cmocka_unit_test_setup_teardown(f, NULL, empty_folder)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		FILE_TEST(a_replaced_file_has_the_new_bytes_and_nothing_beside),
		FILE_TEST(the_mode_is_exact_whatever_the_umask_and_the_old_file),
		FILE_TEST(a_reader_of_the_old_file_keeps_the_old_file),
		FILE_TEST(a_write_that_fails_leaves_the_old_file),
		FILE_TEST(what_a_crash_left_beside_is_swept_away),
		FILE_TEST(a_link_beside_is_never_written_through),
		FILE_TEST(a_folder_in_the_way_is_an_error_that_leaves_nothing),
		FILE_TEST(a_kill_at_any_moment_leaves_old_or_new),
		FILE_TEST(reading_appends_and_stops_at_the_bound),
		FILE_TEST(a_buffer_too_small_for_the_file_says_so),
		FILE_TEST(folders_are_made_all_the_way_and_twice_is_harmless),
		FILE_TEST(all_bytes_go_through_a_narrow_pipe),
		FILE_TEST(a_folder_that_is_none_cannot_be_synced),
		FILE_TEST(a_lock_is_held_until_its_file_is_closed),
		FILE_TEST(random_bytes_fill_the_whole_and_differ),
	};

	return cmocka_run_group_tests_name("file", tests, make_folder, remove_folder);
}
