/* nft(8), when this system has it. Linux. */
#pragma once

#include "base/buf.h"

bool firewall_is_here(void);
/* The rules, as one transaction. -ENOENT: no nft; -EIO: it refused; -E2BIG above 60,000 bytes. */
int firewall_tell(const struct buf *rules) MUST_CHECK;
