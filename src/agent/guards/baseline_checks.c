#include "agent/guards/baseline_check.h"

#define LOGIN_DEFS "/etc/login.defs"
#define SSHD "/etc/ssh/sshd_config"
#define PWQUALITY "/etc/security/pwquality.conf"
#define FAILLOCK "/etc/security/faillock.conf"
#define PASSWORD_STACK "/etc/pam.d/common-password:/etc/pam.d/system-auth"
#define AUTH_STACK "/etc/pam.d/common-auth:/etc/pam.d/system-auth"
#define LOGIND "/etc/systemd/logind.conf"
#define JOURNALD "/etc/systemd/journald.conf"
#define COREDUMP "/etc/systemd/coredump.conf"
#define IPV4 "/proc/sys/net/ipv4/"
#define IPV6 "/proc/sys/net/ipv6/"
#define KERNEL "/proc/sys/kernel/"
#define FS "/proc/sys/fs/"

#define SYSCTL(id, path, want, zh, en)                                                             \
	{                                                                                          \
		id, BASELINE_KERNEL, path, NULL, want, NULL, true, zh, en                          \
	}
#define MODE(id, path, want, zh, en)                                                               \
	{                                                                                          \
		id, BASELINE_MODE, path, NULL, want, NULL, true, zh, en                            \
	}
#define ABSENT(id, path, zh, en)                                                                   \
	{                                                                                          \
		id, BASELINE_ABSENT, path, NULL, NULL, NULL, false, zh, en                         \
	}
#define FIRST(id, path, key, want, unset, zh, en)                                                  \
	{                                                                                          \
		id, BASELINE_SETTING, path, key, want, unset, false, zh, en                        \
	}
#define LAST(id, path, key, want, unset, zh, en)                                                   \
	{                                                                                          \
		id, BASELINE_LAST, path, key, want, unset, false, zh, en                           \
	}
#define LINE(id, path, key, zh, en)                                                                \
	{                                                                                          \
		id, BASELINE_LINE, path, key, NULL, NULL, false, zh, en                            \
	}
#define NO_LINE(id, path, key, zh, en)                                                             \
	{                                                                                          \
		id, BASELINE_NO_LINE, path, key, NULL, NULL, false, zh, en                         \
	}
#define MOUNT(id, path, key, zh, en)                                                               \
	{                                                                                          \
		id, BASELINE_MOUNT, path, key, NULL, NULL, false, zh, en                           \
	}

