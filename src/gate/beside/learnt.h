/*
 * What a terminal was like when it was heard first under its permit: the DHCP fingerprint of its
 * system and its host name. Whoever speaks under its MAC afterwards, in whatever branch of the
 * region and however long after, is compared with that (D06). On disk, an entry appended per
 * terminal that is learnt; one that the disk refuses is learnt again after a restart.
 *
 * A MAC that became another terminal's is learnt anew. One thread.
 */
#pragma once

#include "base/mac.h"

#define LEARNT_MAX 200000 /* terminals; those that come after are not compared */
#define LEARNT_NOTE_SIZE 256

struct learnt_look {
	struct mac mac;
	int64_t terminal_id;	  /* 0: it has a permit alone */
	char print[80], name[64]; /* "": not heard */
};

struct learnt;

int learnt_new(const char *path, struct learnt **ret) MUST_CHECK;
void learnt_free(struct learnt *l);
/*
 * True when it looks otherwise than it was learnt; `note` says how. What is not known of it yet is
 * learnt where `may_learn`: it is let in, and nobody doubts it.
 */
bool learnt_differs(struct learnt *l, const struct learnt_look *now, bool may_learn,
		    char note[static LEARNT_NOTE_SIZE]);
/* It may look otherwise from now on: its next look is learnt. -ENOENT. */
int learnt_forget(struct learnt *l, const struct mac *mac) MUST_CHECK;
size_t learnt_count(const struct learnt *l);

static inline void learnt_free_cleanup(struct learnt **l)
{
	learnt_free(*l);
}
#define CLEANUP_LEARNT CLEANUP(learnt_free_cleanup)
