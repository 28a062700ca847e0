/* The addresses that were told of a live session, as the stay keeps them when it is over. */
#pragma once

#include "store/store.h"

struct stay_addresses {
	struct store_stay_address list[STAY_ADDRESSES_MAX]; /* point into the texts */
	char texts[STAY_ADDRESSES_MAX][46], sources[STAY_ADDRESSES_MAX][12];
	size_t count;
};

/* Moved in memory, it is to be read again. */
int stay_addresses_read(struct store_db *db, const char *session,
			struct stay_addresses *ret) MUST_CHECK;
