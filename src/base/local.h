/* Sockets in the file system (AF_UNIX), for the programs of one machine. */
#pragma once

#include <sys/socket.h>

#include "base/util.h"

/*
 * A non-blocking listener at `path`, whatever was there before; `type` is SOCK_STREAM or
 * SOCK_SEQPACKET, `mode` says who may connect. -ENAMETOOLONG, or -errno.
 */
int local_listen(const char *path, int type, mode_t mode) MUST_CHECK;
/* A non-blocking peer, close-on-exec, and the user at its other end; -EAGAIN when there is none. */
int local_accept(int fd, uid_t *ret_uid) MUST_CHECK;
/* `flags`: 0 or SOCK_NONBLOCK. */
int local_connect(const char *path, int type, int flags) MUST_CHECK;
