/* A gate at the gateway, over real TLS: its certificate, its co-signatures, what it is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <errno.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/pem.h"
#include "journal/head.h"
#include "link.h"
#include "server/engine/gate.h"

/* ---- its certificate ---- */

static void send_renewal(struct peer *p)
{
	CLEANUP_BUF struct buf key = BUF_INIT, csr = BUF_INIT, der = BUF_INIT;
	menshen_RenewRequest ask = {0};

	assert_int_equal(csr_make("somebody else", &key, &csr), 0);
	assert_int_equal(pem_decode(buf_str(&csr), csr.len, "CERTIFICATE REQUEST", &der), 0);
	memcpy(ask.csr.bytes, der.data, der.len);
	ask.csr.size = (pb_size_t)der.len;
	PEER_SEND(p, FRAME_RENEW_REQUEST, &ask);
}

static void expect_new_certificate(struct peer *p)
{
	menshen_EnrolAnswer answer;
	struct cert_info info;

	assert_int_equal(PEER_EXPECT(p, FRAME_ENROL_ANSWER, &answer, 5000), 0);
	assert_true(answer.accepted);
	assert_int_equal(cert_parse_der(answer.certificate.bytes, answer.certificate.size, &info),
			 0);
	assert_int_equal(info.holder, CERT_GATE);
	assert_string_equal(info.gate, "north"); /* whatever the request calls itself */
	assert_true(info.not_after_ms > clock_wall_ms() + 300 * DAY_MS);
}

static void a_gate_renews_its_certificate_and_goes_on(void **state)
{
	struct office o;
	struct link l;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	link_open(&l, &o);
	link_greet(&l, &o, 0);
	send_renewal(&l.peer);
	expect_new_certificate(&l.peer);
	assert_int_equal(office_acts(&o, "gate.renew"), 1);
	/* the one before, of a backup perhaps, still gets in */
	peer_close(&l.peer);
	link_greet(&l, &o, 0);
	office_verify(&o);
	link_close(&l);
	office_close(&o);
}

struct expired_gate {
	struct office *o;
	struct buf key, cert, cosign_pub;
	struct cert_info info;
	int64_t id;
};

static int add_expired(struct store *s, int64_t now_ms, void *arg)
{
	struct expired_gate *x = arg;
	const struct cert_spec spec = {.common_name = "north",
				       .holder = CERT_GATE,
				       .gate = "north",
				       .client = true,
				       .not_before_ms = now_ms - 2 * DAY_MS,
				       .not_after_ms = now_ms - DAY_MS};
	int err = ca_issue_pair(x->o->keys.ca, &spec, &x->key, &x->cert);

	if (!err)
		err = cert_parse(x->cert.data, x->cert.len, &x->info);
	if (!err)
		err = sign_key_public_pem(x->o->cosign, &x->cosign_pub);
	return err ? err
		   : gate_create(s, now_ms, &actor_system, "north", x->o->unit_id,
				 buf_str(&x->cosign_pub), &x->info, &x->id);
}

static int end_expired(struct store *s, int64_t now_ms, void *arg)
{
	return gate_end(s, now_ms, &actor_system, *(int64_t *)arg, "sold");
}

static void a_gate_that_slept_past_its_end_may_only_renew(void **state)
{
	struct expired_gate x = {.key = BUF_INIT, .cert = BUF_INIT, .cosign_pub = BUF_INIT};
	menshen_GateHello hello = {.protocol = 1, .version = "1"};
	menshen_Refusal refusal;
	struct tls_ctx *ctx;
	struct office o;
	struct peer p;
	struct addr at;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	x.o = &o;
	assert_int_equal(office_act(&o, add_expired, &x, TOPIC_GATE), 0);
	ctx = peer_context(ca_pem(o.keys.ca), buf_str(&x.cert), buf_str(&x.key));
	at = gateway_address(o.gateway);
	assert_int_equal(peer_connect(&p, ctx, &at), 0);
	PEER_SEND(&p, FRAME_GATE_HELLO, &hello);
	assert_int_equal(PEER_EXPECT(&p, FRAME_REFUSAL, &refusal, 5000), 0);
	assert_string_equal(refusal.reason, "certificate-expired");
	peer_close(&p);
	assert_int_equal(peer_connect(&p, ctx, &at), 0);
	send_renewal(&p);
	expect_new_certificate(&p);
	peer_close(&p);
	/* one that was taken out of service renews nothing */
	assert_int_equal(office_act(&o, end_expired, &x.id, TOPIC_GATE | TOPIC_CERTIFICATE), 0);
	assert_int_equal(peer_connect(&p, ctx, &at), 0);
	send_renewal(&p);
	assert_int_equal(PEER_EXPECT(&p, FRAME_REFUSAL, &refusal, 5000), 0);
	assert_int_equal(office_acts(&o, "gate.renew"), 1);
	peer_close(&p);
	tls_ctx_free(ctx);
	buf_done(&x.key);
	buf_done(&x.cert);
	buf_done(&x.cosign_pub);
	office_close(&o);
}

