#define _GNU_SOURCE
#include "gate/facts/snapshot_file.h"

#include <stdio.h>

#include "base/file.h"
#include "crypto/hash.h"

#define MAGIC "MENSHEN SNAPSHOT"
#define MAGIC_SIZE 16
#define VERSION 1
#define HEADER_SIZE (MAGIC_SIZE + 4 + 4 + 8 + 8 + 8 + 8)
#define FRAMES_AT (HEADER_SIZE + HASH_SIZE)
#define FILE_MAX ((size_t)1 << 30)

const char *snapshot_source_name(enum snapshot_source source)
{
	static const char *const names[] = {"current", "previous", "rescue", "none"};

	return names[(unsigned)source < ARRAY_SIZE(names) ? source : SNAPSHOT_NONE];
}

static int checksum(const uint8_t *header, const uint8_t *frames, size_t len,
		    uint8_t ret[static HASH_SIZE])
{
	CLEANUP_HASHER struct hasher *h = NULL;
	int err = hasher_new(HASH_SHA256, &h);

	if (err)
		return err;
	return hasher_pieces(h, (struct piece[]){{header, HEADER_SIZE}, {frames, len}}, 2, ret);
}

/* Are there so many whole frames, and no more? Makes room for what they bring. */
static int count_frames(const uint8_t *p, size_t len, uint64_t rows, struct snapshot *into)
{
	size_t counts[FRAME_TYPE_END] = {0}, used;
	struct frame f;
	int err = 0;

	for (; len > 0; p += used, len -= used, rows--) {
		err = frame_parse(p, len, &f, &used);
		if (err || rows == 0)
			return -EBADMSG;
		counts[f.type]++;
	}
	for (enum frame_type type = 0; !err && type < FRAME_TYPE_END; type++)
		if (counts[type])
			err = snapshot_expect(into, type, counts[type]);
	return err || rows == 0 ? err : -EBADMSG;
}

static int apply_frames(const uint8_t *p, size_t len, uint64_t rows, struct snapshot *into)
{
	size_t used = 0, count;
	int err = count_frames(p, len, rows, into);

	for (size_t at = 0; !err && at < len; at += used) {
		err = snapshot_apply_some(into, p + at, len - at, &used, &count);
		if (!err && used == 0)
			err = -EBADMSG;
	}
	return err;
}

int snapshot_decode(const uint8_t *data, size_t len, struct snapshot *into,
		    int64_t *ret_saved_at_ms)
{
	struct reader r = {data, len};
	uint64_t rev, saved_at, rows, size;
	uint8_t sum[HASH_SIZE];
	const uint8_t *magic, *stated;
	uint32_t version, zero;
	int err;

	if (reader_bytes(&r, MAGIC_SIZE, &magic) || memcmp(magic, MAGIC, MAGIC_SIZE) != 0 ||
	    reader_be32(&r, &version) || version != VERSION || reader_be32(&r, &zero) ||
	    reader_be64(&r, &rev) || reader_be64(&r, &saved_at) || reader_be64(&r, &rows) ||
	    reader_be64(&r, &size) || reader_bytes(&r, HASH_SIZE, &stated) || size != r.left ||
	    rev > INT64_MAX || saved_at > INT64_MAX)
		return -EBADMSG;
	err = checksum(data, r.p, r.left, sum);
	if (err)
		return err;
	if (memcmp(sum, stated, sizeof(sum)) != 0)
		return -EBADMSG;
	err = apply_frames(r.p, r.left, rows, into);
	if (err)
		return err;
	snapshot_set_rev(into, (int64_t)rev);
	*ret_saved_at_ms = (int64_t)saved_at;
	return 0;
}

static int load_file(const char *dir, const char *name, const struct seal_pair *key,
		     struct snapshot_loaded *ret)
{
	CLEANUP_BUF struct buf bytes = {.limit = FILE_MAX};
	CLEANUP_SNAPSHOT struct snapshot *s = NULL;
	CLEANUP_FREE char *path = NULL;
	int err = file_path(dir, name, &path);

	if (!err)
		err = file_read(path, FILE_MAX, &bytes);
	if (!err)
		err = snapshot_new(key, &s);
	if (!err)
		err = snapshot_decode(bytes.data, bytes.len, s, &ret->saved_at_ms);
	if (!err)
		ret->snapshot = TAKE_PTR(s);
	return err;
}

int snapshot_load(const char *dir, const struct seal_pair *key, struct snapshot_loaded *ret)
{
	struct snapshot_loaded loaded = {.source = SNAPSHOT_CURRENT};
	int err;

	loaded.current_error = load_file(dir, "snapshot", key, &loaded);
	if (loaded.current_error) {
		loaded.source = SNAPSHOT_PREVIOUS;
		loaded.previous_error = load_file(dir, "snapshot.previous", key, &loaded);
	}
	if (loaded.current_error && loaded.previous_error) {
		loaded.source = SNAPSHOT_RESCUE;
		if (load_file(dir, "rescue", key, &loaded)) {
			loaded.source = SNAPSHOT_NONE;
			loaded.saved_at_ms = 0;
			err = snapshot_new(key, &loaded.snapshot);
			if (err)
				return err;
		}
	}
	*ret = loaded;
	return 0;
}

/* Header and frames as one run of bytes. */
static int encode_file(const struct snapshot *s, bool rescue, int64_t now_ms, struct buf *to)
{
	uint64_t rows = 0;
	size_t used;
	int err;

	to->limit = FILE_MAX;
	if (!buf_reserve(to, FRAMES_AT))
		return to->error;
	to->len = FRAMES_AT;
	snapshot_encode(s, rescue, to);
	if (to->error)
		return to->error;
	for (size_t at = FRAMES_AT; at < to->len; at += used, rows++) {
		struct frame f;

		err = frame_parse(to->data + at, to->len - at, &f, &used);
		if (err)
			return err;
	}
	memcpy(to->data, MAGIC, MAGIC_SIZE);
	set_be32(to->data + 16, VERSION);
	set_be32(to->data + 20, 0);
	set_be64(to->data + 24, (uint64_t)snapshot_rev(s));
	set_be64(to->data + 32, (uint64_t)now_ms);
	set_be64(to->data + 40, rows);
	set_be64(to->data + 48, to->len - FRAMES_AT);
	return checksum(to->data, to->data + FRAMES_AT, to->len - FRAMES_AT,
			to->data + HEADER_SIZE);
}

/* The newest becomes the previous one without ever being absent. */
static int keep_previous(const char *dir)
{
	CLEANUP_FREE char *now = NULL, *kept = NULL, *beside = NULL;

	if (file_path(dir, "snapshot", &now) || file_path(dir, "snapshot.previous", &kept) ||
	    file_path(dir, "snapshot.keep", &beside))
		return -ENOMEM;
	unlink(beside);
	if (link(now, beside) < 0)
		return errno == ENOENT ? 0 : -errno;
	return rename(beside, kept) < 0 ? -errno : 0;
}

static int save_file(const char *dir, const char *name, const struct snapshot *s, bool rescue,
		     int64_t now_ms)
{
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	CLEANUP_FREE char *path = NULL;
	int err = encode_file(s, rescue, now_ms, &bytes);

	if (!err)
		err = file_path(dir, name, &path);
	return err ? err : file_replace(path, bytes.data, bytes.len, 0600);
}

int snapshot_save(const char *dir, const struct snapshot *s, int64_t now_ms)
{
	int err = keep_previous(dir);

	if (!err)
		err = save_file(dir, "snapshot", s, false, now_ms);
	if (!err)
		err = save_file(dir, "rescue", s, true, now_ms);
	return err;
}
