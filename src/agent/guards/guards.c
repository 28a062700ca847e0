#include "agent/guards/guard.h"

/* Every guard, a line each: its file defines `const struct guard guard_NAME`. */
#define GUARDS(X)                                                                                  \
	X(address)                                                                                 \
	X(antivirus)                                                                               \
	X(accounts)                                                                                \
	X(baseline)                                                                                \
	X(egress)                                                                                  \
	X(session)                                                                                 \
	X(shares)                                                                                  \
	X(files)                                                                                   \
	X(software)                                                                                \
	X(storage)

#define DECLARE(name) extern const struct guard guard_##name;
#define LIST(name) &guard_##name,

GUARDS(DECLARE)

const struct guard *const guards[] = {GUARDS(LIST)};
const size_t guard_count = ARRAY_SIZE(guards);

_Static_assert(ARRAY_SIZE(guards) <= GUARDS_MAX, "raise GUARDS_MAX");
