/* Sockets in the file system (AF_UNIX), for the programs of one machine. */
#pragma once

#include <sys/socket.h>

#include "base/util.h"

#define LOCAL_PATIENCE_S 15

/*
 * A non-blocking listener at `path`, in place of what one that is gone left there; `type` is
 * SOCK_STREAM or SOCK_SEQPACKET, `mode` says who may connect. -EADDRINUSE when somebody listens
 * there or it is no socket, -ENAMETOOLONG, or -errno.
 */
int local_listen(const char *path, int type, mode_t mode) MUST_CHECK;
/* A non-blocking peer, close-on-exec, and the user at its other end; -EAGAIN when there is none. */
int local_accept(int fd, uid_t *ret_uid) MUST_CHECK;
/*
 * `flags`: SOCK_NONBLOCK, or 0 for a descriptor on which no call, this one included, lasts longer
 * than LOCAL_PATIENCE_S; then it is -EAGAIN.
 */
int local_connect(const char *path, int type, int flags) MUST_CHECK;
