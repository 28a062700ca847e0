#define _GNU_SOURCE
#include "agent/guards/exec_gate.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>

#include "agent/linux/exec_lane.h"
#include "agent/linux/mounts.h"
#include "base/text.h"

struct exec_gate {
	struct exec_gate_options o;
	char root[256];
	struct hash_cache *cache;
	struct lane *near, *far;
	atomic_bool with_sm3;
	_Atomic enum exec_watch watch;
	atomic_bool by_mount; /* no FAN_MARK_FILESYSTEM */
	atomic_bool by_open;  /* no FAN_OPEN_EXEC_PERM */
};

struct marking {
	struct exec_gate *gate;
	char below[32]; /* what is put before each place: "/proc/17/root" */
	int err;
};

static uint64_t mask_of(const struct exec_gate *g)
{
	if (g->by_open)
		return FAN_OPEN_PERM;
	return FAN_OPEN_EXEC_PERM | (g->watch == EXEC_WATCH_OPENS ? FAN_OPEN_PERM : 0);
}

static int try_mark(const struct exec_gate *g, int fd, const char *place)
{
	unsigned how = g->by_mount ? FAN_MARK_MOUNT : FAN_MARK_FILESYSTEM;

	return fanotify_mark(fd, FAN_MARK_ADD | how, mask_of(g), AT_FDCWD, place) < 0 ? -errno : 0;
}

/* Down a ladder: an older kernel refuses what it does not know. */
static int mark_place(struct exec_gate *g, int fd, const char *place)
{
	int err = try_mark(g, fd, place);

	if (err == -EINVAL && !g->by_mount) {
		g->by_mount = true;
		err = try_mark(g, fd, place);
	}
	if (err == -EINVAL && !g->by_open) {
		g->by_open = true;
		err = try_mark(g, fd, place);
	}
	return err;
}

static void mark_mount(void *arg, const struct mount *m)
{
	struct marking *k = arg;
	struct exec_gate *g = k->gate;
	char place[sizeof(m->place) + sizeof(k->below)];
	int err;

	if (mount_is_virtual(m))
		return;
	snprintf(place, sizeof(place), "%s%s", k->below, m->place);
	err = mark_place(g, lane_fd(mount_is_far(m) ? g->far : g->near), place);
	/* A place that is hidden, gone, or not for root (FUSE without allow_root) holds no program
	 * that others reach. */
	if (err && err != -ENOENT && err != -EACCES && err != -ENODEV && !k->err)
		k->err = err;
}

int exec_gate_remount(struct exec_gate *g)
{
	struct marking k = {.gate = g};
	int err = g->watch == EXEC_WATCH_NOTHING ? 0 : mounts_each(g->root, mark_mount, &k);

	return err ? err : k.err;
}

/* Whoever has mounts of his own is watched in those, too, from the next program on that he runs. By
 * the near hasher: a far file system could keep it, and is not asked. */
static void mark_near(void *arg, const struct mount *m)
{
	if (!mount_is_far(m))
		mark_mount(arg, m);
}

static void mark_elsewhere(void *arg, int pid)
{
	struct marking k = {.gate = arg};

	snprintf(k.below, sizeof(k.below), "/proc/%d/root", pid);
	if (k.gate->watch != EXEC_WATCH_NOTHING && mounts_each_of(pid, k.gate->root, mark_near, &k))
		return; /* it is gone */
}

static void unmark(const struct lane *l)
{
	static const unsigned kinds[] = {0, FAN_MARK_MOUNT, FAN_MARK_FILESYSTEM};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (fanotify_mark(lane_fd(l), FAN_MARK_FLUSH | kinds[i], 0, AT_FDCWD, "/") < 0)
			continue; /* the kernel does not know this kind */
}

int exec_gate_follow(struct exec_gate *g, enum exec_watch w, bool with_sm3)
{
	atomic_store(&g->with_sm3, with_sm3);
	g->watch = w;
	unmark(g->near);
	unmark(g->far);
	return exec_gate_remount(g);
}

int exec_gate_learn(struct exec_gate *g, const char *path, uint64_t tag)
{
	return lane_learn(g->near, path, tag);
}

enum exec_means exec_gate_means(const struct exec_gate *g)
{
	return g->by_open ? EXEC_BY_OPEN : EXEC_BY_RUN;
}

bool exec_gate_is_by_mount(const struct exec_gate *g)
{
	return g->by_mount;
}

/* Real paths, as the kernel tells them. */
static int take_root(struct exec_gate *g, const char *root)
{
	CLEANUP_FREE char *real = *root ? realpath(root, NULL) : NULL;

	if (*root && !real)
		return -errno;
	return text_copy(g->root, sizeof(g->root), real && !text_equal(real, "/") ? real : "");
}

int exec_gate_new(const struct exec_gate_options *o, struct exec_gate **ret)
{
	struct exec_gate *g = calloc(1, sizeof(*g));
	struct lane_options lane = {.may_ignore = true};
	int err;

	if (!g)
		return -ENOMEM;
	g->o = *o;
	g->o.root = g->root;
	lane.gate = &g->o;
	lane.elsewhere = mark_elsewhere;
	lane.arg = g;
	lane.with_sm3 = &g->with_sm3;
	err = take_root(g, o->root);
	if (!err)
		err = hash_cache_new(&g->cache);
	if (!err) {
		lane.cache = g->cache;
		err = lane_new(&lane, &g->near);
	}
	if (!err) {
		lane.cache = NULL;
		lane.may_ignore = false;
		err = lane_new(&lane, &g->far);
	}
	if (err)
		exec_gate_free(g);
	else
		*ret = g;
	return err;
}

void exec_gate_free(struct exec_gate *g)
{
	if (!g)
		return;
	lane_free(g->near);
	lane_free(g->far);
	hash_cache_free(g->cache);
	free(g);
}
