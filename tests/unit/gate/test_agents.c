#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gate/facts/agents.h"

#define NOON INT64_C(1795400000000)

static struct agents agents;
static const struct uuid terminal = {{1}};

static int setup(void **state)
{
	(void)state;
	agents_init(&agents);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	agents_done(&agents);
	return 0;
}

static void hear(bool connected, int64_t said_at_ms, int64_t now_ms, uint8_t mac)
{
	menshen_AgentSeen seen = {.at_ms = said_at_ms, .connected = connected};

	memcpy(seen.terminal, terminal.b, sizeof(terminal));
	if (mac) {
		seen.macs_count = 1;
		seen.macs[0].size = 6;
		seen.macs[0].bytes[5] = mac;
	}
	assert_int_equal(agents_seen(&agents, &seen, now_ms), 0);
}

static void an_agent_lives_while_it_is_heard(void **state)
{
	(void)state;
	assert_false(agent_is_live(agents_get(&agents, &terminal), NOON));
	hear(true, NOON, NOON, 0);
	assert_true(agent_is_live(agents_get(&agents, &terminal), NOON + AGENT_FRESH_MS));
	assert_false(agent_is_live(agents_get(&agents, &terminal), NOON + AGENT_FRESH_MS + 1));
	hear(false, NOON, NOON + 1, 0);
	assert_false(agent_is_live(agents_get(&agents, &terminal), NOON + 1));
}

static void a_goodbye_told_later_is_of_when_it_was(void **state)
{
	(void)state;
	hear(false, NOON - 9000, NOON, 0);
	assert_int_equal(agents_get(&agents, &terminal)->seen_at_ms, NOON - 9000);
	hear(true, NOON, NOON, 0);
	hear(false, NOON - 9000, NOON + 5, 0); /* this one we saw ourselves */
	assert_int_equal(agents_get(&agents, &terminal)->seen_at_ms, NOON + 5);
}

static void a_missed_agent_is_forgiven_when_it_reports(void **state)
{
	(void)state;
	assert_int_equal(agents_miss(&agents, &terminal, NOON), 0);
	assert_true(agents_get(&agents, &terminal)->missed);
	hear(false, NOON, NOON, 0);
	assert_true(agents_get(&agents, &terminal)->missed);
	hear(true, NOON, NOON, 0);
	assert_false(agents_get(&agents, &terminal)->missed);
}

static bool is_missed(int64_t since_ms)
{
	assert_int_equal(agents_miss(&agents, &terminal, since_ms), 0);
	return agents_get(&agents, &terminal)->missed;
}

static void an_agent_that_reported_since_is_not_missed(void **state)
{
	(void)state;
	hear(true, NOON, NOON, 0);
	assert_false(is_missed(NOON + 1)); /* it is connected */
	hear(false, NOON, NOON + 5, 0);
	assert_false(is_missed(NOON));
	assert_false(is_missed(NOON + 5));
	assert_true(is_missed(NOON + 6));
}

static void an_agent_never_heard_of_can_be_missed(void **state)
{
	(void)state;
	assert_null(agents_get(&agents, &terminal));
	assert_true(is_missed(NOON));
}

static void only_a_living_agent_denies_a_mac(void **state)
{
	const struct mac own = {{0, 0, 0, 0, 0, 7}}, other = {{0, 0, 0, 0, 0, 8}};

	(void)state;
	assert_false(agent_denies_mac(agents_get(&agents, &terminal), &other, NOON));
	hear(true, NOON, NOON, 0);
	assert_false(agent_denies_mac(agents_get(&agents, &terminal), &other, NOON));
	hear(true, NOON, NOON, 7);
	assert_true(agent_denies_mac(agents_get(&agents, &terminal), &other, NOON));
	assert_false(agent_denies_mac(agents_get(&agents, &terminal), &own, NOON));
	assert_false(agent_denies_mac(agents_get(&agents, &terminal), &other,
				      NOON + AGENT_FRESH_MS + 1));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(an_agent_lives_while_it_is_heard),
		CASE(a_goodbye_told_later_is_of_when_it_was),
		CASE(a_missed_agent_is_forgiven_when_it_reports),
		CASE(an_agent_that_reported_since_is_not_missed),
		CASE(an_agent_never_heard_of_can_be_missed),
		CASE(only_a_living_agent_denies_a_mac),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
