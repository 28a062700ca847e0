/*
 * A question of a switch on its way through the relay. While it is awaited it holds the request
 * and what was asked, which is large and comes from a pool; once it is answered only the answer is
 * kept, for a switch that asks again under a new id.
 */
#pragma once

#include "gate/front/request.h"

#define EXCHANGE_KEY_SIZE 16
#define ASKED_POOL_MAX 256 /* kept for the next questions, for they are warm */

/* What is needed until the answer came. */
struct asked {
	struct request request; /* the newest that asks it; its bytes are `packet` */
	uint8_t packet[RADIUS_PACKET_MAX];
	struct radius_out out; /* as sent to the worker */
	struct asked *next_free;
};

struct exchange {
	struct relay *relay;
	unsigned worker;
	uint32_t generation;
	int slot; /* in the worker's trunk, -1 once answered */
	int64_t at_ms;
	uint8_t key[EXCHANGE_KEY_SIZE]; /* of switch, State, EAP bytes */
	bool keyed;			/* has a State, so it can be found by key */
	struct asked *asked;		/* NULL once answered */
	uint8_t authenticator[RADIUS_AUTHENTICATOR_SIZE]; /* of what was asked */
	uint8_t *answer; /* the engine's packet, NULL while awaited */
	size_t answer_len;
	struct exchange *older, *newer; /* in one list */
};

/* In the order in which they were appended. */
struct exchange_list {
	struct exchange *oldest, *newest;
};

struct asked_pool {
	struct asked *free;
	size_t count;
};

void exchange_append(struct exchange_list *l, struct exchange *x);
void exchange_unlink(struct exchange_list *l, struct exchange *x);

/* NULL: no memory. */
struct asked *asked_take(struct asked_pool *p);
void asked_give_back(struct asked_pool *p, struct asked *a); /* NULL is fine */
void asked_pool_done(struct asked_pool *p);
/* Keeps the request and its bytes, so that it can be answered later. */
void asked_adopt(struct asked *a, const struct request *r);
