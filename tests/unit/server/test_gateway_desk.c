/* A desk at the gateway, over real TLS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/pem.h"
#include "desk.h"
#include "server/engine/certificate.h"
#include "server/engine/publish.h"

static void send_beat(struct desk *d, enum posture posture, const char *failing)
{
	menshen_Heartbeat h = {.posture = posture, .nics_count = 1};

	snprintf(h.failing, sizeof(h.failing), "%s", failing);
	h.nics[0].mac[5] = 9;
	PEER_SEND(&d->peer, FRAME_HEARTBEAT, &h);
}

static enum posture posture_of(struct office *o, const struct desk *d)
{
	struct terminal t;

	assert_int_equal(terminal_load(o->reader, d->terminal.id, &t), 1);
	return t.posture;
}

static void wait_posture(struct office *o, const struct desk *d, enum posture wanted)
{
	int64_t until = clock_mono_ms() + 5000;

	while (posture_of(o, d) != wanted && clock_mono_ms() < until)
		usleep(10000);
	assert_int_equal(posture_of(o, d), wanted);
}

static int64_t count_records(struct office *o, const struct desk *d)
{
	const struct store_record_filter filter = {.terminal_id = d->terminal.id, .limit = 1000};
	json_t *rows = NULL;
	int64_t count;

	assert_int_equal(store_record_page(o->reader, &filter, &rows), 0);
	count = (int64_t)json_array_size(rows);
	json_decref(rows);
	return count;
}

/* ---- events ---- */

static void events_are_acknowledged_and_kept_once_however_often_they_come(void **state)
{
	struct office o;
	struct desk d;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	desk_open(&d, &o);
	assert_int_equal(desk_greet(&d, &o, 1), 0);
	for (uint64_t seq = 1; seq <= 100; seq++)
		send_event(&d, seq, "guard.antivirus", "{\"state\":\"missing\"}");
	expect_ack(&d, 100);
	assert_int_equal(count_records(&o, &d), 100);
	peer_close(&d.peer);
	/* the acknowledgement got lost: the desk sends its last ones again, then new ones */
	assert_int_equal(desk_greet(&d, &o, 101), 100);
	for (uint64_t seq = 91; seq <= 110; seq++)
		send_event(&d, seq, "guard.antivirus", "{}");
	expect_ack(&d, 110);
	assert_int_equal(count_records(&o, &d), 110);
	office_verify(&o);
	desk_close(&d);
	office_close(&o);
}

static void a_body_that_is_no_json_is_kept_as_evidence(void **state)
{
	struct office o;
	struct desk d;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	desk_open(&d, &o);
	desk_greet(&d, &o, 1);
	send_event(&d, 1, "guard.antivirus", "\xff{ not json");
	send_event(&d, 2, "guard.antivirus", "[1,2]");
	expect_ack(&d, 2);
	assert_int_equal(count_records(&o, &d), 2);
	office_verify(&o);
	desk_close(&d);
	office_close(&o);
}

static void events_out_of_sequence_end_the_connection(void **state)
{
	struct office o;
	struct desk d;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	desk_open(&d, &o);
	desk_greet(&d, &o, 1);
	send_event(&d, 1, "a", "{}");
	send_event(&d, 3, "a", "{}");
	assert_true(peer_is_cut(&d.peer, 5000));
	desk_close(&d);
	office_close(&o);
}

static void a_queue_that_lost_events_is_told_in_the_log(void **state)
{
	struct office o;
	struct desk d;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	desk_open(&d, &o);
	desk_greet(&d, &o, 1);
	send_event(&d, 1, "a", "{}");
	expect_ack(&d, 1);
	peer_close(&d.peer);
	desk_greet(&d, &o, 9);
	send_event(&d, 9, "a", "{}");
	expect_ack(&d, 9);
	assert_int_equal(office_acts(&o, "source.gap"), 1);
	peer_close(&d.peer);
	/* and one that knows less than it once told: its disk was set back */
	assert_int_equal(desk_greet(&d, &o, 4), 9);
	assert_int_equal(office_acts(&o, "terminal.queue-set-back"), 1);
	desk_close(&d);
	office_close(&o);
}

static void an_epoch_that_does_not_begin_at_one_is_told_in_the_log(void **state)
{
	struct office o;
	struct desk d;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	desk_open(&d, &o);
	desk_greet(&d, &o, 1);
	send_event(&d, 1, "a", "{}");
	expect_ack(&d, 1);
	peer_close(&d.peer);
	memset(d.epoch, 4, sizeof(d.epoch)); /* installed again */
	desk_greet(&d, &o, 1);
	send_event(&d, 7, "a", "{}");
	expect_ack(&d, 7);
	assert_int_equal(office_acts(&o, "source.gap"), 1);
	desk_close(&d);
	office_close(&o);
}

