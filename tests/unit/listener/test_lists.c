/* Files that people write: vendors, the address plan, what is expected. */
#include "scene.h"

#include "base/oui.h"
#include "listener/plan_line.h"

static void vendors_are_found_by_the_longest_prefix(void **state)
{
	static const char text[] = "# of the test\n"
				   "00:1b:44,Short Works\r\n"
				   "70B3D5,Block Owner\n"
				   "70-B3-D5-7A-1,Long Works\n"
				   "Registry,Assignment,Organization Name\n"
				   "MA-L,00000C,\"Cisco Systems, Inc\",170 West\n";
	CLEANUP_OUI struct oui *o = NULL;
	struct mac mac;
	size_t skipped;

	(void)state;
	assert_int_equal(oui_parse(text, strlen(text), &o, &skipped), 0);
	assert_int_equal(oui_count(o), 4);
	assert_int_equal(skipped, 1);
	mac = mac_of("00:1b:44:01:02:03");
	assert_string_equal(oui_vendor(o, &mac), "Short Works");
	mac = mac_of("70:b3:d5:7a:1f:ff");
	assert_string_equal(oui_vendor(o, &mac), "Long Works");
	mac = mac_of("70:b3:d5:7a:2f:ff");
	assert_string_equal(oui_vendor(o, &mac), "Block Owner");
	mac = mac_of("00:00:0c:00:00:01");
	assert_string_equal(oui_vendor(o, &mac), "Cisco Systems, Inc");
	mac = mac_of("00:00:0d:00:00:01");
	assert_string_equal(oui_vendor(o, &mac), "");
	mac = mac_of("02:1b:44:01:02:03");
	assert_string_equal(oui_vendor(o, &mac), "random");
}

static void the_installed_list_is_good(void **state)
{
	CLEANUP_OUI struct oui *o = NULL;
	size_t skipped;

	(void)state;
	assert_int_equal(oui_load(PROJECT_ROOT "/packaging/oui.csv", &o, &skipped), 0);
	assert_true(oui_count(o) > 100);
	assert_int_equal(skipped, 0);
}

static void a_plan_skips_what_binds_nothing(void **state)
{
	static const char text[] = "IP,MAC,who\n# a comment\n10.0.0.7,00-1e-67-00-00-01,counter\n"
				   "10.0.0.8;001e.6700.0002\n10.0.0.7,00-1e-67-00-00-03\n"
				   "10.0.0.300,00-1e-67-00-00-04\n10.0.0.9,nothing\n";
	CLEANUP_PLAN struct plan *p = NULL;
	struct ip ip = ip_of("10.0.0.7");
	struct mac mac = mac_of("00:1e:67:00:00:01");
	size_t skipped;

	(void)state;
	assert_int_equal(plan_parse(text, strlen(text), &p, &skipped), 0);
	assert_int_equal(plan_count(p), 2);
	assert_int_equal(skipped, 4);
	assert_true(plan_has(p, &ip, &mac));
	assert_true(ip_equal(plan_ip_of(p, &mac), &ip));
	mac = mac_of("00:1e:67:00:00:09");
	assert_null(plan_ip_of(p, &mac));
}

static const struct {
	const char *text, *told;
} wrong[] = {
	{"gateway\n", "x:1: gateway"},
	{"\n# fine\ngateway 10.0.0.1 10.0.0.2\n", "x:3: gateway"},
	{"dhcp-server here\n", "x:1: dhcp-server"},
	{"router 10.0.0.1\n", "x:1: router"},
	{"network-gear 00\n", "x:1: network-gear"},
	{"network-gear 00:11:2\n", "x:1: network-gear"},
	{"network-gear 00:11:22:33:44:55:66\n", "x:1: network-gear"},
	{"printer 10.0.0.1\n", "x:1: a line"},
};

static void a_wrong_line_of_what_is_expected_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		char error[EXPECTED_ERROR_SIZE] = "";
		struct expected e;

		assert_int_equal(
			expected_parse("x", wrong[i].text, strlen(wrong[i].text), &e, error),
			-EINVAL);
		assert_true(text_starts(error, wrong[i].told));
	}
}

static int take(struct plan_line *line, const char *text, struct plan **ret)
{
	json_t *message = json_loads(text, 0, NULL);
	int r = plan_line_take(line, message, ret);

	json_decref(message);
	return r;
}

static void the_gates_plan_is_one_when_it_is_whole(void **state)
{
	CLEANUP_PLAN struct plan *p = NULL;
	struct plan_line line;

	(void)state;
	plan_line_init(&line);
	assert_int_equal(take(&line, "{\"plan\":\"end\"}", &p), -EBADMSG);
	assert_int_equal(take(&line, "{\"plan\":\"begin\"}", &p), 0);
	assert_int_equal(
		take(&line, "{\"plan\":\"pairs\",\"pairs\":[\"10.0.0.1,02:00:00:00:00:01\"]}", &p),
		0);
	assert_int_equal(take(&line, "{\"plan\":\"begin\"}", &p), 0); /* anew */
	assert_int_equal(take(&line,
			      "{\"plan\":\"pairs\",\"pairs\":[\"10.0.0.2,02:00:00:00:00:02\","
			      "\"fe80::2,02:00:00:00:00:02\"]}",
			      &p),
			 0);
	assert_int_equal(take(&line, "{\"plan\":\"end\"}", &p), 1);
	assert_int_equal(plan_count(p), 2);
	assert_int_equal(take(&line, "{\"plan\":\"begin\"}", &p), 0);
	assert_int_equal(take(&line, "{\"plan\":\"pairs\",\"pairs\":[7]}", &p), -EBADMSG);
	assert_int_equal(take(&line, "{\"plan\":\"end\"}", &p), -EBADMSG);
	plan_line_done(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vendors_are_found_by_the_longest_prefix),
		cmocka_unit_test(the_installed_list_is_good),
		cmocka_unit_test(a_plan_skips_what_binds_nothing),
		cmocka_unit_test(the_gates_plan_is_one_when_it_is_whole),
		cmocka_unit_test(a_wrong_line_of_what_is_expected_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
