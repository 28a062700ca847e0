#define _GNU_SOURCE
#include "agent/linux/program_hash.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mix.h"

#define SLOTS 2048
#define PIECE_SIZE (32 << 10)
/* The coarsest dates of a file system (vfat: two seconds), and a little. */
#define COARSE_NS INT64_C(2100000000)

void file_id_of(const struct stat *st, struct file_id *ret)
{
	*ret = (struct file_id){.device = st->st_dev,
				.inode = st->st_ino,
				.size = (uint64_t)st->st_size,
				.changed_ns = st->st_ctim.tv_sec * INT64_C(1000000000) +
					      st->st_ctim.tv_nsec};
}

bool file_id_equal(const struct file_id *a, const struct file_id *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->changed_ns == b->changed_ns;
}

static int add_all(int fd, struct hasher *sha256, struct hasher *sm3)
{
	CLEANUP_FREE uint8_t *piece = malloc(PIECE_SIZE);
	off_t at = 0;
	ssize_t n;
	int err = piece ? 0 : -ENOMEM;

	while (!err && (n = pread(fd, piece, PIECE_SIZE, at)) != 0) {
		if (n < 0)
			return -errno;
		err = hasher_add(sha256, piece, (size_t)n);
		if (!err && sm3)
			err = hasher_add(sm3, piece, (size_t)n);
		at += n;
	}
	return err;
}

static int begin(enum hash_kind kind, struct hasher **ret)
{
	int err = hasher_new(kind, ret);

	return err ? err : hasher_begin(*ret);
}

int program_hash_fd(int fd, bool with_sm3, struct program_hash *ret)
{
	CLEANUP_HASHER struct hasher *sha256 = NULL, *sm3 = NULL;
	struct program_hash h = {.has_sm3 = with_sm3};
	struct file_id before, after;
	struct stat st;
	int err = fstat(fd, &st) < 0 ? -errno : begin(HASH_SHA256, &sha256);

	if (!err && with_sm3)
		err = begin(HASH_SM3, &sm3);
	if (err)
		return err;
	file_id_of(&st, &before);
	err = add_all(fd, sha256, sm3);
	if (!err)
		err = hasher_end(sha256, h.sha256);
	if (!err && sm3)
		err = hasher_end(sm3, h.sm3);
	if (!err && fstat(fd, &st) < 0)
		err = -errno;
	if (err)
		return err;
	file_id_of(&st, &after);
	if (!file_id_equal(&before, &after))
		return -EAGAIN;
	*ret = h;
	return 0;
}

/* A read lease is granted only while nobody has the file open for writing, mapped or not. */
static bool has_no_writer(int fd)
{
	bool none = fcntl(fd, F_SETLEASE, F_RDLCK) == 0;

	if (none && fcntl(fd, F_SETLEASE, F_UNLCK) < 0)
		return false;
	return none;
}

bool program_hash_lasts(int fd, const struct stat *st)
{
	int64_t now_ns = clock_wall_ms() * 1000000;
	struct file_id id;
	struct statfs fs;

	file_id_of(st, &id);
	return now_ns - id.changed_ns > COARSE_NS && fstatfs(fd, &fs) == 0 &&
	       fs.f_type != TMPFS_MAGIC && has_no_writer(fd);
}

/* ---- what is known ---- */

struct known {
	struct file_id id;
	struct program_hash hash;
};

struct hash_cache {
	pthread_mutex_t lock;
	struct known *slots[SLOTS];
};

int hash_cache_new(struct hash_cache **ret)
{
	struct hash_cache *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	pthread_mutex_init(&c->lock, NULL);
	*ret = c;
	return 0;
}

void hash_cache_free(struct hash_cache *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		free(c->slots[i]);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static struct known **slot_of(struct hash_cache *c, const struct file_id *id)
{
	return &c->slots[mix(id->inode ^ UINT64_C(0x9e3779b97f4a7c15), id->device | 1) % SLOTS];
}

bool hash_cache_get(struct hash_cache *c, const struct file_id *id, struct program_hash *ret)
{
	const struct known *k;
	bool found;

	pthread_mutex_lock(&c->lock);
	k = *slot_of(c, id);
	found = k && file_id_equal(&k->id, id);
	if (found)
		*ret = k->hash;
	pthread_mutex_unlock(&c->lock);
	return found;
}

void hash_cache_put(struct hash_cache *c, const struct file_id *id, const struct program_hash *h)
{
	struct known **slot;

	pthread_mutex_lock(&c->lock);
	slot = slot_of(c, id);
	if (!*slot)
		*slot = calloc(1, sizeof(**slot));
	if (*slot)
		**slot = (struct known){*id, *h};
	pthread_mutex_unlock(&c->lock);
}
