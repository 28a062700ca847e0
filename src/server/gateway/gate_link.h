/* Private to the gateway: what a gate's connection needs beside conn.h. */
#pragma once

#include "server/gateway/conn.h"
#include "server/gateway/snapshot_reader.h"

/* Which gates are connected, by name; counted, since an old link may linger. */
void gates_add(struct gateway *g, const char *name);
void gates_remove(struct gateway *g, const char *name);
/* It has this snapshot, or will when what was sent is read. */
void gates_have(struct gateway *g, const char *name, int64_t rev);
