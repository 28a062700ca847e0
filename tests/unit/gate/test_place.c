#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "gate/front/place.h"

static struct vendors *vendors;
static char error[VENDOR_ERROR_SIZE];

static int load(void **state)
{
	(void)state;
	return vendors_load(PROJECT_ROOT "/vendors", &vendors, error);
}

static int unload(void **state)
{
	(void)state;
	vendors_free(vendors);
	return 0;
}

static const struct snap_switch full = {.row = {.vlan_normal = "10",
						.vlan_isolation = "99",
						.acl_isolation = "3999",
						.acl_normal = "3001",
						.voice_vlan = "20",
						.reach = "10.1.0.2:8443"}};

static void isolation_is_in_place_where_the_switch_can_and_by_vlan_elsewhere(void **state)
{
	const struct vendor *cisco = vendors_get(vendors, "cisco");
	struct snap_switch at = full;
	struct vendor_place p = place_of(cisco, &at, VERDICT_ISOLATE, TERMINAL_PC, "none");

	(void)state;
	assert_string_equal(p.acl, "3999");
	assert_string_equal(p.vlan, "10");
	assert_null(p.reach);
	at.row.acl_isolation[0] = 0;
	p = place_of(cisco, &at, VERDICT_ISOLATE, TERMINAL_PC, "none");
	assert_string_equal(p.reach, "10.1.0.2:8443");
	assert_string_equal(p.vlan, "10");
	assert_null(p.acl);
	/* This vendor downloads no rules. */
	p = place_of(vendors_get(vendors, "h3c"), &at, VERDICT_ISOLATE, TERMINAL_PHONE, "none");
	assert_string_equal(p.vlan, "99");
	assert_null(p.reach);
	assert_null(p.voice_vlan);
}

static void who_is_admitted_gets_the_normal_place_and_a_phone_its_own(void **state)
{
	const struct vendor *v = vendors_get(vendors, "huawei");
	struct vendor_place p = place_of(v, &full, VERDICT_ADMIT, TERMINAL_PC, "none");

	(void)state;
	assert_string_equal(p.vlan, "10");
	assert_string_equal(p.acl, "3001");
	assert_null(p.voice_vlan);
	p = place_of(v, &full, VERDICT_ADMIT, TERMINAL_PHONE, "none");
	assert_string_equal(p.voice_vlan, "20");
	assert_null(p.vlan);
}

static void a_switch_can_isolate_by_any_one_of_three_ways(void **state)
{
	const struct vendor *cisco = vendors_get(vendors, "cisco"),
			    *h3c = vendors_get(vendors, "h3c");
	struct snap_switch at = {0};

	(void)state;
	assert_false(place_can_isolate(cisco, &at));
	snprintf(at.row.reach, sizeof(at.row.reach), "10.1.0.2:443");
	assert_true(place_can_isolate(cisco, &at));
	assert_false(place_can_isolate(h3c, &at));
	snprintf(at.row.vlan_isolation, sizeof(at.row.vlan_isolation), "99");
	assert_true(place_can_isolate(h3c, &at));
	at.row.vlan_isolation[0] = 0;
	snprintf(at.row.acl_isolation, sizeof(at.row.acl_isolation), "3999");
	assert_true(place_can_isolate(h3c, &at));
}

