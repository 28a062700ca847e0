/*
 * Looks for weak passwords on the terminal itself: nothing of it is sent, and a child of low
 * priority does it. The platform's folder has it (src/agent/linux/weak_search.c).
 */
#pragma once

#include "agent/guards/accounts.h"
#include "base/loop.h"

struct weak_search;

/* `weak`: a 1 for each account of the list whose password was guessed. */
typedef void weak_search_fn(void *arg, const uint8_t weak[static ACCOUNTS_MAX]);

/*
 * The accounts and the policy's words are needed during the call only: the child has its own copy.
 * `done` is called once at most, never after weak_search_free(), and not at all when the child
 * found no end within ten minutes of a processor.
 */
int weak_search_new(struct loop *loop, const struct accounts *all, const json_t *words,
		    weak_search_fn *done, void *arg, struct weak_search **ret) MUST_CHECK;
void weak_search_free(struct weak_search *s); /* ends the child; NULL is fine */
