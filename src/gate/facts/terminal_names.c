#include "gate/facts/terminal_names.h"

#include "base/text.h"

#define NAME_SIZE 64

void terminal_names_init(struct terminal_names *n, const struct pool *pool, bool by_asset_no)
{
	n->by_asset_no = by_asset_no;
	n->pool = pool;
	index_init(&n->index);
}

void terminal_names_done(struct terminal_names *n)
{
	index_done(&n->index);
}

/* False: it has none. */
static bool key_of(const struct terminal_names *n, const struct snap_terminal *t,
		   char ret[static NAME_SIZE])
{
	enum snap_text which = n->by_asset_no ? SNAP_ASSET_NO : SNAP_NAME;

	if (text_copy(ret, NAME_SIZE, snap_terminal_text(t, which)))
		return false;
	text_lower(ret);
	return ret[0] != 0;
}

static uint32_t tag_of(const struct terminal_names *n, const char *key)
{
	return index_tag(&n->index, key, strlen(key));
}

int terminal_names_add(struct terminal_names *n, uint32_t terminal)
{
	char key[NAME_SIZE];

	return key_of(n, pool_at(n->pool, terminal), key)
		       ? index_add(&n->index, tag_of(n, key), terminal)
		       : 0;
}

void terminal_names_remove(struct terminal_names *n, uint32_t terminal)
{
	char key[NAME_SIZE];

	if (key_of(n, pool_at(n->pool, terminal), key))
		index_remove(&n->index, tag_of(n, key), terminal);
}

/* How many have the name; the last one met in `ret`. */
static size_t find(const struct terminal_names *n, const char *key,
		   const struct snap_terminal **ret)
{
	uint32_t tag = tag_of(n, key), terminal;
	size_t at = INDEX_START, count = 0;
	char its[NAME_SIZE];

	while ((terminal = index_next(&n->index, tag, &at))) {
		const struct snap_terminal *t = pool_at(n->pool, terminal);

		if (!key_of(n, t, its) || strcmp(its, key) != 0)
			continue;
		count++;
		*ret = t;
	}
	return count;
}

const struct snap_terminal *terminal_names_get(const struct terminal_names *n, const char *name)
{
	const struct snap_terminal *t = NULL;
	char key[NAME_SIZE];
	size_t count;

	if (text_copy(key, sizeof(key), name))
		return NULL;
	text_lower(key);
	count = find(n, key, &t);
	if (count == 0 && !n->by_asset_no && strchr(key, '.')) {
		*strchr(key, '.') = 0;
		count = find(n, key, &t);
	}
	return count == 1 ? t : NULL;
}
