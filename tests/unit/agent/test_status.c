#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "agent/core/status_socket.h"
#include "agent/core/status_text.h"
#include "agent/guards/guard.h"
#include "agent/linux/supplicant.h"
#include "base/clock.h"
#include "base/text.h"
#include "place.h"
#include "policy/reason.h"

#define NOW_MS (INT64_C(1795400000) * SECOND_MS)

/* A report in which all is well; tests change what they are about. */
static json_t *good_report(void)
{
	json_t *r = json_pack(
		"{s:s, s:I, s:{s:s, s:s, s:I}, s:{s:s, s:b, s:I, s:s, s:s}, s:s, "
		"s:[{s:s, s:s, s:s, s:s, s:s}], s:{s:s, s:s}, s:{s:I, s:I}, s:{s:I, s:b}}",
		"version", "0.1.0", "at_ms", (json_int_t)NOW_MS, "certificate", "state", "good",
		"asset_no", "PC-2026-000017", "until_ms", (json_int_t)(NOW_MS + DAY_MS),
		"connection", "server", "10.1.0.2:8444", "connected", true, "since_ms",
		(json_int_t)NOW_MS, "trouble", "", "refused", "", "posture", "good", "guards",
		"name", "antivirus", "mode", "enforce", "state", "good", "reason", "", "detail",
		"ClamAV", "verdict", "verdict", "admit", "reason", "ok", "policy", "epoch",
		(json_int_t)1, "number", (json_int_t)7, "queue", "waiting", (json_int_t)0, "full",
		false);

	assert_non_null(r);
	return r;
}

static void set(json_t *report, const char *part, const char *name, json_t *value)
{
	assert_int_equal(json_object_set_new(json_object_get(report, part), name, value), 0);
}

/* True when all is well; `ret` is what the person reads. Takes the report over. */
static bool describe(json_t *report, bool running, enum language language, struct buf *ret)
{
	bool well = status_describe(report, running, NOW_MS, language, ret);

	json_decref(report);
	return well;
}

static void assert_wrong(json_t *report, const char *zh, const char *en)
{
	CLEANUP_BUF struct buf chinese = BUF_INIT, english = BUF_INIT;

	json_incref(report);
	assert_false(describe(report, true, LANGUAGE_ZH, &chinese));
	assert_false(describe(report, true, LANGUAGE_EN, &english));
	if (!strstr(buf_str(&chinese), zh))
		fail_msg("%s is not in:\n%s", zh, buf_str(&chinese));
	if (!strstr(buf_str(&english), en))
		fail_msg("%s is not in:\n%s", en, buf_str(&english));
}

static void a_terminal_that_is_well_is_told_so(void **state)
{
	CLEANUP_BUF struct buf zh = BUF_INIT, en = BUF_INIT;

	(void)state;
	assert_true(describe(good_report(), true, LANGUAGE_ZH, &zh));
	assert_true(describe(good_report(), true, LANGUAGE_EN, &en));
	assert_null(strstr(buf_str(&zh), "✗"));
	assert_null(strstr(buf_str(&en), "✗"));
	assert_non_null(strstr(buf_str(&zh), "终端登记：资产编号 PC-2026-000017"));
	assert_non_null(strstr(buf_str(&en), "Server: 10.1.0.2:8444, connected since 2026-11-23"));
}

static void every_reason_of_every_guard_comes_with_its_remedy(void **state)
{
	(void)state;
	for (size_t g = 0; g < guard_count; g++)
		for (size_t i = 0; i < guards[g]->reason_count; i++) {
			const struct guard_reason *why = &guards[g]->reasons[i];
			json_t *r = good_report(), *f;

			f = json_array_get(json_object_get(r, "guards"), 0);
			json_object_set_new(f, "name", json_string(guards[g]->name));
			json_object_set_new(f, "reason", json_string(why->code));
			assert_wrong(json_incref(r), why->zh, why->en);
			assert_wrong(r, why->zh_todo, why->en_todo);
		}
}

static void every_verdict_is_told_in_the_words_of_the_one_table(void **state)
{
	(void)state;
	for (unsigned i = REASON_PASSWORD_WRONG; i < REASON_COUNT; i++) {
		const struct reason_text *why = reason_text((enum reason)i);
		json_t *r = good_report();

		set(r, "verdict", "verdict", json_string("isolate"));
		set(r, "verdict", "reason", json_string(why->code));
		assert_wrong(json_incref(r), why->zh, why->en);
		assert_wrong(r, why->zh_todo, why->en_todo);
	}
}

static void what_is_wrong_is_named_with_what_to_do(void **state)
{
	static const struct {
		const char *part, *name;
		json_t *(*value)(const char *);
		const char *text, *zh, *en;
	} rows[] = {
		{"certificate", "state", json_string, "none", "尚未登记", "not enrolled"},
		{"certificate", "state", json_string, "expired", "终端证书已过期", "expired on"},
		{"connection", "refused", json_string, "certificate-revoked", "服务器拒绝",
		 "refused: "},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_t *r = good_report();

		set(r, "connection", "connected", json_boolean(i != 2));
		set(r, rows[i].part, rows[i].name, rows[i].value(rows[i].text));
		assert_wrong(r, rows[i].zh, rows[i].en);
	}
}

static void a_guard_that_only_observes_does_not_bother_the_person(void **state)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	json_t *r = good_report(), *f = json_array_get(json_object_get(r, "guards"), 0);

	(void)state;
	json_object_set_new(f, "mode", json_string("observe"));
	json_object_set_new(f, "reason", json_string("missing"));
	assert_true(describe(r, true, LANGUAGE_EN, &text));
	assert_non_null(strstr(buf_str(&text), "no antivirus is installed"));
}

