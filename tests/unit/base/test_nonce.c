#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/nonce.h"

#define SIZE 16
#define MANY 2000 /* several fillings of the pool */

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, SIZE);
}

static void none_is_given_out_twice(void **state)
{
	static uint8_t all[MANY][SIZE];

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		nonce_bytes(all[i], SIZE);
	qsort(all, MANY, SIZE, by_bytes);
	for (size_t i = 1; i < MANY; i++)
		assert_memory_not_equal(all[i - 1], all[i], SIZE);
}

static void any_length_is_filled_to_its_end(void **state)
{
	static const uint8_t zeros[8];
	uint8_t bytes[NONCE_MAX + 1];

	(void)state;
	for (size_t len = 8; len <= NONCE_MAX; len++) {
		memset(bytes, 0, sizeof(bytes));
		nonce_bytes(bytes, len);
		assert_memory_not_equal(bytes + len - 8, zeros, 8);
		assert_int_equal(bytes[len], 0);
	}
	nonce_bytes(bytes, 0);
}

static void a_child_does_not_repeat_its_parent(void **state)
{
	uint8_t mine[SIZE], theirs[SIZE];
	int fds[2], status;
	pid_t pid;

	(void)state;
	nonce_bytes(mine, SIZE); /* both have a pool now */
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		nonce_bytes(theirs, SIZE);
		_exit(write(fds[1], theirs, SIZE) == SIZE ? 0 : 1);
	}
	nonce_bytes(mine, SIZE);
	assert_int_equal(read(fds[0], theirs, SIZE), SIZE);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_memory_not_equal(mine, theirs, SIZE);
	close(fds[0]);
	close(fds[1]);
}

static void *draw(void *arg)
{
	nonce_bytes(arg, SIZE);
	return NULL;
}

static void threads_do_not_share(void **state)
{
	uint8_t mine[SIZE], theirs[SIZE];
	pthread_t thread;

	(void)state;
	nonce_bytes(mine, SIZE);
	assert_int_equal(pthread_create(&thread, NULL, draw, theirs), 0);
	pthread_join(thread, NULL);
	assert_memory_not_equal(mine, theirs, SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_is_given_out_twice),
		cmocka_unit_test(any_length_is_filled_to_its_end),
		cmocka_unit_test(a_child_does_not_repeat_its_parent),
		cmocka_unit_test(threads_do_not_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
