/*
 * Counts what happens too often, per key, in bounded memory: at most `most` within `window_ms`.
 * When the table is full the key that was quiet longest is forgotten. Thread-safe.
 */
#pragma once

#include "base/util.h"

#define THROTTLE_KEY_SIZE 64

struct throttle;

int throttle_new(size_t keys, unsigned most, int64_t window_ms, struct throttle **ret) MUST_CHECK;
void throttle_free(struct throttle *t);
/* Whether one more may happen now; does not count. */
bool throttle_allows(struct throttle *t, const char *key, int64_t now_ms);
void throttle_count(struct throttle *t, const char *key, int64_t now_ms);

/* When sessions were last used; forgets those that are idle longer than `life_ms`. Thread-safe. */
struct idle;

int idle_new(int64_t life_ms, struct idle **ret) MUST_CHECK;
void idle_free(struct idle *i);
/* False: the session was idle too long. `use`: this is a use of it, else only a question. A session
 * never seen counts as used now (the server has just started). */
bool idle_touch(struct idle *i, int64_t login_id, int64_t now_ms, bool use);
