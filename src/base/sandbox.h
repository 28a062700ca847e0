/*
 * The system calls that a program may still make once it has started (seccomp, libseccomp). What is
 * not in its sets fails with EPERM and is logged by the kernel's audit: nobody is killed for a call
 * that a library thought of, and nobody who takes the program over starts another with it.
 *
 * Every thread of the process, and what it forks later, is held; processes that were forked before
 * are not. It cannot be taken off again.
 */
#pragma once

#include "base/util.h"

enum sandbox_set {
	SANDBOX_BASIC = 1 << 0,	  /* memory, threads, time, signals to oneself, open descriptors */
	SANDBOX_FILES = 1 << 1,	  /* files and folders by name */
	SANDBOX_NETWORK = 1 << 2, /* sockets: UNIX, IPv4, IPv6, netlink */
	SANDBOX_FORK = 1 << 3,	  /* a child that goes on as a copy; executing is in no set */
};

/* `sets` are combined by |. -ENOSYS, -EINVAL: the kernel has no seccomp. */
int sandbox_enter(unsigned sets) MUST_CHECK;
