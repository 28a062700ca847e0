#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sandbox.h"

#define ALL (SANDBOX_BASIC | SANDBOX_FILES | SANDBOX_NETWORK | SANDBOX_FORK)

/* What `call` gives in a process that has entered: its errno, 0 when it succeeds. */
static int inside(unsigned sets, int (*call)(void))
{
	int status = -1;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (sandbox_enter(sets))
			_exit(255);
		_exit(call() < 0 ? errno : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_not_equal(WEXITSTATUS(status), 255);
	return WEXITSTATUS(status);
}

static int run_a_program(void)
{
	return execl("/bin/true", "true", NULL);
}

static int leave_the_namespace(void)
{
	return unshare(CLONE_FS);
}

static int open_a_file(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int open_a_socket(void)
{
	return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static int open_a_raw_socket(void)
{
	return socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
}

static void *return_at_once(void *arg)
{
	return arg;
}

static int start_a_thread(void)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, return_at_once, NULL);
	return errno || pthread_join(thread, NULL) ? -1 : 0;
}

static int make_a_child(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(execl("/bin/true", "true", NULL) < 0 ? errno : 0);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	errno = WEXITSTATUS(status);
	return errno == EPERM ? 0 : -1; /* the child, too, may run nothing */
}

static void what_a_program_needs_goes_on(void **state)
{
	(void)state;
	assert_int_equal(inside(ALL, open_a_file), 0);
	assert_int_equal(inside(ALL, open_a_socket), 0);
	assert_int_equal(inside(ALL, start_a_thread), 0);
	assert_int_equal(inside(ALL, make_a_child), 0);
}

static void nothing_else_is_run_and_nowhere_else_gone(void **state)
{
	(void)state;
	assert_int_equal(inside(ALL, run_a_program), EPERM);
	assert_int_equal(inside(ALL, leave_the_namespace), EPERM);
	assert_int_equal(inside(ALL, open_a_raw_socket), EPERM);
}

static void what_is_in_no_set_of_its_own_fails(void **state)
{
	(void)state;
	assert_int_equal(inside(SANDBOX_BASIC | SANDBOX_FILES, open_a_socket), EPERM);
	assert_int_equal(inside(SANDBOX_BASIC, start_a_thread), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_program_needs_goes_on),
		cmocka_unit_test(nothing_else_is_run_and_nowhere_else_gone),
		cmocka_unit_test(what_is_in_no_set_of_its_own_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
