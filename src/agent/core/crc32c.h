/* CRC-32C (RFC 3720, B.4), which tells a torn record from a whole one. No guard against malice. */
#pragma once

#include "base/util.h"

uint32_t crc32c(const void *data, size_t len);
