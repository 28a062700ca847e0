#define _GNU_SOURCE
#include "base/privilege.h"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "base/file.h"
#include "base/text.h"

static int become(const char *user)
{
	const struct passwd *pw;

	if (geteuid() != 0 || !user[0] || text_equal(user, "root"))
		return 0;
	errno = 0;
	pw = getpwnam(user);
	if (!pw)
		return errno ? -errno : -ENOENT;
	if (initgroups(user, pw->pw_gid) < 0 || setgid(pw->pw_gid) < 0 || setuid(pw->pw_uid) < 0)
		return -errno;
	return 0;
}

int privilege_drop(const char *user)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
	int err = become(user);

	if (err)
		return err;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
	    syscall(SYS_capset, &head, none) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

int privilege_make_dir(const char *path, const char *user)
{
	const struct passwd *pw = geteuid() == 0 ? getpwnam(user) : NULL;
	int err = file_make_dirs(path, 0700);

	if (!err && pw && lchown(path, pw->pw_uid, pw->pw_gid) < 0)
		err = -errno;
	return err;
}
