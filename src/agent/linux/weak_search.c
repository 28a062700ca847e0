#define _GNU_SOURCE
#include "agent/guards/weak_search.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/guards/weak_password.h"

#define PATIENCE_S 600 /* of a processor */

struct weak_search {
	pid_t pid;
	int fd;
	struct loop_watch *watch;
	uint8_t weak[ACCOUNTS_MAX];
	size_t got;
	weak_search_fn *done;
	void *arg;
};

/* Tells a byte an account, so that a child which died half-way has told nothing. */
static _Noreturn void search(const struct accounts *all, const json_t *words, int to)
{
	const struct rlimit cpu = {PATIENCE_S, PATIENCE_S};
	uint8_t weak[ACCOUNTS_MAX] = {0};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "menshen-weak");
	setpriority(PRIO_PROCESS, 0, 19);
	setrlimit(RLIMIT_CPU, &cpu);
	for (size_t i = 0; i < all->count; i++)
		weak[i] = all->list[i].login && all->list[i].password == PASSWORD_SET &&
			  all->list[i].hash[0] && weak_password_is(&all->list[i], words);
	_exit(write(to, weak, sizeof(weak)) == sizeof(weak) ? 0 : 1);
}

static void on_word(void *arg, int fd, uint32_t events)
{
	struct weak_search *s = arg;
	ssize_t n = read(fd, s->weak + s->got, sizeof(s->weak) - s->got);

	(void)events;
	if (n > 0) {
		s->got += (size_t)n;
		if (s->got < sizeof(s->weak))
			return;
	} else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		return;
	}
	loop_watch_remove(TAKE_PTR(s->watch));
	if (s->got == sizeof(s->weak))
		s->done(s->arg, s->weak);
}

int weak_search_new(struct loop *loop, const struct accounts *all, const json_t *words,
		    weak_search_fn *done, void *arg, struct weak_search **ret)
{
	struct weak_search *s = calloc(1, sizeof(*s));
	int fds[2], err;

	if (!s)
		return -ENOMEM;
	*s = (struct weak_search){.pid = -1, .fd = -1, .done = done, .arg = arg};
	err = pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0 ? -errno : 0;
	if (err) {
		free(s);
		return err;
	}
	s->fd = fds[0];
	s->pid = fork();
	if (s->pid == 0)
		search(all, words, fds[1]);
	err = s->pid < 0 ? -errno : 0;
	close(fds[1]);
	if (!err)
		err = loop_watch_fd(loop, s->fd, EPOLLIN, on_word, s, &s->watch);
	if (err)
		weak_search_free(s);
	else
		*ret = s;
	return err;
}

void weak_search_free(struct weak_search *s)
{
	if (!s)
		return;
	loop_watch_remove(s->watch);
	close_cleanup(&s->fd);
	if (s->pid > 0) {
		kill(s->pid, SIGKILL);
		waitpid(s->pid, NULL, 0);
	}
	free(s);
}
