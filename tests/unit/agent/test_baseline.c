/* The baseline's checks: what they read, what they make of it, and what they put right (A05). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/guards/baseline_check.h"
#include "base/file.h"
#include "base/text.h"
#include "place.h"

static const struct baseline_check *find(const char *id)
{
	for (size_t i = 0; i < baseline_check_count; i++)
		if (text_equal(baseline_checks[i].id, id))
			return &baseline_checks[i];
	fail_msg("no check %s", id);
	return NULL;
}

static void is(const struct place *p, const char *id, enum baseline_state state)
{
	assert_int_equal(baseline_judge(find(id), p->top), state);
}

static void every_check_has_a_name_of_its_own_and_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < baseline_check_count; i++) {
		const struct baseline_check *c = &baseline_checks[i];

		assert_true(*c->zh && *c->en && *c->path == '/');
		assert_ptr_equal(find(c->id), c);
		if (c->kind == BASELINE_SETTING || c->kind == BASELINE_LAST)
			assert_true(c->key && c->want);
		if (c->unset)
			assert_true(strlen(c->unset) > 0);
	}
}

static void a_value_is_a_word_or_within_a_bound(void **state)
{
	(void)state;
	assert_true(baseline_is_wanted("no", "No"));
	assert_true(baseline_is_wanted("027|077", "077"));
	assert_false(baseline_is_wanted("027|077", "07"));
	assert_false(baseline_is_wanted("no", "none"));
	assert_true(baseline_is_wanted(">=8", "8"));
	assert_false(baseline_is_wanted(">=8", "7"));
	assert_true(baseline_is_wanted("<=90", "-1"));
	assert_false(baseline_is_wanted("<=90", "ninety"));
	assert_false(baseline_is_wanted("<=90", ""));
}

static void sshd_takes_the_first_word_and_nothing_behind_match(void **state)
{
	const struct place *p = *state;
	is(p, "ssh.root-login", BASELINE_NOT_HERE);
	place_write(p, "etc/ssh/sshd_config", "# PermitRootLogin no\nPort 22\n");
	is(p, "ssh.root-login", BASELINE_BAD);
	is(p, "ssh.empty", BASELINE_GOOD);
	place_write(p, "etc/ssh/sshd_config", "permitrootlogin\tno # never\nPermitRootLogin yes\n");
	is(p, "ssh.root-login", BASELINE_GOOD);
	place_write(p, "etc/ssh/sshd_config", "Match User li\n PermitRootLogin no\n");
	is(p, "ssh.root-login", BASELINE_BAD);
	place_write(p, "etc/ssh/sshd_config", "PermitRootLoginNot no\n");
	is(p, "ssh.root-login", BASELINE_BAD);
}

static void login_defs_takes_the_last_word(void **state)
{
	const struct place *p = *state;
	place_write(p, "etc/login.defs", "PASS_MAX_DAYS 99999\nPASS_MAX_DAYS 90");
	is(p, "password.max-days", BASELINE_GOOD);
	place_write(p, "etc/login.defs", "PASS_MAX_DAYS 90\nPASS_MAX_DAYS 99999\n");
	is(p, "password.max-days", BASELINE_BAD);
	place_write(p, "etc/security/pwquality.conf", "minlen = 12\nminclass=3\n");
	is(p, "password.length", BASELINE_GOOD);
	is(p, "password.classes", BASELINE_GOOD);
}

static void either_distributions_file_will_do(void **state)
{
	const struct place *p = *state;
	place_write(p, "etc/pam.d/system-auth", "password requisite pam_pwquality.so retry=3\n");
	is(p, "password.quality", BASELINE_GOOD);
	place_write(p, "etc/pam.d/common-password",
		    "# pam_pwquality.so\npassword [success=1] pam_unix.so\n");
	is(p, "password.quality", BASELINE_BAD);
}

static void what_is_not_mounted_apart_does_not_count(void **state)
{
	const struct place *p = *state;
	place_write(p, "proc/self/mounts", "tmpfs /dev/shm tmpfs rw,nosuid,nodevelopment 0 0\n");
	is(p, "mount.tmp-nodev", BASELINE_NOT_HERE);
	is(p, "mount.shm-nosuid", BASELINE_GOOD);
	is(p, "mount.shm-nodev", BASELINE_BAD);
}

static void a_service_that_is_there_is_found(void **state)
{
	const struct place *p = *state;
	is(p, "service.ftp", BASELINE_GOOD);
	place_write(p, "usr/sbin/proftpd", "");
	is(p, "service.ftp", BASELINE_BAD);
}

static void the_kernels_number_is_mended_now_and_for_the_next_start(void **state)
{
	const struct place *p = *state;
	CLEANUP_BUF struct buf kept = BUF_INIT;

	place_write(p, "proc/sys/net/ipv4/ip_forward", "1\n");
	place_write(p, "etc/sysctl.d/90-menshen.conf",
		    "net.ipv4.ip_forward = 1\nkernel.sysrq = 0\n");
	is(p, "net.forward", BASELINE_BAD);
	assert_int_equal(baseline_mend(find("net.forward"), p->top), 0);
	is(p, "net.forward", BASELINE_GOOD);
	assert_int_equal(file_read(place_path(p, "etc/sysctl.d/90-menshen.conf"), 4096, &kept), 0);
	assert_non_null(strstr(buf_str(&kept), "\nkernel.sysrq = 0\nnet.ipv4.ip_forward = 0\n"));
	assert_null(strstr(buf_str(&kept), "ip_forward = 1"));
}

static void a_files_rights_are_taken_and_never_given(void **state)
{
	const struct place *p = *state;
	struct stat st;

	place_write(p, "etc/shadow", "root:*:1::::::\n");
	assert_int_equal(chmod(place_path(p, "etc/shadow"), 0606), 0);
	is(p, "file.shadow", BASELINE_BAD);
	if (geteuid() != 0)
		skip();
	assert_int_equal(baseline_mend(find("file.shadow"), p->top), 0);
	assert_int_equal(stat(place_path(p, "etc/shadow"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	is(p, "file.shadow", BASELINE_GOOD);
}

static void a_link_is_not_followed_to_be_mended(void **state)
{
	const struct place *p = *state;

	place_write(p, "elsewhere", "");
	place_write(p, "etc/keep", "");
	assert_int_equal(symlink("../elsewhere", place_path(p, "etc/shadow")), 0);
	assert_int_equal(baseline_mend(find("file.shadow"), p->top), -ELOOP);
}

static void what_a_person_decides_is_not_mended(void **state)
{
	const struct place *p = *state;
	place_write(p, "etc/ssh/sshd_config", "PermitRootLogin yes\n");
	assert_int_equal(baseline_mend(find("ssh.root-login"), p->top), -ENOTSUP);
	assert_int_equal(baseline_mend(find("net.forward"), p->top), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_check_has_a_name_of_its_own_and_words),
		cmocka_unit_test(a_value_is_a_word_or_within_a_bound),
		PLACE_CASE(sshd_takes_the_first_word_and_nothing_behind_match),
		PLACE_CASE(login_defs_takes_the_last_word),
		PLACE_CASE(either_distributions_file_will_do),
		PLACE_CASE(what_is_not_mounted_apart_does_not_count),
		PLACE_CASE(a_service_that_is_there_is_found),
		PLACE_CASE(the_kernels_number_is_mended_now_and_for_the_next_start),
		PLACE_CASE(a_files_rights_are_taken_and_never_given),
		PLACE_CASE(a_link_is_not_followed_to_be_mended),
		PLACE_CASE(what_a_person_decides_is_not_mended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
