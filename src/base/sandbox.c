#define _GNU_SOURCE
#include "base/sandbox.h"

#include <sched.h>
#include <seccomp.h>
#include <sys/socket.h>

DEFINE_POINTER_CLEANUP(scmp_filter_ctx, seccomp_release)

static const struct group {
	unsigned set;
	const char *calls[96]; /* ends with NULL; what this machine does not have is left out */
} groups[] = {
	{SANDBOX_BASIC,
	 {"arch_prctl",
	  "brk",
	  "clock_getres",
	  "clock_gettime",
	  "clock_nanosleep",
	  "close",
	  "close_range",
	  "dup",
	  "dup2",
	  "dup3",
	  "epoll_create1",
	  "epoll_ctl",
	  "epoll_pwait",
	  "epoll_wait",
	  "eventfd2",
	  "exit",
	  "exit_group",
	  "fcntl",
	  "fstat",
	  "futex",
	  "futex_waitv",
	  "get_robust_list",
	  "getcpu",
	  "getegid",
	  "geteuid",
	  "getgid",
	  "getgroups",
	  "getpgrp",
	  "getpid",
	  "getppid",
	  "getrandom",
	  "getresgid",
	  "getresuid",
	  "getrlimit",
	  "getrusage",
	  "gettid",
	  "gettimeofday",
	  "getuid",
	  "ioctl",
	  "lseek",
	  "madvise",
	  "membarrier",
	  "memfd_create",
	  "mlock",
	  "mlock2",
	  "mlockall",
	  "mmap",
	  "mprotect",
	  "mremap",
	  "msync",
	  "munlock",
	  "munmap",
	  "nanosleep",
	  "pipe",
	  "pipe2",
	  "poll",
	  "ppoll",
	  "prctl",
	  "pread64",
	  "preadv",
	  "prlimit64",
	  "pselect6",
	  "pwrite64",
	  "pwritev",
	  "read",
	  "readv",
	  "restart_syscall",
	  "rseq",
	  "rt_sigaction",
	  "rt_sigpending",
	  "rt_sigprocmask",
	  "rt_sigreturn",
	  "rt_sigtimedwait",
	  "sched_getaffinity",
	  "sched_setscheduler",
	  "sched_yield",
	  "select",
	  "set_robust_list",
	  "set_tid_address",
	  "sigaltstack",
	  "signalfd4",
	  "sysinfo",
	  "tgkill",
	  "time",
	  "timerfd_create",
	  "timerfd_gettime",
	  "timerfd_settime",
	  "times",
	  "uname",
	  "write",
	  "writev"}},
	{SANDBOX_FILES, {"access",	  "chdir",
			 "chmod",	  "copy_file_range",
			 "creat",	  "faccessat",
			 "faccessat2",	  "fadvise64",
			 "fallocate",	  "fchdir",
			 "fchmod",	  "fchmodat",
			 "fchown",	  "fchownat",
			 "fdatasync",	  "flock",
			 "fstatfs",	  "fsync",
			 "ftruncate",	  "futimesat",
			 "getcwd",	  "getdents",
			 "getdents64",	  "inotify_add_watch",
			 "inotify_init1", "inotify_rm_watch",
			 "link",	  "linkat",
			 "lstat",	  "mkdir",
			 "mkdirat",	  "newfstatat",
			 "open",	  "openat",
			 "openat2",	  "readahead",
			 "readlink",	  "readlinkat",
			 "rename",	  "renameat",
			 "renameat2",	  "rmdir",
			 "sendfile",	  "splice",
			 "stat",	  "statfs",
			 "statx",	  "symlink",
			 "symlinkat",	  "sync_file_range",
			 "syncfs",	  "truncate",
			 "umask",	  "unlink",
			 "unlinkat",	  "utimensat"}},
	{SANDBOX_NETWORK,
	 {"accept", "accept4", "bind", "connect", "getpeername", "getsockname", "getsockopt",
	  "listen", "recvfrom", "recvmmsg", "recvmsg", "sendmmsg", "sendmsg", "sendto",
	  "setsockopt", "shutdown", "socketpair"}},
	{SANDBOX_FORK, {"clone", "fork", "kill", "vfork", "wait4", "waitid"}},
#ifdef MENSHEN_SANITIZED
	/* The sanitizer's own: its leak check stops the process's threads to look at them. */
	{SANDBOX_BASIC,
	 {"clone", "fork", "getdents64", "newfstatat", "openat", "personality", "process_vm_readv",
	  "ptrace", "readlink", "unlink", "wait4"}},
#endif
};

static int allow(scmp_filter_ctx filter, const char *name)
{
	int call = seccomp_syscall_resolve_name(name), err;

	if (call == __NR_SCMP_ERROR)
		return 0;
	err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
	return err == -EDOM || err == -EACCES ? 0 : err; /* not on this machine */
}

/* A thread is a clone with CLONE_THREAD. clone3 keeps its flags where no filter can see them. */
static int allow_threads(scmp_filter_ctx filter)
{
	int err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
				   SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));

	return err ? err : seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

static int allow_sockets(scmp_filter_ctx filter)
{
	static const unsigned families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(families); i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
				       SCMP_A0(SCMP_CMP_EQ, families[i]));
	return err;
}

int sandbox_enter(unsigned sets)
{
	CLEANUP(seccomp_release_cleanup)
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int err;

	if (!filter)
		return -ENOMEM;
	err = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (!err)
		(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, 1); /* newer kernels */
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		for (size_t k = 0; !err && (sets & groups[i].set) && groups[i].calls[k]; k++)
			err = allow(filter, groups[i].calls[k]);
	if (!err)
		err = allow_threads(filter);
	if (!err && (sets & SANDBOX_NETWORK))
		err = allow_sockets(filter);
	return err ? err : seccomp_load(filter);
}
