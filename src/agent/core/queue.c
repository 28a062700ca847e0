#define _GNU_SOURCE
#include "agent/core/queue.h"

#include <fcntl.h>
#include <stdio.h>

#include "agent/core/queue_dir.h"
#include "base/file.h"
#include "base/text.h"

#define SEGMENT_BYTES_MAX (256U << 10)

struct segment {
	uint64_t first_seq, end_seq; /* holds [first, end) */
	uint64_t bytes;
};

struct queue {
	char dir[QUEUE_PATH_SIZE];
	uint64_t max_bytes, segment_bytes;
	struct queue_io io;
	uint8_t epoch[EPOCH_SIZE];
	struct segment *segments; /* oldest first; the last is written to */
	size_t count;
	uint64_t acknowledged; /* everything below or equal */
	int write_fd;
	bool unclean; /* a failed write could not be taken back yet */
	bool full;
	enum queue_repair repair;
	/* where queue_read() stands */
	int read_fd;
	uint64_t read_first; /* first_seq of the open segment */
	uint64_t read_seq, read_offset;
};

static ssize_t system_write(int fd, const void *data, size_t len)
{
	return write(fd, data, len);
}

static int system_sync(int fd)
{
	return fdatasync(fd);
}

static const struct queue_io system_io = {system_write, system_sync};

static struct segment *last_segment(const struct queue *q)
{
	return &q->segments[q->count - 1];
}

enum queue_repair queue_repair(const struct queue *q)
{
	return q->repair;
}

const uint8_t *queue_epoch(const struct queue *q)
{
	return q->epoch;
}

uint64_t queue_next_seq(const struct queue *q)
{
	return last_segment(q)->end_seq;
}

uint64_t queue_waiting(const struct queue *q)
{
	return queue_next_seq(q) - 1 - q->acknowledged;
}

uint64_t queue_bytes(const struct queue *q)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < q->count; i++)
		sum += q->segments[i].bytes;
	return sum;
}

bool queue_is_full(const struct queue *q)
{
	return q->full;
}

static void segment_path(const struct queue *q, uint64_t first_seq, char dst[QUEUE_PATH_SIZE])
{
	queue_segment_path(q->dir, first_seq, dst);
}

static int write_all(const struct queue *q, int fd, const uint8_t *data, size_t len)
{
	while (len > 0) {
		ssize_t n = q->io.write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		data += n;
		len -= (size_t)n;
	}
	return q->io.sync(fd) < 0 ? -errno : 0;
}

/* Makes the file of a segment durable before anything counts on it. */
static int create_file(const struct queue *q, uint64_t first_seq, int *ret_fd)
{
	struct segment_header header = {.first_seq = first_seq};
	uint8_t raw[SEGMENT_HEADER_SIZE];
	char path[QUEUE_PATH_SIZE];
	CLEANUP_FD int fd = -1;
	int err;

	segment_path(q, first_seq, path);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	memcpy(header.epoch, q->epoch, EPOCH_SIZE);
	segment_encode_header(raw, &header);
	err = write_all(q, fd, raw, sizeof(raw));
	if (!err)
		err = file_sync_dir(q->dir);
	if (err) {
		unlink(path);
		return err;
	}
	*ret_fd = TAKE_FD(fd);
	return 0;
}