/* Ten at once and twenty a second: sixty, ten by ten, take two seconds. */
static void a_desk_that_floods_waits_its_turn_and_nobody_else_does(void **state)
{
	const struct gateway_options options = {.events_per_s = 20, .events_burst = 10};
	int64_t began = clock_mono_ms();
	struct office o;
	struct desk loud, calm;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, &options);
	desk_open(&loud, &o);
	desk_open(&calm, &o);
	desk_greet(&loud, &o, 1);
	desk_greet(&calm, &o, 1);
	for (uint64_t ten = 0; ten < 6; ten++) {
		for (uint64_t seq = 10 * ten + 1; seq <= 10 * ten + 10; seq++)
			send_event(&loud, seq, "a", "{}");
		send_event(&calm, ten + 1, "a", "{}");
		expect_ack(&calm, ten + 1);
		expect_ack(&loud, 10 * ten + 10);
		if (ten == 2) { /* a new connection is no new share */
			peer_close(&loud.peer);
			assert_int_equal(desk_greet(&loud, &o, 31), 30);
		}
	}
	assert_true(clock_mono_ms() - began > 1500);
	assert_int_equal(count_records(&o, &loud), 60);
	assert_true(office_acts(&o, "terminal.events-held") > 0);
	office_verify(&o);
	desk_close(&loud);
	desk_close(&calm);
	office_close(&o);
}

static void inventory_is_kept_as_it_is_now(void **state)
{
	struct office o;
	struct desk d;
	json_t *rows = NULL;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	desk_open(&d, &o);
	desk_greet(&d, &o, 1);
	send_event(&d, 1, "inventory.packages",
		   "{\"reset\":true,\"add\":[{\"name\":\"bash\",\"version\":\"5.1\"},"
		   "{\"name\":\"nano\",\"version\":\"7\"}]}");
	send_event(&d, 2, "inventory.packages",
		   "{\"remove\":[{\"name\":\"bash\",\"version\":\"5.1\"},"
		   "{\"name\":\"nano\",\"version\":\"7\"}],"
		   "\"add\":[{\"name\":\"bash\",\"version\":\"5.2\"}]}");
	send_event(&d, 3, "inventory.system", "{\"kernel\":\"6.1\"}");
	expect_ack(&d, 3);
	assert_int_equal(store_list_json(o.reader, STMT_LIVE_INVENTORY_OF,
					 STORE_ARGS(v_int(d.terminal.id)), 10, &rows),
			 0);
	assert_int_equal(json_array_size(rows), 2);
	assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 0), "body")),
			    "{\"name\":\"bash\",\"version\":\"5.2\"}");
	json_decref(rows);
	desk_close(&d);
	office_close(&o);
}

/* ---- heartbeats ---- */

static void only_transitions_of_posture_are_written(void **state)
{
	menshen_VerdictNotice notice;
	struct office o;
	struct desk d;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	desk_open(&d, &o);
	desk_greet(&d, &o, 1);
	for (int i = 0; i < 5; i++)
		send_beat(&d, POSTURE_BAD, "antivirus.missing");
	wait_posture(&o, &d, POSTURE_BAD);
	for (int i = 0; i < 5; i++)
		send_beat(&d, POSTURE_GOOD, "");
	wait_posture(&o, &d, POSTURE_GOOD);
	/* mended: its supplicant is to knock again */
	assert_int_equal(PEER_EXPECT(&d.peer, FRAME_VERDICT_NOTICE, &notice, 5000), 0);
	assert_true(notice.reauthenticate);
	assert_int_equal(office_acts(&o, "terminal.posture"), 2);
	office_verify(&o);
	desk_close(&d);
	office_close(&o);
}

/* ---- who may speak ---- */

static int revoke_desk(struct store *s, int64_t now_ms, void *arg)
{
	struct desk *d = arg;
	struct cert_info info;

	assert_int_equal(cert_parse(d->cert.data, d->cert.len, &info), 0);
	return certificate_revoke(s, now_ms, &actor_system, info.serial, "lost");
}

