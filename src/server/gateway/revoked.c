#include <string.h>

#include "server/gateway/conn.h"

static void clear(struct map *m)
{
	char *serial;
	size_t at = 0;

	while ((serial = map_next(m, &at)))
		free(serial);
	map_done(m);
}

static int load(struct store_db *db, int64_t now_ms, struct map *ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(db, STMT_CERTIFICATE_REVOKED, STORE_ARGS(v_int(now_ms)), &c);

	while (!r && (r = store_next(c)) == 1) {
		char *serial = strdup(store_text(c, 0));
		void *old = NULL;

		r = serial ? map_put(ret, serial, serial, &old) : -ENOMEM;
		if (r)
			free(serial);
		free(old);
	}
	return r;
}

int revoked_reload(struct gateway *g, struct store_db *db, int64_t now_ms)
{
	struct map fresh, old;
	int err;

	map_init(&fresh, 0);
	err = load(db, now_ms, &fresh);
	if (err) {
		clear(&fresh);
		return err;
	}
	pthread_mutex_lock(&g->lock);
	old = g->revoked;
	g->revoked = fresh;
	pthread_mutex_unlock(&g->lock);
	clear(&old);
	return 0;
}

bool revoked_has(struct gateway *g, const char *serial)
{
	bool has;

	pthread_mutex_lock(&g->lock);
	has = map_get(&g->revoked, serial) != NULL;
	pthread_mutex_unlock(&g->lock);
	return has;
}

void revoked_done(struct gateway *g)
{
	clear(&g->revoked);
}
