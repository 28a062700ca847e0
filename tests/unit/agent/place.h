/* A temporary folder for one test case, removed with everything in it. */
#pragma once

#include "base/util.h"

#define PLACE_PATH_SIZE 512

struct place {
	char top[64];
};

/* As cmocka's set-up and tear-down; *state is the struct place. */
int place_make(void **state);
int place_remove(void **state);
void place_remove_tree(const char *path);
/* top/name, in one of a few buffers that are used in turn. */
const char *place_path(const struct place *p, const char *name);
/* Writes a file, its folders made; aborts the case when it cannot. */
void place_write(const struct place *p, const char *name, const char *text);

#define PLACE_CASE(name) cmocka_unit_test_setup_teardown(name, place_make, place_remove)
