#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "port/answer.h"
#include "radius/build.h"

static struct radius_secret secret;

/* The answer that `fill` makes of an empty Accept or Reject, as it would arrive. */
static int read_filled(uint8_t code, void (*fill)(struct radius_out *out), struct answer *ret)
{
	struct radius_out request, out;
	struct radius_packet p;

	radius_begin_request(&request, RADIUS_ACCESS_REQUEST, 1);
	assert_int_equal(radius_finish_request(&request, &secret), 0);
	p = radius_out_packet(&request);
	radius_begin_answer(&out, code, &p);
	fill(&out);
	assert_int_equal(radius_finish_answer(&out, &secret, p.authenticator), 0);
	p = radius_out_packet(&out);
	return answer_read(&p, ret);
}

static void fill_everything(struct radius_out *out)
{
	radius_put_vlan(out, "20");
	radius_put_text(out, RADIUS_FILTER_ID, "isolation");
	radius_put(out, RADIUS_CLASS, "\0class", 6);
	radius_put_u32(out, RADIUS_SESSION_TIMEOUT, 180);
	radius_put_u32(out, RADIUS_TERMINATION_ACTION, RADIUS_TERMINATION_REAUTHENTICATE);
	radius_put_u32(out, RADIUS_ACCT_INTERIM_INTERVAL, 300);
	radius_put_text(out, RADIUS_USER_NAME, "lina");
	radius_put_text(out, RADIUS_REPLY_MESSAGE, "未知终端");
}

static void an_accept_is_read_whole(void **state)
{
	struct answer a;

	(void)state;
	assert_int_equal(read_filled(RADIUS_ACCESS_ACCEPT, fill_everything, &a), 0);
	assert_int_equal(a.kind, ANSWER_ADMIT);
	assert_int_equal(a.vlan, 20);
	assert_string_equal(a.filter, "isolation");
	assert_int_equal(a.class_len, 6);
	assert_memory_equal(a.class_value, "\0class", 6);
	assert_int_equal(a.timeout_s, 180);
	assert_true(a.ask_again);
	assert_int_equal(a.interim_s, 300);
	assert_string_equal(a.account, "lina");
	assert_string_equal(a.reason, "未知终端");
}

static void put_address(struct radius_out *out, uint8_t type, const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, 0, &a), 0);
	if (a.sa.sa_family == AF_INET)
		radius_put(out, type, &a.in.sin_addr, 4);
	else
		radius_put(out, type, &a.in6.sin6_addr, 16);
}

static void fill_plan(struct radius_out *out)
{
	put_address(out, RADIUS_FRAMED_IP_ADDRESS, "10.1.0.9");
	put_address(out, RADIUS_FRAMED_IP_ADDRESS, "10.1.0.10");
	put_address(out, RADIUS_FRAMED_IPV6_ADDRESS, "fd00::9");
}

static void fill_plan_otherwise(struct radius_out *out)
{
	put_address(out, RADIUS_FRAMED_IPV6_ADDRESS, "fd00::9");
	put_address(out, RADIUS_FRAMED_IP_ADDRESS, "10.1.0.10");
	put_address(out, RADIUS_FRAMED_IP_ADDRESS, "10.1.0.9");
}

static void fill_watched(struct radius_out *out)
{
	fill_plan(out);
	radius_put_vendor(out, RADIUS_VENDOR_MENSHEN, RADIUS_MENSHEN_WATCHED, "\0\0\0\1", 4);
}

static void addresses_of_the_plan_are_part_of_the_place(void **state)
{
	struct answer plan, other, watched;
	struct addr six;

	(void)state;
	assert_int_equal(read_filled(RADIUS_ACCESS_ACCEPT, fill_plan, &plan), 0);
	assert_int_equal(plan.plan.count, 3);
	assert_false(plan.plan.watched);
	assert_int_equal(addr_parse("[fd00::9]", 0, &six), 0);
	assert_true(addr_same_host(&plan.plan.list[2], &six));
	assert_int_equal(read_filled(RADIUS_ACCESS_ACCEPT, fill_plan_otherwise, &other), 0);
	assert_true(answer_same_place(&plan, &other));
	assert_int_equal(read_filled(RADIUS_ACCESS_ACCEPT, fill_watched, &watched), 0);
	assert_true(watched.plan.watched);
	assert_false(answer_same_place(&plan, &watched));
	other.plan.count--;
	assert_false(answer_same_place(&plan, &other));
}

static void fill_short_address(struct radius_out *out)
{
	radius_put(out, RADIUS_FRAMED_IP_ADDRESS, "\12\1\0", 3);
}

static void fill_too_many(struct radius_out *out)
{
	for (unsigned i = 0; i <= ANSWER_PLANNED_MAX; i++)
		radius_put_u32(out, RADIUS_FRAMED_IP_ADDRESS, 0x0a010000 + i);
}

static void fill_own_choice(struct radius_out *out)
{
	radius_put_u32(out, RADIUS_FRAMED_IP_ADDRESS, 0xfffffffe);
}

