#include "agent/guards/waiting.h"

#include <string.h>

#include "base/log.h"

void waiting_init(struct waiting *w, const struct guard_host *host)
{
	*w = (struct waiting){.host = host};
}

void waiting_done(struct waiting *w)
{
	for (size_t i = 0; i < w->count; i++)
		json_decref(w->list[i].body);
	w->count = 0;
}

void waiting_resume(struct waiting *w)
{
	size_t told = 0;

	while (told < w->count && outbox_event(w->host->outbox, w->list[told].kind,
					       json_incref(w->list[told].body)) == 0)
		json_decref(w->list[told++].body);
	w->count -= told;
	memmove(w->list, w->list + told, w->count * sizeof(w->list[0]));
}

void waiting_say(struct waiting *w, const char *kind, json_t *body)
{
	if (w->count == WAITING_MAX)
		waiting_resume(w);
	if (!body || w->count == WAITING_MAX) {
		log_error("%s is not told: too many events wait", kind);
		json_decref(body);
		return;
	}
	w->list[w->count].kind = kind;
	w->list[w->count++].body = body;
	waiting_resume(w);
}
