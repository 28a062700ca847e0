/*
 * The time a gate judges by. It follows the wall clock as long as that one walks; when it jumps by
 * more than STEADY_JUMP_MS the gate is degraded: its time goes on from where it was, so that a jump
 * expires nothing, until the server's time confirms one of the two.
 */
#pragma once

#include "base/clock.h"

#define STEADY_JUMP_MS MINUTE_MS

struct steady {
	int64_t wall_ms, mono_ms; /* the last moment when they agreed */
	bool degraded;
};

/* `known_ms`: a moment that has certainly passed (the newest thing on disk), 0 when none. */
void steady_init(struct steady *s, int64_t wall_ms, int64_t mono_ms, int64_t known_ms);
/* The time now, given what the two clocks say. */
int64_t steady_now(struct steady *s, int64_t wall_ms, int64_t mono_ms);
/* What the server says the time is: it becomes the time, and the jump is forgiven. */
void steady_confirm(struct steady *s, int64_t server_ms, int64_t wall_ms, int64_t mono_ms);
