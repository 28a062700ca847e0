/* The page that isolated computers see, over real TLS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
#include "crypto/secret.h"
#include "peer.h"
#include "server/api/enrolment.h"

struct place {
	struct ca *ca;
	struct buf key, cert;
	struct enrolment *page;
	struct tls_ctx *ctx;
	struct addr at;
};

static void open_place(struct place *p, const char *dir)
{
	int64_t now = clock_wall_ms();
	const struct cert_spec spec = {.common_name = "menshend",
				       .holder = CERT_OTHER,
				       .sans = {"menshend"},
				       .server = true,
				       .not_before_ms = now - DAY_MS,
				       .not_after_ms = now + DAY_MS};
	struct enrolment_options o = {.dir = dir};

	*p = (struct place){.key = BUF_INIT, .cert = BUF_INIT};
	assert_int_equal(ca_make("root", now - DAY_MS, CERT_DAYS_ROOT, &p->ca), 0);
	assert_int_equal(ca_issue_pair(p->ca, &spec, &p->key, &p->cert), 0);
	assert_int_equal(addr_parse("127.0.0.1:8445", 0, &o.listen), 0);
	o.listen.in.sin_port = 0;
	o.cert_pem = buf_str(&p->cert);
	o.key_pem = buf_str(&p->key);
	assert_int_equal(enrolment_start(&o, &p->page), 0);
	p->at = o.listen;
	p->at.in.sin_port = htons(enrolment_port(p->page));
	p->ctx = peer_context(ca_pem(p->ca), NULL, NULL);
}

static void close_place(struct place *p)
{
	enrolment_stop(p->page);
	tls_ctx_free(p->ctx);
	secret_buf_done(&p->key);
	buf_done(&p->cert);
	ca_free(p->ca);
}

static const char *ask(struct place *p, const char *request, char ret[static 8192])
{
	struct peer peer;
	size_t len = 0, n;
	int64_t until = clock_mono_ms() + 5 * SECOND_MS;
	enum tls_result r = TLS_WANT_READ;

	assert_int_equal(peer_connect(&peer, p->ctx, &p->at), 0);
	peer_send_bytes(&peer, request, strlen(request));
	while ((r == TLS_DONE || r == TLS_WANT_READ) && clock_mono_ms() < until && len < 8191) {
		r = tls_conn_read(peer.conn, ret + len, 8191 - len, &n);
		if (r == TLS_DONE)
			len += n;
		else
			usleep(1000);
	}
	ret[len] = '\0';
	peer_close(&peer);
	return ret;
}

static void the_page_says_in_both_languages_what_to_do(void **state)
{
	char answer[8192];
	struct place p;

	(void)state;
	open_place(&p, NULL);
	ask(&p, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", answer);
	assert_memory_equal(answer, "HTTP/1.1 200", 12);
	assert_non_null(strstr(answer, "隔离修复区"));
	assert_non_null(strstr(answer, "onboarding request"));
	assert_non_null(strstr(answer, "Content-Security-Policy: default-src 'none'"));
	assert_null(strstr(answer, "__CSP_NONCE__"));
	close_place(&p);
}

static void nothing_of_the_console_is_behind_it(void **state)
{
	static const char *const requests[] = {
		"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
		"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
		"PUT / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
	};
	char answer[8192];
	struct place p;

	(void)state;
	open_place(&p, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++)
		assert_memory_equal(ask(&p, requests[i], answer), "HTTP/1.1 405", 12);
	/* a path without a dot is the page, as everywhere here: no JSON, no session */
	ask(&p, "GET /api/v1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", answer);
	assert_non_null(strstr(answer, "隔离修复区"));
	assert_null(strstr(answer, "application/json"));
	close_place(&p);
}

static void a_bank_offers_its_own_page_and_the_agent_and_nothing_beside(void **state)
{
	char dir[] = "/tmp/menshen-page-XXXXXX", path[64], answer[8192];
	struct place p;
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/agent.deb", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs("package", f) >= 0);
	fclose(f);
	open_place(&p, dir);
	ask(&p, "GET /agent.deb HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", answer);
	assert_non_null(strstr(answer, "\r\n\r\npackage"));
	ask(&p, "GET /../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", answer);
	assert_memory_equal(answer, "HTTP/1.1 404", 12);
	ask(&p, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", answer);
	assert_non_null(strstr(answer, "隔离修复区")); /* no index.html there */
	close_place(&p);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void one_address_holds_only_so_many_connections(void **state)
{
	char answer[8192];
	struct peer held[4], more;
	struct place p;

	(void)state;
	open_place(&p, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(held); i++)
		assert_int_equal(peer_connect(&held[i], p.ctx, &p.at), 0);
	assert_int_not_equal(peer_connect(&more, p.ctx, &p.at), 0);
	for (size_t i = 0; i < ARRAY_SIZE(held); i++)
		peer_close(&held[i]);
	usleep(300000);
	ask(&p, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", answer);
	assert_memory_equal(answer, "HTTP/1.1 200", 12);
	close_place(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_says_in_both_languages_what_to_do),
		cmocka_unit_test(nothing_of_the_console_is_behind_it),
		cmocka_unit_test(a_bank_offers_its_own_page_and_the_agent_and_nothing_beside),
		cmocka_unit_test(one_address_holds_only_so_many_connections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
