#include "gate/eap/pace.h"

void pace_question(struct pace *p)
{
	p->questions++;
}

void pace_direct(struct pace *p)
{
	p->direct = true;
}

void pace_step(struct pace *p, int64_t mono_ms)
{
	int64_t age_ms = mono_ms - p->window_began_ms;

	if (age_ms < PACE_WINDOW_MS)
		return;
	/* A window that was noticed late says nothing about the rate now. */
	p->gathering = p->questions >= PACE_BUSY && age_ms < 2 * PACE_WINDOW_MS;
	p->direct_before = p->direct;
	p->direct = false;
	p->questions = 0;
	p->window_began_ms = mono_ms;
}

bool pace_gathers_engine(const struct pace *p)
{
	return p->gathering;
}

bool pace_gathers_switches(const struct pace *p)
{
	return p->gathering && !p->direct && !p->direct_before;
}
