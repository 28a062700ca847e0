#define _GNU_SOURCE
#include "agent/linux/firewall.h"

#include <fcntl.h>
#include <spawn.h>

#include "agent/linux/command.h"
#include "base/file.h"

static const char *firewall(void)
{
	static const char *const places[] = {"/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft"};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

static int spawn_firewall(const char *program, int input, pid_t *ret_pid)
{
	char name[] = "nft", option[] = "-f", from_input[] = "-";
	char *const argv[] = {name, option, from_input, NULL};
	char *const env[] = {NULL};
	posix_spawn_file_actions_t actions;
	int err = -posix_spawn_file_actions_init(&actions);

	if (err)
		return err;
	err = -posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	if (!err)
		err = -posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null",
							O_WRONLY, 0);
	if (!err)
		err = -posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
	if (!err)
		err = -posix_spawn(ret_pid, program, &actions, NULL, argv, env);
	posix_spawn_file_actions_destroy(&actions);
	return err;
}

/* The rules fit into a pipe (64 kB), so that nobody waits for anybody. */
int firewall_tell(const struct buf *rules)
{
	const char *program = firewall();
	CLEANUP_FD int from = -1, to = -1;
	int pipe_fds[2], err;
	pid_t pid;

	if (!program)
		return -ENOENT;
	if (rules->error || rules->len > 60000)
		return rules->error ? rules->error : -E2BIG;
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return -errno;
	from = pipe_fds[0], to = pipe_fds[1];
	err = file_write_all(to, rules->data, rules->len);
	if (!err)
		err = spawn_firewall(program, from, &pid);
	close_cleanup(&to);
	return err ? err : command_wait(pid);
}

bool firewall_is_here(void)
{
	return firewall() != NULL;
}
