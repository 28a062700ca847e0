/*
 * Accounting: what a switch says about a session that began, goes on or ended. The answer waits
 * for the disk (invariant 1), so that what a switch has delivered it never needs to say again.
 */
#pragma once

#include "gate/gate.h"

void accounting_take(struct gate *g, const struct request *r);
