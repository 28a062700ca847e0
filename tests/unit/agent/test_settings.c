#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "agent/core/settings.h"
#include "place.h"

static int load(const struct place *p, const char *text, struct settings *s, char *error)
{
	place_write(p, "agent.conf", text);
	return settings_load(place_path(p, "agent.conf"), s, error);
}

static void a_list_of_servers_is_taken_in_order(void **state)
{
	char error[CONFIG_ERROR_SIZE], text[ADDR_TEXT_SIZE];
	struct settings s;

	assert_int_equal(load(*state, "[server]\naddresses = 10.1.0.2:9000,  [fd00::2] ,10.1.0.3\n",
			      &s, error),
			 0);
	assert_int_equal(s.server_count, 3);
	addr_format(text, &s.servers[0]);
	assert_string_equal(text, "10.1.0.2:9000");
	addr_format(text, &s.servers[1]);
	assert_string_equal(text, "[fd00::2]:8444");
	addr_format(text, &s.servers[2]);
	assert_string_equal(text, "10.1.0.3:8444");
	assert_string_equal(s.state_dir, "/var/lib/menshen-agent");
	assert_int_equal(s.queue_kib, 65536);
	assert_string_equal(s.campaign_code, "");
}

static void a_server_that_is_no_address_is_named(void **state)
{
	static const char *const lists[] = {"", "gateway.bank.example", "10.0.0.1,,10.0.0.2",
					    "1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5,1.1.1.6,"
					    "1.1.1.7,1.1.1.8,1.1.1.9"};
	char text[256], error[CONFIG_ERROR_SIZE];
	struct settings s = {.server_count = 77};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		snprintf(text, sizeof(text), "[server]\naddresses = %s\n", lists[i]);
		error[0] = 0;
		assert_int_equal(load(*state, text, &s, error), -EINVAL);
		assert_non_null(strstr(error, "addresses"));
	}
	assert_int_equal(s.server_count, 77);
}

static void the_example_in_packaging_loads(void **state)
{
	char path[512], error[CONFIG_ERROR_SIZE] = "";
	const char *root = getenv("MENSHEN_ROOT");
	struct settings s;

	(void)state;
	snprintf(path, sizeof(path), "%s/packaging/agent.conf", root ? root : SOURCE_ROOT);
	if (settings_load(path, &s, error))
		fail_msg("%s", error);
	assert_int_equal(s.server_count, 2);
	assert_string_equal(s.root, "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		PLACE_CASE(a_list_of_servers_is_taken_in_order),
		PLACE_CASE(a_server_that_is_no_address_is_named),
		PLACE_CASE(the_example_in_packaging_loads),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
