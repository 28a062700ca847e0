#include "server/engine/stay_addresses.h"

#include "base/text.h"

static int take(const struct store_cursor *c, struct stay_addresses *a)
{
	size_t i = a->count, len = 0;
	const void *key = store_blob(c, 0, &len);

	if (len != sizeof(a->list[i].key) ||
	    text_copy(a->texts[i], sizeof(a->texts[i]), store_text(c, 1)) ||
	    text_copy(a->sources[i], sizeof(a->sources[i]), store_text(c, 2)))
		return -EUCLEAN;
	a->list[i] = (struct store_stay_address){.text = a->texts[i],
						 .source = a->sources[i],
						 .first_at = store_int(c, 3),
						 .last_at = store_int(c, 4)};
	memcpy(a->list[i].key, key, len);
	a->count++;
	return 0;
}

int stay_addresses_read(struct store_db *db, const char *session, struct stay_addresses *ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(db, STMT_LIVE_ADDRESS_LIST, STORE_ARGS(v_text(session)), &c);

	ret->count = 0;
	while (!r && ret->count < STAY_ADDRESSES_MAX && (r = store_next(c)) == 1)
		r = take(c, ret);
	return MIN(r, 0);
}
