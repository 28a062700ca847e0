/* What each card of this desk was given, kept over restarts (the address guard's). */
#pragma once

#include "agent/guards/guard.h"
#include "policy/address.h"

#define CARDS_MAX 8

struct card {
	char name[16];
	struct assigned assigned;
	bool pinned; /* the gateway's MAC, in the kernel */
	/* As looked at last: */
	bool here;
	struct link link;
	struct address_view view;
	int64_t missing_since_ms;		       /* monotonic; 0: it is not */
	char told[ADDRESS_TROUBLES][PREFIX_TEXT_SIZE]; /* what was found; "" none */
};

struct cards {
	uint32_t generation;
	struct card list[CARDS_MAX];
	size_t count;
};

/* Nothing kept, or nothing readable, is no cards. */
void cards_load(const char *state_dir, struct cards *ret);
void cards_keep(const char *state_dir, const struct cards *c);
/* The card that is this link: by its own MAC, else by name. NULL: too many. */
struct card *cards_find(struct cards *c, const struct link *l, const struct mac *own);
