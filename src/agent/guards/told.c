#include "agent/guards/told.h"

#include <string.h>

#include "agent/core/identity.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

#define TOLD_MAX (32 << 10)

void told_init(struct told *t, const struct guard_host *host, const char *event)
{
	char path[STATE_PATH_SIZE];

	*t = (struct told){.host = host, .event = event};
	buf_init(&t->last, TOLD_MAX);
	state_path(host->state_dir, event, path);
	if (file_read(path, TOLD_MAX, &t->last))
		buf_clear(&t->last);
}

void told_done(struct told *t)
{
	buf_done(&t->last);
}

static void keep(struct told *t, const char *text)
{
	char path[STATE_PATH_SIZE];
	int err;

	buf_clear(&t->last);
	buf_puts(&t->last, text);
	state_path(t->host->state_dir, t->event, path);
	err = file_replace(path, text, strlen(text), 0600);
	if (err)
		log_error("what was told of %s could not be kept: %s", t->event, strerror(-err));
}

void told_say(struct told *t, json_t *body)
{
	CLEANUP_FREE char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;

	if (!text || text_equal(text, buf_str(&t->last)))
		json_decref(body);
	else if (outbox_event(t->host->outbox, t->event, body) == 0)
		keep(t, text);
}
