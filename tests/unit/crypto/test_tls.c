#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "crypto/secret.h"
#include "crypto/tls.h"

#define SERVER_NAME "menshend.bank.test"
#define SERVER_ADDRESS "10.0.0.1"

static const struct uuid desk = {{0x5f, 0x0c, 1, 2, 3, 4, 0x45, 6, 0x87, 8, 9, 10, 11, 12, 13, 14}};

struct pair {
	struct buf key, cert;
};

/* One bank: its root, a server, a desk in its year, a desk past it, and a stranger's desk. */
static struct ca *root, *strange_root;
static struct pair server, good_desk, late_desk, strange_desk;

static void issue(const struct ca *ca, struct pair *ret, int64_t from_ms, int64_t to_ms,
		  bool is_server)
{
	const struct cert_spec spec = {
		.common_name = "test",
		.holder = is_server ? CERT_OTHER : CERT_TERMINAL,
		.terminal = desk,
		.sans = {is_server ? SERVER_NAME : NULL, SERVER_ADDRESS},
		.server = is_server,
		.client = !is_server,
		.not_before_ms = from_ms,
		.not_after_ms = to_ms,
	};

	buf_init(&ret->key, CERT_PEM_MAX);
	buf_init(&ret->cert, CERT_PEM_MAX);
	assert_int_equal(ca_issue_pair(ca, &spec, &ret->key, &ret->cert), 0);
}

static int make_bank(void **state)
{
	int64_t now = clock_wall_ms();

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(ca_make("root", now - 400 * DAY_MS, CERT_DAYS_ROOT, &root), 0);
	assert_int_equal(ca_make("strange", now - 400 * DAY_MS, CERT_DAYS_ROOT, &strange_root), 0);
	issue(root, &server, now - DAY_MS, now + DAY_MS, true);
	issue(root, &good_desk, now - DAY_MS, now + DAY_MS, false);
	issue(root, &late_desk, now - 300 * DAY_MS, now - DAY_MS, false);
	issue(strange_root, &strange_desk, now - DAY_MS, now + DAY_MS, false);
	return 0;
}

static int drop_bank(void **state)
{
	struct pair *pairs[] = {&server, &good_desk, &late_desk, &strange_desk};

	(void)state;
	ca_free(root);
	ca_free(strange_root);
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		secret_buf_done(&pairs[i]->key);
		buf_done(&pairs[i]->cert);
	}
	return 0;
}

static struct tls_ctx *make_server(bool required)
{
	const struct tls_server_options options = {
		.cert_pem = buf_str(&server.cert),
		.key_pem = buf_str(&server.key),
		.ca_pem = ca_pem(root),
		.client_cert_required = required,
	};
	struct tls_ctx *ctx = NULL;

	assert_int_equal(tls_server_new(&options, &ctx), 0);
	return ctx;
}

static struct tls_ctx *make_client(const struct pair *pair)
{
	const struct tls_client_options options = {
		.ca_pem = ca_pem(root),
		.cert_pem = pair ? buf_str(&pair->cert) : NULL,
		.key_pem = pair ? buf_str(&pair->key) : NULL,
	};
	struct tls_ctx *ctx = NULL;

	assert_int_equal(tls_client_new(&options, &ctx), 0);
	return ctx;
}

struct link {
	int fds[2];
	struct tls_conn *near, *far; /* client, server */
	enum tls_result near_result, far_result;
};

static bool waiting(enum tls_result r)
{
	return r == TLS_WANT_READ || r == TLS_WANT_WRITE;
}

/* Both sides by turns until each is decided. A client whose certificate is refused hears of it at
 * its first read (TLS 1.3). */
static void shake_hands(struct link *l, struct tls_ctx *client, struct tls_ctx *gateway,
			const char *name, int64_t at_ms)
{
	*l = (struct link){.near_result = TLS_WANT_WRITE, .far_result = TLS_WANT_READ};
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, l->fds), 0);
	assert_int_equal(tls_connect_new(client, l->fds[0], name, at_ms, &l->near), 0);
	assert_int_equal(tls_accept_new(gateway, l->fds[1], &l->far), 0);
	for (int i = 0; i < 20 && (waiting(l->near_result) || waiting(l->far_result)); i++) {
		if (waiting(l->near_result))
			l->near_result = tls_conn_handshake(l->near);
		if (waiting(l->far_result))
			l->far_result = tls_conn_handshake(l->far);
	}
}

