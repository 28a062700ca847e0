/*
 * Silence: a desk whose network session lives but whose agent has not been heard of for a grace
 * becomes 'silent', which gates answer with isolation.
 *
 * - A desk without a session is asleep or switched off: it keeps its posture (it is `dormant`, and
 * is looked at again when a session begins).
 * - After a start of the server nothing goes silent for one grace (invariant 11: presence counts
 * what the store knows as heard at the start).
 * - A breaker stands before it (invariant 12): held terminals keep their posture until they are
 *   heard; "breaker.tripped" stands in the log.
 * - Life-line terminals are never touched.
 */
#pragma once

#include "server/engine/engine.h"
#include "server/gateway/presence.h"
#include "server/jobs/breaker.h"

struct silence;

struct silence_options {
	struct engine *engine;	   /* borrowed */
	struct presence *presence; /* borrowed */
	int64_t grace_ms;
	struct breaker_options breaker;
};

int silence_new(const struct silence_options *options, struct silence **ret) MUST_CHECK;
/* Waits for a round under way. Before engine_stop(). */
void silence_free(struct silence *s);
/* Looks who is overdue; at most one round is under way at a time. */
void silence_round(struct silence *s, int64_t now_mono_ms);
/* Fills `presence` with the terminals that have an agent. */
int silence_expect_known(struct store_db *db, struct presence *presence,
			 int64_t now_mono_ms) MUST_CHECK;
