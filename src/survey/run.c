#define _GNU_SOURCE
#include "survey/run.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>

#include "base/text.h"

#define BOUNCE_MOST_MS 120000
#define READ_SIZE 65536

struct run {
	struct loop *loop;
	run_done_fn *fn;
	void *arg;
	struct loop_timer *timer;
	struct loop_watch *watch;
	pid_t pid; /* 0: nothing is under way */
	int fd;
	bool is_bounce, is_broken;
	struct table *table;
	struct buf buf;
};

/* Kills a survey, reaps what there is; the child's word. */
static enum asked end_child(struct run *r, bool kill_it)
{
	int status = 0;

	if (kill_it)
		kill(r->pid, SIGKILL);
	while (waitpid(r->pid, &status, 0) < 0 && errno == EINTR)
		;
	loop_timer_disarm(r->timer);
	loop_watch_remove(r->watch);
	close_cleanup(&r->fd);
	r->watch = NULL;
	r->fd = -1;
	r->pid = 0;
	if (kill_it || !WIFEXITED(status))
		return ASKED_BROKE_OFF;
	return WEXITSTATUS(status) < ASKED_COUNT ? (enum asked)WEXITSTATUS(status) : ASKED_FAILED;
}

static void finish(struct run *r, bool kill_it)
{
	CLEANUP_TABLE struct table *t = TAKE_PTR(r->table);
	enum asked asked = end_child(r, kill_it);

	if (!asked && r->is_broken)
		asked = ASKED_FAILED;
	if (!asked && t)
		table_finish(t);
	r->fn(r->arg, asked, asked ? NULL : TAKE_PTR(t));
}

static void on_timer(void *arg)
{
	finish(arg, true);
}

static void take_cells(struct run *r)
{
	size_t at = 0, used;
	struct cell c;
	int got = 0;

	while (at < r->buf.len &&
	       (got = cell_get(r->buf.data + at, r->buf.len - at, &c, &used)) == 1) {
		if (r->table)
			table_take(r->table, &c);
		at += used;
	}
	r->is_broken |= got < 0 || r->buf.error;
	buf_consume(&r->buf, got < 0 ? r->buf.len : at);
}

static void on_pipe(void *arg, int fd, uint32_t events)
{
	struct run *r = arg;
	uint8_t data[READ_SIZE];
	ssize_t n = read(fd, data, sizeof(data));

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		finish(r, false);
		return;
	}
	buf_append(&r->buf, data, (size_t)n);
	take_cells(r);
}

int run_new(struct loop *l, run_done_fn *fn, void *arg, struct run **ret)
{
	struct run *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	*r = (struct run){.loop = l, .fn = fn, .arg = arg, .fd = -1};
	buf_init(&r->buf, 2 * READ_SIZE);
	err = loop_timer_new(l, on_timer, r, &r->timer);
	if (err) {
		run_free(r);
		return err;
	}
	*ret = r;
	return 0;
}

void run_free(struct run *r)
{
	if (!r)
		return;
	(void)run_cancel(r);
	loop_watch_remove(r->watch);
	close_cleanup(&r->fd);
	loop_timer_free(r->timer);
	table_free(r->table);
	buf_done(&r->buf);
	free(r);
}

bool run_is_busy(const struct run *r)
{
	return r->pid != 0;
}

/* The child's beginning: no descriptor but its pipe, and no signal ends a bounce. */
static void settle_child(int fd, bool is_bounce)
{
	sigset_t none;

	sigemptyset(&none);
	signal(SIGTERM, is_bounce ? SIG_IGN : SIG_DFL);
	signal(SIGINT, is_bounce ? SIG_IGN : SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(fd, 3) == 3)
		(void)close_range(4, ~0U, 0);
}

/* In the child: 0. In the parent: the child's number. */
static pid_t fork_child(struct run *r, bool is_bounce)
{
	int ends[2], err;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		settle_child(ends[1], is_bounce);
		return 0;
	}
	err = -errno;
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return err;
	}
	(void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
	r->fd = ends[0];
	r->pid = pid;
	r->is_bounce = is_bounce;
	r->is_broken = false;
	buf_clear(&r->buf);
	return pid;
}

static int follow(struct run *r, int64_t most_ms)
{
	int err = loop_watch_fd(r->loop, r->fd, EPOLLIN, on_pipe, r, &r->watch);

	if (err)
		(void)end_child(r, !r->is_bounce);
	else
		loop_timer_arm(r->timer, most_ms);
	return err;
}

int run_tables(struct run *r, const struct target *t, int64_t most_ms)
{
	pid_t pid;
	int err;

	if (r->pid)
		return -EBUSY;
	err = table_new(&r->table);
	if (err)
		return err;
	pid = fork_child(r, false);
	if (pid == 0)
		_exit((int)ask_tables(t, 3));
	err = pid < 0 ? pid : follow(r, most_ms);
	if (err) {
		table_free(r->table);
		r->table = NULL;
	}
	return err;
}

int run_bounce(struct run *r, const struct target *t, uint32_t index, const char *name,
	       unsigned hold_ms)
{
	pid_t pid;

	if (r->pid)
		return -EBUSY;
	pid = fork_child(r, true);
	if (pid == 0)
		_exit((int)ask_bounce(t, index, name, hold_ms));
	return pid < 0 ? pid : follow(r, BOUNCE_MOST_MS);
}

bool run_cancel(struct run *r)
{
	if (!r->pid || r->is_bounce)
		return false;
	(void)end_child(r, true);
	table_free(r->table);
	r->table = NULL;
	return true;
}