static void a_revoked_desk_is_cut_within_a_second_and_cannot_resume(void **state)
{
	struct office o;
	struct desk d;
	struct gateway_stats stats;
	struct addr at;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	desk_open(&d, &o);
	desk_greet(&d, &o, 1);
	send_event(&d, 1, "a", "{}");
	expect_ack(&d, 1);
	peer_close(&d.peer);
	desk_greet(&d, &o, 2);
	gateway_get_stats(o.gateway, &stats);
	assert_int_equal(stats.resumed, 1);
	assert_int_equal(office_act(&o, revoke_desk, &d, TOPIC_CERTIFICATE), 0);
	assert_true(peer_is_cut(&d.peer, 1000));
	peer_close(&d.peer);
	at = gateway_address(o.gateway);
	assert_int_equal(peer_connect(&d.peer, d.ctx, &at), 0);
	assert_true(tls_conn_resumed(d.peer.conn));
	expect_refusal(&d.peer, "certificate-revoked");
	gateway_get_stats(o.gateway, &stats);
	assert_int_equal(stats.terminals, 0);
	assert_int_equal(presence_connected(o.presence), 0);
	desk_close(&d);
	office_close(&o);
}

/* Signed by our root, for a terminal of ours, and yet in no book: of a root's key that was lent. */
static void who_is_refused_takes_nothing_from_the_connection_that_stands(void **state)
{
	CLEANUP_BUF struct buf key = BUF_INIT, cert = BUF_INIT;
	int64_t now = clock_wall_ms();
	struct cert_spec spec = {.common_name = "x",
				 .holder = CERT_TERMINAL,
				 .client = true,
				 .not_before_ms = now - HOUR_MS,
				 .not_after_ms = now + DAY_MS};
	struct gateway_stats stats;
	struct office o;
	struct desk d, rogue;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	desk_open(&d, &o);
	desk_greet(&d, &o, 1);
	spec.terminal = d.terminal.uuid;
	assert_int_equal(ca_issue_pair(o.keys.ca, &spec, &key, &cert), 0);
	rogue = (struct desk){.terminal = d.terminal, .key = BUF_INIT, .cert = BUF_INIT};
	memcpy(rogue.epoch, d.epoch, sizeof(d.epoch));
	rogue.ctx = peer_context(ca_pem(o.keys.ca), buf_str(&cert), buf_str(&key));
	desk_connect(&rogue, &o);
	desk_hello(&rogue, 1);
	expect_refusal(&rogue.peer, "certificate-unknown");
	desk_close(&rogue);
	send_event(&d, 1, "a", "{}");
	expect_ack(&d, 1);
	gateway_get_stats(o.gateway, &stats);
	assert_int_equal(stats.terminals, 1);
	assert_int_equal(presence_connected(o.presence), 1);
	desk_close(&d);
	office_close(&o);
}

static void a_certificate_that_is_not_in_the_book_is_refused(void **state)
{
	CLEANUP_BUF struct buf key = BUF_INIT, cert = BUF_INIT;
	int64_t now = clock_wall_ms();
	struct cert_spec spec = {.common_name = "x",
				 .holder = CERT_TERMINAL,
				 .client = true,
				 .not_before_ms = now - HOUR_MS,
				 .not_after_ms = now + DAY_MS};
	struct office o;
	struct desk d = {.key = BUF_INIT, .cert = BUF_INIT};

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	uuid_make(&spec.terminal);
	assert_int_equal(ca_issue_pair(o.keys.ca, &spec, &key, &cert), 0);
	d.ctx = peer_context(ca_pem(o.keys.ca), buf_str(&cert), buf_str(&key));
	desk_connect(&d, &o);
	desk_hello(&d, 1);
	expect_refusal(&d.peer, "certificate-unknown");
	desk_close(&d);
	office_close(&o);
}

static int add_expired(struct store *s, int64_t now_ms, void *arg)
{
	struct desk *d = arg;
	struct cert_info info;

	assert_int_equal(cert_parse(d->cert.data, d->cert.len, &info), 0);
	assert_int_equal(certificate_add(s, &info, d->terminal.id, 0), 0);
	return act_log(s, now_ms, &actor_system, "test.expired", 0, "", json_object());
}

/* The desk's certificate ended `ago_ms` ago. */
static void expire(struct office *o, struct desk *d, int64_t ago_ms)
{
	int64_t now = clock_wall_ms();
	struct cert_spec spec = {.common_name = "x",
				 .holder = CERT_TERMINAL,
				 .terminal = d->terminal.uuid,
				 .client = true,
				 .not_before_ms = now - ago_ms - DAY_MS,
				 .not_after_ms = now - ago_ms};

	tls_ctx_free(d->ctx);
	buf_clear(&d->key);
	buf_clear(&d->cert);
	assert_int_equal(ca_issue_pair(o->keys.ca, &spec, &d->key, &d->cert), 0);
	assert_int_equal(office_act(o, add_expired, d, TOPIC_CERTIFICATE), 0);
	d->ctx = peer_context(ca_pem(o->keys.ca), buf_str(&d->cert), buf_str(&d->key));
}