static void hang_up(struct link *l)
{
	tls_conn_free(l->near);
	tls_conn_free(l->far);
	close(l->fds[0]);
	close(l->fds[1]);
}

static void exchange(struct link *l)
{
	char text[16];
	size_t len = 0;

	assert_int_equal(tls_conn_write(l->far, "word", 4, &len), TLS_DONE);
	assert_int_equal(len, 4);
	assert_int_equal(tls_conn_read(l->near, text, sizeof(text), &len), TLS_DONE);
	assert_int_equal(len, 4);
	assert_memory_equal(text, "word", 4);
	assert_int_equal(tls_conn_read(l->near, text, sizeof(text), &len), TLS_WANT_READ);
}

static void a_desk_connects_and_is_known_by_its_uuid(void **state)
{
	CLEANUP_TLS_CTX struct tls_ctx *gateway = make_server(true),
				       *client = make_client(&good_desk);
	struct tls_peer peer;
	struct link l;

	(void)state;
	shake_hands(&l, client, gateway, SERVER_NAME, 0);
	assert_int_equal(l.near_result, TLS_DONE);
	assert_int_equal(l.far_result, TLS_DONE);
	assert_int_equal(tls_conn_peer(l.far, clock_wall_ms(), &peer), 0);
	assert_int_equal(peer.cert.holder, CERT_TERMINAL);
	assert_true(uuid_equal(&peer.cert.terminal, &desk));
	assert_false(peer.expired);
	assert_false(tls_conn_resumed(l.far));
	exchange(&l);
	hang_up(&l);
}

static void the_second_connection_is_resumed_and_still_names_the_desk(void **state)
{
	CLEANUP_TLS_CTX struct tls_ctx *gateway = make_server(true),
				       *client = make_client(&good_desk);
	struct tls_peer peer;
	struct link l;

	(void)state;
	for (int i = 0; i < 4; i++) {
		shake_hands(&l, client, gateway, SERVER_NAME, 0);
		assert_int_equal(l.near_result, TLS_DONE);
		assert_int_equal(l.far_result, TLS_DONE);
		assert_int_equal(tls_conn_resumed(l.far), i > 0);
		assert_int_equal(tls_conn_resumed(l.near), i > 0);
		assert_int_equal(tls_conn_peer(l.far, clock_wall_ms(), &peer), 0);
		assert_true(uuid_equal(&peer.cert.terminal, &desk));
		exchange(&l);
		hang_up(&l);
	}
}

static bool next_is_resumed(struct tls_ctx *client, struct tls_ctx *gateway)
{
	struct link l;
	bool resumed;

	shake_hands(&l, client, gateway, SERVER_NAME, 0);
	assert_int_equal(l.far_result, TLS_DONE);
	resumed = tls_conn_resumed(l.far);
	exchange(&l);
	hang_up(&l);
	return resumed;
}

/* Or who once copied a session's secret could come back with it for ever. */
static void no_resumption_prolongs_a_session(void **state)
{
	const struct tls_server_options options = {.cert_pem = buf_str(&server.cert),
						   .key_pem = buf_str(&server.key),
						   .ca_pem = ca_pem(root),
						   .session_seconds = 2};
	CLEANUP_TLS_CTX struct tls_ctx *gateway = NULL, *client = make_client(&good_desk);
	int64_t began = clock_mono_ms();
	int resumed = 0;

	(void)state;
	assert_int_equal(tls_server_new(&options, &gateway), 0);
	assert_false(next_is_resumed(client, gateway));
	while (next_is_resumed(client, gateway)) {
		resumed++;
		assert_true(clock_mono_ms() - began < 20 * SECOND_MS);
		(void)poll(NULL, 0, 100);
	}
	assert_true(resumed > 0);
	assert_true(clock_mono_ms() - began > SECOND_MS);
	assert_true(next_is_resumed(client, gateway)); /* the new session */
}

/* A thousand desks come back at once when a line comes back. */
static void a_session_outlives_a_broken_line(void **state)
{
	CLEANUP_TLS_CTX struct tls_ctx *gateway = make_server(true),
				       *client = make_client(&good_desk);
	char text[16];
	size_t len;
	struct link l;

	(void)state;
	shake_hands(&l, client, gateway, SERVER_NAME, 0);
	exchange(&l);
	assert_int_equal(tls_conn_write(l.far, "lost", 4, &len), TLS_DONE);
	close(l.fds[0]); /* with bytes unread: a reset */
	assert_int_equal(tls_conn_read(l.far, text, sizeof(text), &len), TLS_CLOSED);
	l.fds[0] = dup(l.fds[1]);
	hang_up(&l);
	assert_true(next_is_resumed(client, gateway));
}

