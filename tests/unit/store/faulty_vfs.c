#include "faulty_vfs.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/util.h"
#include "scarce/own_memory.h"

#define PATH_SIZE 200

struct faulty_file {
	sqlite3_file base;
	char path[PATH_SIZE];
	sqlite3_file *real; /* lies behind */
};

/* A change that no sync has made durable: what stood there and what was put. */
struct change {
	char path[PATH_SIZE];
	sqlite3_int64 offset;
	sqlite3_int64 old_size; /* of the file */
	size_t old_len, len;	/* `len` 0: a truncation to `offset` */
	unsigned char *old, *put;
};

static struct {
	sqlite3_vfs *real;
	long until; /* operations still granted; negative: all */
	enum disk_fault fault;
	bool failed, dead;
	struct change *changes;
	size_t count;
} disk = {.until = -1};

static const sqlite3_io_methods methods;

static sqlite3_file *real_of(sqlite3_file *f)
{
	return ((struct faulty_file *)f)->real;
}

static bool strike(void)
{
	if (disk.dead)
		return true;
	if (disk.until < 0 || disk.until-- > 0)
		return false;
	disk.failed = true;
	disk.dead = disk.fault == DISK_POWER_CUT;
	return true;
}

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

static void remember(struct faulty_file *f, const void *put, size_t len, sqlite3_int64 offset)
{
	struct change c = {.offset = offset, .len = len};

	snprintf(c.path, sizeof(c.path), "%s", f->path);
	f->real->pMethods->xFileSize(f->real, &c.old_size);
	if (offset < c.old_size)
		c.old_len = (size_t)(len ? MIN((sqlite3_int64)len, c.old_size - offset)
					 : c.old_size - offset);
	c.old = must(own_memory_grant(NULL, c.old_len + 1));
	c.put = must(own_memory_grant(NULL, len + 1));
	if (c.old_len)
		f->real->pMethods->xRead(f->real, c.old, (int)c.old_len, offset);
	if (len)
		memcpy(c.put, put, len);
	disk.changes = must(own_memory_grant(disk.changes, (disk.count + 1) * sizeof(c)));
	disk.changes[disk.count++] = c;
}

/* Synced, or gone with its file. */
static void forget(const char *path)
{
	size_t kept = 0;

	for (size_t i = 0; i < disk.count; i++) {
		if (path && strcmp(disk.changes[i].path, path) != 0) {
			disk.changes[kept++] = disk.changes[i];
			continue;
		}
		free(disk.changes[i].old);
		free(disk.changes[i].put);
	}
	disk.count = kept;
}

static int faulty_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 offset)
{
	struct faulty_file *f = (struct faulty_file *)file;

	if (strike()) {
		if (disk.fault == DISK_SHORT_WRITE && !disk.dead) {
			remember(f, data, (size_t)len / 2 + 1, offset);
			f->real->pMethods->xWrite(f->real, data, len / 2 + 1, offset);
		}
		return disk.fault == DISK_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
	}
	remember(f, data, (size_t)len, offset);
	return f->real->pMethods->xWrite(f->real, data, len, offset);
}

static int faulty_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct faulty_file *f = (struct faulty_file *)file;

	if (strike())
		return SQLITE_IOERR_TRUNCATE;
	remember(f, NULL, 0, size);
	return f->real->pMethods->xTruncate(f->real, size);
}

static int faulty_sync(sqlite3_file *file, int flags)
{
	(void)flags;
	if (strike())
		return SQLITE_IOERR_FSYNC;
	forget(((struct faulty_file *)file)->path);
	return SQLITE_OK;
}

static int faulty_close(sqlite3_file *f)
{
	return real_of(f)->pMethods->xClose(real_of(f));
}

static int faulty_read(sqlite3_file *f, void *data, int len, sqlite3_int64 offset)
{
	return real_of(f)->pMethods->xRead(real_of(f), data, len, offset);
}

static int faulty_size(sqlite3_file *f, sqlite3_int64 *ret)
{
	return real_of(f)->pMethods->xFileSize(real_of(f), ret);
}

static int faulty_lock(sqlite3_file *f, int level)
{
	return real_of(f)->pMethods->xLock(real_of(f), level);
}

