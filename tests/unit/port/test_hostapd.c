#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "port/hostapd.h"

static const struct mac terminal = {{0x02, 0, 0x5e, 0, 1, 1}};

static void a_success_and_a_departure_name_port_and_mac(void **state)
{
	char port[IF_NAMESIZE];
	struct mac mac;

	(void)state;
	assert_int_equal(
		hostapd_read_event("IFNAME=p1 <3>CTRL-EVENT-EAP-SUCCESS2 02:00:5e:00:01:01", port,
				   &mac),
		HOSTAPD_SUCCESS);
	assert_string_equal(port, "p1");
	assert_true(mac_equal(&mac, &terminal));
	assert_int_equal(hostapd_read_event("IFNAME=p2 <3>AP-STA-DISCONNECTED 02:00:5e:00:01:01",
					    port, &mac),
			 HOSTAPD_GONE);
	assert_string_equal(port, "p2");
}

static void other_lines_mean_nothing(void **state)
{
	static const char *const lines[] = {
		"",
		"OK\n",
		"FAIL\n",
		"IFNAME=p1",
		"IFNAME=p1 <3",
		"IFNAME=p1 <3>",
		"IFNAME=p1 <3>AP-ENABLED ",
		"IFNAME=averyverylongname1 <3>CTRL-EVENT-EAP-SUCCESS2 02:00:5e:00:01:01",
		"IFNAME=p1 <3>CTRL-EVENT-EAP-SUCCESS2 02:00:5e:00:01",
		"IFNAME=p1 <3>CTRL-EVENT-EAP-SUCCESS2 ",
		"IFNAME=p1 3>CTRL-EVENT-EAP-SUCCESS2 02:00:5e:00:01:01",
		"IFNAME=p1 <3>CTRL-EVENT-EAP-SUCCESS 02:00:5e:00:01:01",
		"<3>CTRL-EVENT-EAP-SUCCESS2 02:00:5e:00:01:01",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		char port[IF_NAMESIZE] = "none";
		struct mac mac;

		assert_int_equal(hostapd_read_event(lines[i], port, &mac), HOSTAPD_OTHER);
		assert_string_equal(port, "none");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_success_and_a_departure_name_port_and_mac),
		cmocka_unit_test(other_lines_mean_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
