/*
 * Server-sent events (HTML, section 9.2): one thread reads what each commit changed and hands it to
 * the clients that may see it; each client has a bounded queue and loses events, saying so, rather
 * than slow anybody down.
 */
#pragma once

#include "server/api/call.h"

struct stream_hub;

int stream_hub_start(struct api *a, struct stream_hub **ret) MUST_CHECK;
/* Ends all streams and the thread; the hub stays until its last client has gone. */
void stream_hub_stop(struct stream_hub *h);
void stream_hub_free(struct stream_hub *h);
