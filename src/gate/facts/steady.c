#include "gate/facts/steady.h"

static bool agree(int64_t a_ms, int64_t b_ms)
{
	return a_ms - b_ms <= STEADY_JUMP_MS && b_ms - a_ms <= STEADY_JUMP_MS;
}

void steady_init(struct steady *s, int64_t wall_ms, int64_t mono_ms, int64_t known_ms)
{
	*s = (struct steady){.wall_ms = MAX(wall_ms, known_ms), .mono_ms = mono_ms};
	s->degraded = known_ms > wall_ms && !agree(wall_ms, known_ms);
}

int64_t steady_now(struct steady *s, int64_t wall_ms, int64_t mono_ms)
{
	int64_t expected_ms = s->wall_ms + (mono_ms - s->mono_ms);

	if (!agree(wall_ms, expected_ms)) {
		s->degraded = true;
		return expected_ms;
	}
	if (s->degraded)
		return expected_ms; /* until somebody who knows says so */
	s->wall_ms = wall_ms;
	s->mono_ms = mono_ms;
	return wall_ms;
}

void steady_confirm(struct steady *s, int64_t server_ms, int64_t wall_ms, int64_t mono_ms)
{
	s->degraded = !agree(server_ms, wall_ms);
	s->wall_ms = s->degraded ? server_ms : wall_ms;
	s->mono_ms = mono_ms;
}
