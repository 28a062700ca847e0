#define _GNU_SOURCE
#include "agent/linux/exec_lane.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>

#include "agent/linux/learn.h"
#include "agent/linux/mounts.h"
#include "agent/linux/process.h"
#include "base/clock.h"
#include "base/text.h"

#define JOBS_MAX 64
#define EVENTS_MAX 32
#define STACK_SIZE (256 << 10)
#define PATH_SIZE 1024
/* Before Linux 5.19 an inode that the kernel is told of stays in memory. */
#define IGNORED_MAX 8192

#ifndef FAN_MARK_EVICTABLE
#define FAN_MARK_EVICTABLE 0x00000200
#endif

/* An event that waits for the hasher, or a path that is to be learnt (then `fd` is -1). */
struct job {
	bool taken;	/* the slot */
	bool busy;	/* the hasher has it */
	bool waits;	/* somebody waits for its answer */
	bool elsewhere; /* his own mounts are looked at first, while he waits and so is there */
	int fd, pid;
	int64_t late_at_ms;
	uint64_t tag;
	struct program program; /* its path is this one: */
	char path[PATH_SIZE];
};

struct lane {
	struct lane_options o;
	int fd, stop_fd;
	pthread_t decider, hasher;
	bool has_decider, has_hasher;
	pthread_mutex_t lock;
	pthread_cond_t work;
	bool stopping;
	size_t ignored;
	struct job jobs[JOBS_MAX];
};

/* ---- what is asked about ---- */

static void answer(const struct lane *l, int fd, bool run)
{
	const struct fanotify_response r = {.fd = fd, .response = run ? FAN_ALLOW : FAN_DENY};

	if (write(l->fd, &r, sizeof(r)) < 0)
		return; /* who asked is gone */
}

static void read_path(const char *root, int fd, char dst[static PATH_SIZE])
{
	size_t root_len = strlen(root);
	char link[32];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, dst, PATH_SIZE - 1);
	dst[MAX(n, 0)] = 0;
	if (root_len && strncmp(dst, root, root_len) == 0)
		memmove(dst, dst + root_len, strlen(dst + root_len) + 1);
}

static bool looks_like_program(int fd)
{
	static const char *const marks[] = {"\177ELF", "#!", "MZ"};
	char first[5] = "";

	if (pread(fd, first, 4, 0) < 2)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (text_starts(first, marks[i]))
			return true;
	return false;
}

/* /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 runs what it is told to open. */
static bool is_loader(int pid)
{
	char link[32], exe[256];
	const char *name;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	n = readlink(link, exe, sizeof(exe) - 1);
	exe[MAX(n, 0)] = 0;
	name = strrchr(exe, '/');
	return name && text_starts(name, "/ld-") && strstr(name, ".so");
}

static enum program_way way_of(const struct fanotify_event_metadata *e)
{
	if (e->mask & FAN_OPEN_EXEC_PERM)
		return PROGRAM_RUN;
	if (!looks_like_program(e->fd))
		return PROGRAM_DATA;
	return is_loader(e->pid) ? PROGRAM_LOADED : PROGRAM_READ;
}

static enum software_answer judge(const struct lane *l, const struct run *asked,
				  const struct program_hash *h)
{
	const struct exec_gate_options *gate = l->o.gate;
	struct run r = *asked;

	if (h) {
		r.program.sha256 = h->sha256;
		r.program.sm3 = h->has_sm3 ? h->sm3 : NULL;
	}
	return gate->judge(gate->arg, &r);
}

static enum software_answer judge_late(const struct lane *l, const struct run *r)
{
	return l->o.gate->late(l->o.gate->arg, r);
}

/* ---- jobs ---- */

static struct job *free_job(struct lane *l)
{
	for (size_t i = 0; i < JOBS_MAX; i++)
		if (!l->jobs[i].taken)
			return &l->jobs[i];
	return NULL;
}

/* Small files first; what nobody waits for, last. */
static struct job *next_job(struct lane *l)
{
	struct job *best = NULL;

	for (size_t i = 0; i < JOBS_MAX; i++) {
		struct job *j = &l->jobs[i];

		if (!j->taken || j->busy)
			continue;
		if (!best || (j->fd >= 0 && best->fd < 0) ||
		    ((j->fd >= 0) == (best->fd >= 0) && j->program.size < best->program.size))
			best = j;
	}
	return best;
}

static bool put_job(struct lane *l, int fd, const struct run *r, bool elsewhere)
{
	struct job *j;

	pthread_mutex_lock(&l->lock);
	j = free_job(l);
	if (j) {
		*j = (struct job){.taken = true,
				  .waits = true,
				  .elsewhere = elsewhere,
				  .fd = fd,
				  .pid = r->pid,
				  .late_at_ms = clock_mono_ms() + EXEC_PATIENCE_MS,
				  .program = r->program};
		text_fit(j->path, sizeof(j->path), r->program.path);
		j->program.path = j->path;
		pthread_cond_signal(&l->work);
	}
	pthread_mutex_unlock(&l->lock);
	return j != NULL;
}

