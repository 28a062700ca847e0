#define _GNU_SOURCE
#include "gate/eap/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/log.h"
#include "gate/eap/engine.h"

struct keeper {
	int fd;
	pid_t pid;
};

/* In the keeper's own process. */
struct post {
	const struct settings *settings;
	int fd;
	int signal_fd;
	pid_t workers[ENGINE_WORKERS_MAX];
};

struct message {
	char order;
	uint8_t worker;
};

static int become(const char *user)
{
	const struct passwd *pw;

	if (geteuid() != 0)
		return 0; /* without privilege the engine runs as we do */
	pw = getpwnam(user);
	if (!pw)
		return -ENOENT;
	if (initgroups(user, pw->pw_gid) < 0 || setgid(pw->pw_gid) < 0 || setuid(pw->pw_uid) < 0)
		return -errno;
	return 0;
}

/* The worker's output would fill the gate's journal with what the gate says better. */
static void redirect_output(const char *dir)
{
	char path[PATH_SIZE + 48];
	int fd, null = open("/dev/null", O_RDWR);

	snprintf(path, sizeof(path), "%s/output", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0640);
	dup2(null, STDIN_FILENO);
	dup2(fd >= 0 ? fd : null, STDOUT_FILENO);
	dup2(fd >= 0 ? fd : null, STDERR_FILENO);
}

static _Noreturn void run_worker(const struct post *p, unsigned worker)
{
	const struct settings *s = p->settings;
	char dir[PATH_SIZE + 32];
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	snprintf(dir, sizeof(dir), "%s/engine/worker%u", s->run_dir, worker);
	/* First: others than root may put what they like in the place of this folder. */
	if (become(s->engine_user))
		_exit(126);
	redirect_output(dir);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	execl(s->radiusd, s->radiusd, "-f", "-l", "stdout", "-d", dir, "-n", "radiusd", NULL);
	_exit(127);
}

static void start_worker(struct post *p, unsigned worker)
{
	pid_t pid;

	if (p->workers[worker] > 0)
		return;
	pid = fork();
	if (pid == 0)
		run_worker(p, worker);
	p->workers[worker] = pid;
}

static void obey(struct post *p, const struct message *m)
{
	pid_t pid;

	if (m->worker >= ENGINE_WORKERS_MAX)
		return;
	pid = p->workers[m->worker];
	if (m->order == KEEPER_START)
		start_worker(p, m->worker);
	else if (m->order == KEEPER_RELOAD && pid > 0)
		kill(pid, SIGHUP);
	else if (m->order == KEEPER_KILL && pid > 0)
		kill(pid, SIGKILL);
}

static void reap(struct post *p)
{
	struct signalfd_siginfo info;
	pid_t pid;

	while (read(p->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		;
	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		for (unsigned i = 0; i < ENGINE_WORKERS_MAX; i++) {
			const struct message m = {'x', (uint8_t)i};

			if (p->workers[i] != pid)
				continue;
			p->workers[i] = 0;
			(void)!send(p->fd, &m, sizeof(m), MSG_NOSIGNAL);
		}
}

static void kill_all(const struct post *p)
{
	for (unsigned i = 0; i < ENGINE_WORKERS_MAX; i++)
		if (p->workers[i] > 0)
			kill(p->workers[i], SIGKILL);
}

static void keep(struct post *p)
{
	struct pollfd fds[] = {{p->fd, POLLIN, 0}, {p->signal_fd, POLLIN, 0}};
	struct message m;

	for (;;) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
			return;
		if (fds[1].revents)
			reap(p);
		if (!fds[0].revents)
			continue;
		if (recv(p->fd, &m, sizeof(m), 0) != (ssize_t)sizeof(m))
			return; /* the gate is gone */
		obey(p, &m);
	}
}

static _Noreturn void run_keeper(const struct settings *s, int fd)
{
	struct post p = {.settings = s, .fd = fd};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGINT); /* the gate decides when to end */
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	p.signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (p.signal_fd >= 0)
		keep(&p);
	kill_all(&p);
	_exit(0);
}

int keeper_start(const struct settings *s, struct keeper **ret)
{
	struct keeper *k = calloc(1, sizeof(*k));
	int fds[2];

	if (!k)
		return -ENOMEM;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0) {
		free(k);
		return -errno;
	}
	k->pid = fork();
	if (k->pid == 0) {
		close(fds[0]);
		run_keeper(s, fds[1]);
	}
	close(fds[1]);
	k->fd = fds[0];
	if (k->pid < 0) {
		keeper_free(k);
		return -EAGAIN;
	}
	*ret = k;
	return 0;
}

void keeper_free(struct keeper *k)
{
	if (!k)
		return;
	close(k->fd);
	if (k->pid > 0)
		waitpid(k->pid, NULL, 0);
	free(k);
}

int keeper_fd(const struct keeper *k)
{
	return k->fd;
}

int keeper_order(struct keeper *k, enum keeper_order order, unsigned worker)
{
	const struct message m = {(char)order, (uint8_t)worker};

	return send(k->fd, &m, sizeof(m), MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int keeper_take_exit(struct keeper *k, unsigned *ret_worker)
{
	struct message m;
	ssize_t n = recv(k->fd, &m, sizeof(m), MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? -EAGAIN : -EPIPE;
	if (n != (ssize_t)sizeof(m) || m.worker >= ENGINE_WORKERS_MAX)
		return -EPIPE;
	*ret_worker = m.worker;
	return 0;
}
