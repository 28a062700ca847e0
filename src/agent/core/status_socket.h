/*
 * Where anybody on the terminal may ask how the agent is: whoever connects to run_dir/status.sock
 * is written the report and hung up on. Nothing is read from a peer, so there is nothing to abuse.
 * The same report lies in run_dir/status.json for the time when no agent runs.
 */
#pragma once

#include <jansson.h>

#include "base/buf.h"
#include "base/loop.h"

struct status_socket;

/* `report` makes the status, NULL when out of memory; called on each connection. */
int status_socket_new(struct loop *loop, const char *run_dir, json_t *(*report)(void *arg),
		      void *arg, struct status_socket **ret) MUST_CHECK;
void status_socket_free(struct status_socket *s); /* removes the socket, keeps the file */
/* Writes the file anew (it is no promise, so no fsync). */
void status_socket_publish(struct status_socket *s);

/*
 * The other side: the report of the agent that runs below `run_dir` (`ret_running` true), or the
 * last one it left. -ENOENT: neither; -EBADMSG: what was there is no report.
 */
int status_ask(const char *run_dir, json_t **ret, bool *ret_running) MUST_CHECK;
