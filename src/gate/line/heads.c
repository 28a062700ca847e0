#include "gate/line/heads.h"

#include <fcntl.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

#define FILE_MAX (64U << 20)
#define KEEP_EVERY_MS MINUTE_MS

struct heads {
	int fd;
	char gate[HEAD_GATE_SIZE];
	const struct sign_key *key;
	struct head newest; /* size 0: none yet */
	int64_t kept_at_ms;
};

/* The last head of the kept file; lines that are no heads are co-signatures. */
static int load_newest(struct heads *h, const char *path)
{
	CLEANUP_BUF struct buf text = {.limit = FILE_MAX};
	const char *line, *end;
	struct head head;
	int err = file_read(path, FILE_MAX, &text);

	if (err == -ENOENT)
		return 0;
	if (err)
		return err;
	for (line = buf_str(&text); (end = strchr(line, '\n')); line = end + 1)
		if (head_parse(line, (size_t)(end - line), &head) == 0)
			h->newest = head;
	return 0;
}

int heads_open(const char *dir, const char *gate, const struct sign_key *key, struct heads **ret)
{
	struct heads *h = calloc(1, sizeof(*h));
	CLEANUP_FREE char *path = NULL;
	int err;

	if (!h)
		return -ENOMEM;
	h->fd = -1;
	h->key = key;
	err = text_copy(h->gate, sizeof(h->gate), gate);
	if (!err)
		err = file_path(dir, "heads", &path);
	if (!err)
		err = load_newest(h, path);
	if (!err) {
		h->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
		err = h->fd < 0 ? -errno : 0;
	}
	if (err) {
		heads_free(h);
		return err;
	}
	*ret = h;
	return 0;
}

void heads_free(struct heads *h)
{
	if (!h)
		return;
	close_cleanup(&h->fd);
	free(h);
}

/* Without a proof of consistency this much can be seen at once; `menshen verify` sees the rest. */
static bool contradicts(const struct head *next, const struct head *kept)
{
	if (kept->size == 0 || next->epoch > kept->epoch)
		return false;
	return next->epoch < kept->epoch || next->size < kept->size ||
	       (next->size == kept->size &&
		memcmp(&next->root, &kept->root, sizeof(next->root)) != 0);
}

static int keep(struct heads *h, const struct head *head, const struct buf *cosign)
{
	CLEANUP_BUF struct buf lines = BUF_INIT;
	int err = head_encode(head, &lines);

	if (!err)
		buf_append(&lines, cosign->data, cosign->len);
	if (!err)
		err = lines.error;
	if (!err)
		err = file_write_all(h->fd, lines.data, lines.len);
	return err;
}

int heads_take(struct heads *h, const void *text, size_t len, int64_t now_ms,
	       struct buf *ret_cosign)
{
	CLEANUP_BUF struct buf line = BUF_INIT;
	struct cosign cosign;
	struct head head;
	bool fork;
	int err = head_parse(text, len, &head);

	if (err)
		return err;
	fork = contradicts(&head, &h->newest);
	if (h->key && !fork) {
		err = cosign_make(&head, h->gate, now_ms, h->key, &cosign);
		if (!err)
			err = cosign_encode(&cosign, &line);
	}
	if (!err && (fork || now_ms - h->kept_at_ms >= KEEP_EVERY_MS)) {
		err = keep(h, &head, &line);
		h->kept_at_ms = now_ms;
	}
	if (err)
		return err;
	if (fork)
		return -EEXIST;
	h->newest = head;
	buf_append(ret_cosign, line.data, line.len);
	return ret_cosign->error;
}
