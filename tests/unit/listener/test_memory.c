/* What is kept, and that it is bounded: the table of devices, the reports. */
#include "scene.h"

#include "base/clock.h"
#include "listener/memory.h"
#include "listener/reports.h"

#define PERIOD_MS HOUR_MS

static struct mac numbered(unsigned n)
{
	struct mac mac = {{0, 0x1e, 0x67, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}};

	return mac;
}

static void a_full_table_forgets_who_was_silent_longest(void **state)
{
	CLEANUP_TABLE struct table *t = NULL;
	struct mac first = numbered(0), second = numbered(1), last = numbered(16);
	struct ip ip = ip_of("10.0.0.1");
	struct binding before;
	struct device *d;

	(void)state;
	assert_int_equal(table_new(16, &t), 0);
	for (unsigned i = 0; i < 16; i++) {
		struct mac mac = numbered(i);

		assert_int_equal(table_device(t, &mac, 0, 1000 + i, &d), 0);
	}
	assert_int_equal(table_device(t, &first, 0, 2000, &d), 0);
	assert_int_equal(table_device(t, &last, 0, 2001, &d), 0);
	assert_int_equal(table_count(t), 16);
	assert_int_equal(table_forgotten(t), 1);
	assert_non_null(table_find(t, &first));
	assert_null(table_find(t, &second));
	for (unsigned i = 0; i < 100; i++) {
		ip.b[15] = (uint8_t)i;
		assert_int_equal(table_claim(t, d, &ip, 3000 + i, &before), 0);
		assert_int_equal(before.at_ms, 0);
	}
}

static void what_was_heard_of_a_device_is_in_order_of_time(void **state)
{
	CLEANUP_TABLE struct table *t = NULL;
	struct mac mac = numbered(1);
	struct ip a = ip_of("10.0.0.1"), b = ip_of("10.0.0.2");
	struct binding before;
	struct device *d;

	(void)state;
	assert_int_equal(table_new(16, &t), 0);
	assert_int_equal(table_device(t, &mac, 0, 1000, &d), 0);
	assert_int_equal(table_claim(t, d, &a, 1000, &before), 0);
	assert_int_equal(table_claim(t, d, &b, 1001, &before), 0);
	assert_int_equal(table_claim(t, d, &a, 1002, &before), 0);
	assert_int_equal(before.at_ms, 1000);
	assert_true(ip_equal(&d->ips[0].ip, &a));
	assert_int_equal(d->ips[0].since_ms, 1000);
	assert_int_equal(d->ips[0].at_ms, 1002);
	assert_true(ip_equal(&d->ips[1].ip, &b));
	assert_false(device_add_name(d, "pc-1", 1000));
	assert_false(device_add_name(d, "pc-1", 1001));
	assert_true(device_add_name(d, "pc-2", 1002));
	assert_string_equal(d->names[0].text, "pc-2");
	/* NetBIOS cuts it. */
	assert_true(device_add_name(d, "counter-0417-north", 1003));
	assert_false(device_add_name(d, "counter-0417-no", 1004));
	for (int i = 0; i < 20; i++) {
		char name[16];

		snprintf(name, sizeof(name), "many-%d", i);
		assert_true(device_add_name(d, name, 1005));
	}
	assert_string_equal(d->names[0].text, "many-19");
	assert_string_equal(d->names[DEVICE_NAMES - 1].text, "many-16");
}

static void what_was_known_is_known_again(void **state)
{
	static const char gateways[] = "gateway 10.0.0.1\ngateway 10.0.1.1 00-1e-67-00-00-99\n";
	CLEANUP_BUF struct buf first = BUF_INIT, again = BUF_INIT;
	struct ear before, after;
	struct bytes f;

	(void)state;
	ear_init(&before, gateways, NULL);
	f = make_dhcp("00:1e:67:00:00:01", "pc-0417", "MSFT 5.0", "01030f1f");
	ear_hear(&before, &f);
	f = make_arp("00:1e:67:00:00:01", "10.0.0.7", "10.0.0.1");
	ear_hear(&before, &f);
	f = make_arp("00:1e:67:00:00:02", "10.0.0.1", "10.0.0.7");
	ear_hear(&before, &f);
	memory_write(&first, before.table, &before.expected);
	assert_int_equal(first.error, 0);

	ear_init(&after, gateways, NULL);
	assert_int_equal(memory_read(buf_str(&first), first.len, after.table, &after.expected), 0);
	memory_write(&again, after.table, &after.expected);
	assert_string_equal(buf_str(&first), buf_str(&again));
	f = make_dhcp("00:1e:67:00:00:01", "pc-0417", "MSFT 5.0", "01030f1f");
	ear_hear(&after, &f);
	assert_int_equal(after.count, 0);
	f = make_dhcp("00:1e:67:00:00:01", "pc-0417", "", "011c0203");
	ear_hear(&after, &f);
	assert_int_equal(ear_found(&after, FINDING_CLONE), 1);
	f = make_arp("00:1e:67:00:00:03", "10.0.0.1", "10.0.0.7");
	ear_hear(&after, &f);
	assert_int_equal(ear_found(&after, FINDING_GATEWAY_TAKEN), 1);
	ear_done(&before);
	ear_done(&after);
}