const struct baseline_check baseline_checks[] = {
	/* The network's side of the kernel. */
	SYSCTL("net.forward", IPV4 "ip_forward", "0", "未转发IPv4数据包", "IPv4 is not forwarded"),
	SYSCTL("net.forward6", IPV6 "conf/all/forwarding", "0", "未转发IPv6数据包",
	       "IPv6 is not forwarded"),
	SYSCTL("net.redirects", IPV4 "conf/all/accept_redirects", "0", "不接受ICMP重定向",
	       "ICMP redirects are not obeyed"),
	SYSCTL("net.redirects-default", IPV4 "conf/default/accept_redirects", "0",
	       "新网卡不接受ICMP重定向", "a new card does not obey ICMP redirects"),
	SYSCTL("net.redirects6", IPV6 "conf/all/accept_redirects", "0", "不接受IPv6重定向",
	       "IPv6 redirects are not obeyed"),
	SYSCTL("net.secure-redirects", IPV4 "conf/all/secure_redirects", "0",
	       "不接受网关的ICMP重定向", "not even a gateway's ICMP redirects are obeyed"),
	SYSCTL("net.send-redirects", IPV4 "conf/all/send_redirects", "0", "不发送ICMP重定向",
	       "no ICMP redirects are sent"),
	SYSCTL("net.source-route", IPV4 "conf/all/accept_source_route", "0", "不接受源路由",
	       "source routes are not obeyed"),
	SYSCTL("net.source-route6", IPV6 "conf/all/accept_source_route", "0", "不接受IPv6源路由",
	       "IPv6 source routes are not obeyed"),
	SYSCTL("net.broadcast-echo", IPV4 "icmp_echo_ignore_broadcasts", "1", "不应答广播探测",
	       "an echo request to everybody is not answered"),
	SYSCTL("net.bogus-errors", IPV4 "icmp_ignore_bogus_error_responses", "1",
	       "忽略伪造的ICMP错误", "bogus ICMP errors are ignored"),
	SYSCTL("net.syn-cookies", IPV4 "tcp_syncookies", "1", "启用SYN Cookie",
	       "SYN cookies are on"),
	/* The kernel itself. */
	SYSCTL("kernel.aslr", KERNEL "randomize_va_space", "2", "启用地址空间随机化",
	       "address space is randomised"),
	SYSCTL("kernel.pointers", KERNEL "kptr_restrict", "1|2", "隐藏内核地址",
	       "kernel addresses are hidden"),
	SYSCTL("kernel.messages", KERNEL "dmesg_restrict", "1", "普通用户不能读内核日志",
	       "kernel messages are the administrator's"),
	SYSCTL("kernel.ptrace", KERNEL "yama/ptrace_scope", "1|2|3", "限制进程调试",
	       "a process traces only its own children"),
	SYSCTL("kernel.bpf", KERNEL "unprivileged_bpf_disabled", "1|2", "普通用户不能加载BPF",
	       "users load no BPF programs"),
	SYSCTL("kernel.sysrq", KERNEL "sysrq", "0|4|16|176|438", "限制魔术键",
	       "the magic key is bounded"),
	SYSCTL("fs.hardlinks", FS "protected_hardlinks", "1", "保护硬链接",
	       "hard links are protected"),
	SYSCTL("fs.symlinks", FS "protected_symlinks", "1", "保护符号链接",
	       "symbolic links are protected"),
	SYSCTL("fs.fifos", FS "protected_fifos", "1|2", "保护命名管道", "pipes are protected"),
	SYSCTL("fs.regular", FS "protected_regular", "1|2", "保护公共目录中的文件",
	       "files in shared folders are protected"),
	SYSCTL("fs.suid-dump", FS "suid_dumpable", "0", "特权程序不产生内存转储",
	       "a privileged program leaves no core"),
	/* Files that open the house. */
	MODE("file.passwd", "/etc/passwd", "0644", "用户文件权限", "the list of users"),
	MODE("file.group", "/etc/group", "0644", "用户组文件权限", "the list of groups"),
	MODE("file.shadow", "/etc/shadow", "0640", "口令文件权限", "the passwords' file"),
	MODE("file.gshadow", "/etc/gshadow", "0640", "组口令文件权限", "the group passwords' file"),
	MODE("file.sudoers", "/etc/sudoers", "0440", "提权配置权限", "the rules of sudo"),
	MODE("file.crontab", "/etc/crontab", "0644", "计划任务表权限", "the table of cron"),
	MODE("file.cron-d", "/etc/cron.d", "0755", "计划任务目录权限", "the folder of cron"),
	MODE("file.sshd", SSHD, "0644", "SSH服务配置权限", "the settings of sshd"),
	MODE("file.grub", "/boot/grub/grub.cfg:/boot/grub2/grub.cfg", "0644", "引导配置权限",
	     "the boot loader's settings"),
	MODE("file.root", "/root", "0750", "管理员目录权限", "the administrator's folder"),
	ABSENT("file.hosts-equiv", "/etc/hosts.equiv", "无主机信任文件",
	       "no host is trusted without a password"),
	ABSENT("file.rhosts", "/root/.rhosts", "管理员无主机信任文件",
	       "the administrator trusts no host without a password"),
	NO_LINE("sudo.no-password", "/etc/sudoers", "NOPASSWD", "提权需要口令",
		"sudo asks for a password"),
	/* Passwords and log-on (D26). */
	LAST("password.max-days", LOGIN_DEFS, "PASS_MAX_DAYS", "<=90", NULL, "口令最长90天",
	     "a password is good for 90 days at most"),
	LAST("password.min-days", LOGIN_DEFS, "PASS_MIN_DAYS", ">=1", NULL, "口令最短1天",
	     "a password stays a day at least"),
	LAST("password.warn-days", LOGIN_DEFS, "PASS_WARN_AGE", ">=7", NULL, "口令到期前7天提醒",
	     "its end is told seven days before"),
	LAST("password.hash", LOGIN_DEFS, "ENCRYPT_METHOD", "SHA512|YESCRYPT|SM3", NULL,
	     "口令强散列", "passwords are hashed well"),
	LAST("password.umask", LOGIN_DEFS, "UMASK", "027|077", NULL, "新文件默认不公开",
	     "new files are not everybody's"),
	LAST("password.length", PWQUALITY, "minlen", ">=8", NULL, "口令至少8位",
	     "a password has eight characters at least"),
	LAST("password.classes", PWQUALITY, "minclass", ">=3", NULL, "口令至少三类字符",
	     "of three kinds at least"),
	LAST("password.repeat", PWQUALITY, "maxrepeat", "<=3", NULL, "口令不连续重复",
	     "without the same one again and again"),
	LINE("password.quality", PASSWORD_STACK, "pam_pwquality.so", "启用口令复杂度检查",
	     "the quality of passwords is checked"),
	LINE("password.history", PASSWORD_STACK, "pam_pwhistory.so", "启用口令历史",
	     "old passwords are not used again"),
	LINE("logon.lock", AUTH_STACK, "pam_faillock.so", "登录失败锁定",
	     "an account is locked after failures"),
	LAST("logon.deny", FAILLOCK, "deny", "<=5", "3", "失败5次内锁定",
	     "after five failures at most"),
	LAST("logon.unlock", FAILLOCK, "unlock_time", ">=600", "600", "锁定至少10分钟",
	     "for ten minutes at least"),
	NO_LINE("logon.empty", AUTH_STACK, "nullok", "禁止空口令登录",
		"an empty password logs nobody on"),
	/* Remote administration. */
	FIRST("ssh.root-login", SSHD, "PermitRootLogin", "no", NULL, "SSH禁止管理员直接登录",
	      "root does not log on by SSH"),
	FIRST("ssh.empty", SSHD, "PermitEmptyPasswords", "no", "no", "SSH禁止空口令",
	      "nor anybody with an empty password"),
	FIRST("ssh.tries", SSHD, "MaxAuthTries", "<=4", NULL, "SSH最多尝试4次",
	      "SSH takes four tries at most"),
	FIRST("ssh.grace", SSHD, "LoginGraceTime", "<=60", NULL, "SSH登录限时60秒",
	      "and a minute for them at most"),
	FIRST("ssh.host-trust", SSHD, "HostbasedAuthentication", "no", "no", "SSH不信任主机",
	      "SSH trusts no host"),
	FIRST("ssh.rhosts", SSHD, "IgnoreRhosts", "yes", "yes", "SSH忽略主机信任文件",
	      "SSH ignores files of trusted hosts"),
	FIRST("ssh.x11", SSHD, "X11Forwarding", "no", "no", "SSH不转发图形界面",
	      "SSH carries no screens"),
	FIRST("ssh.tunnel", SSHD, "PermitTunnel", "no", "no", "SSH不建隧道", "nor tunnels"),
	FIRST("ssh.forward", SSHD, "AllowTcpForwarding", "no", NULL, "SSH不转发端口", "nor ports"),
	FIRST("ssh.idle", SSHD, "ClientAliveInterval", ">=1", NULL, "SSH空闲断开",
	      "an idle line is closed"),
	FIRST("ssh.environment", SSHD, "PermitUserEnvironment", "no", "no", "SSH不接受用户环境变量",
	      "SSH takes no environment of users"),
	/* Services that no desk needs. */
	ABSENT("service.telnet", "/usr/sbin/in.telnetd:/usr/sbin/telnetd", "未装Telnet服务",
	       "no telnet server"),
	ABSENT("service.rsh", "/usr/sbin/in.rshd:/usr/sbin/in.rlogind", "未装rsh服务",
	       "no rsh server"),
	ABSENT("service.ftp", "/usr/sbin/vsftpd:/usr/sbin/proftpd", "未装FTP服务", "no FTP server"),
	ABSENT("service.tftp", "/usr/sbin/in.tftpd", "未装TFTP服务", "no TFTP server"),
	ABSENT("service.nis", "/usr/sbin/ypserv:/usr/sbin/ypbind", "未装NIS", "no NIS"),
	ABSENT("service.xinetd", "/usr/sbin/xinetd", "未装xinetd", "no xinetd"),
	ABSENT("service.vnc", "/usr/bin/Xvnc:/usr/bin/x11vnc", "未装VNC服务", "no VNC server"),
	/* What is kept of what happened. */
	LAST("log.keep", JOURNALD, "Storage", "persistent|auto", "auto", "日志不因重启丢失",
	     "the journal outlives a restart"),
	LAST("log.core", COREDUMP, "Storage", "none", NULL, "不保存内存转储", "no cores are kept"),
	LAST("logon.idle", LOGIND, "IdleAction", "lock|suspend|poweroff", NULL, "空闲锁屏",
	     "an idle desk locks itself"),
	/* Places where everybody may write. */
	MOUNT("mount.shm-nodev", "/dev/shm", "nodev", "共享内存不放设备文件",
	      "no devices in shared memory"),
	MOUNT("mount.shm-nosuid", "/dev/shm", "nosuid", "共享内存不放特权程序",
	      "no privileged programs in shared memory"),
	MOUNT("mount.tmp-nodev", "/tmp", "nodev", "临时目录不放设备文件", "no devices in /tmp"),
	MOUNT("mount.tmp-nosuid", "/tmp", "nosuid", "临时目录不放特权程序",
	      "no privileged programs in /tmp"),
};

const size_t baseline_check_count = ARRAY_SIZE(baseline_checks);

_Static_assert(ARRAY_SIZE(baseline_checks) <= BASELINE_CHECKS_MAX, "raise BASELINE_CHECKS_MAX");
_Static_assert(ARRAY_SIZE(baseline_checks) >= 60, "clause A05 wants sixty at least");
