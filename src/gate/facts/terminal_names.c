#include "gate/facts/terminal_names.h"

#include "base/text.h"

#define NAME_SIZE 64

struct terminal_name {
	char key[NAME_SIZE];
	const struct snap_terminal *terminal;
	struct terminal_name *next; /* of the same name */
};

void terminal_names_init(struct terminal_names *n, bool by_asset_no)
{
	n->by_asset_no = by_asset_no;
	map_init(&n->by_name, 0);
}

void terminal_names_done(struct terminal_names *n)
{
	struct terminal_name *at, *next;
	size_t i = 0;

	while ((at = map_next(&n->by_name, &i)))
		for (; at; at = next) {
			next = at->next;
			free(at);
		}
	map_done(&n->by_name);
}

/* False: it has none. */
static bool key_of(const struct terminal_names *n, const struct snap_terminal *t,
		   char ret[static NAME_SIZE])
{
	if (text_copy(ret, NAME_SIZE, n->by_asset_no ? t->row.asset_no : t->row.name))
		return false;
	text_lower(ret);
	return ret[0] != 0;
}

int terminal_names_add(struct terminal_names *n, const struct snap_terminal *t)
{
	struct terminal_name *first, *new;
	char key[NAME_SIZE];
	int err = 0;

	if (!key_of(n, t, key))
		return 0;
	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	memcpy(new->key, key, sizeof(key));
	new->terminal = t;
	first = map_get(&n->by_name, key);
	if (first) {
		new->next = first->next;
		first->next = new;
		return 0;
	}
	err = map_put(&n->by_name, new->key, new, NULL);
	if (err)
		free(new);
	return err;
}

/* The first of a name holds the map's key, so what is behind it moves up into it. */
void terminal_names_remove(struct terminal_names *n, const struct snap_terminal *t)
{
	struct terminal_name *first, **at, *gone;
	char key[NAME_SIZE];

	if (!key_of(n, t, key))
		return;
	first = map_get(&n->by_name, key);
	for (at = &first; *at && (*at)->terminal != t; at = &(*at)->next)
		;
	gone = *at;
	if (!gone)
		return;
	if (gone == first && first->next) {
		gone = first->next;
		first->terminal = gone->terminal;
		first->next = gone->next;
	} else if (gone == first) {
		map_remove(&n->by_name, key);
	} else {
		*at = gone->next;
	}
	free(gone);
}

const struct snap_terminal *terminal_names_get(const struct terminal_names *n, const char *name)
{
	const struct terminal_name *at;
	char key[NAME_SIZE];

	if (text_copy(key, sizeof(key), name))
		return NULL;
	text_lower(key);
	at = map_get(&n->by_name, key);
	if (!at && !n->by_asset_no && strchr(key, '.')) {
		*strchr(key, '.') = 0;
		at = map_get(&n->by_name, key);
	}
	return at && !at->next ? at->terminal : NULL;
}
