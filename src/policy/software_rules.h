/*
 * Clauses D14, D15, C04, judged: which programs run. Pure.
 *
 * The policy's object, beside "mode":
 *
 *	{"default": "run",
 *	 "denied": ["package:game", "path:/opt/game/", "publisher:Example Soft", "sha256:9f8e..."],
 *	 "allowed": ["path:/opt/office/", "sm3:66c7..."],
 *	 "except": [{"program": "package:game", "until": "2026-12-31T16:00:00Z"}]}
 *
 * 1. The first decides that fits: what is excepted runs until its end, what is denied does not run,
 *    what is allowed runs, the rest goes by "default": "run" (a black list), or "deny" (a white
 *    one), which lets run what is the system's and what root runs of files that only root writes.
 * 2. A path that ends with "/" means all below it. A hash may name the file's size,
 *    "sha256:9f8e...:81920": then files of other sizes need not be hashed.
 * 3. A publisher is a part of what the package says of its maintainer, letters of either case.
 * 4. What was once seen denied by its path or package is known by its content from then on, so that
 *    no link, name, copy or other mount brings it back. What is the system's is never denied so:
 *    nobody gets the shell denied by copying it to a denied path.
 * 5. A denied program is not opened for reading either: a loader or an interpreter could run it,
 *and a copy be made. Data (no program by its looks) is held to hashes with a size alone.
 */
#pragma once

#include <jansson.h>

#include "base/map.h"

#define PROGRAM_HASH_SIZE 32
#define SOFTWARE_ITEMS_MAX 1024 /* of all lists together */
#define SOFTWARE_TEXT_MAX 256
#define SOFTWARE_WHERE_SIZE 48

enum software_mark {
	SOFTWARE_PATH,
	SOFTWARE_PACKAGE,
	SOFTWARE_PUBLISHER,
	SOFTWARE_SHA256,
	SOFTWARE_SM3,
	SOFTWARE_MARKS
};

enum software_list { SOFTWARE_EXCEPTED, SOFTWARE_DENIED, SOFTWARE_ALLOWED };

struct software_item {
	enum software_list list;
	enum software_mark mark;
	char *text; /* behind the mark: a path, a name; of a hash, its digits */
	uint8_t hash[PROGRAM_HASH_SIZE];
	uint64_t size;	  /* of a hash; 0: any */
	int64_t until_ms; /* of an exception */
};

struct software_rules {
	bool deny_rest;
	struct software_item *items; /* by list */
	size_t count;
};

/* NULL settings are the defaults: everything runs. -EINVAL with the first wrong word's place:
 * "denied[2]"; -E2BIG, -ENOMEM. `ret` is overwritten on success. */
int software_rules_parse(const json_t *settings, struct software_rules *ret,
			 char where[static SOFTWARE_WHERE_SIZE]) MUST_CHECK;
void software_rules_done(struct software_rules *r);
bool software_rules_have(const struct software_rules *r, enum software_mark m);
/* Nothing can be denied: no reason to look at what is opened. */
bool software_rules_are_idle(const struct software_rules *r);
const char *software_mark_name(enum software_mark m); /* "package" */

struct software_package {
	char name[96], publisher[128];
};

bool software_item_names(const struct software_item *item, const struct software_package *p);
/* Whether some item names it, so that its files are worth knowing. */
bool software_wants_package(const struct software_rules *r, const struct software_package *p);

enum program_way {
	PROGRAM_RUN,	/* executed */
	PROGRAM_LOADED, /* opened by the dynamic loader, which runs it */
	PROGRAM_READ,	/* opened, and it could be run */
	PROGRAM_DATA,	/* opened, and it does not look like a program */
};

struct program {
	enum program_way way;
	const char *path;
	uint64_t size;
	uint32_t owner, mode;	     /* as stat(2) has them */
	uint32_t runner;	     /* the user who runs or opens it */
	const uint8_t *sha256, *sm3; /* NULL: not computed */
};

/* The content of what was denied by path or package (rule 4). */
struct software_learnt {
	uint64_t size;
	uint8_t sha256[PROGRAM_HASH_SIZE];
	const struct software_item *item;
};

struct software_facts {
	const struct map *files; /* path -> struct software_package: of the packages that count */
	const struct software_learnt *learnt;
	size_t learnt_count;
	int64_t now_ms;
};

enum software_answer {
	SOFTWARE_RUN,
	SOFTWARE_DENY,
	SOFTWARE_HASH /* its hashes decide: ask again with those */
};

struct software_verdict {
	enum software_answer answer;
	const struct software_item *item; /* what decided; NULL: the default */
	bool learnt;			  /* by its content, seen denied before */
};

void software_decide(const struct software_rules *r, const struct software_facts *f,
		     const struct program *p, struct software_verdict *ret);
/* Only root can have put it there, where the system's programs lie. */
bool program_is_systems(const struct program *p);
/* Run by a person, of no package and no place where only root puts programs (C04). */
bool program_is_of_unknown_origin(const struct software_facts *f, const struct program *p);
