/* Private to the gateway: what a gate's connection needs beside conn.h. */
#pragma once

#include "server/gateway/conn.h"
#include "server/gateway/snapshot_reader.h"

/* Which gates are connected, by name; counted, since an old link may linger. */
void gates_add(struct gateway *g, const char *name);
void gates_remove(struct gateway *g, const char *name);
