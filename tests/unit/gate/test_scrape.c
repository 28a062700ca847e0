#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gate/tend/scrape.h"

static int judge(const char *head)
{
	return scrape_judge((const uint8_t *)head, strlen(head));
}

static void a_whole_head_for_the_page_is_answered(void **state)
{
	(void)state;
	assert_int_equal(judge("GET /metrics HTTP/1.1\r\nHost: gate\r\n\r\n"), 200);
	assert_int_equal(judge("GET /metrics HTTP/1.0\r\n\r\n"), 200);
}

static void a_head_that_goes_on_is_waited_for_up_to_its_bound(void **state)
{
	static const char whole[] = "GET /metrics HTTP/1.1\r\nHost: gate\r\n\r\n";
	uint8_t endless[SCRAPE_HEAD_MAX];

	(void)state;
	for (size_t n = 0; n < sizeof(whole) - 1; n++)
		assert_int_equal(scrape_judge((const uint8_t *)whole, n), 0);
	memset(endless, 'a', sizeof(endless));
	assert_int_equal(scrape_judge(endless, sizeof(endless) - 1), 0);
	assert_int_equal(scrape_judge(endless, sizeof(endless)), 431);
}

static void anything_else_is_refused_by_its_status(void **state)
{
	(void)state;
	assert_int_equal(judge("GET / HTTP/1.1\r\n\r\n"), 404);
	assert_int_equal(judge("GET /metrics/ HTTP/1.1\r\n\r\n"), 404);
	assert_int_equal(judge("GET /metric HTTP/1.1\r\n\r\n"), 404);
	assert_int_equal(judge("POST /metrics HTTP/1.1\r\n\r\n"), 405);
	assert_int_equal(judge("get /metrics HTTP/1.1\r\n\r\n"), 405);
	assert_int_equal(judge("GET /metrics\r\n\r\n"), 400);
	assert_int_equal(judge("GET /metrics FTP/1.1\r\n\r\n"), 400);
	assert_int_equal(judge(" GET /metrics HTTP/1.1\r\n\r\n"), 400);
	assert_int_equal(judge("GET  HTTP/1.1\r\n\r\n"), 400);
	assert_int_equal(judge("\r\n\r\n"), 400);
	assert_int_equal(judge("GET\r\n /metrics HTTP/1.1\r\n\r\n"), 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_head_for_the_page_is_answered),
		cmocka_unit_test(a_head_that_goes_on_is_waited_for_up_to_its_bound),
		cmocka_unit_test(anything_else_is_refused_by_its_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