static void a_session_ends_with_a_peer_that_breaks_the_protocol(void **state)
{
	CLEANUP_TLS_CTX struct tls_ctx *gateway = make_server(true),
				       *client = make_client(&good_desk);
	char text[16];
	size_t len;
	struct link l;

	(void)state;
	shake_hands(&l, client, gateway, SERVER_NAME, 0);
	exchange(&l);
	assert_int_equal(write(l.fds[0], "GET / HTTP/1.1\r\n\r\n", 18), 18);
	assert_int_equal(tls_conn_read(l.far, text, sizeof(text), &len), TLS_FAILED);
	hang_up(&l);
	assert_false(next_is_resumed(client, gateway));
}

static void an_expired_desk_connects_and_is_seen_as_expired(void **state)
{
	CLEANUP_TLS_CTX struct tls_ctx *gateway = make_server(true),
				       *client = make_client(&late_desk);
	struct tls_peer peer;
	struct link l;

	(void)state;
	for (int i = 0; i < 2; i++) {
		shake_hands(&l, client, gateway, SERVER_NAME, 0);
		assert_int_equal(l.far_result, TLS_DONE);
		assert_int_equal(tls_conn_peer(l.far, clock_wall_ms(), &peer), 0);
		assert_true(peer.expired);
		exchange(&l);
		hang_up(&l);
	}
}

static void a_strangers_certificate_is_refused_with_a_reason(void **state)
{
	CLEANUP_TLS_CTX struct tls_ctx *gateway = make_server(false),
				       *client = make_client(&strange_desk);
	struct tls_peer peer;
	struct link l;

	(void)state;
	shake_hands(&l, client, gateway, SERVER_NAME, 0);
	assert_int_equal(l.far_result, TLS_FAILED);
	assert_non_null(strstr(tls_conn_error(l.far), "certificate"));
	assert_int_not_equal(tls_conn_peer(l.far, clock_wall_ms(), &peer), 0);
	hang_up(&l);
}

static void without_certificate_only_the_enrolment_gateway_listens(void **state)
{
	CLEANUP_TLS_CTX struct tls_ctx *open = make_server(false), *strict = make_server(true),
				       *client = make_client(NULL);
	struct tls_peer peer;
	struct link l;

	(void)state;
	shake_hands(&l, client, open, SERVER_NAME, 0);
	assert_int_equal(l.far_result, TLS_DONE);
	assert_int_equal(tls_conn_peer(l.far, clock_wall_ms(), &peer), -ENOENT);
	exchange(&l);
	hang_up(&l);
	shake_hands(&l, client, strict, SERVER_NAME, 0);
	assert_int_equal(l.far_result, TLS_FAILED);
	hang_up(&l);
}

static void a_server_of_another_name_root_or_time_is_not_trusted(void **state)
{
	CLEANUP_TLS_CTX struct tls_ctx *gateway = make_server(false), *client = make_client(NULL),
				       *pinned_elsewhere = NULL;
	const struct tls_client_options options = {.ca_pem = ca_pem(strange_root)};
	struct link l;

	(void)state;
	shake_hands(&l, client, gateway, "other.bank.test", 0);
	assert_int_equal(l.near_result, TLS_FAILED);
	assert_non_null(strstr(tls_conn_error(l.near), "certificate"));
	hang_up(&l);
	shake_hands(&l, client, gateway, SERVER_NAME, clock_wall_ms() + 30 * DAY_MS);
	assert_int_equal(l.near_result, TLS_FAILED);
	hang_up(&l);
	assert_int_equal(tls_client_new(&options, &pinned_elsewhere), 0);
	shake_hands(&l, pinned_elsewhere, gateway, SERVER_NAME, 0);
	assert_int_equal(l.near_result, TLS_FAILED);
	hang_up(&l);
}

