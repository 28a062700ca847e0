#define _GNU_SOURCE
#include "gate/line/spool.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/file.h"
#include "base/text.h"
#include "wire/record.h"

#define SEGMENT_BYTES (1U << 20)
#define SEGMENT_MAX ((size_t)64 << 20)
#define NAME_DIGITS 16
#define READ_BYTES ((size_t)96 << 10) /* at once; more than the longest entry */

struct segment {
	uint64_t first, last; /* last < first: empty */
	uint64_t bytes;
};

/* Where in a segment an entry begins, so that who reads on does not go through those before. */
struct bookmark {
	uint64_t segment; /* its first number; 0: nowhere */
	uint64_t seq, offset;
};

struct spool {
	char *dir;
	uint8_t epoch[SPOOL_EPOCH_SIZE];
	struct segment *segments; /* oldest first; the last is being written */
	size_t count, size;
	struct applog log;
	uint64_t max_bytes, bytes;
	uint64_t next, written, synced, acked;
	struct bookmark read_to;
	struct buf frame, read; /* reused */
};

static struct segment *newest(const struct spool *s)
{
	return &s->segments[s->count - 1];
}

static int segment_path(const struct spool *s, uint64_t first, char **ret)
{
	char name[NAME_DIGITS + 8];

	snprintf(name, sizeof(name), "%016" PRIx64 ".log", first);
	return file_path(s->dir, name, ret);
}

