/*
 * Notices an unmanaged hub (D24): a second MAC that nobody knows, behind the same port within ten
 * minutes of the first. Told once a day for each port. A bounded number of ports is remembered;
 * when there is no room they are forgotten, and a hub may be told again.
 */
#pragma once

#include "base/mac.h"
#include "base/map.h"

#define HUB_WINDOW_MS (10 * 60 * INT64_C(1000))
#define HUB_AGAIN_MS (24 * 3600 * INT64_C(1000))
#define HUB_PORTS_MAX 8192

struct hubs {
	struct map ports;
};

void hubs_init(struct hubs *h);
void hubs_done(struct hubs *h);
/* An unknown MAC knocks. True: tell of a hub, `ret_other` is the MAC that was there before. */
bool hubs_see(struct hubs *h, int64_t switch_id, const char *port, const struct mac *mac,
	      int64_t now_ms, struct mac *ret_other);
