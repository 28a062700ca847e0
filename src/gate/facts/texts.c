#include "gate/facts/texts.h"

struct kept {
	uint32_t uses;
	char text[];
};

void texts_init(struct texts *t, struct pool *pool)
{
	t->pool = pool;
	index_init(&t->index);
}

void texts_done(struct texts *t)
{
	index_done(&t->index);
}

static uint32_t find(const struct texts *t, uint32_t tag, const char *text)
{
	size_t at = INDEX_START;
	uint32_t piece;

	while ((piece = index_next(&t->index, tag, &at))) {
		const struct kept *k = pool_at(t->pool, piece);

		if (strcmp(k->text, text) == 0)
			break;
	}
	return piece;
}

static int keep(struct texts *t, uint32_t tag, const char *text, size_t size, uint32_t *ret)
{
	uint32_t piece;
	struct kept *k;
	int err = pool_take(t->pool, sizeof(*k) + size, &piece);

	if (err)
		return err;
	k = pool_at(t->pool, piece);
	memcpy(k->text, text, size);
	err = index_add(&t->index, tag, piece);
	if (err)
		pool_give(t->pool, piece, sizeof(*k) + size);
	else
		*ret = piece;
	return err;
}

int texts_take(struct texts *t, const char *text, const char **ret)
{
	size_t len = strlen(text);
	uint32_t tag = index_tag(&t->index, text, len), piece = find(t, tag, text);
	struct kept *k;
	int err = piece ? 0 : keep(t, tag, text, len + 1, &piece);

	if (err)
		return err;
	k = pool_at(t->pool, piece);
	k->uses++;
	*ret = k->text;
	return 0;
}

void texts_give(struct texts *t, const char *kept)
{
	size_t len = strlen(kept);
	uint32_t tag = index_tag(&t->index, kept, len), piece = find(t, tag, kept);
	struct kept *k = pool_at(t->pool, piece);

	if (--k->uses > 0)
		return;
	index_remove(&t->index, tag, piece);
	pool_give(t->pool, piece, sizeof(*k) + len + 1);
}
