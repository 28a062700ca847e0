/*
 * What the gate's threads ask: it holds the rules, what was learnt, and what is to be told.
 *
 * 1. The rules are exchanged whole; whoever asks meanwhile waits for two pointers.
 * 2. No file is opened and no message written while the lock is held: an open waits for the gate.
 * 3. The same denial is told once a minute at most, an unknown program once a day, and
 *    NOTES_A_MINUTE in all; what is not told is counted.
 */
#pragma once

#include "agent/guards/exec_gate.h"

#define NOTES_MAX 32
#define NOTES_A_MINUTE 60

enum note_kind { NOTE_DENIED, NOTE_UNKNOWN, NOTE_LATE };

struct software_note {
	enum note_kind kind;
	enum program_way way;
	char path[512], from[256]; /* what was run, by what */
	char item[320];		   /* "package:game"; "default" */
	uint64_t tag;		   /* of what is to be learnt; 0: nothing */
	uint64_t size;
	uint32_t runner;
	unsigned again; /* how often before without being told */
	bool enforced, learnt, hashed;
	uint8_t sha256[PROGRAM_HASH_SIZE];
	int64_t at_ms;
};

struct software_judge;

/* `wake` is called, by any thread, when there is a note. */
int software_judge_new(void (*wake)(void *arg), void *arg, struct software_judge **ret) MUST_CHECK;
void software_judge_free(struct software_judge *j); /* NULL is fine */

/* Takes `rules` over. What was learnt by the rules before is forgotten. `root`: of the packages. */
int software_judge_follow(struct software_judge *j, struct software_rules *rules, bool enforce,
			  const char *root) MUST_CHECK;
/* The time that exceptions end by. */
void software_judge_set_clock(struct software_judge *j, int64_t now_ms);
/* The next end of an exception; 0: none. */
int64_t software_judge_next_end_ms(struct software_judge *j);
/* Denied files and folders, whose content is to be learnt: each is called with its tag. */
void software_judge_each_denied(struct software_judge *j,
				void (*fn)(void *arg, const char *path, uint64_t tag), void *arg);

enum software_answer software_judge_ask(void *judge, const struct run *r);
enum software_answer software_judge_late(void *judge, const struct run *r);
void software_judge_learnt(void *judge, uint64_t tag, uint64_t size,
			   const uint8_t sha256[static PROGRAM_HASH_SIZE]);

/* The next note; false: none. `ret_missed`: how many were not kept, since the last call. */
bool software_judge_take(struct software_judge *j, struct software_note *ret, unsigned *ret_missed);
