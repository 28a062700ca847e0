/*
 * PEM armour (RFC 7468): DER bytes as text between "-----BEGIN label-----" lines. The wire carries
 * DER, files and the crypto folder carry PEM. Knows nothing of what the bytes mean.
 */
#pragma once

#include "base/buf.h"

/* Appends the block, lines of 64 characters; errors stick in `to`. */
void pem_encode(struct buf *to, const char *label, const void *der, size_t len);
/*
 * Appends the bytes of the first block with this label. -ENOENT when there is none; -EBADMSG when
 * it is cut, empty or not strict base64 (white space is skipped, padding is demanded).
 */
int pem_decode(const char *text, size_t len, const char *label, struct buf *ret) MUST_CHECK;