static void a_coa_changes_only_what_it_can_replace(void **state)
{
	static const struct {
		struct vendor_place from, to;
		bool can;
	} cases[] = {
		{{.vlan = "10"}, {.vlan = "99"}, true},
		{{.vlan = "10"}, {.vlan = ""}, false},
		{{.vlan = "10"}, {.vlan = "10", .acl = "3999"}, true},
		{{.vlan = "10", .acl = "3999"}, {.vlan = "10"}, false},
		{{.vlan = "10", .acl = "3999"}, {.vlan = "10", .acl = "3001"}, true},
		{{.vlan = "10", .reach = "x"}, {.vlan = "10"}, false},
		{{.voice_vlan = "20"}, {.vlan = "99"}, false},
		{{0}, {0}, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(place_can_change(&cases[i].from, &cases[i].to), cases[i].can);
}

/* What an Access-Accept would carry of the place. */
static void say(const struct vendors *from, const char *vendor, char hex[static 256])
{
	struct radius_out out = {0};
	const struct vendor *v = vendors_get(from, vendor);
	const struct vendor_place p = place_of(v, &full, VERDICT_ADMIT, TERMINAL_PHONE, "none");

	vendor_put_place(v, &p, &out);
	assert_true(out.len < 128);
	hex_encode(hex, out.data, out.len);
}

static void a_vendor_that_is_added_as_a_file_is_answered_by_it(void **state)
{
	static const char acme[] = "[vendor]\ntitle = Acme\n[answer]\nvlan = 4660.1 number {vlan}\n"
				   "acl = 4660.2 text acl/{acl}/in\nvoice = 4660.3 number 1\n"
				   "[change]\nport = 1\nidentify = 31 text {calling}\n";
	char dir[] = "/tmp/menshen-vendors-XXXXXX", path[96], before[256], after[256];
	CLEANUP_VENDORS struct vendors *v = NULL;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/acme.conf", dir);
	assert_int_equal(file_replace(path, acme, strlen(acme), 0644), 0);
	assert_int_equal(vendors_load(dir, &v, error), 0);
	say(vendors, "acme", before);
	say(v, "acme", after);
	assert_string_equal(before, "0b0633303031"
				    "380631000014");
	assert_string_equal(after, "1a13"
				   "00001234"
				   "020d"
				   "61636c2f333030312f696e"
				   "1a0c"
				   "00001234"
				   "0306"
				   "00000001");
	unlink(path);
	rmdir(dir);
}

static void add_switch(struct snapshot *s, int64_t id, const char *vendor)
{
	menshen_SnapSwitch m = {.id = id, .unit_id = 1};
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	struct frame f;
	size_t used;

	snprintf(m.address, sizeof(m.address), "10.0.0.%d", (int)id);
	snprintf(m.vendor, sizeof(m.vendor), "%s", vendor);
	assert_int_equal(FRAME_ENCODE(&bytes, FRAME_SNAP_SWITCH, &m), 0);
	assert_int_equal(frame_parse(bytes.data, bytes.len, &f, &used), 0);
	assert_int_equal(snapshot_apply(s, &f), 0);
}

static void a_vendor_that_nobody_describes_is_noticed(void **state)
{
	CLEANUP_SNAPSHOT struct snapshot *s = NULL;
	const struct snap_switch *first;

	(void)state;
	assert_int_equal(snapshot_new(NULL, &s), 0);
	add_switch(s, 1, "huawei");
	add_switch(s, 2, "other");
	assert_int_equal(place_count_unknown(vendors, s, &first), 0);
	assert_null(first);
	add_switch(s, 4, "acme");
	add_switch(s, 3, "hauwei");
	assert_int_equal(place_count_unknown(vendors, s, &first), 2);
	assert_string_equal(first->row.vendor, "hauwei");
}

static void a_visitor_gets_the_visitors_network_and_nothing_else(void **state)
{
	struct snap_switch at = full;
	struct vendor_place p;

	(void)state;
	assert_int_equal(text_copy(at.row.visitor_vlan, sizeof(at.row.visitor_vlan), "30"), 0);
	p = place_of(vendors_get(vendors, "cisco"), &at, VERDICT_ADMIT, TERMINAL_VISITOR, "none");
	assert_string_equal(p.vlan, "30");
	assert_null(p.acl);
	assert_null(p.voice_vlan);
	p = place_of(vendors_get(vendors, "cisco"), &at, VERDICT_ISOLATE, TERMINAL_VISITOR, "none");
	assert_string_equal(p.acl, "3999");
}

static void
an_old_terminal_lives_in_its_restricted_network_and_is_isolated_like_others(void **state)
{
	const struct vendor *v = vendors_get(vendors, "cisco");
	struct vendor_place p;

	(void)state;
	p = place_of(v, &full, VERDICT_ADMIT, TERMINAL_XPE, "xpe");
	assert_string_equal(p.vlan, "xpe");
	assert_null(p.acl);
	p = place_of(v, &full, VERDICT_ADMIT, TERMINAL_XPE, "none");
	assert_string_equal(p.vlan, full.row.vlan_normal);
	p = place_of(v, &full, VERDICT_ADMIT, TERMINAL_PC, "xpe");
	assert_string_equal(p.vlan, full.row.vlan_normal);
	p = place_of(v, &full, VERDICT_ISOLATE, TERMINAL_XPE, "xpe");
	assert_true(!p.vlan || strcmp(p.vlan, "xpe") != 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_visitor_gets_the_visitors_network_and_nothing_else),
		cmocka_unit_test(isolation_is_in_place_where_the_switch_can_and_by_vlan_elsewhere),
		cmocka_unit_test(who_is_admitted_gets_the_normal_place_and_a_phone_its_own),
		cmocka_unit_test(a_switch_can_isolate_by_any_one_of_three_ways),
		cmocka_unit_test(a_coa_changes_only_what_it_can_replace),
		cmocka_unit_test(a_vendor_that_is_added_as_a_file_is_answered_by_it),
		cmocka_unit_test(
			an_old_terminal_lives_in_its_restricted_network_and_is_isolated_like_others),
		cmocka_unit_test(a_vendor_that_nobody_describes_is_noticed),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
