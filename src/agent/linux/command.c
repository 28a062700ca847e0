#define _GNU_SOURCE
#include "agent/linux/command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include "base/clock.h"

#define PATIENCE_MS 3000
#define ANSWER_MAX 4096

int command_wait(pid_t pid)
{
	int64_t end_ms = clock_mono_ms() + PATIENCE_MS;
	int status;

	for (;;) {
		pid_t done = waitpid(pid, &status, WNOHANG);

		if (done == pid)
			return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
		if (done < 0 && errno != EINTR)
			return -errno;
		if (clock_mono_ms() > end_ms)
			kill(pid, SIGKILL);
		poll(NULL, 0, 2);
	}
}

static int spawn(const char *const *argv, int output, pid_t *ret)
{
	char *const env[] = {NULL};
	posix_spawn_file_actions_t actions;
	int err = -posix_spawn_file_actions_init(&actions);

	if (err)
		return err;
	err = -posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDWR, 0);
	if (!err)
		err = -posix_spawn_file_actions_adddup2(&actions, output >= 0 ? output : 0,
							STDOUT_FILENO);
	if (!err)
		err = -posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDERR_FILENO);
	if (!err)
		err = -posix_spawn(ret, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv,
				   env);
	posix_spawn_file_actions_destroy(&actions);
	return err;
}

int command_run(const char *const *argv, struct buf *ret)
{
	CLEANUP_FD int from = -1, to = -1;
	char answer[ANSWER_MAX];
	int pipe_fds[2], err;
	ssize_t n;
	pid_t pid;

	if (access(argv[0], X_OK) < 0)
		return -ENOENT;
	if (pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	from = pipe_fds[0], to = pipe_fds[1];
	err = spawn(argv, ret ? to : -1, &pid);
	if (!err)
		err = command_wait(pid);
	/* An answer fits into the pipe, so that it is read when the program is gone. */
	n = !err && ret ? read(from, answer, sizeof(answer)) : 0;
	if (n > 0)
		buf_append(ret, answer, (size_t)n);
	return err;
}
