/* Shares as Samba's, net's and NFS's files name them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/guards/shares_here.h"
#include "agent/linux/shares_text.h"
#include "place.h"

static void a_section_is_a_share_and_the_global_one_its_defaults(void **state)
{
	static const char text[] =
		"# of the bank\n[Global]\n  guest OK = yes\n include = /etc/more.conf\n"
		" include = /etc/%U.conf\n[homes]\n guest ok = no\n"
		"[Docs]\npath = /srv/docs\nWrite Able = Yes\n"
		"[team]\n path=/srv/\\\nteam\n public = no\n valid users = li\n"
		"[old]\npath = /srv/old\navailable = no\n[printers]\nprintable = yes\n";
	struct smb_includes includes = {.count = 0};
	struct shares s = {.count = 0};

	(void)state;
	shares_read_smb(text, &s, &includes);
	assert_int_equal(includes.count, 1);
	assert_string_equal(includes.list[0], "/etc/more.conf");
	assert_int_equal(s.count, 3);
	assert_string_equal(s.list[0].name, "homes");
	assert_false(s.list[0].guest || s.list[0].everyone);
	assert_string_equal(s.list[1].name, "Docs");
	assert_string_equal(s.list[1].path, "/srv/docs");
	assert_true(s.list[1].guest && s.list[1].everyone && s.list[1].writable);
	assert_string_equal(s.list[2].path, "/srv/team");
	assert_false(s.list[2].guest || s.list[2].everyone || s.list[2].writable);
}

static void a_usershare_says_whom_it_lets_in(void **state)
{
	struct shares s = {.count = 0};

	(void)state;
	shares_read_usershare("docs",
			      "#VERSION 2\npath=/home/li/docs\nusershare_acl=S-1-1-0:R,\n"
			      "guest_ok=y\n",
			      &s);
	shares_read_usershare(
		"mine", "path=/home/li\nusershare_acl=S-1-5-21-7:F,S-1-1-0:D\nguest_ok=n", &s);
	assert_int_equal(s.count, 2);
	assert_string_equal(s.list[0].path, "/home/li/docs");
	assert_true(s.list[0].guest && s.list[0].everyone && !s.list[0].writable);
	assert_true(!s.list[1].guest && !s.list[1].everyone && s.list[1].writable);
}

static void an_export_to_everybody_without_kerberos_needs_no_password(void **state)
{
	struct shares s = {.count = 0};

	(void)state;
	shares_read_exports("# ours\n/srv/all *(rw,sync)\n\"/srv/two words\" 10.1.0.0/16(ro) \\\n"
			    " desk7(rw)\n/srv/safe *(rw,sec=krb5p)\n/srv/bare\n"
			    "/srv/usual -rw,sync 10.1.2.3\n",
			    &s);
	assert_int_equal(s.count, 5);
	assert_true(s.list[0].guest && s.list[0].everyone && s.list[0].writable);
	assert_string_equal(s.list[1].path, "/srv/two words");
	assert_true(!s.list[1].guest && s.list[1].writable);
	assert_true(!s.list[2].guest && s.list[2].everyone);
	assert_true(s.list[3].guest && !s.list[3].writable);
	assert_true(!s.list[4].guest && s.list[4].writable);
}

static void more_shares_than_are_listed_are_said_to_be_more(void **state)
{
	struct shares s = {.count = 0};

	(void)state;
	for (int i = 0; i <= SHARES_MAX; i++)
		shares_read_exports("/srv/all *(rw)\n", &s);
	assert_int_equal(s.count, SHARES_MAX);
	assert_true(s.more);
}

static void includes_are_followed_and_a_usershare_taken_away(void **state)
{
	struct place *p = *state;
	struct shares *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	place_write(p, "etc/samba/smb.conf", "include = /etc/team.conf\n");
	place_write(p, "etc/team.conf", "[team]\npath = /srv/team\n");
	place_write(p, "var/lib/samba/usershares/docs", "path=/srv/docs\nguest_ok=y\n");
	place_write(p, "etc/exports.d/a.exports", "/srv/nfs *(ro)\n");
	place_write(p, "proc/self/mounts", "li@far:/ /mnt fuse.sshfs rw,nosuid 0 0\n");
	assert_int_equal(shares_load(p->top, s), 0);
	assert_int_equal(s->count, 4);
	assert_string_equal(s->list[0].path, "/srv/team");
	assert_int_equal(s->list[1].kind, SHARE_USER);
	assert_int_equal(s->list[2].kind, SHARE_NFS);
	assert_int_equal(s->list[3].kind, SHARE_MOUNTED);
	assert_int_equal(shares_delete(p->top, "../../../../etc/exports"), -EINVAL);
	assert_int_equal(shares_delete(p->top, "docs"), 0);
	assert_int_equal(shares_load(p->top, s), 0);
	assert_int_equal(s->count, 3);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_section_is_a_share_and_the_global_one_its_defaults),
		cmocka_unit_test(a_usershare_says_whom_it_lets_in),
		cmocka_unit_test(an_export_to_everybody_without_kerberos_needs_no_password),
		cmocka_unit_test(more_shares_than_are_listed_are_said_to_be_more),
		PLACE_CASE(includes_are_followed_and_a_usershare_taken_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
