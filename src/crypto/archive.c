#define _GNU_SOURCE
#include "crypto/archive.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "crypto/seal.h"
#include "crypto/secret.h"

#define CHUNK_MAX SEAL_PLAIN_MAX
#define LAST_BIT 0x80000000U
#define FILE_SIZE_MAX (UINT64_C(1) << 40)
#define PATH_SIZE 4096
#define CONTEXT_SIZE 48

static const char magic[] = "menshen archive 1\n";
#define MAGIC_SIZE (sizeof(magic) - 1)

static void chunk_context(char dst[static CONTEXT_SIZE], uint64_t number, bool last)
{
	snprintf(dst, CONTEXT_SIZE, "archive:%llu%s", (unsigned long long)number,
		 last ? ":last" : "");
}

/* ---- names and headers ---- */

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '.';
}

bool archive_name_ok(const char *name, size_t len)
{
	bool begins = true;

	for (size_t i = 0; i < len; i++) {
		if (name[i] == '/' ? begins : !is_name_char(name[i]) || (begins && name[i] == '.'))
			return false;
		begins = name[i] == '/';
	}
	return len > 0 && len < ARCHIVE_NAME_SIZE && !begins;
}

int archive_parse_header(const uint8_t header[static ARCHIVE_HEADER], struct archive_entry *ret,
			 size_t *ret_name_len)
{
	struct reader r = {header, ARCHIVE_HEADER};
	struct archive_entry e = {.name = ""};
	uint16_t name_len;
	uint32_t mode;
	int err = reader_be16(&r, &name_len);

	if (!err)
		err = reader_be32(&r, &mode);
	if (!err)
		err = reader_be64(&r, &e.size);
	if (err || name_len >= ARCHIVE_NAME_SIZE || mode > 0777 || e.size > FILE_SIZE_MAX ||
	    (name_len == 0 && (mode || e.size)))
		return -EBADMSG;
	e.mode = mode;
	*ret = e;
	*ret_name_len = name_len;
	return 0;
}

int archive_passphrase_load(const char *path, struct buf *ret)
{
	CLEANUP_SECRET_BUF struct buf text = BUF_INIT;
	struct stat st;
	int err;

	if (stat(path, &st) < 0)
		return -errno;
	if (st.st_mode & 077)
		return -EPERM;
	err = file_read(path, ARCHIVE_PASSPHRASE_MAX + 2, &text);
	if (err)
		return err;
	buf_append(ret, buf_str(&text), strcspn(buf_str(&text), "\r\n"));
	return ret->error;
}

static int derive(const char *passphrase, const uint8_t salt[static SEAL_SALT_SIZE],
		  struct seal_key **ret)
{
	size_t len = strlen(passphrase);

	if (len < ARCHIVE_PASSPHRASE_MIN || len > ARCHIVE_PASSPHRASE_MAX)
		return -EINVAL;
	return seal_key_from_passphrase(passphrase, len, salt, ret);
}

/* ---- writing ---- */

struct archive_writer {
	char path[PATH_SIZE], part[PATH_SIZE + 8];
	int fd;
	struct seal_key *key;
	uint64_t chunks;
	struct buf plain;
};

