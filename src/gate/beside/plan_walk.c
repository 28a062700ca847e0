#include "gate/beside/plan_walk.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mac.h"

#define PAIRS_A_PACKET 24
#define PAIR_SIZE 72

void plan_walk_begin(struct plan_walk *w)
{
	*w = (struct plan_walk){.turn = WALK_BEGIN};
}

/* Takes `message`. */
static int say(int fd, json_t *message)
{
	CLEANUP_FREE char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;

	json_decref(message);
	if (!text)
		return -ENOMEM;
	return send(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

/* The next ones, and where the walk stands behind them. NULL: there are no more, or no memory. */
static json_t *next_pairs(const struct snapshot *s, size_t *at)
{
	const menshen_SnapAddress *a;
	json_t *pairs = json_array();

	while (json_array_size(pairs) < PAIRS_A_PACKET && (a = snapshot_next_address(s, at))) {
		char pair[PAIR_SIZE], mac[MAC_TEXT_SIZE];
		struct mac m;

		memcpy(m.b, a->mac, sizeof(m.b));
		mac_format(mac, &m);
		snprintf(pair, sizeof(pair), "%s,%s", a->ip, mac);
		json_array_append_new(pairs, json_string(pair));
	}
	if (json_array_size(pairs))
		return pairs;
	json_decref(pairs);
	return NULL;
}

static int say_pairs(struct plan_walk *w, const struct snapshot *s, int fd)
{
	size_t at = w->at;
	json_t *pairs;
	int err = 0;

	while (!err && (pairs = next_pairs(s, &at))) {
		err = say(fd, json_pack("{s:s, s:o}", "plan", "pairs", "pairs", pairs));
		if (!err)
			w->at = at;
	}
	return err;
}

int plan_walk_go_on(struct plan_walk *w, const struct snapshot *s, int fd)
{
	int err = 0;

	if (w->turn == WALK_BEGIN && !(err = say(fd, json_pack("{s:s}", "plan", "begin")))) {
		w->at = 0;
		w->turn = WALK_PAIRS;
	}
	if (w->turn == WALK_PAIRS && !(err = say_pairs(w, s, fd)))
		w->turn = WALK_END;
	if (w->turn == WALK_END && !(err = say(fd, json_pack("{s:s}", "plan", "end"))))
		w->turn = WALK_OVER;
	return err;
}
