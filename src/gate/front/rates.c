#include "gate/front/rates.h"

#include <stdio.h>

#include "gate/line/record.h"

struct bucket {
	int64_t switch_id;
	int64_t filled_at_ms;
	double tokens;
	int64_t told_at_ms, rate_told_at_ms;
	uint64_t dropped; /* since the rate was told last */
};

void rates_init(struct rates *t, struct gate *g)
{
	t->gate = g;
	map_init(&t->by_switch, sizeof(int64_t));
}

void rates_done(struct rates *t)
{
	struct bucket *b;
	size_t at = 0;

	while ((b = map_next(&t->by_switch, &at)))
		free(b);
	map_done(&t->by_switch);
}

struct bucket *rates_of(struct rates *t, int64_t switch_id, int64_t mono_ms)
{
	struct bucket *b = map_get(&t->by_switch, &switch_id);

	if (b)
		return b;
	b = calloc(1, sizeof(*b));
	if (!b)
		return NULL;
	*b = (struct bucket){.switch_id = switch_id,
			     .filled_at_ms = mono_ms,
			     .tokens = (double)t->gate->settings.per_switch_per_second};
	if (map_put(&t->by_switch, &b->switch_id, b, NULL)) {
		free(b);
		return NULL;
	}
	return b;
}

static void tell_rate(struct rates *t, struct bucket *b, int64_t mono_ms)
{
	struct gate *g = t->gate;
	const struct snap_switch *sw = snapshot_switch(g->snapshot, b->switch_id);
	char note[160];

	if (!sw || (b->rate_told_at_ms && mono_ms - b->rate_told_at_ms < MINUTE_MS))
		return;
	b->rate_told_at_ms = mono_ms;
	snprintf(note, sizeof(note),
		 "switch %s sends more than %llu packets a second, %llu dropped", sw->row.name,
		 (unsigned long long)g->settings.per_switch_per_second,
		 (unsigned long long)b->dropped);
	b->dropped = 0;
	log_warn("%s", note);
	record_gate(g, "gate.over-rate", sw->row.unit_id, note);
}

bool rates_take(struct rates *t, struct bucket *b, int64_t mono_ms)
{
	double rate = (double)t->gate->settings.per_switch_per_second;

	b->tokens = MIN(rate, b->tokens + rate * (double)(mono_ms - b->filled_at_ms) / 1000);
	b->filled_at_ms = mono_ms;
	if (b->tokens >= 1) {
		b->tokens -= 1;
		return true;
	}
	t->gate->counters[COUNT_OVER_RATE]++;
	b->dropped++;
	tell_rate(t, b, mono_ms);
	return false;
}

void rates_tell(struct rates *t, struct bucket *b, int64_t mono_ms, const char *what)
{
	const struct snap_switch *sw = snapshot_switch(t->gate->snapshot, b->switch_id);

	if (!sw || (b->told_at_ms && mono_ms - b->told_at_ms < MINUTE_MS))
		return;
	b->told_at_ms = mono_ms;
	log_warn("switch %s (%s): %s", sw->row.name, sw->row.address, what);
}