static int grow(struct queue *q)
{
	struct segment *more = reallocarray(q->segments, q->count + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	q->segments = more;
	return 0;
}

static int begin_segment(struct queue *q, uint64_t first_seq)
{
	int fd = -1, err = grow(q);

	if (!err)
		err = create_file(q, first_seq, &fd);
	if (err)
		return err;
	close_cleanup(&q->write_fd);
	q->write_fd = fd;
	q->segments[q->count++] = (struct segment){first_seq, first_seq, SEGMENT_HEADER_SIZE};
	return 0;
}

static void stop_reading(struct queue *q)
{
	close_cleanup(&q->read_fd);
	q->read_fd = -1;
}

static void drop_first_segment(struct queue *q)
{
	char path[QUEUE_PATH_SIZE];

	if (q->read_fd >= 0 && q->read_first == q->segments[0].first_seq)
		stop_reading(q);
	segment_path(q, q->segments[0].first_seq, path);
	unlink(path); /* one that comes back after a power cut is only acknowledged again */
	memmove(q->segments, q->segments + 1, --q->count * sizeof(*q->segments));
}

/* ---- opening ---- */

static int new_epoch(struct queue *q)
{
	random_bytes(q->epoch, EPOCH_SIZE);
	q->acknowledged = 0;
	return begin_segment(q, 1);
}

/* Walks the records of one segment. -EBADMSG: damaged before its end. */
static int load_segment(struct queue *q, int fd, uint64_t first_seq, bool is_last)
{
	struct segment s = {first_seq, first_seq, SEGMENT_HEADER_SIZE};
	struct queued_event e;
	size_t size;
	bool torn = false;
	int err;

	while ((err = segment_read_record(fd, s.bytes, &e, &size, &torn)) == 0) {
		if (e.seq != s.end_seq)
			return -EBADMSG;
		s.end_seq++;
		s.bytes += size;
	}
	if (err == -EBADMSG && is_last && torn) {
		if (ftruncate(fd, (off_t)s.bytes) < 0 || fsync(fd) < 0)
			return -errno;
		q->repair = QUEUE_TAIL_CUT;
		err = -ENODATA;
	}
	if (err != -ENODATA)
		return err;
	err = grow(q);
	if (!err)
		q->segments[q->count++] = s;
	return err;
}

static int load_file(struct queue *q, uint64_t first_seq, bool is_first, bool is_last)
{
	char path[QUEUE_PATH_SIZE];
	CLEANUP_FD int fd = -1;
	struct segment_header header;
	int err;

	segment_path(q, first_seq, path);
	fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	err = segment_read_header(fd, &header);
	if (err == -EBADMSG && is_last && queue_header_is_torn(fd)) {
		q->repair = QUEUE_TAIL_CUT; /* its making was interrupted: it held nothing */
		return unlink(path) < 0 ? -errno : 0;
	}
	if (err)
		return err;
	if (is_first)
		memcpy(q->epoch, header.epoch, EPOCH_SIZE);
	else if (q->count == 0 || last_segment(q)->end_seq != first_seq)
		return -EBADMSG;
	if (header.first_seq != first_seq || memcmp(q->epoch, header.epoch, EPOCH_SIZE) != 0)
		return -EBADMSG;
	err = load_segment(q, fd, first_seq, is_last);
	if (!err && is_last)
		q->write_fd = TAKE_FD(fd);
	return err;
}

static int open_for_writing(struct queue *q)
{
	char path[QUEUE_PATH_SIZE];

	if (q->write_fd >= 0)
		return 0;
	segment_path(q, last_segment(q)->first_seq, path);
	q->write_fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	return q->write_fd < 0 ? -errno : 0;
}

/* -EBADMSG: something in it is damaged. */
static int load_dir(struct queue *q)
{
	CLEANUP_FREE uint64_t *firsts = NULL;
	size_t count = 0;
	int err = queue_list_segments(q->dir, &firsts, &count);

	for (size_t i = 0; !err && i < count; i++)
		err = load_file(q, firsts[i], i == 0, i + 1 == count);
	if (err)
		return err;
	if (q->count == 0)
		return new_epoch(q);
	q->acknowledged = q->segments[0].first_seq - 1;
	return open_for_writing(q);
}

static void forget(struct queue *q)
{
	stop_reading(q);
	close_cleanup(&q->write_fd);
	q->write_fd = -1;
	q->count = 0;
	q->unclean = false;
}

static int queue_new(const struct queue_options *o, const char *dir, struct queue **ret)
{
	struct queue *q = calloc(1, sizeof(*q));

	if (!q)
		return -ENOMEM;
	if (text_copy(q->dir, sizeof(q->dir), dir)) {
		free(q);
		return -ENAMETOOLONG;
	}
	q->max_bytes = o->max_bytes;
	q->segment_bytes = MIN(SEGMENT_BYTES_MAX, o->max_bytes / 8);
	q->io = o->io ? *o->io : system_io;
	q->write_fd = q->read_fd = -1;
	*ret = q;
	return 0;
}

void queue_close(struct queue *q)
{
	if (!q)
		return;
	forget(q);
	free(q->segments);
	free(q);
}

/* Saves the records of one file, over a damaged one as far as its length can be trusted. */
static int save_file(const struct queue *from, uint64_t first_seq, struct queue *to,
		     uint64_t *last_seq)
{
	char path[QUEUE_PATH_SIZE];
	CLEANUP_FD int fd = -1;
	uint64_t offset = SEGMENT_HEADER_SIZE;
	struct queued_event e;
	size_t size = 0;
	bool torn = false;
	int err;

	segment_path(from, first_seq, path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	for (;; offset += size) {
		err = segment_read_record(fd, offset, &e, &size, &torn);
		if (err == -EBADMSG && !torn && segment_skip_record(fd, offset, &size) == 0)
			continue;
		if (err)
			return err == -ENODATA || err == -EBADMSG ? 0 : err;
		if (e.seq <= *last_seq)
			continue; /* acknowledged, or it stands twice */
		err = queue_put(to, e.kind, e.at_ms, e.body, e.len);
		if (err)
			return err;
		*last_seq = e.seq;
	}
}

/* Puts what `from` still holds, and is readable, into an empty queue in `dir`. */
static int save_into(const struct queue *from, const char *dir)
{
	const struct queue_options o = {dir, UINT64_MAX, &from->io};
	CLEANUP_QUEUE struct queue *to = NULL;
	CLEANUP_FREE uint64_t *firsts = NULL;
	uint64_t last_seq = from->acknowledged;
	size_t count = 0;
	int err = file_make_dirs(dir, 0700);

	if (!err)
		err = queue_new(&o, dir, &to);
	if (err)
		return err;
	to->segment_bytes = from->segment_bytes;
	err = new_epoch(to);
	if (!err)
		err = queue_list_segments(from->dir, &firsts, &count);
	for (size_t i = 0; !err && i < count; i++)
		err = save_file(from, firsts[i], to, &last_seq);
	return err;
}

static int rebuild(struct queue *q, const char *keep_suffix)
{
	char beside[QUEUE_PATH_SIZE + 8];
	enum queue_repair repair = q->repair;
	int err;

	snprintf(beside, sizeof(beside), "%s.new", q->dir);
	err = queue_remove_dir(beside);
	if (!err)
		err = save_into(q, beside);
	if (err)
		return err;
	forget(q);
	err = queue_swap_dirs(q->dir, keep_suffix);
	if (!err)
		err = load_dir(q);
	q->repair = repair;
	q->full = false;
	return err;
}

int queue_open(const struct queue_options *o, struct queue **ret)
{
	CLEANUP_QUEUE struct queue *q = NULL;
	int err = queue_finish_swap(o->dir);

	if (!err)
		err = file_make_dirs(o->dir, 0700);
	if (!err)
		err = queue_new(o, o->dir, &q);
	if (err)
		return err;
	err = load_dir(q);
	if (err == -EBADMSG) {
		forget(q);
		q->repair = QUEUE_DAMAGED;
		err = rebuild(q, ".damaged");
	}
	if (!err)
		*ret = TAKE_PTR(q);
	return err;
}

int queue_renew(struct queue *q)
{
	return rebuild(q, ".old");
}

/* ---- use ---- */

/* Takes back what a failed write may have left, so that the next record follows a whole one. */
static int cut_back(struct queue *q)
{
	q->unclean = ftruncate(q->write_fd, (off_t)last_segment(q)->bytes) < 0;
	return q->unclean ? -errno : 0;
}

static int put_event(struct queue *q, const struct queued_event *e)
{
	CLEANUP_BUF struct buf record = BUF_INIT;
	int err = segment_encode_record(&record, e);

	if (!err && q->unclean)
		err = cut_back(q);
	if (err)
		return err;
	if (queue_bytes(q) + record.len > q->max_bytes) {
		q->full = true;
		return -ENOBUFS;
	}
	if (last_segment(q)->bytes > q->segment_bytes) {
		err = begin_segment(q, e->seq);
		if (err)
			return err;
	}
	err = write_all(q, q->write_fd, record.data, record.len);
	if (err) {
		(void)cut_back(q);
		return err;
	}
	last_segment(q)->bytes += record.len;
	last_segment(q)->end_seq++;
	q->full = false;
	return 0;
}

int queue_put(struct queue *q, const char *kind, int64_t at_ms, const void *body, size_t len)
{
	struct queued_event e = {.seq = queue_next_seq(q), .at_ms = at_ms, .len = len};

	if (strlen(kind) >= sizeof(e.kind) || len > sizeof(e.body))
		return -EMSGSIZE;
	memcpy(e.kind, kind, strlen(kind));
	memcpy(e.body, body, len);
	return put_event(q, &e);
}

static bool segment_holds(const struct queue *q, uint64_t first_seq, uint64_t seq)
{
	for (size_t i = 0; i < q->count; i++)
		if (q->segments[i].first_seq == first_seq)
			return seq >= first_seq && seq < q->segments[i].end_seq;
	return false;
}

static int open_segment_of(struct queue *q, uint64_t seq)
{
	char path[QUEUE_PATH_SIZE];
	size_t i = q->count;

	while (i > 0 && q->segments[i - 1].first_seq > seq)
		i--;
	if (i == 0)
		return -ENOENT;
	stop_reading(q);
	segment_path(q, q->segments[i - 1].first_seq, path);
	q->read_fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (q->read_fd < 0)
		return -errno;
	q->read_first = q->read_seq = q->segments[i - 1].first_seq;
	q->read_offset = SEGMENT_HEADER_SIZE;
	return 0;
}

int queue_read(struct queue *q, uint64_t seq, struct queued_event *ret)
{
	size_t size;
	bool torn;
	int err = 0;

	if (seq <= q->acknowledged || seq >= queue_next_seq(q))
		return -ENOENT;
	if (q->read_fd < 0 || seq < q->read_seq || !segment_holds(q, q->read_first, seq))
		err = open_segment_of(q, seq);
	while (!err && q->read_seq <= seq) {
		err = segment_read_record(q->read_fd, q->read_offset, ret, &size, &torn);
		if (err)
			break;
		q->read_offset += size;
		q->read_seq++;
	}
	return err == -ENODATA ? -EIO : err;
}

int queue_acknowledge(struct queue *q, uint64_t through_seq)
{
	if (through_seq >= queue_next_seq(q))
		return -ERANGE;
	if (through_seq <= q->acknowledged)
		return 0;
	q->acknowledged = through_seq;
	while (q->count > 1 && q->segments[1].first_seq <= through_seq + 1)
		drop_first_segment(q);
	/* A segment that nobody needs any more is replaced, unless it is small anyway. */
	if (queue_waiting(q) == 0 && last_segment(q)->bytes > q->segment_bytes / 4 &&
	    begin_segment(q, through_seq + 1) == 0)
		drop_first_segment(q);
	q->full = false;
	return 0;
}
