#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "gate/settings.h"

/* behind the settings that it loads */
#include "../load_settings.h"

static void the_default_file_says_what_the_code_takes_when_nothing_is_said(void **state)
{
	static struct settings given, taken;
	char error[CONFIG_ERROR_SIZE] = "";

	(void)state;
	assert_int_equal(settings_load(PROJECT_ROOT "/packaging/gate.conf", &given, error), 0);
	assert_string_equal(error, "");
	assert_int_equal(load("[gate]\nname = north\n", &taken, error), 0);
	assert_memory_equal(&given, &taken, sizeof(given));
}

/* What is wrong, and a word that the error says. */
static const struct {
	const char *text, *told;
} wrong[] = {
	{"", "name"},
	{"[gate]\nname = north\ncolour = red\n", "colour"},
	{"[gate]\nname = north\n[radius]\nauth = gate.bank\n", "'auth' in [radius]"},
	{"[gate]\nname = north\n[radius]\nsession_seconds = 1\n", "session_seconds"},
	{"[gate]\nname = north\n[radius]\nlanes = 0\n", "from 1 to 8, or auto"},
	{"[gate]\nname = north\n[radius]\nlanes = 9\n", "from 1 to 8, or auto"},
	{"[gate]\nname = north\n[radius]\nlanes = many\n", "from 1 to 8, or auto"},
	{"[gate]\nname = north\n[server]\naddress = head.office\n", "'address' in [server]"},
	{"[gate]\nname = north\n[engine]\nworkers = 5\n", "workers"},
	{"[gate]\nname = north\n[peers]\ngates = south\n", "NAME=ADDRESS"},
	{"[gate]\nname = north\n[peers]\ngates = south=10.0.0.x\n", "NAME=ADDRESS"},
	{"[gate]\nname = north\n[peers]\ngates = south=10.0.0.2\n", "'listen' in [peers]"},
	{"[gate]\nname = north\n[peers]\nlisten = south\n", "'listen' in [peers]"},
	{"[gate]\nname = north\n[eap]\nbank_name = upn\n", "dns or common-name"},
	{"[gate]\nname = north\n[eap]\nbank_terminal = id\n", "host-name or asset-no"},
	{"[gate]\nname = north\n[ldap]\nserver = dir.bank\n", "'server' in [ldap]"},
	{"[gate]\nname = north\n[ad]\nntlm_auth = ntlm_auth\ndomain = BANK\n", "absolute path"},
	{"[gate]\nname = north\n[ad]\nntlm_auth = /a b\ndomain = BANK\n", "letters, digits"},
	{"[gate]\nname = north\n[ad]\nntlm_auth = /a\n", "'domain' in [ad]"},
	{"[gate]\nname = north\n[ad]\nntlm_auth = /a\ndomain = B%{x}\n", "'domain' in [ad]"},
	{"[gate]\nname = north\n[ldap]\nserver = ldap://dir.bank\n", "'base' in [ldap]"},
	{"[gate]\nname = north\n[ldap]\nuser_filter = (cn=%d)\n", "'user_filter' in [ldap]"},
	{"[gate]\nname = north\n[ldap]\nuser_filter = (|(a=%u)(b=%u))\n",
	 "'user_filter' in [ldap]"},
};

static void a_wrong_line_stops_the_start_and_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct settings s = {.workers = 4711};
		char error[CONFIG_ERROR_SIZE];

		assert_int_not_equal(load(wrong[i].text, &s, error), 0);
		assert_non_null(strstr(error, wrong[i].told));
		assert_int_equal(s.workers, 4711);
	}
}

static void a_path_is_beside_the_file_wherever_that_is_named(void **state)
{
	static const char text[] = "[gate]\nname = north\nsealing_key = s.key\nrun_dir = run\n"
				   "state_dir = /var/lib/x\n[server]\nca = ca.pem\n";
	char dir[] = "/tmp/settings-test-XXXXXX", path[64], link[64], wanted[64];
	char error[CONFIG_ERROR_SIZE] = "";
	static struct settings s;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/bundle", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/bundle/gate.conf", dir);
	snprintf(link, sizeof(link), "%s/gate.conf", dir);
	assert_int_equal(file_replace(path, text, strlen(text), 0600), 0);
	assert_int_equal(symlink("bundle/gate.conf", link), 0);
	assert_int_equal(settings_load(link, &s, error), 0);
	snprintf(wanted, sizeof(wanted), "%s/bundle/s.key", dir);
	assert_string_equal(s.sealing_key, wanted);
	snprintf(wanted, sizeof(wanted), "%s/bundle/run", dir);
	assert_string_equal(s.run_dir, wanted);
	assert_string_equal(s.state_dir, "/var/lib/x");
	assert_string_equal(s.cosign_key, "none");
	assert_string_equal(s.key, "/etc/menshen/gate.key");
	unlink(link);
	unlink(path);
	snprintf(path, sizeof(path), "%s/bundle", dir);
	rmdir(path);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_file_says_what_the_code_takes_when_nothing_is_said),
		cmocka_unit_test(a_wrong_line_stops_the_start_and_is_named),
		cmocka_unit_test(a_path_is_beside_the_file_wherever_that_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
