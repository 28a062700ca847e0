/*
 * Which switch is asked when, and what is known of them. The gate beside this process names the
 * switches; they are asked one after the other, each again after a period. An order to bounce a
 * port goes before: the survey under way is broken off and begun again afterwards.
 *
 *	a switch: due ─ask─ asked (tables kept from the last time it answered) ─period─ due
 *
 * One thread.
 */
#pragma once

#include "crypto/hash.h"
#include "survey/place.h"
#include "survey/run.h"
#include "survey/settings.h"

#define SWITCHES_MAX 2048
#define ORDERS_MAX 32

struct seat {
	struct target target;
	struct table *table; /* NULL: it never answered */
	enum asked last;
	int64_t asked_at_ms; /* wall clock; 0: never */
	int64_t due_at_ms;   /* monotonic */
	/* What there is to tell, and what head office took last (survey/messenger.h). */
	struct tidings {
		uint8_t now[HASH_SIZE], taken[HASH_SIZE];
		int64_t taken_at_ms; /* of the survey; 0: nothing was taken */
		int64_t whole_at_ms; /* of the last one that was told whole */
		bool tried;	     /* since it was surveyed last */
	} tidings;
};

struct order {
	uint64_t number; /* the gate's */
	int64_t switch_id;
	char port[64];
};

struct survey;

/* Words to the gate; either may be NULL. */
struct survey_teller {
	void (*bounced)(void *arg, uint64_t number, enum asked asked);
	void (*surveyed)(void *arg, struct survey *s, struct seat *seat);
	void *arg;
};

struct survey {
	const struct settings *settings;
	struct loop *loop;
	struct survey_teller teller;
	struct seat *seats;
	size_t count;
	/* Beside the seats: what place.h takes. */
	const struct table **tables;
	const char **names;
	struct order orders[ORDERS_MAX];
	size_t order_count;
	int64_t asking_id; /* of the switch; 0: nobody, or orders[0] */
	struct run *run;
	struct loop_timer *timer;
};

int survey_new(struct loop *l, const struct settings *settings, const struct survey_teller *teller,
	       struct survey **ret) MUST_CHECK;
void survey_free(struct survey *s);
/* The switches from now on; what is known of those that stay is kept. -E2BIG, -ENOMEM. */
struct seat *survey_seat(struct survey *s, int64_t switch_id); /* NULL: none */
int survey_set_targets(struct survey *s, const struct target *targets, size_t count) MUST_CHECK;
/* The answer comes by teller.bounced, also for an order that cannot be taken. */
void survey_bounce(struct survey *s, const struct order *o);
bool survey_find(const struct survey *s, const struct mac *mac, struct place *ret);
bool survey_is_unknown(const struct survey *s, const struct table_neighbour *n);
