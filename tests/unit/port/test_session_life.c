#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "wood.h"

#define LIVES 200000

/* What may happen to a port, by whom, with which answer. */
struct turn {
	const struct mac *mac;
	const struct answer *answer;
};

static void carrier_comes(struct session *s, const struct turn *t)
{
	(void)t;
	session_carrier(s, true);
}

static void carrier_goes(struct session *s, const struct turn *t)
{
	(void)t;
	session_carrier(s, false);
}

static void knocks(struct session *s, const struct turn *t)
{
	session_knock(s, t->mac);
}

static void eap_runs(struct session *s, const struct turn *t)
{
	session_eap_runs(s, t->mac);
}

static void eap_is_answered(struct session *s, const struct turn *t)
{
	session_eap_answered(s, t->mac, t->answer);
}

static void eap_breaks(struct session *s, const struct turn *t)
{
	session_eap_broken(s, t->mac);
}

static void eap_succeeds(struct session *s, const struct turn *t)
{
	session_eap_success(s, t->mac);
}

static void eap_goes(struct session *s, const struct turn *t)
{
	session_eap_gone(s, t->mac);
}

static void mac_is_answered(struct session *s, const struct turn *t)
{
	session_mac_answered(s, t->answer);
}

static void time_is_over(struct session *s, const struct turn *t)
{
	(void)t;
	session_timer(s);
}

static void gate_ends_it(struct session *s, const struct turn *t)
{
	(void)t;
	session_end(s, RADIUS_CAUSE_ADMIN_RESET);
}

static void gates_are_back(struct session *s, const struct turn *t)
{
	(void)t;
	session_gates_back(s);
}

static void box_closes_it(struct session *s, const struct turn *t)
{
	(void)t;
	session_close(s, RADIUS_CAUSE_PORT_ERROR);
}

static void (*const turns[])(struct session *, const struct turn *) = {
	carrier_comes,	 carrier_comes,	  carrier_goes, knocks,	      knocks,
	eap_runs,	 eap_is_answered, eap_breaks,	eap_succeeds, eap_goes,
	mac_is_answered, mac_is_answered, time_is_over, time_is_over, gate_ends_it,
	gates_are_back,	 box_closes_it,
};

static uint32_t next(uint32_t *seed, uint32_t below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed % below;
}

/* Invariants 1 and 2. */
static void whatever_happens_open_and_accounting_agree(void **state)
{
	static const struct answer *const answers[] = {&admit, &refuse, &silence};
	uint32_t seed = 7;
	struct wood w;

	(void)state;
	plug(&w, 50);
	for (int i = 0; i < LIVES; i++) {
		const struct turn t = {next(&seed, 2) ? &printer : &other,
				       answers[next(&seed, ARRAY_SIZE(answers))]};

		w.open_fails = next(&seed, 16) == 0;
		w.ask_fails = next(&seed, 16) == 0;
		turns[next(&seed, ARRAY_SIZE(turns))](&w.s, &t);
		assert_int_equal(w.open, w.s.state == SESSION_OPEN);
		assert_int_equal(w.starts - w.stops, w.open);
		assert_int_equal(w.s.method != SESSION_BY_NOBODY, w.open);
	}
	assert_in_range(w.starts, LIVES / 1000, LIVES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_happens_open_and_accounting_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
