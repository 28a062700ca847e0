/* Bytes that must not linger and must not be compared in a time that tells where they differ. */
#pragma once

#include "base/buf.h"

/* Overwrites; never optimised away. NULL with len 0 is fine. */
void secret_wipe(void *data, size_t len);
/* Wipes the bytes, then releases the buffer. */
void secret_buf_done(struct buf *b);
#define CLEANUP_SECRET_BUF CLEANUP(secret_buf_done)
/* Equal bytes, in a time that depends on len alone. */
bool secret_equal(const void *a, const void *b, size_t len);