static void ask_renewal(struct desk *d)
{
	static menshen_RenewRequest renew;
	CLEANUP_BUF struct buf csr = BUF_INIT, der = BUF_INIT;

	assert_int_equal(csr_make_for_key("x", d->key.data, d->key.len, &csr), 0);
	assert_int_equal(pem_decode(buf_str(&csr), csr.len, "CERTIFICATE REQUEST", &der), 0);
	memcpy(renew.csr.bytes, der.data, der.len);
	renew.csr.size = (pb_size_t)der.len;
	PEER_SEND(&d->peer, FRAME_RENEW_REQUEST, &renew);
}

static void an_expired_certificate_may_only_renew(void **state)
{
	static menshen_EnrolAnswer answer;
	struct cert_info info;
	struct office o;
	struct desk d;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	desk_open(&d, &o);
	expire(&o, &d, 89 * DAY_MS);
	desk_connect(&d, &o);
	desk_hello(&d, 1);
	expect_refusal(&d.peer, "certificate-expired");
	peer_close(&d.peer);
	desk_connect(&d, &o);
	ask_renewal(&d);
	assert_int_equal(PEER_EXPECT(&d.peer, FRAME_ENROL_ANSWER, &answer, 5000), 0);
	assert_true(answer.accepted);
	assert_int_equal(cert_parse_der(answer.certificate.bytes, answer.certificate.size, &info),
			 0);
	assert_true(info.not_after_ms > clock_wall_ms());
	desk_close(&d);
	office_close(&o);
}

static void a_certificate_that_expired_long_ago_does_not_renew(void **state)
{
	struct office o;
	struct desk d;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	desk_open(&d, &o);
	expire(&o, &d, 91 * DAY_MS);
	desk_connect(&d, &o);
	ask_renewal(&d);
	expect_refusal(&d.peer, "renewal-refused");
	assert_int_equal(office_acts(&o, "terminal.renew"), 0);
	desk_close(&d);
	office_close(&o);
}

static void a_cloned_image_is_refused_and_raises_an_alarm(void **state)
{
	struct office o;
	struct desk d, clone;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	desk_open(&d, &o);
	desk_greet(&d, &o, 1);
	clone = (struct desk){.terminal = d.terminal, .ctx = d.ctx};
	memset(clone.epoch, 8, sizeof(clone.epoch));
	desk_connect(&clone, &o);
	desk_hello(&clone, 1);
	expect_refusal(&clone.peer, "terminal-cloned");
	peer_close(&clone.peer);
	/* the first is not disturbed */
	send_event(&d, 1, "a", "{}");
	expect_ack(&d, 1);
	assert_int_equal(office_acts(&o, "terminal.fork"), 1);
	desk_close(&d);
	office_close(&o);
}

static void a_desk_that_comes_back_takes_its_old_connection_s_place(void **state)
{
	struct office o;
	struct desk d, again;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	desk_open(&d, &o);
	desk_greet(&d, &o, 1);
	again = (struct desk){.terminal = d.terminal, .ctx = d.ctx};
	memcpy(again.epoch, d.epoch, sizeof(again.epoch));
	desk_greet(&again, &o, 1);
	assert_true(peer_is_cut(&d.peer, 5000));
	send_event(&again, 1, "a", "{}");
	expect_ack(&again, 1);
	assert_int_equal(presence_connected(o.presence), 1);
	peer_close(&again.peer);
	desk_close(&d);
	office_close(&o);
}

/* ---- policy ---- */

static int publish(struct store *s, int64_t now_ms, void *arg)
{
	struct office *o = arg;
	struct policy_version v;
	json_t *body = json_pack("{s:s}", "hello", "desk");
	int err = policy_publish(s, now_ms, &actor_system, o->keys.policy, 1, body, 0, &v);

	json_decref(body);
	return err;
}

static void a_new_policy_reaches_a_connected_desk_with_a_signature_that_holds(void **state)
{
	static menshen_Policy policy;
	struct office o;
	struct desk d;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	desk_open(&d, &o);
	desk_greet(&d, &o, 1);
	for (uint64_t number = 1; number <= 2; number++) {
		assert_int_equal(office_act(&o, publish, &o, TOPIC_POLICY), 0);
		assert_int_equal(PEER_EXPECT(&d.peer, FRAME_POLICY, &policy, 5000), 0);
		assert_int_equal(policy.number, number);
		assert_int_equal(sign_verify(o.keys.policy, policy.body.bytes, policy.body.size,
					     policy.signature.bytes, policy.signature.size),
				 0);
	}
	desk_close(&d);
	office_close(&o);
}

