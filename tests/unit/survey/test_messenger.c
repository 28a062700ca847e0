/* What head office is told of the switches, and what it is not told again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/clock.h"
#include "survey/ask.h"
#include "survey/bulletin.h"
#include "survey/messenger.h"

#define AT_MS INT64_C(1800000000000)

struct lab {
	struct loop *loop;
	struct messenger *m;
	struct settings settings;
	struct survey survey;
	struct seat seats[2];
	struct buf heard; /* lines */
	bool full;
};

static int say(void *arg, const char *text, size_t len)
{
	struct lab *lab = arg;

	if (lab->full)
		return -EAGAIN;
	buf_append(&lab->heard, text, len);
	buf_puts(&lab->heard, "\n");
	return lab->heard.error;
}

static void take(struct table *t, enum column column, const char *text, uint32_t number,
		 const uint32_t *index, size_t count)
{
	struct cell c = {.column = column, .number = number, .index_len = count};

	memcpy(c.index, index, count * sizeof(*index));
	c.bytes = (const uint8_t *)text;
	c.len = text ? strlen(text) : 0;
	table_take(t, &c);
}

#define CELL(t, c, text, value, ...)                                                               \
	take((t), (c), (text), (value), (const uint32_t[]){__VA_ARGS__},                           \
	     sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

/* Gi0/1 with `count` MACs, Gi0/2 that is down, a VLAN, an uplink Gi0/3. */
static struct table *make_table(uint32_t count)
{
	struct table *t;

	assert_int_equal(table_new(&t), 0);
	for (uint32_t i = 1; i <= 4; i++) {
		char name[16];

		snprintf(name, sizeof(name), i < 4 ? "Gi0/%u" : "Vlanif%u", i);
		CELL(t, COLUMN_IF_NAME, name, 0, i);
		CELL(t, COLUMN_IF_KIND, NULL, i < 4 ? 6 : 53, i);
		CELL(t, COLUMN_IF_SPEED, NULL, 1000, i);
		CELL(t, COLUMN_IF_ADMIN, NULL, 1, i);
		CELL(t, COLUMN_IF_OPER, NULL, i == 2 ? 2 : 1, i);
		CELL(t, COLUMN_BASE_PORT, NULL, i, i);
	}
	for (uint32_t i = 0; i < count; i++)
		CELL(t, COLUMN_VLAN_FDB_PORT, NULL, 1, 30, 0, 0x1e, 0x67, 0, 0, i);
	for (uint32_t i = 0; i < 40; i++)
		CELL(t, COLUMN_VLAN_FDB_PORT, NULL, 3, 30, 0, 0x1e, 0x67, 1, 0, i);
	CELL(t, COLUMN_NEIGHBOUR_NAME, "core", 0, 0, 3, 1);
	table_finish(t);
	return t;
}

static void survey_it(struct lab *lab, size_t seat, uint32_t macs, int64_t at_ms)
{
	table_free(lab->seats[seat].table);
	lab->seats[seat].table = make_table(macs);
	lab->seats[seat].last = ASKED_DONE;
	lab->seats[seat].asked_at_ms = at_ms;
	messenger_surveyed(lab->m, &lab->seats[seat]);
}

static void open_lab(struct lab *lab)
{
	*lab = (struct lab){.heard = BUF_INIT, .settings.uplink_macs = UPLINK_MACS};
	lab->survey = (struct survey){.settings = &lab->settings, .seats = lab->seats, .count = 2};
	lab->seats[0].target.id = 1;
	lab->seats[1].target.id = 2;
	assert_int_equal(loop_new(&lab->loop), 0);
	assert_int_equal(messenger_new(lab->loop, say, lab, &lab->m), 0);
	messenger_set_survey(lab->m, &lab->survey);
}

static void close_lab(struct lab *lab)
{
	messenger_free(lab->m);
	loop_free(lab->loop);
	table_free(lab->seats[0].table);
	table_free(lab->seats[1].table);
	buf_done(&lab->heard);
}

/* How often the words stand in what was heard, and forgets it. */
static size_t heard(struct lab *lab, const char *words)
{
	size_t count = 0;

	for (const char *p = buf_str(&lab->heard); (p = strstr(p, words)); p++)
		count++;
	return count;
}

static void a_switch_is_told_with_its_ports_and_who_stands_at_them(void **state)
{
	struct lab lab;

	(void)state;
	open_lab(&lab);
	messenger_office(lab.m, true);
	survey_it(&lab, 0, 16, AT_MS);
	assert_int_equal(heard(&lab, "\"type\":\"seen\",\"switch\":1,\"at\":1800000000000"), 1);
	assert_int_equal(heard(&lab, "\"type\":\"port\""), 3); /* a VLAN is no port */
	assert_int_equal(heard(&lab, "\"linked\":false"), 1);
	assert_int_equal(heard(&lab, "\"uplink\":true"), 1);
	assert_int_equal(heard(&lab, "\"speed\":1000"), 3);
	assert_int_equal(heard(&lab, "\"type\":\"macs\""), 1);
	assert_int_equal(heard(&lab, "00:1e:67:00:00:0f"), 1);
	assert_int_equal(heard(&lab, "00:1e:67:01:"), 0); /* who stands behind an uplink */
	assert_int_equal(heard(&lab, "\"type\":\"link\",\"port\":\"Gi0/3\""), 1);
	assert_int_equal(heard(&lab, "\"type\":\"told\""), 1);
	close_lab(&lab);
}

static void every_packet_is_as_long_as_the_gate_takes(void **state)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	struct seat seat = {.last = ASKED_DONE, .table = make_table(200)};

	(void)state;
	bulletin_write(&seat, 4096, AT_MS, &text);
	assert_int_equal(text.error, 0);
	for (char *line = (char *)text.data; *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") < 1024);
	table_free(seat.table);
}

static void what_says_the_same_is_not_told_again_for_an_hour(void **state)
{
	struct lab lab;

	(void)state;
	open_lab(&lab);
	messenger_office(lab.m, true);
	survey_it(&lab, 0, 2, AT_MS);
	messenger_taken(lab.m, 1, AT_MS, false);
	buf_clear(&lab.heard);
	survey_it(&lab, 0, 2, AT_MS + 5 * MINUTE_MS);
	assert_int_equal(lab.heard.len, 0);
	survey_it(&lab, 0, 2, AT_MS + HOUR_MS);
	assert_int_equal(heard(&lab, "\"whole\":false,\"whole_at\":1800000000000"), 1);
	assert_int_equal(heard(&lab, "\n"), 1);
	messenger_taken(lab.m, 1, AT_MS + HOUR_MS, false);
	survey_it(&lab, 0, 3, AT_MS + HOUR_MS + MINUTE_MS);
	assert_int_equal(heard(&lab, "\"whole\":true"), 1);
	close_lab(&lab);
}

static void one_switch_is_on_its_way_at_a_time(void **state)
{
	struct lab lab;

	(void)state;
	open_lab(&lab);
	messenger_office(lab.m, true);
	survey_it(&lab, 0, 2, AT_MS);
	survey_it(&lab, 1, 2, AT_MS + 1);
	assert_int_equal(heard(&lab, "\"type\":\"seen\""), 1);
	messenger_taken(lab.m, 2, AT_MS + 1, false); /* of another: not what is on its way */
	assert_int_equal(heard(&lab, "\"type\":\"seen\""), 1);
	messenger_taken(lab.m, 1, AT_MS, false);
	assert_int_equal(heard(&lab, "\"type\":\"seen\",\"switch\":2"), 1);
	close_lab(&lab);
}

static void nothing_is_said_while_head_office_is_away_and_all_of_it_afterwards(void **state)
{
	struct lab lab;

	(void)state;
	open_lab(&lab);
	survey_it(&lab, 0, 2, AT_MS);
	assert_int_equal(lab.heard.len, 0);
	messenger_office(lab.m, true);
	assert_int_equal(heard(&lab, "\"type\":\"told\""), 1);
	/* lost on the way: head office went away before it took it */
	messenger_office(lab.m, false);
	messenger_office(lab.m, true);
	assert_int_equal(heard(&lab, "\"type\":\"told\""), 2);
	close_lab(&lab);
}

static void a_full_socket_is_waited_for(void **state)
{
	struct lab lab;

	(void)state;
	open_lab(&lab);
	messenger_office(lab.m, true);
	lab.full = true;
	survey_it(&lab, 0, 2, AT_MS);
	assert_true(messenger_has_more(lab.m));
	lab.full = false;
	messenger_room(lab.m);
	assert_false(messenger_has_more(lab.m));
	assert_int_equal(heard(&lab, "\"type\":\"told\""), 1);
	close_lab(&lab);
}

static void head_office_that_knows_another_state_is_told_all_of_it(void **state)
{
	struct lab lab;

	(void)state;
	open_lab(&lab);
	messenger_office(lab.m, true);
	survey_it(&lab, 0, 2, AT_MS);
	messenger_taken(lab.m, 1, AT_MS, false);
	survey_it(&lab, 0, 2, AT_MS + HOUR_MS);
	buf_clear(&lab.heard);
	messenger_taken(lab.m, 1, AT_MS + HOUR_MS, true);
	assert_int_equal(heard(&lab, "\"whole\":true"), 1);
	close_lab(&lab);
}

static void a_switch_that_is_silent_is_told_once_and_once_when_it_is_back(void **state)
{
	struct lab lab;

	(void)state;
	open_lab(&lab);
	messenger_office(lab.m, true);
	survey_it(&lab, 0, 2, AT_MS);
	messenger_taken(lab.m, 1, AT_MS, false);
	buf_clear(&lab.heard);
	for (int64_t i = 1; i < 4; i++) {
		lab.seats[0].last = ASKED_SILENT;
		lab.seats[0].asked_at_ms = AT_MS + i;
		messenger_surveyed(lab.m, &lab.seats[0]);
		messenger_taken(lab.m, 1, AT_MS + i, false);
	}
	assert_int_equal(heard(&lab, "\"said\":\"silent\",\"whole\":false"), 1);
	assert_int_equal(heard(&lab, "\n"), 1);
	survey_it(&lab, 0, 2, AT_MS + 5);
	assert_int_equal(heard(&lab, "\"type\":\"told\""), 1);
	close_lab(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_switch_is_told_with_its_ports_and_who_stands_at_them),
		cmocka_unit_test(every_packet_is_as_long_as_the_gate_takes),
		cmocka_unit_test(what_says_the_same_is_not_told_again_for_an_hour),
		cmocka_unit_test(one_switch_is_on_its_way_at_a_time),
		cmocka_unit_test(
			nothing_is_said_while_head_office_is_away_and_all_of_it_afterwards),
		cmocka_unit_test(a_full_socket_is_waited_for),
		cmocka_unit_test(head_office_that_knows_another_state_is_told_all_of_it),
		cmocka_unit_test(a_switch_that_is_silent_is_told_once_and_once_when_it_is_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