static void a_plan_that_cannot_be_held_opens_nothing(void **state)
{
	struct answer a;

	(void)state;
	assert_int_equal(read_filled(RADIUS_ACCESS_ACCEPT, fill_short_address, &a), -EBADMSG);
	assert_int_equal(read_filled(RADIUS_ACCESS_ACCEPT, fill_too_many, &a), -EBADMSG);
	assert_int_equal(read_filled(RADIUS_ACCESS_ACCEPT, fill_own_choice, &a), 0);
	assert_int_equal(a.plan.count, 0);
}

static void a_reject_has_a_reason_and_no_place(void **state)
{
	struct answer a;

	(void)state;
	assert_int_equal(read_filled(RADIUS_ACCESS_REJECT, fill_everything, &a), 0);
	assert_int_equal(a.kind, ANSWER_REJECT);
	assert_int_equal(a.vlan, 0);
	assert_string_equal(a.reason, "未知终端");
}

static void fill_nothing(struct radius_out *out)
{
	(void)out;
}

static void an_empty_accept_names_no_vlan(void **state)
{
	struct answer a;

	(void)state;
	assert_int_equal(read_filled(RADIUS_ACCESS_ACCEPT, fill_nothing, &a), 0);
	assert_int_equal(a.vlan, 0);
	assert_int_equal(a.class_len, 0);
	assert_false(a.ask_again);
	assert_string_equal(a.reason, "");
}

static void fill_tagged(struct radius_out *out)
{
	radius_put(out, RADIUS_TUNNEL_PRIVATE_GROUP_ID,
		   "\x01"
		   "30",
		   3);
}

static void a_tag_before_the_vlan_is_no_part_of_it(void **state)
{
	struct answer a;

	(void)state;
	assert_int_equal(read_filled(RADIUS_ACCESS_ACCEPT, fill_tagged, &a), 0);
	assert_int_equal(a.vlan, 30);
}

static void fill_vlan_name(struct radius_out *out)
{
	radius_put_text(out, RADIUS_TUNNEL_PRIVATE_GROUP_ID, "office");
}

static void fill_vlan_range(struct radius_out *out)
{
	radius_put_text(out, RADIUS_TUNNEL_PRIVATE_GROUP_ID, "4095");
}

static void fill_other_tunnel(struct radius_out *out)
{
	radius_put_tagged_u24(out, RADIUS_TUNNEL_TYPE, 9);
	radius_put_text(out, RADIUS_TUNNEL_PRIVATE_GROUP_ID, "10");
}

static void fill_short_number(struct radius_out *out)
{
	radius_put(out, RADIUS_SESSION_TIMEOUT, "\x01", 1);
}

static void what_cannot_be_obeyed_is_refused(void **state)
{
	static void (*const fills[])(struct radius_out *) = {fill_vlan_name, fill_vlan_range,
							     fill_other_tunnel, fill_short_number};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(fills); i++) {
		struct answer a = {.vlan = 4711};

		assert_int_equal(read_filled(RADIUS_ACCESS_ACCEPT, fills[i], &a), -EBADMSG);
		assert_int_equal(a.vlan, 4711);
	}
}

static void a_challenge_is_no_answer(void **state)
{
	struct answer a;

	(void)state;
	assert_int_equal(read_filled(RADIUS_ACCESS_CHALLENGE, fill_nothing, &a), -EBADMSG);
}

static void fill_control_characters(struct radius_out *out)
{
	radius_put(out, RADIUS_REPLY_MESSAGE, "a\x1b[2J\0b", 7);
}

static void a_reason_cannot_command_a_terminal(void **state)
{
	struct answer a;

	(void)state;
	assert_int_equal(read_filled(RADIUS_ACCESS_REJECT, fill_control_characters, &a), 0);
	assert_string_equal(a.reason, "a?[2J?b");
}

static void a_place_is_vlan_and_filter_and_a_class_is_a_session(void **state)
{
	struct answer a, b;

	(void)state;
	assert_int_equal(read_filled(RADIUS_ACCESS_ACCEPT, fill_everything, &a), 0);
	b = a;
	assert_true(answer_same_place(&a, &b) && answer_same_class(&a, &b));
	b.class_value[2] ^= 1;
	assert_true(answer_same_place(&a, &b));
	assert_false(answer_same_class(&a, &b));
	b = a;
	b.vlan = 10;
	assert_false(answer_same_place(&a, &b));
	b = a;
	b.filter[0] = 0;
	assert_false(answer_same_place(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_accept_is_read_whole),
		cmocka_unit_test(addresses_of_the_plan_are_part_of_the_place),
		cmocka_unit_test(a_plan_that_cannot_be_held_opens_nothing),
		cmocka_unit_test(a_reject_has_a_reason_and_no_place),
		cmocka_unit_test(an_empty_accept_names_no_vlan),
		cmocka_unit_test(a_tag_before_the_vlan_is_no_part_of_it),
		cmocka_unit_test(what_cannot_be_obeyed_is_refused),
		cmocka_unit_test(a_challenge_is_no_answer),
		cmocka_unit_test(a_reason_cannot_command_a_terminal),
		cmocka_unit_test(a_place_is_vlan_and_filter_and_a_class_is_a_session),
	};

	if (radius_secret_set(&secret, "s", 1))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