static void a_line_that_tells_of_no_device_is_skipped(void **state)
{
	static const char text[] =
		"{\"mac\":\"00:1e:67:00:00:01\",\"first\":5,\"last\":9,\"names\":[[\"a\\u0007b\",1]"
		","
		"[\"pc-1\",5]],\"prints\":[[\"zz\",\"1,3\",5]],\"ips\":[[\"here\",1,1]]}\n"
		"{\"mac\":\"00:1e:67:00:00:01\",\"first\":5,\"last\":9}\n"
		"{\"mac\":\"00:1e:67:00:00:02\",\"first\":9,\"last\":5}\n"
		"{\"mac\":\"01:00:5e:00:00:02\",\"first\":5,\"last\":9}\n"
		"torn {\n\n";
	struct mac mac = numbered(1);
	struct device *d;
	struct ear e;

	(void)state;
	ear_init(&e, "", NULL);
	assert_int_equal(memory_read(text, strlen(text), e.table, &e.expected), 5);
	assert_int_equal(table_count(e.table), 1);
	d = table_find(e.table, &mac);
	assert_non_null(d);
	assert_string_equal(d->names[0].text, "pc-1");
	assert_int_equal(d->names[1].since_ms, 0);
	assert_int_equal(d->prints[0].since_ms, 0);
	assert_int_equal(d->ips[0].at_ms, 0);
	ear_done(&e);
}

struct told {
	size_t count;
	uint64_t sum;
};

static void on_tell(void *arg, const struct report *r)
{
	struct told *h = arg;

	h->count++;
	h->sum += r->count - r->told_count;
}

static void add(struct reports *r, unsigned n, enum finding f, const char *ip, int64_t now_ms)
{
	struct device d = {.mac = numbered(n)};
	struct scene s = {.now_ms = now_ms, .device = &d, .ip = ip_of(ip)};

	assert_int_equal(reports_add(r, f, &s, "evidence"), 0);
}

static void a_finding_is_told_once_and_then_as_a_sum_a_period(void **state)
{
	CLEANUP_REPORTS struct reports *r = NULL;
	struct told h = {0};

	(void)state;
	assert_int_equal(reports_new(PERIOD_MS, 100, &r), 0);
	for (int i = 0; i < 50; i++)
		add(r, 1, FINDING_IP_CONFLICT, "10.0.0.1", 1000000 + i);
	reports_tell(r, 1000100, on_tell, &h);
	assert_int_equal(h.count, 1);
	assert_int_equal(h.sum, 50);
	add(r, 1, FINDING_IP_CONFLICT, "10.0.0.1", 1000200);
	reports_tell(r, 1000300, on_tell, &h);
	assert_int_equal(h.count, 1);
	/* Another address is another finding. */
	add(r, 1, FINDING_IP_CONFLICT, "10.0.0.2", 1000400);
	reports_tell(r, 1000500, on_tell, &h);
	assert_int_equal(h.count, 2);
	reports_tell(r, 1000100 + PERIOD_MS, on_tell, &h);
	assert_int_equal(h.count, 3);
	assert_int_equal(h.sum, 52);
	reports_tell(r, 1000600 + 4 * PERIOD_MS, on_tell, &h);
	assert_int_equal(reports_count(r), 0);
}

static void a_finding_of_the_mac_alone_is_one_whatever_the_address(void **state)
{
	CLEANUP_REPORTS struct reports *r = NULL;

	(void)state;
	assert_int_equal(reports_new(PERIOD_MS, 100, &r), 0);
	add(r, 1, FINDING_NAT, "10.0.0.1", 1000000);
	add(r, 1, FINDING_NAT, "10.0.0.2", 1000001);
	assert_int_equal(reports_count(r), 1);
	assert_int_equal(reports_newest(r)->count, 2);
}

static void a_flood_waits_and_is_bounded(void **state)
{
	CLEANUP_REPORTS struct reports *r = NULL;
	struct told h = {0};

	(void)state;
	assert_int_equal(reports_new(PERIOD_MS, 100, &r), 0);
	for (unsigned i = 0; i < 3 * REPORTS_MAX; i++)
		add(r, i, FINDING_CLONE, "10.0.0.1", 1000000 + i);
	assert_int_equal(reports_count(r), REPORTS_MAX);
	reports_tell(r, 1020000, on_tell, &h);
	reports_tell(r, 1021000, on_tell, &h);
	assert_int_equal(h.count, 100);
	reports_tell(r, 1020000 + MINUTE_MS, on_tell, &h);
	assert_int_equal(h.count, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_table_forgets_who_was_silent_longest),
		cmocka_unit_test(what_was_heard_of_a_device_is_in_order_of_time),
		cmocka_unit_test(what_was_known_is_known_again),
		cmocka_unit_test(a_line_that_tells_of_no_device_is_skipped),
		cmocka_unit_test(a_finding_is_told_once_and_then_as_a_sum_a_period),
		cmocka_unit_test(a_finding_of_the_mac_alone_is_one_whatever_the_address),
		cmocka_unit_test(a_flood_waits_and_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
