#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/local.h"

static void two_programs_meet_at_a_path_and_know_each_others_user(void **state)
{
	char dir[] = "/tmp/local-XXXXXX", path[64], got[8];
	int here, there, peer;
	struct stat st;
	uid_t uid = 4711;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/sock", dir);
	assert_int_equal(local_connect(path, SOCK_SEQPACKET, 0), -ENOENT);
	for (int round = 0; round < 2;
	     round++) { /* what lies there from last time is no hindrance */
		here = local_listen(path, SOCK_SEQPACKET, 0600);
		assert_true(here >= 0);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		assert_int_equal(local_accept(here, &uid), -EAGAIN);
		there = local_connect(path, SOCK_SEQPACKET, SOCK_NONBLOCK);
		assert_true(there >= 0);
		peer = local_accept(here, &uid);
		assert_true(peer >= 0);
		assert_int_equal(uid, geteuid());
		assert_int_equal(send(there, "word", 4, 0), 4);
		assert_int_equal(recv(peer, got, sizeof(got), 0), 4);
		assert_int_equal(local_listen(path, SOCK_SEQPACKET, 0600), -EADDRINUSE);
		assert_int_equal(local_listen(path, SOCK_STREAM, 0600), -EADDRINUSE);
		close(peer);
		close(there);
		close(here);
	}
	assert_int_equal(local_connect(path, SOCK_SEQPACKET, 0), -ECONNREFUSED);
	unlink(path);
	rmdir(dir);
}

static void a_path_that_does_not_fit_is_refused(void **state)
{
	char path[200];

	(void)state;
	memset(path, 'a', sizeof(path));
	path[sizeof(path) - 1] = 0;
	assert_int_equal(local_listen(path, SOCK_STREAM, 0600), -ENAMETOOLONG);
	assert_int_equal(local_connect(path, SOCK_STREAM, 0), -ENAMETOOLONG);
}

static void a_file_that_is_no_socket_stays(void **state)
{
	char path[] = "/tmp/local-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(local_listen(path, SOCK_STREAM, 0600), -EADDRINUSE);
	assert_int_equal(unlink(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_programs_meet_at_a_path_and_know_each_others_user),
		cmocka_unit_test(a_file_that_is_no_socket_stays),
		cmocka_unit_test(a_path_that_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
