/* What a finding does to its terminal, in a store of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "office.h"
#include "server/engine/terminal.h"
#include "server/gateway/isolate_finding.h"

#define MANY 12

struct hall {
	struct office o;
	struct finding_policy policy;
	struct mac macs[MANY];
	int64_t ids[MANY];
	const struct mac *mac;
	const char *code;
	int64_t alarmed_ms;
	uint32_t topics;
	bool lifeline;
};

static int fill(struct store *s, int64_t now_ms, void *arg)
{
	struct hall *h = arg;
	int err = 0;

	for (size_t i = 0; !err && i < MANY; i++) {
		struct terminal_spec spec = {.kind = TERMINAL_PC,
					     .unit_id = h->o.unit_id,
					     .name = "desk",
					     .status = TERMINAL_IN_USE,
					     .lifeline = h->lifeline};
		struct terminal t;

		err = terminal_create(s, now_ms, &actor_system, &spec, &t);
		h->macs[i] = (struct mac){{0, 0x1e, 0x67, 0, 0, (uint8_t)i}};
		if (!err)
			err = terminal_own_mac(s, now_ms, &actor_system, t.id, &h->macs[i]);
		h->ids[i] = t.id;
	}
	return err;
}

static int find(struct store *s, int64_t now_ms, void *arg)
{
	struct hall *h = arg;

	return isolate_for_finding(s, now_ms, &h->policy, h->code, h->mac, "evidence",
				   &h->alarmed_ms, &h->topics);
}

static void hall_open(struct hall *h, bool lifeline)
{
	*h = (struct hall){
		.policy = {.percent = 5, .least = 10, .window_ms = 10 * MINUTE_MS},
		.lifeline = lifeline,
	};
	assert_int_equal(finding_set_parse("clone gateway-taken", &h->policy.isolates), 0);
	office_open(&h->o);
	assert_int_equal(office_act(&h->o, fill, h, TOPIC_TERMINAL), 0);
}

static void hear(struct hall *h, const char *code, const struct mac *mac)
{
	h->code = code;
	h->mac = mac;
	assert_int_equal(office_act(&h->o, find, h, TOPIC_TERMINAL), 0);
}

static bool is_isolated(struct hall *h, size_t i)
{
	struct terminal t;

	assert_int_equal(terminal_load(h->o.reader, h->ids[i], &t), 1);
	return t.isolated_at_ms != 0;
}

static void a_finding_of_the_setting_isolates_its_terminal_and_no_other_does(void **state)
{
	struct mac stranger = {{0, 0x1e, 0x67, 9, 9, 9}};
	struct hall h;

	(void)state;
	hall_open(&h, false);
	hear(&h, "nat", &h.macs[0]);
	hear(&h, "no such code", &h.macs[0]);
	hear(&h, "clone", &stranger);
	assert_int_equal(h.topics, 0);
	assert_false(is_isolated(&h, 0));
	hear(&h, "clone", &h.macs[0]);
	assert_true(h.topics & TOPIC_TERMINAL);
	assert_true(is_isolated(&h, 0));
	assert_false(is_isolated(&h, 1));
	office_verify(&h.o);
	office_close(&h.o);
}

static void a_wave_of_findings_trips_the_breaker_and_the_rest_stay_in(void **state)
{
	struct hall h;

	(void)state;
	hall_open(&h, false);
	for (size_t i = 0; i < MANY; i++)
		hear(&h, "gateway-taken", &h.macs[i]);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(is_isolated(&h, i), i < h.policy.least - 1);
	assert_true(h.topics & TOPIC_ALARM);
	assert_int_equal(office_acts(&h.o, "breaker.tripped"), 1);
	office_verify(&h.o);
	office_close(&h.o);
}

static void a_life_line_terminal_is_never_isolated_so(void **state)
{
	struct hall h;

	(void)state;
	hall_open(&h, true);
	hear(&h, "clone", &h.macs[0]);
	assert_false(is_isolated(&h, 0));
	office_close(&h.o);
}

static void a_setting_names_findings_that_have_a_terminal(void **state)
{
	uint32_t bits = 4711;

	(void)state;
	assert_int_equal(finding_set_parse("clone  ip-conflict", &bits), 0);
	assert_int_equal(bits, 1U << FINDING_CLONE | 1U << FINDING_IP_CONFLICT);
	assert_int_equal(finding_set_parse("unknown-device", &bits), -EINVAL);
	assert_int_equal(finding_set_parse("clones", &bits), -EINVAL);
	assert_int_equal(bits, 1U << FINDING_CLONE | 1U << FINDING_IP_CONFLICT);
	assert_int_equal(finding_set_parse("none", &bits), 0);
	assert_int_equal(bits, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_finding_of_the_setting_isolates_its_terminal_and_no_other_does),
		cmocka_unit_test(a_wave_of_findings_trips_the_breaker_and_the_rest_stay_in),
		cmocka_unit_test(a_life_line_terminal_is_never_isolated_so),
		cmocka_unit_test(a_setting_names_findings_that_have_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