int lane_learn(struct lane *l, const char *path, uint64_t tag)
{
	struct job *j;
	int err = 0;

	pthread_mutex_lock(&l->lock);
	j = free_job(l);
	if (!j) {
		err = -ENOBUFS;
	} else {
		*j = (struct job){.taken = true, .fd = -1, .tag = tag};
		text_fit(j->path, sizeof(j->path), path);
		pthread_cond_signal(&l->work);
	}
	pthread_mutex_unlock(&l->lock);
	return err;
}

/* Takes the right to answer. */
static bool take_wait(struct lane *l, struct job *j)
{
	bool waits;

	pthread_mutex_lock(&l->lock);
	waits = j->waits;
	j->waits = false;
	pthread_mutex_unlock(&l->lock);
	return waits;
}

static int hash(const struct lane *l, int fd, struct program_hash *ret)
{
	struct file_id id;
	struct stat st;
	bool lasts;
	int err;

	if (fstat(fd, &st) < 0)
		return -errno;
	file_id_of(&st, &id);
	lasts = l->o.cache && program_hash_lasts(fd, &st);
	err = program_hash_fd(fd, atomic_load(l->o.with_sm3), ret);
	if (!err && lasts)
		hash_cache_put(l->o.cache, &id, ret);
	return err;
}

static enum software_answer settle(const struct lane *l, const struct job *j)
{
	const struct run r = {.program = j->program, .pid = j->pid};
	enum software_answer a = SOFTWARE_HASH;
	struct program_hash h;

	if (j->elsewhere) {
		l->o.elsewhere(l->o.arg, j->pid);
		a = judge(l, &r, NULL);
	}
	if (a != SOFTWARE_HASH)
		return a;
	if (r.program.size > EXEC_HASH_MAX || hash(l, j->fd, &h))
		return judge_late(l, &r);
	return judge(l, &r, &h);
}

static void do_wait(struct lane *l, struct job *j)
{
	enum software_answer a = settle(l, j);

	if (take_wait(l, j))
		answer(l, j->fd, a != SOFTWARE_DENY);
}

static void on_learnt(void *arg, uint64_t tag, uint64_t size, int fd)
{
	struct lane *l = arg;
	struct program_hash h;

	if (hash(l, fd, &h) == 0)
		l->o.gate->learnt(l->o.gate->arg, tag, size, h.sha256);
}

static bool is_stopping(void *arg)
{
	struct lane *l = arg;
	bool stopping;

	pthread_mutex_lock(&l->lock);
	stopping = l->stopping;
	pthread_mutex_unlock(&l->lock);
	return stopping;
}

static void do_learn(struct lane *l, const struct job *j)
{
	const struct learn_options o = {.root = l->o.gate->root,
					.path = j->path,
					.tag = j->tag,
					.found = on_learnt,
					.stops = is_stopping,
					.arg = l};

	learn_programs(&o);
}

