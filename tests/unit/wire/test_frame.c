#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "wire/frame.h"

static menshen_Event sample_event(void)
{
	menshen_Event e = {.seq = 41, .kind = "posture", .at_ms = INT64_C(1795400000123)};

	e.body.size = 2;
	memcpy(e.body.bytes, "{}", 2);
	return e;
}

static void a_message_comes_back_as_it_was_sent(void **state)
{
	CLEANUP_BUF struct buf wire = BUF_INIT;
	menshen_Event sent = sample_event(), got;
	struct frame f;
	size_t used;

	(void)state;
	assert_int_equal(FRAME_ENCODE(&wire, FRAME_EVENT, &sent), 0);
	assert_int_equal(frame_parse(wire.data, wire.len, &f, &used), 0);
	assert_int_equal(used, wire.len);
	assert_int_equal(f.type, FRAME_EVENT);
	assert_int_equal(FRAME_DECODE(&f, &got), 0);
	assert_int_equal(got.seq, 41);
	assert_string_equal(got.kind, "posture");
	assert_int_equal(got.at_ms, INT64_C(1795400000123));
	assert_int_equal(got.body.size, 2);
	assert_memory_equal(got.body.bytes, "{}", 2);
}

static void every_cut_frame_asks_for_more_and_takes_nothing(void **state)
{
	CLEANUP_BUF struct buf wire = BUF_INIT;
	menshen_Event sent = sample_event();
	struct frame f = {.type = FRAME_ACK};
	size_t used = 77;

	(void)state;
	FRAME_ENCODE(&wire, FRAME_EVENT, &sent);
	for (size_t len = 0; len < wire.len; len++)
		assert_int_equal(frame_parse(wire.data, len, &f, &used), -EAGAIN);
	assert_int_equal(f.type, FRAME_ACK);
	assert_int_equal(used, 77);
}

static void frames_behind_one_another_are_read_one_by_one(void **state)
{
	CLEANUP_BUF struct buf wire = BUF_INIT;
	menshen_Ack ack = {0};
	struct frame f;
	size_t used, at = 0;

	(void)state;
	for (uint64_t seq = 1; seq <= 3; seq++) {
		ack.through_seq = seq;
		assert_int_equal(FRAME_ENCODE(&wire, FRAME_ACK, &ack), 0);
	}
	for (uint64_t seq = 1; seq <= 3; seq++, at += used) {
		assert_int_equal(frame_parse(wire.data + at, wire.len - at, &f, &used), 0);
		assert_int_equal(FRAME_DECODE(&f, &ack), 0);
		assert_int_equal(ack.through_seq, seq);
	}
	assert_int_equal(at, wire.len);
	assert_int_equal(frame_parse(wire.data + at, 0, &f, &used), -EAGAIN);
}

static void an_empty_message_is_a_frame_of_six_bytes(void **state)
{
	CLEANUP_BUF struct buf wire = BUF_INIT;
	menshen_Ack ack = {0};
	struct frame f;
	size_t used;

	(void)state;
	assert_int_equal(FRAME_ENCODE(&wire, FRAME_ACK, &ack), 0);
	assert_int_equal(wire.len, FRAME_HEADER);
	assert_int_equal(frame_parse(wire.data, wire.len, &f, &used), 0);
	assert_int_equal(f.len, 0);
	ack.through_seq = 9;
	assert_int_equal(FRAME_DECODE(&f, &ack), 0);
	assert_int_equal(ack.through_seq, 0);
}

