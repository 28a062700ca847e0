/* Enrolment at the gateway, over real TLS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/pem.h"
#include "desk.h"
#include "server/engine/enrol.h"

struct enrolling {
	struct tls_ctx *ctx;
	struct peer peer;
	struct buf key, csr;
	menshen_EnrolRequest request;
};

static void enrolling_open(struct enrolling *e, struct office *o, const char *code)
{
	CLEANUP_BUF struct buf der = BUF_INIT;
	struct addr at = gateway_address(o->gateway);

	*e = (struct enrolling){.key = BUF_INIT, .csr = BUF_INIT};
	e->ctx = peer_context(ca_pem(o->keys.ca), NULL, NULL);
	assert_int_equal(csr_make("desk", &e->key, &e->csr), 0);
	assert_int_equal(pem_decode(buf_str(&e->csr), e->csr.len, "CERTIFICATE REQUEST", &der), 0);
	memcpy(e->request.csr.bytes, der.data, der.len);
	e->request.csr.size = (pb_size_t)der.len;
	snprintf(e->request.code, sizeof(e->request.code), "%s", code);
	snprintf(e->request.host_name, sizeof(e->request.host_name), "desk");
	snprintf(e->request.serial, sizeof(e->request.serial), "S1");
	e->request.nics_count = 1;
	memcpy(e->request.nics[0].mac, "\x02\x00\x00\x00\x00\x05", 6);
	assert_int_equal(peer_connect(&e->peer, e->ctx, &at), 0);
}

static void enrolling_close(struct enrolling *e)
{
	peer_close(&e->peer);
	tls_ctx_free(e->ctx);
	buf_done(&e->key);
	buf_done(&e->csr);
}

static void ask(struct office *o, const char *code, menshen_EnrolAnswer *ret)
{
	struct enrolling e;

	enrolling_open(&e, o, code);
	PEER_SEND(&e.peer, FRAME_ENROL_REQUEST, &e.request);
	assert_int_equal(PEER_EXPECT(&e.peer, FRAME_ENROL_ANSWER, ret, 5000), 0);
	assert_true(peer_is_cut(&e.peer, 5000));
	enrolling_close(&e);
}

static void a_one_time_code_gives_a_certificate_of_ours(void **state)
{
	static menshen_EnrolAnswer answer;
	struct office o;
	struct terminal t;
	struct cert_info info;
	char code[ENROL_CODE_SIZE];
	const struct mac mac = {{2, 0, 0, 0, 0, 5}};

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	office_add_terminal(&o, &t, code);
	ask(&o, code, &answer);
	assert_true(answer.accepted);
	assert_string_equal(answer.asset_no, t.asset_no);
	assert_int_equal(cert_parse_der(answer.certificate.bytes, answer.certificate.size, &info),
			 0);
	assert_true(uuid_equal(&info.terminal, &t.uuid));
	assert_memory_equal(answer.policy_key.bytes, o.keys.policy_pub.data,
			    answer.policy_key.size);
	assert_int_equal(terminal_load_by_mac(o.reader, &mac, &t), 1);
	assert_int_equal(t.status, TERMINAL_IN_USE);
	assert_int_equal(office_acts(&o, "terminal.enrol"), 1);
	office_verify(&o);
	office_close(&o);
}

static void a_wrong_code_is_refused_in_both_languages_and_stands_in_the_log(void **state)
{
	static menshen_EnrolAnswer answer;
	struct office o;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	ask(&o, "AAAA-BBBB-CCCC", &answer);
	assert_false(answer.accepted);
	assert_string_equal(answer.reason, "code-unknown");
	assert_true(answer.text_zh[0] && answer.text_en[0]);
	ask(&o, "no code at all", &answer);
	assert_string_equal(answer.reason, "code-unknown");
	assert_int_equal(office_acts(&o, "enrol.refused"), 2);
	office_close(&o);
}

static void an_answer_that_got_lost_can_be_asked_for_again_until_the_first_hello(void **state)
{
	static menshen_EnrolAnswer answer;
	struct office o;
	struct desk d = {.cert = BUF_INIT, .key = BUF_INIT};
	struct enrolling e;
	char code[ENROL_CODE_SIZE];

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	office_add_terminal(&o, &d.terminal, code);
	ask(&o, code, &answer);
	assert_true(answer.accepted);
	enrolling_open(&e, &o, code);
	PEER_SEND(&e.peer, FRAME_ENROL_REQUEST, &e.request);
	assert_int_equal(PEER_EXPECT(&e.peer, FRAME_ENROL_ANSWER, &answer, 5000), 0);
	assert_true(answer.accepted);
	pem_encode(&d.cert, "CERTIFICATE", answer.certificate.bytes, answer.certificate.size);
	buf_append(&d.key, e.key.data, e.key.len);
	enrolling_close(&e);
	d.ctx = peer_context(ca_pem(o.keys.ca), buf_str(&d.cert), buf_str(&d.key));
	memset(d.epoch, 3, sizeof(d.epoch));
	desk_greet(&d, &o, 1);
	ask(&o, code, &answer);
	assert_false(answer.accepted);
	assert_string_equal(answer.reason, "code-used");
	desk_close(&d);
	office_close(&o);
}

struct campaign {
	struct office *o;
	int64_t places;
	struct campaign_item items[2];
	char code[ENROL_CODE_SIZE];
};

static int make_campaign(struct store *s, int64_t now_ms, void *arg)
{
	struct campaign *c = arg;
	const struct campaign_spec spec = {.unit_id = c->o->unit_id,
					   .name = "existing desks",
					   .places = c->places,
					   .until_ms = now_ms + HOUR_MS};
	int64_t id;
	int err = campaign_create(s, now_ms, &actor_system, &spec, &id, c->code);

	return err ? err : campaign_add_items(s, now_ms, &actor_system, id, c->items, 2);
}

static void a_campaign_admits_whom_its_list_names_as_long_as_it_has_places(void **state)
{
	static menshen_EnrolAnswer answer;
	struct office o;
	struct enrolling e;
	struct campaign c = {.o = &o, .places = 1};
	static const struct {
		uint8_t last;
		const char *reason;
	} tries[] = {{5, ""}, {7, "not-on-list"}, {6, "campaign-full"}};

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	c.items[0] = (struct campaign_item){.mac = {{2, 0, 0, 0, 0, 5}}, .asset_no = "PC-OLD-5"};
	c.items[1] = (struct campaign_item){.mac = {{2, 0, 0, 0, 0, 6}}, .asset_no = "PC-OLD-6"};
	assert_int_equal(office_act(&o, make_campaign, &c, TOPIC_CAMPAIGN), 0);
	for (size_t i = 0; i < ARRAY_SIZE(tries); i++) {
		enrolling_open(&e, &o, c.code);
		e.request.nics[0].mac[5] = tries[i].last;
		PEER_SEND(&e.peer, FRAME_ENROL_REQUEST, &e.request);
		assert_int_equal(PEER_EXPECT(&e.peer, FRAME_ENROL_ANSWER, &answer, 5000), 0);
		assert_string_equal(answer.reason, tries[i].reason);
		enrolling_close(&e);
	}
	office_verify(&o);
	office_close(&o);
}

static bool is_owned(struct office *o, uint8_t last, const struct terminal *by)
{
	const struct mac mac = {{2, 0, 0, 0, 0, last}};
	struct terminal owner;

	return terminal_load_by_mac(o->reader, &mac, &owner) == 1 && owner.id == by->id;
}

static void enrol_with_cards(struct office *o, const char *code, const uint8_t *last,
			     pb_size_t count)
{
	static menshen_EnrolAnswer answer;
	struct enrolling e;

	enrolling_open(&e, o, code);
	e.request.nics_count = count;
	for (pb_size_t i = 0; i < count; i++) {
		memcpy(e.request.nics[i].mac, "\x02\x00\x00\x00\x00", 5);
		e.request.nics[i].mac[5] = last[i];
	}
	PEER_SEND(&e.peer, FRAME_ENROL_REQUEST, &e.request);
	assert_int_equal(PEER_EXPECT(&e.peer, FRAME_ENROL_ANSWER, &answer, 5000), 0);
	assert_true(answer.accepted);
	enrolling_close(&e);
}

static void an_enrolling_agent_gets_one_card_that_nobody_named_and_no_more(void **state)
{
	struct office o;
	struct terminal t;
	char code[ENROL_CODE_SIZE];

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	office_add_terminal(&o, &t, code);
	enrol_with_cards(&o, code, (const uint8_t[]){5, 6, 7}, 3);
	assert_true(is_owned(&o, 5, &t));
	assert_false(is_owned(&o, 6, &t));
	assert_false(is_owned(&o, 7, &t));
	assert_int_equal(office_acts(&o, "terminal.mac.unlisted"), 2);
	office_close(&o);
}

static void a_campaigns_list_gives_the_cards_it_names(void **state)
{
	struct office o;
	struct terminal t;
	struct campaign c = {.o = &o, .places = 1};

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	c.items[0] = (struct campaign_item){.mac = {{2, 0, 0, 0, 0, 5}}, .asset_no = "PC-OLD-5"};
	c.items[1] = (struct campaign_item){.mac = {{2, 0, 0, 0, 0, 6}}, .asset_no = "PC-OLD-5"};
	assert_int_equal(office_act(&o, make_campaign, &c, TOPIC_CAMPAIGN), 0);
	enrol_with_cards(&o, c.code, (const uint8_t[]){9, 5, 6}, 3);
	assert_int_equal(terminal_load_by_asset_no(o.reader, "PC-OLD-5", &t), 1);
	assert_true(is_owned(&o, 5, &t));
	assert_true(is_owned(&o, 6, &t));
	assert_false(is_owned(&o, 9, &t));
	assert_int_equal(office_acts(&o, "terminal.mac.unlisted"), 1);
	office_close(&o);
}

static void an_address_that_guesses_codes_is_slowed_down(void **state)
{
	static menshen_EnrolAnswer answer;
	const struct gateway_options options = {.enrol_per_minute = 2};
	struct office o;
	struct enrolling e;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, &options);
	ask(&o, "AAAA-BBBB-CCCC", &answer);
	ask(&o, "AAAA-BBBB-CCCD", &answer);
	enrolling_open(&e, &o, "AAAA-BBBB-CCCE");
	PEER_SEND(&e.peer, FRAME_ENROL_REQUEST, &e.request);
	expect_refusal(&e.peer, "too-many-tries");
	enrolling_close(&e);
	office_close(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_one_time_code_gives_a_certificate_of_ours),
		cmocka_unit_test(a_wrong_code_is_refused_in_both_languages_and_stands_in_the_log),
		cmocka_unit_test(
			an_answer_that_got_lost_can_be_asked_for_again_until_the_first_hello),
		cmocka_unit_test(a_campaign_admits_whom_its_list_names_as_long_as_it_has_places),
		cmocka_unit_test(an_enrolling_agent_gets_one_card_that_nobody_named_and_no_more),
		cmocka_unit_test(a_campaigns_list_gives_the_cards_it_names),
		cmocka_unit_test(an_address_that_guesses_codes_is_slowed_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