static int add_segment(struct spool *s, uint64_t first)
{
	if (s->count == s->size) {
		size_t size = s->size ? s->size * 2 : 8;
		struct segment *grown = reallocarray(s->segments, size, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		s->segments = grown;
		s->size = size;
	}
	s->segments[s->count++] = (struct segment){.first = first, .last = first - 1};
	return 0;
}

static int load_epoch(struct spool *s)
{
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	CLEANUP_FREE char *path = NULL;
	int err = file_path(s->dir, "epoch", &path);

	if (!err)
		err = file_read(path, SPOOL_EPOCH_SIZE, &bytes);
	if (err == -ENOENT) {
		random_bytes(s->epoch, sizeof(s->epoch));
		return file_replace(path, s->epoch, sizeof(s->epoch), 0600);
	}
	if (!err && bytes.len != sizeof(s->epoch))
		err = -EBADMSG;
	if (!err)
		memcpy(s->epoch, bytes.data, sizeof(s->epoch));
	return err;
}

static int is_segment(const struct dirent *entry)
{
	return strlen(entry->d_name) == NAME_DIGITS + 4 &&
	       text_equal(entry->d_name + NAME_DIGITS, ".log");
}

static int list_segments(struct spool *s)
{
	struct dirent **entries;
	int count = scandir(s->dir, &entries, is_segment, alphasort), err = 0;

	if (count < 0)
		return -errno;
	for (int i = 0; i < count; i++) {
		char *end;
		uint64_t first = strtoull(entries[i]->d_name, &end, 16);

		if (!err && first > 0)
			err = add_segment(s, first);
		free(entries[i]);
	}
	free(entries);
	return err;
}

/* The number of an entry; the entries of a segment follow each other. */
static int count_entry(void *arg, const uint8_t *entry, size_t len)
{
	struct spool *s = arg;

	(void)entry;
	(void)len;
	newest(s)->last++;
	return 0;
}

static int open_newest(struct spool *s, uint64_t *ret_cut)
{
	CLEANUP_FREE char *path = NULL;
	int err = segment_path(s, newest(s)->first, &path);

	if (!err)
		err = applog_open(path, count_entry, s, &s->log, ret_cut);
	if (!err)
		newest(s)->bytes = s->log.size;
	return err;
}

/* What lies on disk decides the numbers: older segments reach to the next one's first. */
static int recover(struct spool *s, uint64_t *ret_cut)
{
	int err = load_epoch(s);

	if (!err)
		err = list_segments(s);
	if (!err && s->count == 0)
		err = add_segment(s, 1);
	for (size_t i = 0; !err && i + 1 < s->count; i++) {
		CLEANUP_FREE char *path = NULL;
		CLEANUP_BUF struct buf bytes = {.limit = SEGMENT_MAX};

		s->segments[i].last = s->segments[i + 1].first - 1;
		err = segment_path(s, s->segments[i].first, &path);
		if (!err)
			err = file_read(path, SEGMENT_MAX, &bytes);
		s->segments[i].bytes = bytes.len;
		s->bytes += bytes.len;
	}
	if (!err)
		err = open_newest(s, ret_cut);
	if (err)
		return err;
	s->bytes += newest(s)->bytes;
	s->written = s->synced = newest(s)->last;
	s->next = s->synced + 1;
	s->acked = s->segments[0].first - 1;
	return 0;
}

int spool_open(const char *dir, uint64_t max_bytes, struct spool **ret, uint64_t *ret_cut)
{
	struct spool *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->log.fd = -1;
	s->max_bytes = max_bytes;
	buf_init(&s->frame, FRAME_MAX);
	buf_init(&s->read, READ_BYTES);
	s->dir = strdup(dir);
	err = s->dir ? file_make_dirs(dir, 0700) : -ENOMEM;
	if (!err)
		err = recover(s, ret_cut);
	if (err) {
		spool_close(s);
		return err;
	}
	*ret = s;
	return 0;
}

void spool_close(struct spool *s)
{
	if (!s)
		return;
	applog_close(&s->log);
	buf_done(&s->frame);
	buf_done(&s->read);
	free(s->segments);
	free(s->dir);
	free(s);
}

const uint8_t *spool_epoch(const struct spool *s)
{
	return s->epoch;
}

int spool_add(struct spool *s, menshen_Record *record)
{
	int err;

	if (s->bytes + s->log.pending.len >= s->max_bytes)
		return -ENOSPC;
	record->seq = s->next;
	buf_clear(&s->frame);
	err = frame_encode_record(&s->frame, record);
	if (!err)
		err = applog_append(&s->log, s->frame.data, s->frame.len);
	if (!err)
		s->next++;
	return err;
}

size_t spool_gathered(const struct spool *s)
{
	return s->log.pending.len;
}

/* The full segment is on disk already: nothing is rotated while a sync is under way. */
static int rotate(struct spool *s)
{
	struct applog full = s->log;
	uint64_t cut;
	int err;

	err = add_segment(s, s->written + 1);
	if (err)
		return err;
	err = open_newest(s, &cut);
	if (err) {
		s->log = full;
		s->count--;
		return err;
	}
	s->log.pending = full.pending;
	full.pending = (struct buf)BUF_INIT;
	applog_close(&full);
	return 0;
}

int spool_write(struct spool *s, int *ret_fd)
{
	size_t pending = s->log.pending.len;
	int err = 0;

	if (s->log.size > SEGMENT_BYTES && s->written == s->synced && pending > 0)
		err = rotate(s);
	if (!err)
		err = applog_write(&s->log);
	if (err)
		return err;
	s->bytes += pending;
	newest(s)->bytes += pending;
	s->written = newest(s)->last = s->next - 1;
	*ret_fd = s->log.fd;
	return 0;
}

void spool_synced(struct spool *s)
{
	s->synced = s->written;
}

uint64_t spool_next_seq(const struct spool *s)
{
	return s->next;
}

uint64_t spool_synced_seq(const struct spool *s)
{
	return s->synced;
}

uint64_t spool_acked_seq(const struct spool *s)
{
	return s->acked;
}

size_t spool_waiting(const struct spool *s)
{
	return (size_t)(s->next - 1 - s->acked);
}

struct reading {
	uint64_t at, from, through, synced;
	size_t max;
	struct buf *to;
};

#define ENOUGH 1

static int read_entry(void *arg, const uint8_t *entry, size_t len)
{
	struct reading *r = arg;

	if (r->at > r->synced || r->to->len + len > r->max)
		return ENOUGH;
	if (r->at >= r->from) {
		buf_append(r->to, entry, len);
		r->through = r->at;
	}
	r->at++;
	return r->to->error;
}

/* What is whole from an offset on, as far as one piece reaches; 0: nothing. */
static int read_piece(struct spool *s, int fd, uint64_t offset, struct reading *r,
		      size_t *ret_whole)
{
	ssize_t n;
	int err = 0;

	buf_clear(&s->read);
	if (!buf_reserve(&s->read, READ_BYTES))
		return s->read.error;
	n = pread(fd, s->read.data, READ_BYTES, (off_t)offset);
	if (n < 0)
		return -errno;
	*ret_whole = applog_walk(s->read.data, (size_t)n, read_entry, r, &err);
	return err;
}

static int read_segment(struct spool *s, uint64_t first, struct reading *r)
{
	struct bookmark at = {.segment = first, .seq = first};
	CLEANUP_FREE char *path = NULL;
	CLEANUP_FD int fd = -1;
	size_t whole;
	int err = segment_path(s, first, &path);

	if (err)
		return err;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (s->read_to.segment == first && s->read_to.seq <= r->from)
		at = s->read_to;
	r->at = at.seq;
	do {
		whole = 0;
		err = read_piece(s, fd, at.offset, r, &whole);
		at.offset += whole;
		at.seq = r->at;
	} while (!err && whole > 0);
	if (!err || err == ENOUGH)
		s->read_to = at;
	return err;
}

int spool_read(struct spool *s, uint64_t from_seq, size_t max, struct buf *to,
	       uint64_t *ret_through)
{
	struct reading r = {.from = from_seq,
			    .through = from_seq - 1,
			    .synced = s->synced,
			    .max = max,
			    .to = to};
	int err = 0;

	for (size_t i = 0; !err && i < s->count; i++)
		if (s->segments[i].last >= from_seq)
			err = read_segment(s, s->segments[i].first, &r);
	if (err && err != ENOUGH)
		return err;
	*ret_through = r.through;
	return 0;
}

void spool_acknowledge(struct spool *s, uint64_t through_seq)
{
	s->acked = MAX(s->acked, MIN(through_seq, s->synced));
}

bool spool_has_done(const struct spool *s)
{
	return s->count > 1 && s->segments[0].last <= s->acked;
}

char *spool_take_done(struct spool *s)
{
	char *path;

	if (!spool_has_done(s) || segment_path(s, s->segments[0].first, &path))
		return NULL;
	s->bytes -= MIN(s->bytes, s->segments[0].bytes);
	s->count--;
	memmove(s->segments, s->segments + 1, s->count * sizeof(*s->segments));
	return path;
}
