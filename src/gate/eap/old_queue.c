#include "gate/eap/old_queue.h"

#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

#define VERSION 1
#define ENTRY_HEAD 9		    /* of a packet: kind and number */
#define ENTRY_COST (8 + ENTRY_HEAD) /* of a packet in the file, beside its attributes */
#define DATE_SIZE 6

enum kind { KIND_HEAD = 1, KIND_PACKET = 2, KIND_GONE = 3 };

struct old_queue {
	char *path; /* NULL: in memory alone */
	struct applog log;
	struct old_packet *first, **last;
	size_t count, bytes; /* in the file */
	uint64_t next_number, lost;
	bool is_headed;	   /* while it is read back */
	bool must_rewrite; /* the file misses something, or is not ours */
	bool must_sync;	   /* a packet was gathered */
};

/* ---- entries ---- */

static void encode_number(uint8_t kind, uint64_t number, uint8_t to[static ENTRY_HEAD])
{
	to[0] = kind;
	set_be64(to + 1, number);
}

static size_t encode_packet(const struct old_packet *p, uint8_t *to)
{
	encode_number(KIND_PACKET, p->number, to);
	memcpy(to + ENTRY_HEAD, p->attributes, p->len);
	return ENTRY_HEAD + p->len;
}

/* Whether they are whole; an Acct-Status-Type among them says what they are. */
static bool read_attributes(const uint8_t *p, size_t len, bool *ret_interim)
{
	*ret_interim = false;
	if (len == 0 || len > RADIUS_PACKET_MAX)
		return false;
	for (size_t at = 0; at < len; at += p[at + 1]) {
		if (len - at < 2 || p[at + 1] < 2 || p[at + 1] > len - at)
			return false;
		if (p[at] == RADIUS_ACCT_STATUS_TYPE && p[at + 1] == 6)
			*ret_interim = get_be32(p + at + 2) == RADIUS_ACCT_INTERIM;
	}
	return true;
}

/* What cannot be gathered makes the file be written anew: it never has a gap. */
static void append(struct old_queue *q, const uint8_t *entry, size_t len)
{
	static const uint8_t head[] = {KIND_HEAD, VERSION};
	int err = 0;

	if (q->log.fd < 0)
		return;
	if (q->log.size == 0 && q->log.pending.len == 0)
		err = applog_append(&q->log, head, sizeof(head));
	if (!err)
		err = applog_append(&q->log, entry, len);
	if (err)
		q->must_rewrite = true;
}

/* ---- the queue ---- */

static void take_out(struct old_queue *q, struct old_packet **at)
{
	struct old_packet *p = *at;
	uint8_t entry[ENTRY_HEAD];

	encode_number(KIND_GONE, p->number, entry);
	append(q, entry, sizeof(entry));
	*at = p->next;
	if (!p->next)
		q->last = at;
	q->count--;
	q->bytes -= p->len + ENTRY_COST;
	free(p);
}

static void make_room(struct old_queue *q, size_t len)
{
	while (q->count > 1 &&
	       (q->count >= OLD_QUEUE_MAX || q->bytes + len + ENTRY_COST > OLD_QUEUE_BYTES)) {
		struct old_packet **at = &q->first->next;

		while (*at && !(*at)->is_interim)
			at = &(*at)->next;
		take_out(q, *at ? at : &q->first->next);
		q->lost++;
	}
}

static void put_last(struct old_queue *q, struct old_packet *p)
{
	make_room(q, p->len);
	p->next = NULL;
	*q->last = p;
	q->last = &p->next;
	q->count++;
	q->bytes += p->len + ENTRY_COST;
	q->next_number = p->number + 1;
}

/* A date of its own keeps a late one right. */
static size_t copy_attributes(const struct radius_packet *p, uint32_t now_s, uint8_t *to)
{
	struct radius_attr at = {0};
	size_t len = 0;
	uint32_t date;

	while (radius_next(p, &at)) {
		if (at.type == RADIUS_MESSAGE_AUTHENTICATOR || at.type == RADIUS_PROXY_STATE)
			continue;
		to[len++] = at.type;
		to[len++] = (uint8_t)(at.len + 2);
		memcpy(to + len, at.value, at.len);
		len += at.len;
	}
	if (radius_get_u32(p, RADIUS_EVENT_TIMESTAMP, &date)) {
		to[len++] = RADIUS_EVENT_TIMESTAMP;
		to[len++] = DATE_SIZE;
		set_be32(to + len, now_s);
		len += sizeof(date);
	}
	return len;
}

