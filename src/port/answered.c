#include "port/answered.h"

#include <string.h>

#include "base/clock.h"

void answered_init(struct answered_list *l, int64_t window_s)
{
	*l = (struct answered_list){.window_s = window_s};
}

void answered_done(struct answered_list *l)
{
	free(l->list);
	*l = (struct answered_list){0};
}

const struct answered *answered_find(const struct answered_list *l, const struct radius_packet *p,
				     const struct addr *from)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct answered *a = &l->list[i];

		if (a->id == p->id && addr_same_host(&a->from, from) &&
		    memcmp(a->authenticator, p->authenticator, sizeof(a->authenticator)) == 0)
			return a;
	}
	return NULL;
}

static bool may_be_forgotten(const struct answered_list *l, const struct answered *a,
			     int64_t wall_ms, int64_t mono_ms)
{
	/* A request may be dated ahead, so it may be heard for two windows. */
	return wall_ms / SECOND_MS > a->at_s + l->window_s &&
	       mono_ms - a->heard_at_ms > 2 * l->window_s * SECOND_MS;
}

static void forget(struct answered_list *l, int64_t wall_ms, int64_t mono_ms)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->count; i++)
		if (!may_be_forgotten(l, &l->list[i], wall_ms, mono_ms))
			l->list[kept++] = l->list[i];
	l->count = kept;
}

int answered_add(struct answered_list *l, const struct answered *a, int64_t wall_ms,
		 int64_t mono_ms, struct answered **ret)
{
	forget(l, wall_ms, mono_ms);
	if (l->count == ANSWERED_MAX)
		return -ENOSPC;
	if (l->count == l->size) {
		size_t size = l->size ? 2 * l->size : 16;
		struct answered *grown = reallocarray(l->list, size, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		l->list = grown;
		l->size = size;
	}
	l->list[l->count] = *a;
	l->list[l->count].heard_at_ms = mono_ms;
	*ret = &l->list[l->count++];
	return 0;
}