/* ---- heads ---- */

static void a_gate_co_signs_heads_and_a_false_co_signature_stands_in_the_log(void **state)
{
	static menshen_Head m;
	static menshen_HeadCosign answer;
	CLEANUP_BUF struct buf line = BUF_INIT;
	CLEANUP_SIGN_KEY struct sign_key *other = NULL;
	struct office o;
	struct link l;
	struct place p;
	struct head head;
	struct cosign co;
	int64_t until;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	link_open(&l, &o);
	link_greet(&l, &o, 0);
	place_open(&p, &o);
	assert_int_equal(PEER_EXPECT(&l.peer, FRAME_HEAD, &m, 5000), 0);
	assert_int_equal(head_parse(m.body.bytes, m.body.size, &head), 0);
	assert_int_equal(cosign_make(&head, "north", clock_wall_ms(), o.cosign, &co), 0);
	assert_int_equal(cosign_encode(&co, &line), 0);
	memcpy(answer.body.bytes, line.data, line.len);
	answer.body.size = (pb_size_t)line.len;
	PEER_SEND(&l.peer, FRAME_HEAD_COSIGN, &answer);
	until = clock_mono_ms() + 5000;
	while (office_count(&o, STMT_LOG_COSIGN_COUNT, STORE_NO_ARGS) == 0 &&
	       clock_mono_ms() < until)
		usleep(10000);
	assert_int_equal(office_count(&o, STMT_LOG_COSIGN_COUNT, STORE_NO_ARGS), 1);
	/* by another key */
	assert_int_equal(sign_key_make(SIGN_ED25519, &other), 0);
	assert_int_equal(cosign_make(&head, "north", clock_wall_ms(), other, &co), 0);
	buf_clear(&line);
	assert_int_equal(cosign_encode(&co, &line), 0);
	memcpy(answer.body.bytes, line.data, line.len);
	answer.body.size = (pb_size_t)line.len;
	PEER_SEND(&l.peer, FRAME_HEAD_COSIGN, &answer);
	until = clock_mono_ms() + 5000;
	while (office_acts(&o, "gate.cosign-refused") == 0 && clock_mono_ms() < until)
		usleep(10000);
	assert_int_equal(office_acts(&o, "gate.cosign-refused"), 1);
	link_close(&l);
	office_close(&o);
}

/* ---- who may speak ---- */

static int end_gate(struct store *s, int64_t now_ms, void *arg)
{
	struct gate g;

	(void)arg;
	assert_int_equal(gate_load(store_writer(s), "north", &g), 1);
	return gate_end(s, now_ms, &actor_system, g.id, "moved");
}

static void a_gate_that_was_ended_is_cut(void **state)
{
	struct office o;
	struct link l;
	struct seen_snapshot s;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	link_open(&l, &o);
	link_greet(&l, &o, 0);
	read_snapshot(&l, &s);
	assert_true(gateway_gate_connected(o.gateway, "north"));
	assert_int_equal(gateway_gate(o.gateway, "north").rev, s.end.rev);
	assert_int_equal(gateway_gate(o.gateway, "north").seen_ms, 0);
	assert_int_equal(office_act(&o, end_gate, NULL, TOPIC_GATE | TOPIC_CERTIFICATE), 0);
	assert_true(peer_is_cut(&l.peer, 1000));
	link_close(&l);
	office_close(&o);
}

/* ---- what would become of a knock ---- */

struct asker {
	struct gateway *gateway;
	pthread_t thread;
	int result;
	struct gateway_explained said;
};

static void *ask_main(void *arg)
{
	struct asker *a = arg;
	const struct gateway_ask ask = {
		.mac = {{2, 0, 0, 0, 1, 1}}, .account = "wangjg", .at = "sw1", .port = "p3"};

	a->result = gateway_explain(a->gateway, "north", &ask, &a->said);
	return NULL;
}

static void ask_begin(struct asker *a, struct office *o)
{
	*a = (struct asker){.gateway = o->gateway, .result = 1};
	assert_int_equal(pthread_create(&a->thread, NULL, ask_main, a), 0);
}