int archive_create(const char *path, const char *passphrase, struct archive_writer **ret)
{
	struct archive_writer *w = calloc(1, sizeof(*w));
	uint8_t head[MAGIC_SIZE + SEAL_SALT_SIZE];
	int err = w ? 0 : -ENOMEM;

	if (err)
		return err;
	w->fd = -1;
	buf_init(&w->plain, 2 * CHUNK_MAX);
	memcpy(head, magic, MAGIC_SIZE);
	random_bytes(head + MAGIC_SIZE, SEAL_SALT_SIZE);
	err = derive(passphrase, head + MAGIC_SIZE, &w->key);
	if (!err && strlen(path) >= PATH_SIZE)
		err = -ENAMETOOLONG;
	if (!err) {
		snprintf(w->path, sizeof(w->path), "%s", path);
		snprintf(w->part, sizeof(w->part), "%s.part", path);
		/* Made anew: one that lies there may be somebody else's. */
		unlink(w->part);
		w->fd = open(w->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		err = w->fd < 0 ? -errno : file_write_all(w->fd, head, sizeof(head));
	}
	if (err)
		archive_writer_free(w);
	else
		*ret = w;
	return err;
}

static int put_chunk(struct archive_writer *w, size_t len, bool last)
{
	CLEANUP_BUF struct buf sealed = BUF_INIT;
	char context[CONTEXT_SIZE];
	uint8_t size[4];
	int err;

	chunk_context(context, w->chunks++, last);
	err = seal_bytes(w->key, context, w->plain.data, len, &sealed);
	if (err)
		return err;
	set_be32(size, (uint32_t)sealed.len | (last ? LAST_BIT : 0));
	err = file_write_all(w->fd, size, sizeof(size));
	if (!err)
		err = file_write_all(w->fd, sealed.data, sealed.len);
	buf_consume(&w->plain, len);
	return err;
}

static int flush(struct archive_writer *w)
{
	int err = w->plain.error;

	while (!err && w->plain.len >= CHUNK_MAX)
		err = put_chunk(w, CHUNK_MAX, false);
	return err;
}

static int put_header(struct archive_writer *w, const char *name, unsigned mode, uint64_t size)
{
	if (!archive_name_ok(name, strlen(name)) || size > FILE_SIZE_MAX)
		return -EINVAL;
	buf_put_be16(&w->plain, (uint16_t)strlen(name));
	buf_put_be32(&w->plain, mode & 0777);
	buf_put_be64(&w->plain, size);
	buf_puts(&w->plain, name);
	return flush(w);
}

int archive_add_bytes(struct archive_writer *w, const char *name, unsigned mode, const void *data,
		      size_t len)
{
	const uint8_t *at = data;
	int err = put_header(w, name, mode, len);

	for (size_t n; !err && len > 0; at += n, len -= n) {
		n = MIN(len, (size_t)CHUNK_MAX);
		buf_append(&w->plain, at, n);
		err = flush(w);
	}
	return err;
}

static int copy_content(struct archive_writer *w, int fd, uint64_t size)
{
	int err = 0;

	while (!err && size > 0) {
		size_t want = (size_t)MIN(size, (uint64_t)CHUNK_MAX);
		uint8_t *room = buf_reserve(&w->plain, want);
		ssize_t n = room ? read(fd, room, want) : 0;

		if (!room)
			return w->plain.error;
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EAGAIN;
		w->plain.len += (size_t)n;
		size -= (uint64_t)n;
		err = flush(w);
	}
	return err;
}

int archive_add_file(struct archive_writer *w, const char *name, const char *path)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	int err;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	err = put_header(w, name, st.st_mode, (uint64_t)st.st_size);
	return err ? err : copy_content(w, fd, (uint64_t)st.st_size);
}

int archive_finish(struct archive_writer *w)
{
	static const uint8_t end[ARCHIVE_HEADER];
	int err;

	buf_append(&w->plain, end, sizeof(end));
	err = flush(w);
	if (!err)
		err = put_chunk(w, w->plain.len, true);
	if (!err && fsync(w->fd) < 0)
		err = -errno;
	if (!err && rename(w->part, w->path) < 0)
		err = -errno;
	if (!err)
		w->part[0] = 0;
	return err;
}

void archive_writer_free(struct archive_writer *w)
{
	if (!w)
		return;
	if (w->fd >= 0)
		close(w->fd);
	if (w->fd >= 0 && w->part[0])
		unlink(w->part);
	seal_key_free(w->key);
	secret_buf_done(&w->plain);
	free(w);
}

/* ---- reading ---- */

struct archive_reader {
	int fd;
	struct seal_key *key;
	uint64_t chunks;
	bool ended; /* the last chunk was taken */
	struct buf plain;
};

