/* A store in a folder of its own, for the tests of this directory. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "journal/verify.h"
#include "store/store.h"

struct lab {
	char dir[64];
	struct sign_key *key;
	struct store *store;
};

int lab_setup(void **state);
int lab_teardown(void **state);
void lab_open(struct lab *lab);
void lab_close(struct lab *lab);
/* Without the files: as on the first day, or as after a restart of the machine. The store must be
 * closed. */
void lab_empty(struct lab *lab);
void lab_drop_shared_memory(struct lab *lab);
/* One setting, one entry, inside the caller's transaction. */
int lab_put(struct store *s, const char *name, const char *value);
/* Begin, put, commit. */
void lab_commit_setting(struct lab *lab, const char *name, const char *value);
int lab_count(struct store *s);
/* What menshen verify would find, reading the store as it is on disk. */
enum verify_fault lab_verify(struct lab *lab, const struct head_file *kept,
			     struct verify_report *ret);
/* As lab_verify(); an error when the store cannot be read. */
int lab_try_verify(struct lab *lab, const struct head_file *kept, struct verify_report *ret);