static void greet_as(struct link *l, struct office *o, bool explains)
{
	menshen_GateHello hello = {.protocol = 1, .version = "1", .explains = explains};
	menshen_GateWelcome w;
	struct addr at = gateway_address(o->gateway);

	memcpy(hello.epoch, l->epoch, sizeof(hello.epoch));
	assert_int_equal(peer_connect(&l->peer, l->ctx, &at), 0);
	PEER_SEND(&l->peer, FRAME_GATE_HELLO, &hello);
	assert_int_equal(PEER_EXPECT(&l->peer, FRAME_GATE_WELCOME, &w, 5000), 0);
}

static void a_gate_is_asked_what_would_become_of_a_knock(void **state)
{
	struct office o;
	struct link l;
	struct asker a;
	menshen_ExplainAsk ask;
	menshen_ExplainAnswer answer = {.at = "sw1",
					.port = "p3",
					.account = "wangjg",
					.verdict = VERDICT_ISOLATE,
					.reason = "posture-bad",
					.would_be_reason = "posture-bad",
					.standing = true};

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	link_open(&l, &o);
	greet_as(&l, &o, true);
	ask_begin(&a, &o);
	assert_int_equal(PEER_EXPECT(&l.peer, FRAME_EXPLAIN_ASK, &ask, 5000), 0);
	assert_string_equal(ask.account, "wangjg");
	assert_string_equal(ask.at, "sw1");
	assert_string_equal(ask.port, "p3");
	assert_int_equal(ask.mac[5], 1);
	answer.number = ask.number + 1; /* nobody waits for that one */
	PEER_SEND(&l.peer, FRAME_EXPLAIN_ANSWER, &answer);
	answer.number = ask.number;
	PEER_SEND(&l.peer, FRAME_EXPLAIN_ANSWER, &answer);
	PEER_SEND(&l.peer, FRAME_EXPLAIN_ANSWER, &answer);
	assert_int_equal(pthread_join(a.thread, NULL), 0);
	assert_int_equal(a.result, 0);
	assert_int_equal(a.said.verdict, VERDICT_ISOLATE);
	assert_string_equal(a.said.reason, "posture-bad");
	assert_true(a.said.standing);
	/* the line still stands after an answer too many */
	assert_false(peer_is_cut(&l.peer, 200));
	link_close(&l);
	office_close(&o);
}

static void a_gate_that_is_away_too_old_or_dumb_gives_no_answer(void **state)
{
	struct office o;
	struct link l;
	struct asker a;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	link_open(&l, &o);
	a = (struct asker){.gateway = o.gateway};
	ask_main(&a);
	assert_int_equal(a.result, -ENOTCONN);
	greet_as(&l, &o, false);
	ask_main(&a);
	assert_int_equal(a.result, -EOPNOTSUPP);
	peer_close(&l.peer);
	greet_as(&l, &o, true);
	ask_main(&a);
	assert_int_equal(a.result, -ETIMEDOUT);
	link_close(&l);
	office_close(&o);
}

static void what_a_gate_says_of_its_peers_is_known_while_it_is_connected(void **state)
{
	menshen_GatePeers said = {.peers_count = 1,
				  .peers = {{.name = "south", .state = "missing", .sessions = 7}}};
	menshen_GatePeers heard = {0};
	struct office o;
	struct link l;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	link_open(&l, &o);
	link_greet(&l, &o, 0);
	PEER_SEND(&l.peer, FRAME_GATE_PEERS, &said);
	for (unsigned i = 0; i < 500 && !heard.peers_count; i++) {
		usleep(10000);
		gateway_gate_peers(o.gateway, "north", &heard);
	}
	assert_int_equal(heard.peers_count, 1);
	assert_string_equal(heard.peers[0].name, "south");
	assert_string_equal(heard.peers[0].state, "missing");
	assert_int_equal(heard.peers[0].sessions, 7);
	peer_close(&l.peer);
	for (unsigned i = 0; i < 500 && heard.peers_count; i++) {
		usleep(10000);
		gateway_gate_peers(o.gateway, "north", &heard);
	}
	assert_int_equal(heard.peers_count, 0);
	gateway_gate_peers(o.gateway, "nowhere", &heard);
	assert_int_equal(heard.peers_count, 0);
	link_close(&l);
	office_close(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gate_co_signs_heads_and_a_false_co_signature_stands_in_the_log),
		cmocka_unit_test(a_gate_that_was_ended_is_cut),
		cmocka_unit_test(what_a_gate_says_of_its_peers_is_known_while_it_is_connected),
		cmocka_unit_test(a_gate_renews_its_certificate_and_goes_on),
		cmocka_unit_test(a_gate_that_slept_past_its_end_may_only_renew),
		cmocka_unit_test(a_gate_is_asked_what_would_become_of_a_knock),
		cmocka_unit_test(a_gate_that_is_away_too_old_or_dumb_gives_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
