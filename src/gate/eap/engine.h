/*
 * The EAP engine: FreeRADIUS processes on loopback, started and watched by the gate.
 *
 *	        start            answers a probe           exits, or is silent for 3 s
 *	down ─────────── starting ─────────────── up ─────────────────────────────────── down
 *
 * 1. A worker runs under the engine's own user, from a configuration that the gate wrote into the
 *    run directory; nothing of it is reachable from a switch.
 * 2. The accounts file beside it holds NT hashes in the clear, on a private tmpfs, readable by the
 *    engine alone; it is written by a child process and announced with SIGHUP, at most every 6 s.
 * 3. One worker more, with old TLS, stands apart for XPE terminals: the relay chooses it by the
 *    kind of the knocking MAC's terminal before the tunnel, and place.h puts them apart.
 * 4. A worker that hangs is killed; what waited for it is dropped in silence.
 */
#pragma once

#include "gate/gate.h"

#define ENGINE_WORKERS_MAX 5
#define ENGINE_LEGACY 4 /* the last: TLS 1.0, for terminals registered as XPE alone ([legacy]) */
#define ENGINE_SECRET_SIZE 33

struct engine;
struct keeper;

/* The settings want it. */
bool engine_has_worker(const struct settings *s, unsigned worker);
int engine_new(struct gate *g, struct keeper *keeper, struct engine **ret) MUST_CHECK;
void engine_free(struct engine *e);
void engine_accounts_changed(struct engine *e);
/* "up", "starting", "down" */
const char *engine_worker_state(const struct engine *e, unsigned worker);
/* A child of the gate ended; true when it was the engine's (the writer of the accounts file). */
bool engine_child_ended(struct engine *e, int pid, int status);