int old_queue_add(struct old_queue *q, const struct radius_packet *from, uint32_t now_s)
{
	uint8_t attributes[RADIUS_PACKET_MAX + DATE_SIZE], entry[ENTRY_HEAD + sizeof(attributes)];
	size_t len = copy_attributes(from, now_s, attributes);
	struct old_packet *p = calloc(1, sizeof(*p) + len);

	if (!p)
		return -ENOMEM;
	p->number = q->next_number;
	p->len = len;
	memcpy(p->attributes, attributes, len);
	(void)!read_attributes(attributes, len, &p->is_interim);
	put_last(q, p);
	append(q, entry, encode_packet(p, entry));
	q->must_sync = true;
	return 0;
}

const struct old_packet *old_queue_first(const struct old_queue *q)
{
	return q->first;
}

void old_queue_pop(struct old_queue *q)
{
	if (q->first)
		take_out(q, &q->first);
}

void old_queue_lose(struct old_queue *q)
{
	old_queue_pop(q);
	q->lost++;
}

size_t old_queue_count(const struct old_queue *q)
{
	return q->count;
}

uint64_t old_queue_lost(const struct old_queue *q)
{
	return q->lost;
}

/* ---- the file, read ---- */

static int restore_packet(struct old_queue *q, uint64_t number, const struct reader *r)
{
	struct old_packet *p;
	bool is_interim;

	if (number < q->next_number || number == UINT64_MAX ||
	    !read_attributes(r->p, r->left, &is_interim))
		return -EBADMSG;
	p = calloc(1, sizeof(*p) + r->left);
	if (!p)
		return -ENOMEM;
	p->number = number;
	p->is_interim = is_interim;
	p->len = r->left;
	memcpy(p->attributes, r->p, r->left);
	put_last(q, p);
	return 0;
}

/* One that had no room when it was read is gone already. */
static int restore_gone(struct old_queue *q, uint64_t number, const struct reader *r)
{
	struct old_packet **at = &q->first;

	if (r->left > 0)
		return -EBADMSG;
	while (*at && (*at)->number < number)
		at = &(*at)->next;
	if (*at && (*at)->number == number)
		take_out(q, at);
	return 0;
}

int old_queue_restore(struct old_queue *q, const uint8_t *entry, size_t len)
{
	struct reader r = {entry, len};
	uint64_t number;
	uint8_t kind, version;

	if (reader_u8(&r, &kind))
		return -EBADMSG;
	if (!q->is_headed) {
		if (kind != KIND_HEAD || reader_u8(&r, &version) || version != VERSION ||
		    r.left > 0)
			return -EBADMSG;
		q->is_headed = true;
		return 0;
	}
	if (reader_be64(&r, &number))
		return -EBADMSG;
	if (kind == KIND_PACKET)
		return restore_packet(q, number, &r);
	return kind == KIND_GONE ? restore_gone(q, number, &r) : -EBADMSG;
}

static int restore_entry(void *arg, const uint8_t *entry, size_t len)
{
	return old_queue_restore(arg, entry, len);
}

static int ignore_entry(void *arg, const uint8_t *entry, size_t len)
{
	(void)arg;
	(void)entry;
	(void)len;
	return 0;
}

/* ---- the file, written ---- */

int old_queue_dump(const struct old_queue *q, applog_entry_fn *fn, void *arg)
{
	static const uint8_t head[] = {KIND_HEAD, VERSION};
	uint8_t entry[ENTRY_HEAD + RADIUS_PACKET_MAX + DATE_SIZE];
	int err = fn(arg, head, sizeof(head));

	for (const struct old_packet *p = q->first; !err && p; p = p->next)
		err = fn(arg, entry, encode_packet(p, entry));
	return err;
}

static int append_entry(void *arg, const uint8_t *entry, size_t len)
{
	return applog_append(arg, entry, len);
}