static int faulty_unlock(sqlite3_file *f, int level)
{
	return real_of(f)->pMethods->xUnlock(real_of(f), level);
}

static int faulty_is_reserved(sqlite3_file *f, int *ret)
{
	return real_of(f)->pMethods->xCheckReservedLock(real_of(f), ret);
}

static int faulty_control(sqlite3_file *f, int op, void *arg)
{
	return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}

static int faulty_sector(sqlite3_file *f)
{
	return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static int faulty_traits(sqlite3_file *f)
{
	return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

static int faulty_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **ret)
{
	return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, ret);
}

static int faulty_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	return real_of(f)->pMethods->xShmLock(real_of(f), offset, n, flags);
}

static void faulty_shm_barrier(sqlite3_file *f)
{
	real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int faulty_shm_unmap(sqlite3_file *f, int delete)
{
	return real_of(f)->pMethods->xShmUnmap(real_of(f), delete);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = faulty_close,
	.xRead = faulty_read,
	.xWrite = faulty_write,
	.xTruncate = faulty_truncate,
	.xSync = faulty_sync,
	.xFileSize = faulty_size,
	.xLock = faulty_lock,
	.xUnlock = faulty_unlock,
	.xCheckReservedLock = faulty_is_reserved,
	.xFileControl = faulty_control,
	.xSectorSize = faulty_sector,
	.xDeviceCharacteristics = faulty_traits,
	.xShmMap = faulty_shm_map,
	.xShmLock = faulty_shm_lock,
	.xShmBarrier = faulty_shm_barrier,
	.xShmUnmap = faulty_shm_unmap,
};

static int faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
		       int *ret_flags)
{
	struct faulty_file *f = (struct faulty_file *)file;
	int code;

	(void)vfs;
	*f = (struct faulty_file){.real = (sqlite3_file *)(void *)(f + 1)};
	snprintf(f->path, sizeof(f->path), "%s", name ? name : "");
	code = disk.real->xOpen(disk.real, name, f->real, flags, ret_flags);
	f->base.pMethods = f->real->pMethods ? &methods : NULL;
	return code;
}

static int faulty_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	(void)vfs, (void)sync;
	if (disk.dead)
		return SQLITE_IOERR_DELETE;
	forget(name);
	return disk.real->xDelete(disk.real, name, 0);
}

void disk_install(void)
{
	static sqlite3_vfs vfs;

	disk.real = sqlite3_vfs_find(NULL);
	vfs = *disk.real;
	vfs.pNext = NULL;
	vfs.zName = "faulty";
	vfs.szOsFile = (int)sizeof(struct faulty_file) + disk.real->szOsFile;
	vfs.xOpen = faulty_open;
	vfs.xDelete = faulty_delete;
	if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK)
		abort();
}

void disk_fail(long n, enum disk_fault fault)
{
	disk.until = n;
	disk.fault = fault;
	disk.failed = disk.dead = false;
	if (n < 0)
		forget(NULL);
}

bool disk_failed(void)
{
	return disk.failed;
}

bool disk_is_dead(void)
{
	return disk.dead;
}

static void put_back(const struct change *c)
{
	int fd = open(c->path, O_WRONLY);

	if (fd < 0)
		return; /* the file is gone, and its content with it */
	if (pwrite(fd, c->old, c->old_len, c->offset) != (ssize_t)c->old_len ||
	    ftruncate(fd, c->old_size) < 0)
		abort();
	close(fd);
}

static void put_again(const struct change *c)
{
	int fd = open(c->path, O_WRONLY);

	if (fd < 0)
		return;
	if (c->len ? pwrite(fd, c->put, c->len, c->offset) != (ssize_t)c->len
		   : ftruncate(fd, c->offset) < 0)
		abort();
	close(fd);
}

void disk_after_power_cut(unsigned seed)
{
	const bool keep_all = seed == DISK_KEEP_ALL;

	for (size_t i = disk.count; i > 0; i--)
		put_back(&disk.changes[i - 1]);
	for (size_t i = 0; seed && i < disk.count; i++)
		if (keep_all || rand_r(&seed) % 2)
			put_again(&disk.changes[i]);
	forget(NULL);
	disk.dead = false;
	disk.until = -1;
}