static void a_header_that_is_not_ours_is_refused_at_once(void **state)
{
	static const struct {
		const char *what;
		uint8_t header[FRAME_HEADER];
	} bad[] = {
		{"a length without room for the type", {0, 0, 0, 1, 0, 1}},
		{"no length at all", {0, 0, 0, 0, 0, 1}},
		{"one byte over the limit", {0, 0, 0xa0, 3, 0, 1}},
		{"the largest length", {0xff, 0xff, 0xff, 0xff, 0, 1}},
		{"type zero", {0, 0, 0, 2, 0, 0}},
		{"a type in the gap", {0, 0, 0, 2, 0, FRAME_REFUSAL + 1}},
		{"the type after the last", {0, 0, 0, 2, 0, FRAME_TYPE_END}},
		{"the largest type", {0, 0, 0, 2, 0xff, 0xff}},
		{"text of another protocol", {'G', 'E', 'T', ' ', '/', ' '}},
	};
	struct frame f;
	size_t used;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (frame_parse(bad[i].header, FRAME_HEADER, &f, &used) != -EBADMSG)
			fail_msg("%s was not refused", bad[i].what);
}

static void a_frame_of_the_largest_size_is_awaited(void **state)
{
	static const uint8_t header[FRAME_HEADER] = {0, 0, 0xa0, 2, 0, FRAME_POLICY};
	struct frame f;
	size_t used;

	(void)state;
	assert_int_equal(frame_parse(header, sizeof(header), &f, &used), -EAGAIN);
}

static void a_payload_that_breaks_its_schema_is_refused(void **state)
{
	static const struct {
		const char *what;
		enum frame_type type;
		size_t len;
		uint8_t payload[64];
	} bad[] = {
		{"a cut varint", FRAME_ACK, 2, {0x08, 0x80}},
		{"a varint of eleven bytes",
		 FRAME_ACK,
		 12,
		 {0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}},
		{"text longer than its bytes", FRAME_REFUSAL, 3, {0x0a, 5, 'x'}},
		{"text over its bound", FRAME_ENROL_REQUEST, 35, {0x0a, 33, 'A', 'B', 'C'}},
		{"a wrong wire type", FRAME_ACK, 3, {0x0a, 1, 'x'}},
		{"field number zero", FRAME_ACK, 2, {0x00, 1}},
		{"an epoch of 17 bytes", FRAME_AGENT_HELLO, 19, {0x22, 17}},
		{"an epoch of 15 bytes", FRAME_AGENT_HELLO, 17, {0x22, 15}},
		{"nine network cards",
		 FRAME_HEARTBEAT,
		 18,
		 {0x2a, 0, 0x2a, 0, 0x2a, 0, 0x2a, 0, 0x2a, 0, 0x2a, 0, 0x2a, 0, 0x2a, 0, 0x2a}},
	};
	static union {
		menshen_Ack ack;
		menshen_Refusal refusal;
		menshen_EnrolRequest enrol;
		menshen_AgentHello hello;
		menshen_Heartbeat heartbeat;
	} m;
	static const size_t sizes[FRAME_TYPE_END] = {
		[FRAME_ACK] = sizeof(m.ack),
		[FRAME_REFUSAL] = sizeof(m.refusal),
		[FRAME_ENROL_REQUEST] = sizeof(m.enrol),
		[FRAME_AGENT_HELLO] = sizeof(m.hello),
		[FRAME_HEARTBEAT] = sizeof(m.heartbeat),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct frame f = {bad[i].type, bad[i].payload, bad[i].len};

		if (frame_decode(&f, &m, sizes[f.type]) != -EBADMSG)
			fail_msg("%s was not refused", bad[i].what);
	}
}

static void an_unknown_field_is_skipped_so_that_versions_can_differ(void **state)
{
	static const uint8_t payload[] = {0x08, 7, 0xfa, 0x01, 3, 'n', 'e', 'w'};
	struct frame f = {FRAME_ACK, payload, sizeof(payload)};
	menshen_Ack ack;

	(void)state;
	assert_int_equal(FRAME_DECODE(&f, &ack), 0);
	assert_int_equal(ack.through_seq, 7);
}

