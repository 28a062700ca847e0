/* Private to the gateway: what a gate's connection needs beside conn.h. */
#pragma once

#include "server/gateway/conn.h"
#include "server/gateway/snapshot_reader.h"

/* The line on which a gate is reached. */
struct gate_line {
	struct worker *worker;
	uint64_t conn;
	bool explains; /* it answers ExplainAsk */
};

/* Which gates are connected, by name; counted, since an old link may linger. */
void gates_add(struct gateway *g, const char *name, const struct gate_line *line);
void gates_remove(struct gateway *g, const char *name);
/* It has this snapshot, or will when what was sent is read. */
void gates_have(struct gateway *g, const char *name, int64_t rev);
void gates_peers(struct gateway *g, const char *name, const menshen_GatePeers *peers);
/* Its newest line; -ENOTCONN. */
int gates_line(struct gateway *g, const char *name, struct gate_line *ret) MUST_CHECK;

/* ---- explain.c ---- */

/* 0, also when nobody waits for it any more; -EBADMSG. */
int explain_answered(struct conn *c, const struct frame *f) MUST_CHECK;