static int open_log(struct old_queue *q, applog_entry_fn *fn, uint64_t *ret_cut)
{
	struct applog log;
	int err = applog_open(q->path, fn, q, &log, ret_cut);

	if (err)
		return err;
	applog_close(&q->log);
	q->log = log;
	q->log.pending.limit = OLD_QUEUE_SLACK;
	return 0;
}

static int replace_file(const struct old_queue *q)
{
	struct applog fresh = {.fd = -1};
	int err = 0;

	buf_init(&fresh.pending, OLD_QUEUE_BYTES + OLD_QUEUE_SLACK);
	if (q->first)
		err = old_queue_dump(q, append_entry, &fresh);
	if (!err)
		err = file_replace(q->path, fresh.pending.data, fresh.pending.len, 0600);
	applog_close(&fresh);
	return err;
}

/* The new file is whole and synced, or the old one stays. */
static int rewrite(struct old_queue *q)
{
	uint64_t cut;
	int err = replace_file(q);

	if (err)
		return err;
	err = open_log(q, ignore_entry, &cut);
	q->must_rewrite = err != 0; /* else the descriptor is of a file that nobody finds */
	if (!err)
		q->must_sync = false;
	return err;
}

static int empty_file(struct old_queue *q)
{
	buf_clear(&q->log.pending);
	q->must_sync = false;
	if (q->log.size == 0)
		return 0;
	if (ftruncate(q->log.fd, 0) < 0)
		return -errno;
	q->log.size = 0;
	return 0;
}

int old_queue_write(struct old_queue *q, int *ret_fd)
{
	int err = 0;

	*ret_fd = -1;
	if (q->must_rewrite)
		return rewrite(q);
	if (!q->first)
		return empty_file(q);
	if (q->log.size + q->log.pending.len > 2 * q->bytes + OLD_QUEUE_SLACK) {
		err = rewrite(q);
		if (!err || q->must_rewrite)
			return err; /* else later: the long file is right as well */
	}
	err = applog_write(&q->log);
	if (err)
		return err;
	if (q->must_sync)
		*ret_fd = q->log.fd;
	q->must_sync = false;
	return 0;
}

/* ---- start and end ---- */

int old_queue_new(struct old_queue **ret)
{
	struct old_queue *q = calloc(1, sizeof(*q));

	if (!q)
		return -ENOMEM;
	q->log.fd = -1;
	q->last = &q->first;
	q->next_number = 1;
	*ret = q;
	return 0;
}

/* What was understood of it goes on; the file is kept for who understands the rest. */
static int put_aside(struct old_queue *q)
{
	char aside[4096];

	if (snprintf(aside, sizeof(aside), "%s.aside", q->path) >= (int)sizeof(aside))
		return -ENAMETOOLONG;
	(void)!unlink(aside);
	if (link(q->path, aside) < 0)
		return -errno;
	log_error("%s is of another version of the gate: %zu packets of it are forwarded, the "
		  "rest is kept in %s",
		  q->path, q->count, aside);
	return rewrite(q);
}

static int sync_dir_of(const char *path)
{
	CLEANUP_FREE char *copy = strdup(path);

	return copy ? file_sync_dir(dirname(copy)) : -ENOMEM;
}

static int open_file(struct old_queue *q)
{
	uint64_t cut = 0;
	int err = open_log(q, restore_entry, &cut);

	if (err == -EBADMSG)
		err = put_aside(q);
	if (!err)
		err = sync_dir_of(q->path);
	if (err)
		log_error("%s: %s", q->path, strerror(-err));
	else if (cut)
		log_warn("%s: cut %llu damaged bytes from the end; what they held is not forwarded",
			 q->path, (unsigned long long)cut);
	return err;
}

int old_queue_open(const char *path, struct old_queue **ret)
{
	struct old_queue *q;
	int err = old_queue_new(&q);

	if (err)
		return err;
	q->path = strdup(path);
	err = q->path ? open_file(q) : -ENOMEM;
	if (err) {
		old_queue_free(q);
		return err;
	}
	*ret = q;
	return 0;
}

void old_queue_free(struct old_queue *q)
{
	if (!q)
		return;
	for (struct old_packet *p = q->first, *next; p; p = next) {
		next = p->next;
		free(p);
	}
	applog_close(&q->log);
	free(q->path);
	free(q);
}