static int read_exactly(int fd, void *data, size_t len)
{
	uint8_t *at = data;

	while (len > 0) {
		ssize_t n = read(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EBADMSG;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

static int take_chunk(struct archive_reader *r)
{
	CLEANUP_BUF struct buf sealed = BUF_INIT;
	char context[CONTEXT_SIZE];
	uint8_t size[4], *room;
	uint32_t len;
	int err = r->ended ? -EBADMSG : read_exactly(r->fd, size, sizeof(size));

	if (err)
		return err;
	len = get_be32(size) & ~LAST_BIT;
	r->ended = (get_be32(size) & LAST_BIT) != 0;
	if (len < SEAL_OVERHEAD || len > CHUNK_MAX + SEAL_OVERHEAD)
		return -EBADMSG;
	buf_init(&sealed, CHUNK_MAX + SEAL_OVERHEAD);
	room = buf_reserve(&sealed, len);
	if (!room)
		return -ENOMEM;
	err = read_exactly(r->fd, room, len);
	if (err)
		return err;
	chunk_context(context, r->chunks, r->ended);
	err = seal_open(r->key, context, room, len, &r->plain);
	if (err == -EBADMSG && r->chunks == 0)
		err = -EPERM;
	r->chunks++;
	return err;
}

/* At least `len` plain bytes, at most a chunk more. */
static int fill(struct archive_reader *r, size_t len)
{
	int err = 0;

	while (!err && r->plain.len < len)
		err = take_chunk(r);
	return err;
}

static int open_reader(struct archive_reader *r, const char *path, const char *passphrase)
{
	uint8_t head[MAGIC_SIZE + SEAL_SALT_SIZE];
	int err;

	buf_init(&r->plain, 4 * CHUNK_MAX);
	r->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (r->fd < 0)
		return -errno;
	err = read_exactly(r->fd, head, sizeof(head));
	if (!err && memcmp(head, magic, MAGIC_SIZE) != 0)
		err = -EBADMSG;
	return err ? err : derive(passphrase, head + MAGIC_SIZE, &r->key);
}

static int next_entry(struct archive_reader *r, struct archive_entry *ret)
{
	size_t name_len;
	int err = fill(r, ARCHIVE_HEADER);

	if (!err)
		err = archive_parse_header(r->plain.data, ret, &name_len);
	if (err)
		return err;
	buf_consume(&r->plain, ARCHIVE_HEADER);
	err = fill(r, name_len);
	if (err || name_len == 0)
		return err;
	if (!archive_name_ok((const char *)r->plain.data, name_len))
		return -EBADMSG;
	memcpy(ret->name, r->plain.data, name_len);
	ret->name[name_len] = 0;
	buf_consume(&r->plain, name_len);
	return 0;
}

static int open_target(const char *dir, const struct archive_entry *e, int *ret)
{
	char path[PATH_SIZE], *slash;
	int err = 0;

	if (snprintf(path, sizeof(path), "%s/%s", dir, e->name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	slash = strrchr(path, '/');
	*slash = 0;
	err = file_make_dirs(path, 0700);
	*slash = '/';
	if (err)
		return err;
	*ret = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    e->mode & 044 ? 0644 : 0600);
	if (*ret < 0)
		return errno == EEXIST ? -EBADMSG : -errno; /* twice in one archive */
	return 0;
}

static int extract_entry(struct archive_reader *r, const char *dir, const struct archive_entry *e)
{
	CLEANUP_FD int fd = -1;
	uint64_t left = e->size;
	int err = open_target(dir, e, &fd);

	while (!err && left > 0) {
		size_t n;

		err = r->plain.len ? 0 : take_chunk(r);
		n = (size_t)MIN(left, (uint64_t)r->plain.len);
		if (!err)
			err = file_write_all(fd, r->plain.data, n);
		buf_consume(&r->plain, n);
		left -= n;
	}
	return !err && fsync(fd) < 0 ? -errno : err;
}

static int extract_all(struct archive_reader *r, const char *dir, struct archive_extracted *ret)
{
	struct archive_extracted done = {0};
	struct archive_entry e;
	uint8_t more;
	int err = fill(r, ARCHIVE_HEADER); /* the passphrase shows before anything is made */

	if (!err && mkdir(dir, 0700) < 0)
		err = -errno;
	while (!err && !(err = next_entry(r, &e)) && e.name[0]) {
		err = extract_entry(r, dir, &e);
		done.files++;
		done.bytes += e.size;
	}
	if (!err && (!r->ended || r->plain.len > 0 || read(r->fd, &more, 1) != 0))
		err = -EBADMSG;
	if (!err)
		err = file_sync_dir(dir);
	if (!err)
		*ret = done;
	return err;
}

int archive_extract(const char *path, const char *passphrase, const char *dir,
		    struct archive_extracted *ret)
{
	struct archive_reader r = {.fd = -1};
	int err = open_reader(&r, path, passphrase);

	if (!err)
		err = extract_all(&r, dir, ret);
	if (r.fd >= 0)
		close(r.fd);
	seal_key_free(r.key);
	secret_buf_done(&r.plain);
	return err;
}
