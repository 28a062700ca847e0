/*
 * Unpredictable bytes that everybody may see once they are used: authenticators, marks, challenges.
 * They come from the kernel (getrandom), a page of them at a time, so that one does not cost a
 * system call. Keys and secrets come from random_bytes(), which keeps nothing.
 *
 * Bytes are given out once: each thread has its own, and a child of fork() begins anew.
 */
#pragma once

#include "base/util.h"

#define NONCE_MAX 256

/* At most NONCE_MAX bytes. */
void nonce_bytes(void *dst, size_t len);
