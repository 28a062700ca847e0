/*
 * What head office is told of the switches, through the gate: one switch at a time, the next one
 * when head office took it. One that says what it said before is not told; that it was asked at
 * all is told once an hour.
 *
 *	a switch: surveyed ─says something new, or an hour is over─ told ─taken─ known
 *	             ^                                               │
 *	             └── nobody took it in 30 s: after its next survey ┘
 *
 * 1. At most one switch is on its way: neither the gate nor head office needs room for more.
 * 2. While head office is away nothing is sent, and nothing is kept but the switches' tables.
 *
 * One thread.
 */
#pragma once

#include "base/loop.h"
#include "survey/survey.h"

struct messenger;

/* One packet to the gate: 0, -EAGAIN when there is no room, or what ends the connection. */
typedef int messenger_say_fn(void *arg, const char *text, size_t len);

int messenger_new(struct loop *l, messenger_say_fn *say, void *arg,
		  struct messenger **ret) MUST_CHECK;
void messenger_free(struct messenger *m);
/* Whose switches they are; before anything else. */
void messenger_set_survey(struct messenger *m, struct survey *s);
/* As the teller's word (survey/survey.h). */
void messenger_surveyed(struct messenger *m, struct seat *seat);
/* Head office can be heard from now on, or cannot; the line to the gate that is down: cannot. */
void messenger_office(struct messenger *m, bool is_there);
/* Head office took it; `again`: it wants the whole. */
void messenger_taken(struct messenger *m, int64_t switch_id, int64_t at_ms, bool again);
/* The socket has room. */
void messenger_room(struct messenger *m);
/* It waits for room. */
bool messenger_has_more(const struct messenger *m);
