#include "base/text.h"
#include "journal/head.h"

static int grow(void **list, size_t count, size_t item)
{
	void *bigger;

	if (count & (count - 1))
		return 0;
	bigger = reallocarray(*list, count ? 2 * count : 1, item);
	if (!bigger)
		return -ENOMEM;
	*list = bigger;
	return 0;
}

static int add_head(struct head_file *f, const struct head *h)
{
	void *list = f->heads;
	size_t at = f->head_count;
	int r = grow(&list, f->head_count, sizeof(*h));

	f->heads = list;
	if (r)
		return r;
	for (; at && f->heads[at - 1].size > h->size; at--)
		f->heads[at] = f->heads[at - 1];
	f->heads[at] = *h;
	f->head_count++;
	return 0;
}

static int add_cosign(struct head_file *f, const struct cosign *c)
{
	void *list = f->cosigns;
	int r = grow(&list, f->cosign_count, sizeof(*c));

	f->cosigns = list;
	if (!r)
		f->cosigns[f->cosign_count++] = *c;
	return r;
}

static int add_line(struct head_file *f, const char *line, size_t len)
{
	struct cosign cosign;
	struct head head;
	int r = head_parse(line, len, &head);

	if (!r)
		return add_head(f, &head);
	if (r == -EBADMSG)
		r = cosign_parse(line, len, &cosign);
	return r ? r : add_cosign(f, &cosign);
}

int head_file_parse(const void *text, size_t len, struct head_file *ret, size_t *ret_line)
{
	struct head_file f = {0};
	const char *at = text;
	size_t line = 0;
	int r = 0;

	while (!r && len) {
		const char *end = memchr(at, '\n', len);
		size_t step = end ? (size_t)(end - at) + 1 : len;

		line++;
		if (line > HEAD_LINES_MAX)
			r = -EBADMSG;
		else if (step > 1 || *at != '\n')
			r = add_line(&f, at, step);
		at += step;
		len -= step;
	}
	if (r) {
		if (ret_line)
			*ret_line = line;
		head_file_done(&f);
		return r;
	}
	*ret = f;
	return 0;
}

void head_file_done(struct head_file *f)
{
	free(f->heads);
	free(f->cosigns);
	*f = (struct head_file){0};
}