static void a_struct_of_another_type_is_caught(void **state)
{
	CLEANUP_BUF struct buf wire = BUF_INIT;
	struct frame f = {FRAME_EVENT, NULL, 0};
	menshen_Ack ack = {.through_seq = 5};

	(void)state;
	assert_int_equal(FRAME_ENCODE(&wire, FRAME_EVENT, &ack), -EINVAL);
	assert_int_equal(wire.len, 0);
	assert_int_equal(FRAME_DECODE(&f, &ack), -EINVAL);
	assert_int_equal(ack.through_seq, 5);
	f.type = FRAME_TYPE_END;
	assert_int_equal(FRAME_DECODE(&f, &ack), -EINVAL);
}

static void a_failed_encode_sticks_in_the_buffer(void **state)
{
	CLEANUP_BUF struct buf wire = {.limit = 16};
	menshen_Refusal refusal = {.reason = "protocol", .text_en = "this version is too old"};
	menshen_Ack ack = {.through_seq = 1};

	(void)state;
	assert_int_equal(FRAME_ENCODE(&wire, FRAME_REFUSAL, &refusal), -EMSGSIZE);
	assert_int_equal(wire.error, -EMSGSIZE);
	assert_true(FRAME_ENCODE(&wire, FRAME_ACK, &ack) < 0);
	assert_int_equal(wire.len, 0);
}

static void the_largest_policy_fits_into_a_frame(void **state)
{
	CLEANUP_BUF struct buf wire = BUF_INIT;
	static menshen_Policy sent, got;
	struct frame f;
	size_t used;

	(void)state;
	sent = (menshen_Policy){.epoch = UINT64_MAX, .number = UINT64_MAX};
	sent.body.size = sizeof(sent.body.bytes);
	memset(sent.body.bytes, 'p', sizeof(sent.body.bytes));
	sent.signature.size = sizeof(sent.signature.bytes);
	assert_int_equal(FRAME_ENCODE(&wire, FRAME_POLICY, &sent), 0);
	assert_int_equal(frame_parse(wire.data, wire.len, &f, &used), 0);
	assert_int_equal(FRAME_DECODE(&f, &got), 0);
	assert_int_equal(got.number, UINT64_MAX);
	assert_int_equal(got.body.size, sizeof(sent.body.bytes));
	assert_memory_equal(got.body.bytes, sent.body.bytes, sizeof(sent.body.bytes));
}

static void every_type_that_has_a_name_is_parsed_and_no_other(void **state)
{
	struct frame f;
	size_t used, named = 0;

	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		const uint8_t header[FRAME_HEADER] = {0, 0, 0, 2, 0, (uint8_t)type};
		bool has_name = frame_name((enum frame_type)type) != NULL;

		named += has_name;
		assert_int_equal(frame_parse(header, sizeof(header), &f, &used),
				 has_name ? 0 : -EBADMSG);
	}
	assert_int_equal(named, FRAME_REFUSAL + FRAME_TYPE_END - FRAME_GATE_HELLO);
	assert_string_equal(frame_name(FRAME_HEARTBEAT), "heartbeat");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_comes_back_as_it_was_sent),
		cmocka_unit_test(every_cut_frame_asks_for_more_and_takes_nothing),
		cmocka_unit_test(frames_behind_one_another_are_read_one_by_one),
		cmocka_unit_test(an_empty_message_is_a_frame_of_six_bytes),
		cmocka_unit_test(a_header_that_is_not_ours_is_refused_at_once),
		cmocka_unit_test(a_frame_of_the_largest_size_is_awaited),
		cmocka_unit_test(a_payload_that_breaks_its_schema_is_refused),
		cmocka_unit_test(an_unknown_field_is_skipped_so_that_versions_can_differ),
		cmocka_unit_test(a_struct_of_another_type_is_caught),
		cmocka_unit_test(a_failed_encode_sticks_in_the_buffer),
		cmocka_unit_test(the_largest_policy_fits_into_a_frame),
		cmocka_unit_test(every_type_that_has_a_name_is_parsed_and_no_other),
	};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