/* ---- bad input ---- */

static void frames_that_are_none_end_the_connection(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} bad[] = {
		{"\xff\xff\xff\xff\x00\x01", 6},		  /* far too long */
		{"\x00\x00\x00\x02\x7f\xff", 6},		  /* no such type */
		{"\x00\x00\x00\x00\x00\x01", 6},		  /* shorter than its own type */
		{"\x00\x00\x00\x06\x00\x01\xff\xff\xff\xff", 10}, /* does not decode */
		{"\x00\x00\x00\x02\x00\x05", 6},		  /* a heartbeat before the hello */
		{"\x00\x00\x00\x02\x00\x22", 6},		  /* a gate's frame from a desk */
	};
	struct office o;
	struct desk d;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	desk_open(&d, &o);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		desk_connect(&d, &o);
		peer_send_bytes(&d.peer, bad[i].bytes, bad[i].len);
		assert_true(peer_is_cut(&d.peer, 5000));
		peer_close(&d.peer);
	}
	desk_greet(&d, &o, 1); /* and the gateway lives on */
	desk_close(&d);
	office_close(&o);
}

static void a_peer_that_says_nothing_is_cut_in_time(void **state)
{
	const struct gateway_options options = {.handshake_ms = 300};
	struct office o;
	struct desk d;
	struct addr at;
	int fd;
	char byte;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, &options);
	desk_open(&d, &o);
	desk_connect(&d, &o); /* shakes hands, says no hello */
	assert_true(peer_is_cut(&d.peer, 3000));
	at = gateway_address(o.gateway);
	fd = socket(AF_INET, SOCK_STREAM, 0); /* does not even shake hands */
	assert_int_equal(connect(fd, &at.sa, at.len), 0);
	assert_int_equal(read(fd, &byte, 1), 0);
	close(fd);
	desk_close(&d);
	office_close(&o);
}

static void one_address_opens_only_so_many_connections(void **state)
{
	const struct gateway_options options = {.per_address_max = 3};
	struct peer peers[3], one_more;
	struct tls_ctx *ctx;
	struct office o;
	struct addr at;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, &options);
	at = gateway_address(o.gateway);
	ctx = peer_context(ca_pem(o.keys.ca), NULL, NULL);
	for (int i = 0; i < 3; i++)
		assert_int_equal(peer_connect(&peers[i], ctx, &at), 0);
	assert_int_equal(peer_connect(&one_more, ctx, &at), -ECONNRESET);
	peer_close(&peers[0]);
	usleep(300000);
	assert_int_equal(peer_connect(&one_more, ctx, &at), 0);
	peer_close(&one_more);
	peer_close(&peers[1]);
	peer_close(&peers[2]);
	tls_ctx_free(ctx);
	office_close(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_acknowledged_and_kept_once_however_often_they_come),
		cmocka_unit_test(a_body_that_is_no_json_is_kept_as_evidence),
		cmocka_unit_test(events_out_of_sequence_end_the_connection),
		cmocka_unit_test(a_queue_that_lost_events_is_told_in_the_log),
		cmocka_unit_test(an_epoch_that_does_not_begin_at_one_is_told_in_the_log),
		cmocka_unit_test(a_desk_that_floods_waits_its_turn_and_nobody_else_does),
		cmocka_unit_test(inventory_is_kept_as_it_is_now),
		cmocka_unit_test(only_transitions_of_posture_are_written),
		cmocka_unit_test(a_revoked_desk_is_cut_within_a_second_and_cannot_resume),
		cmocka_unit_test(who_is_refused_takes_nothing_from_the_connection_that_stands),
		cmocka_unit_test(a_certificate_that_is_not_in_the_book_is_refused),
		cmocka_unit_test(an_expired_certificate_may_only_renew),
		cmocka_unit_test(a_certificate_that_expired_long_ago_does_not_renew),
		cmocka_unit_test(a_cloned_image_is_refused_and_raises_an_alarm),
		cmocka_unit_test(a_desk_that_comes_back_takes_its_old_connection_s_place),
		cmocka_unit_test(a_new_policy_reaches_a_connected_desk_with_a_signature_that_holds),
		cmocka_unit_test(frames_that_are_none_end_the_connection),
		cmocka_unit_test(a_peer_that_says_nothing_is_cut_in_time),
		cmocka_unit_test(one_address_opens_only_so_many_connections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
