#include "agent/core/outbox.h"

#include <string.h>

int outbox_event(const struct outbox *o, const char *kind, json_t *body)
{
	CLEANUP_FREE char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;

	json_decref(body);
	return text ? o->event(o->arg, kind, text, strlen(text)) : -ENOMEM;
}
