/* One of several runs of bytes that are hashed as if they lay behind one another. */
#pragma once

#include "base/util.h"

struct piece {
	const void *data; /* borrowed; may be NULL when len is 0 */
	size_t len;
};

#define PIECE(data, len)                                                                           \
	(struct piece)                                                                             \
	{                                                                                          \
		(data), (len)                                                                      \
	}