static void *run_hasher(void *arg)
{
	struct lane *l = arg;
	struct job *j;

	pthread_mutex_lock(&l->lock);
	while (!l->stopping) {
		j = next_job(l);
		if (!j) {
			pthread_cond_wait(&l->work, &l->lock);
			continue;
		}
		j->busy = true;
		pthread_mutex_unlock(&l->lock);
		if (j->fd >= 0)
			do_wait(l, j);
		else
			do_learn(l, j);
		close_cleanup(&j->fd);
		pthread_mutex_lock(&l->lock);
		j->taken = false;
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

/* ---- deciding ---- */

/* What only root can change need not be asked about each time that it is opened. */
static void ignore(struct lane *l, int fd, const struct program *p)
{
	unsigned flags = FAN_MARK_ADD | FAN_MARK_IGNORED_MASK;

	if (!l->o.may_ignore || p->way == PROGRAM_RUN || !program_is_systems(p))
		return;
	if (fanotify_mark(l->fd, flags | FAN_MARK_EVICTABLE, FAN_OPEN_PERM, fd, NULL) == 0)
		return;
	if (++l->ignored > IGNORED_MAX) {
		fanotify_mark(l->fd, FAN_MARK_FLUSH, 0, AT_FDCWD, "/");
		l->ignored = 0;
	}
	if (fanotify_mark(l->fd, flags, FAN_OPEN_PERM, fd, NULL) < 0)
		l->o.may_ignore = false;
}

static enum software_answer ask(struct lane *l, const struct stat *st, const struct run *r)
{
	enum software_answer a = judge(l, r, NULL);
	struct program_hash h;
	struct file_id id;

	file_id_of(st, &id);
	if (a == SOFTWARE_HASH && l->o.cache && hash_cache_get(l->o.cache, &id, &h) &&
	    (h.has_sm3 || !atomic_load(l->o.with_sm3)))
		a = judge(l, r, &h);
	return a;
}

/* True when the event was answered, and its descriptor may be closed. */
static bool decide(struct lane *l, const struct fanotify_event_metadata *e)
{
	char path[PATH_SIZE];
	struct run r = {.pid = e->pid, .program.path = path};
	enum software_answer a = SOFTWARE_RUN;
	struct stat st;

	if (e->pid != getpid() && fstat(e->fd, &st) == 0 && S_ISREG(st.st_mode)) {
		read_path(l->o.gate->root, e->fd, path);
		r.program.way = way_of(e);
		r.program.size = (uint64_t)st.st_size;
		r.program.owner = st.st_uid;
		r.program.mode = st.st_mode & 07777;
		r.program.runner = process_owner(e->pid);
		if (r.program.way == PROGRAM_RUN && mounts_are_others(e->pid) &&
		    put_job(l, e->fd, &r, true))
			return false;
		a = ask(l, &st, &r);
		if (a == SOFTWARE_HASH && st.st_size <= EXEC_HASH_MAX &&
		    put_job(l, e->fd, &r, false))
			return false;
		if (a == SOFTWARE_HASH)
			a = judge_late(l, &r);
		else if (a == SOFTWARE_RUN)
			ignore(l, e->fd, &r.program);
	}
	answer(l, e->fd, a != SOFTWARE_DENY);
	return true;
}

static void take_events(struct lane *l)
{
	_Alignas(struct fanotify_event_metadata) char
		data[EVENTS_MAX * sizeof(struct fanotify_event_metadata)];
	ssize_t n = read(l->fd, data, sizeof(data));
	const struct fanotify_event_metadata *e = (const void *)data;

	for (; n > 0 && FAN_EVENT_OK(e, n); e = FAN_EVENT_NEXT(e, n))
		if (e->fd >= 0 && e->vers == FANOTIFY_METADATA_VERSION && decide(l, e))
			close(e->fd);
}

/* Milliseconds until the next one is late; -1: nobody waits. */
static int answer_late(struct lane *l)
{
	int64_t now_ms = clock_mono_ms(), next_ms = -1;

	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < JOBS_MAX; i++) {
		struct job *j = &l->jobs[i];
		const struct run r = {.program = j->program, .pid = j->pid};

		if (!j->taken || !j->waits)
			continue;
		if (j->late_at_ms <= now_ms) {
			j->waits = false;
			answer(l, j->fd, judge_late(l, &r) != SOFTWARE_DENY);
		} else if (next_ms < 0 || j->late_at_ms - now_ms < next_ms) {
			next_ms = j->late_at_ms - now_ms;
		}
	}
	pthread_mutex_unlock(&l->lock);
	return (int)next_ms;
}

static void *run_decider(void *arg)
{
	struct lane *l = arg;
	struct pollfd fds[] = {{.fd = l->fd, .events = POLLIN},
			       {.fd = l->stop_fd, .events = POLLIN}};

	while (!fds[1].revents) {
		if (poll(fds, ARRAY_SIZE(fds), answer_late(l)) > 0 && fds[0].revents)
			take_events(l);
	}
	return NULL;
}

/* ---- the lane ---- */

/* Signals are the main thread's. */
static int start_thread(void *(*fn)(void *), struct lane *l, pthread_t *ret)
{
	sigset_t all, before;
	pthread_attr_t attr;
	int err;

	sigfillset(&all);
	err = -pthread_attr_init(&attr);
	if (err)
		return err;
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = -pthread_create(ret, &attr, fn, l);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return err;
}

static int start(struct lane *l)
{
	int err;

	l->fd = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC | FAN_NONBLOCK | FAN_UNLIMITED_QUEUE |
				      FAN_UNLIMITED_MARKS,
			      O_RDONLY | O_LARGEFILE | O_CLOEXEC | O_NOATIME);
	if (l->fd < 0)
		return -errno;
	l->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (l->stop_fd < 0)
		return -errno;
	err = start_thread(run_decider, l, &l->decider);
	l->has_decider = !err;
	if (!err)
		err = start_thread(run_hasher, l, &l->hasher);
	l->has_hasher = l->has_decider && !err;
	return err;
}

int lane_new(const struct lane_options *o, struct lane **ret)
{
	struct lane *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return -ENOMEM;
	l->o = *o;
	l->fd = l->stop_fd = -1;
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->work, NULL);
	signal(SIGIO, SIG_IGN); /* of a lease that somebody breaks */
	err = start(l);
	if (err)
		lane_free(l);
	else
		*ret = l;
	return err;
}

static void stop_threads(struct lane *l)
{
	const uint64_t one = 1;

	pthread_mutex_lock(&l->lock);
	l->stopping = true;
	pthread_cond_signal(&l->work);
	pthread_mutex_unlock(&l->lock);
	if (l->has_decider && write(l->stop_fd, &one, sizeof(one)) == sizeof(one))
		pthread_join(l->decider, NULL);
	if (l->has_hasher)
		pthread_join(l->hasher, NULL);
}

void lane_free(struct lane *l)
{
	if (!l)
		return;
	stop_threads(l);
	close_cleanup(&l->fd); /* who still waits goes on */
	for (size_t i = 0; i < JOBS_MAX; i++)
		if (l->jobs[i].taken)
			close_cleanup(&l->jobs[i].fd);
	close_cleanup(&l->stop_fd);
	pthread_cond_destroy(&l->work);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

int lane_fd(const struct lane *l)
{
	return l->fd;
}
