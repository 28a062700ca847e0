#include "agent/guards/guard.h"

const struct guard *const guards[GUARD_COUNT] = {
	&guard_antivirus,
};