static void a_cut_line_says_that_the_rules_stay_in_force(void **state)
{
	json_t *r = good_report();

	(void)state;
	set(r, "connection", "connected", json_false());
	set(r, "connection", "trouble", json_string("cannot connect: Network is unreachable"));
	assert_wrong(json_incref(r), "管控照常生效", "nothing is lost meanwhile");
	assert_wrong(r, "Network is unreachable", "Network is unreachable");
}

static void a_full_queue_is_told(void **state)
{
	json_t *r = good_report();

	(void)state;
	set(r, "queue", "full", json_true());
	assert_wrong(r, "队列已满", "the queue is full");
}

static void a_certificate_that_expired_since_the_agent_stopped_is_told(void **state)
{
	json_t *r = good_report();

	(void)state;
	set(r, "certificate", "until_ms", json_integer(NOW_MS - 1));
	assert_wrong(r, "终端证书已过期", "the certificate expired");
}

static void without_an_agent_something_true_is_said(void **state)
{
	CLEANUP_BUF struct buf never = BUF_INIT, stopped = BUF_INIT;

	(void)state;
	assert_false(describe(NULL, false, LANGUAGE_ZH, &never));
	assert_non_null(strstr(buf_str(&never), "没有运行"));
	assert_false(describe(good_report(), false, LANGUAGE_EN, &stopped));
	assert_non_null(strstr(buf_str(&stopped), "not running"));
	assert_non_null(strstr(buf_str(&stopped), "when it stopped (2026-11-23"));
}

static void a_report_of_anything_else_does_no_harm(void **state)
{
	static const char *const texts[] = {
		"{}",
		"{\"guards\": 5, \"verdict\": [], \"queue\": \"x\", \"certificate\": null}",
		"{\"guards\": [1, {}, {\"name\": \"usb\"}, {\"name\": 7, \"reason\": 7}]}",
		"{\"verdict\": {\"verdict\": \"admit\", \"reason\": \"no-such-reason\"}}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		CLEANUP_BUF struct buf text = BUF_INIT;

		assert_false(describe(json_loads(texts[i], 0, NULL), true, LANGUAGE_ZH, &text));
		assert_int_equal(text.error, 0);
	}
}

static void the_language_is_chinese_unless_english_is_asked_for(void **state)
{
	(void)state;
	assert_int_equal(language_from(NULL), LANGUAGE_ZH);
	assert_int_equal(language_from("C.UTF-8"), LANGUAGE_ZH);
	assert_int_equal(language_from("zh_CN.UTF-8"), LANGUAGE_ZH);
	assert_int_equal(language_from("en_US.UTF-8"), LANGUAGE_EN);
	assert_int_equal(language_from("en"), LANGUAGE_EN);
}

static json_t *answer_seven(void *arg)
{
	(void)arg;
	return json_pack("{s:i}", "seven", 7);
}

static void what_an_agent_left_is_read_when_none_runs(void **state)
{
	const struct place *p = *state;
	struct status_socket *s = NULL;
	struct loop *loop = NULL;
	json_t *report = NULL;
	bool running = true;

	assert_int_equal(status_ask(p->top, &report, &running), -ENOENT);
	assert_int_equal(loop_new(&loop), 0);
	assert_int_equal(status_socket_new(loop, p->top, answer_seven, NULL, &s), 0);
	status_socket_publish(s);
	status_socket_free(s);
	loop_free(loop);
	assert_int_equal(status_ask(p->top, &report, &running), 0);
	assert_false(running);
	assert_int_equal(json_integer_value(json_object_get(report, "seven")), 7);
	json_decref(report);
	place_write(p, "status.json", "{\"half");
	report = NULL;
	assert_int_equal(status_ask(p->top, &report, &running), -EBADMSG);
	assert_null(report);
}

static void the_supplicants_answer_is_read(void **state)
{
	(void)state;
	assert_string_equal(supplicant_read_status("Supplicant PAE state=AUTHENTICATED\n"
						   "suppPortStatus=Authorized\n"),
			    "authorised");
	assert_string_equal(supplicant_read_status("Supplicant PAE state=HELD\n"
						   "suppPortStatus=Unauthorized\n"),
			    "held");
	assert_string_equal(supplicant_read_status("FAIL\n"), "none");
	assert_string_equal(supplicant_read_status(""), "none");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_terminal_that_is_well_is_told_so),
		cmocka_unit_test(every_reason_of_every_guard_comes_with_its_remedy),
		cmocka_unit_test(every_verdict_is_told_in_the_words_of_the_one_table),
		cmocka_unit_test(what_is_wrong_is_named_with_what_to_do),
		cmocka_unit_test(a_guard_that_only_observes_does_not_bother_the_person),
		cmocka_unit_test(a_cut_line_says_that_the_rules_stay_in_force),
		cmocka_unit_test(a_full_queue_is_told),
		cmocka_unit_test(a_certificate_that_expired_since_the_agent_stopped_is_told),
		cmocka_unit_test(without_an_agent_something_true_is_said),
		cmocka_unit_test(a_report_of_anything_else_does_no_harm),
		cmocka_unit_test(the_language_is_chinese_unless_english_is_asked_for),
		PLACE_CASE(what_an_agent_left_is_read_when_none_runs),
		cmocka_unit_test(the_supplicants_answer_is_read),
	};

	return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
