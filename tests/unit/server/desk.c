#include "desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

void desk_open(struct desk *d, struct office *o)
{
	*d = (struct desk){.key = BUF_INIT, .cert = BUF_INIT};
	office_enrolled(o, &d->terminal, &d->key, &d->cert);
	d->ctx = peer_context(ca_pem(o->keys.ca), buf_str(&d->cert), buf_str(&d->key));
	memset(d->epoch, 7, sizeof(d->epoch));
}

void desk_close(struct desk *d)
{
	if (d->peer.conn)
		peer_close(&d->peer);
	tls_ctx_free(d->ctx);
	buf_done(&d->key);
	buf_done(&d->cert);
}

void desk_hello(struct desk *d, uint64_t next_seq)
{
	menshen_AgentHello hello = {
		.protocol = 1, .version = "1.0", .os = "Linux", .next_seq = next_seq};

	memcpy(hello.epoch, d->epoch, sizeof(hello.epoch));
	PEER_SEND(&d->peer, FRAME_AGENT_HELLO, &hello);
}

void desk_connect(struct desk *d, struct office *o)
{
	struct addr at = gateway_address(o->gateway);

	assert_int_equal(peer_connect(&d->peer, d->ctx, &at), 0);
}

uint64_t desk_greet(struct desk *d, struct office *o, uint64_t next_seq)
{
	menshen_Welcome w;

	desk_connect(d, o);
	desk_hello(d, next_seq);
	assert_int_equal(PEER_EXPECT(&d->peer, FRAME_WELCOME, &w, 5000), 0);
	assert_true(w.server_time_ms > 0);
	return w.through_seq;
}

void send_event(struct desk *d, uint64_t seq, const char *kind, const char *body)
{
	menshen_Event e = {.seq = seq, .at_ms = clock_wall_ms()};

	snprintf(e.kind, sizeof(e.kind), "%s", kind);
	e.body.size = (pb_size_t)strlen(body);
	memcpy(e.body.bytes, body, e.body.size);
	PEER_SEND(&d->peer, FRAME_EVENT, &e);
}

void expect_ack(struct desk *d, uint64_t through)
{
	menshen_Ack ack = {0};

	while (ack.through_seq < through)
		assert_int_equal(PEER_EXPECT(&d->peer, FRAME_ACK, &ack, 5000), 0);
	assert_int_equal(ack.through_seq, through);
}

void expect_refusal(struct peer *p, const char *reason)
{
	menshen_Refusal r;

	assert_int_equal(PEER_EXPECT(p, FRAME_REFUSAL, &r, 5000), 0);
	assert_string_equal(r.reason, reason);
	assert_true(peer_is_cut(p, 5000));
}
