/*
 * The people of the bank's directory, all of them in memory, and their way into the store: the
 * import of people (engine/import.h), so that each is an entry of the log. Shared by the nightly
 * reading (night.h) and `menshen directory`.
 */
#pragma once

#include "base/map.h"
#include "server/directory/read.h"
#include "server/engine/import.h"

#define DIRECTORY_GONE "gone from the directory" /* why an account is disabled */

struct directory_people {
	struct buf lines; /* of the import's CSV, without the first */
	size_t *ends;	  /* in `lines`, one a person */
	size_t count, size;
	struct map names; /* the accounts' */
	struct directory_name *first;
};

void directory_people_init(struct directory_people *p);
void directory_people_done(struct directory_people *p);
/* Blocks; errors of directory_read(). */
int directory_people_read(struct directory_people *p, const struct directory_settings *settings,
			  char error[static CONFIG_ERROR_SIZE]) MUST_CHECK;
bool directory_people_has(const struct directory_people *p, const char *account);

/*
 * Imports `count` people from the one at `from`, at most IMPORT_ROWS_MAX; those that `skip` names
 * (one a person of all, NULL: nobody) are left out. `*ret_report` is the import's, the caller's:
 * where it counts bad ones, the transaction must be undone.
 */
int directory_people_import(const struct directory_people *p, size_t from, size_t count,
			    const bool *skip, struct store *s, int64_t now_ms,
			    const struct entry_actor *who, const struct account *importer,
			    json_t **ret_report) MUST_CHECK;

/* What the directory says of a person, for people to read; NULL: no memory. */
json_t *directory_people_shown(const struct directory_people *p, size_t i);

/* An enabled account of the directory that the directory has no more. */
struct directory_gone {
	int64_t id;
	char path[UNIT_PATH_SIZE]; /* of its unit */
};

/* On the heap, the caller's. */
int directory_people_gone(const struct directory_people *p, struct store *s,
			  struct directory_gone **ret, size_t *ret_count) MUST_CHECK;
