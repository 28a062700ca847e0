#include "server/gateway/live_inventory.h"

#include <stdio.h>
#include <string.h>

#define NAME_SIZE 160

/* What a person calls the item: "libc6:amd64", "eth0"; its whole text when it has no name. */
static void item_name(const json_t *item, const char *text, char dst[static NAME_SIZE])
{
	const char *name = json_string_value(json_object_get(item, "name"));
	const char *arch = json_string_value(json_object_get(item, "arch"));

	snprintf(dst, NAME_SIZE, "%s%s%s", name ? name : text, name && arch ? ":" : "",
		 name && arch ? arch : "");
}

static int put(struct store *s, int64_t terminal_id, int64_t at_ms, const char *section,
	       const char *name, const char *text)
{
	return store_exec(s, STMT_LIVE_INVENTORY_PUT,
			  STORE_ARGS(v_int(terminal_id), v_text(section), v_text(name),
				     v_text(text), v_int(at_ms)),
			  NULL);
}

static int change_item(struct store *s, int64_t terminal_id, int64_t at_ms, const char *section,
		       const json_t *item, bool add)
{
	CLEANUP_FREE char *text = json_dumps(item, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
	char name[NAME_SIZE];

	if (!text)
		return -ENOMEM;
	item_name(item, text, name);
	if (add)
		return put(s, terminal_id, at_ms, section, name, text);
	return store_exec(
		s, STMT_LIVE_INVENTORY_REMOVE,
		STORE_ARGS(v_int(terminal_id), v_text(section), v_text(name), v_text(text)), NULL);
}

static int change_items(struct store *s, int64_t terminal_id, int64_t at_ms, const char *section,
			const json_t *items, bool add)
{
	const json_t *item;
	size_t i;
	int err = 0;

	json_array_foreach(items, i, item)
	{
		err = change_item(s, terminal_id, at_ms, section, item, add);
		if (err)
			break;
	}
	return err;
}

int live_inventory_apply(struct store *s, int64_t terminal_id, int64_t at_ms, const char *section,
			 const char *body)
{
	json_t *root = json_loads(body, 0, NULL);
	const json_t *add = json_object_get(root, "add"), *gone = json_object_get(root, "remove");
	int err = 0;

	if (json_is_true(json_object_get(root, "reset")))
		err = store_exec(s, STMT_LIVE_INVENTORY_CLEAR,
				 STORE_ARGS(v_int(terminal_id), v_text(section)), NULL);
	if (!err && (add || gone)) {
		err = change_items(s, terminal_id, at_ms, section, gone, false);
		if (!err)
			err = change_items(s, terminal_id, at_ms, section, add, true);
	} else if (!err && root) {
		err = put(s, terminal_id, at_ms, section, "", body);
	}
	json_decref(root);
	return err;
}
