/*
 * Memory that our own code asks for, refused on demand. The functions of own_memory.c take the
 * place of malloc() and its kin for the code that is linked into the test program, which is ours,
 * and for nothing else: they are hidden from the shared libraries. The sanitizers go on watching:
 * what is granted comes from theirs.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The n-th from now on is refused once, n from 0; negative: none. */
void own_memory_refuse(long n);
/* realloc() that is never refused: for the test's own needs. */
void *own_memory_grant(void *p, size_t size);
/* One was refused since own_memory_refuse(). */
bool own_memory_refused(void);