/* What a desk shows comes after it has judged the server: an impostor learns no name and no key. */
static void a_desk_shows_nothing_to_a_server_it_does_not_trust(void **state)
{
	const struct tls_client_options options = {.ca_pem = ca_pem(strange_root),
						   .cert_pem = buf_str(&good_desk.cert),
						   .key_pem = buf_str(&good_desk.key)};
	CLEANUP_TLS_CTX struct tls_ctx *impostor = make_server(true), *client = NULL;
	struct tls_peer peer;
	struct link l;

	(void)state;
	assert_int_equal(tls_client_new(&options, &client), 0);
	shake_hands(&l, client, impostor, SERVER_NAME, 0);
	assert_int_equal(l.near_result, TLS_FAILED);
	assert_int_not_equal(l.far_result, TLS_DONE);
	assert_int_equal(tls_conn_peer(l.far, clock_wall_ms(), &peer), -ENOENT);
	hang_up(&l);
}

static void a_server_may_be_known_by_its_address(void **state)
{
	CLEANUP_TLS_CTX struct tls_ctx *gateway = make_server(false), *client = make_client(NULL);
	struct link l;

	(void)state;
	shake_hands(&l, client, gateway, SERVER_ADDRESS, 0);
	assert_int_equal(l.near_result, TLS_DONE);
	hang_up(&l);
	shake_hands(&l, client, gateway, "10.0.0.2", 0);
	assert_int_equal(l.near_result, TLS_FAILED);
	hang_up(&l);
}

static void a_goodbye_and_a_dead_line_both_read_as_closed(void **state)
{
	CLEANUP_TLS_CTX struct tls_ctx *gateway = make_server(true),
				       *client = make_client(&good_desk);
	char text[16];
	size_t len;
	struct link l;

	(void)state;
	for (int polite = 0; polite < 2; polite++) {
		shake_hands(&l, client, gateway, SERVER_NAME, 0);
		exchange(&l);
		if (polite)
			assert_int_equal(tls_conn_shutdown(l.near), TLS_DONE);
		else
			shutdown(l.fds[0], SHUT_RDWR);
		assert_int_equal(tls_conn_read(l.far, text, sizeof(text), &len), TLS_CLOSED);
		hang_up(&l);
	}
}

static void noise_instead_of_tls_fails_cleanly(void **state)
{
	CLEANUP_TLS_CTX struct tls_ctx *gateway = make_server(true);
	CLEANUP_TLS_CONN struct tls_conn *c = NULL;
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	assert_int_equal(tls_accept_new(gateway, fds[1], &c), 0);
	assert_int_equal(tls_conn_handshake(c), TLS_WANT_READ);
	assert_int_equal(write(fds[0], "GET / HTTP/1.1\r\n\r\n", 18), 18);
	assert_int_equal(tls_conn_handshake(c), TLS_FAILED);
	assert_string_not_equal(tls_conn_error(c), "");
	close(fds[0]);
	close(fds[1]);
}

static void key_and_certificate_that_do_not_match_are_refused(void **state)
{
	const struct tls_server_options options = {.cert_pem = buf_str(&server.cert),
						   .key_pem = buf_str(&good_desk.key)};
	const struct tls_client_options no_root = {.ca_pem = "hello"};
	struct tls_ctx *ctx = NULL;

	(void)state;
	assert_int_equal(tls_server_new(&options, &ctx), -EBADMSG);
	assert_int_equal(tls_client_new(&no_root, &ctx), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_desk_connects_and_is_known_by_its_uuid),
		cmocka_unit_test(the_second_connection_is_resumed_and_still_names_the_desk),
		cmocka_unit_test(no_resumption_prolongs_a_session),
		cmocka_unit_test(a_session_outlives_a_broken_line),
		cmocka_unit_test(a_session_ends_with_a_peer_that_breaks_the_protocol),
		cmocka_unit_test(an_expired_desk_connects_and_is_seen_as_expired),
		cmocka_unit_test(a_strangers_certificate_is_refused_with_a_reason),
		cmocka_unit_test(without_certificate_only_the_enrolment_gateway_listens),
		cmocka_unit_test(a_server_of_another_name_root_or_time_is_not_trusted),
		cmocka_unit_test(a_desk_shows_nothing_to_a_server_it_does_not_trust),
		cmocka_unit_test(a_server_may_be_known_by_its_address),
		cmocka_unit_test(a_goodbye_and_a_dead_line_both_read_as_closed),
		cmocka_unit_test(noise_instead_of_tls_fails_cleanly),
		cmocka_unit_test(key_and_certificate_that_do_not_match_are_refused),
	};

	return cmocka_run_group_tests(tests, make_bank, drop_bank);
}
