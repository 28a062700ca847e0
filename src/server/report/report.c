#include "server/report/report.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

#define CHINA_MS (8 * 3600 * INT64_C(1000))

/* "2026-11-23 17:05", in China Standard Time. */
static void put_time(char dst[static 17], int64_t at_ms)
{
	char text[CLOCK_TEXT_SIZE];

	clock_format_utc(text, at_ms + CHINA_MS);
	text[10] = ' ';
	memcpy(dst, text, 16);
	dst[16] = 0;
}

void report_heading(char dst[static REPORT_TEXT_SIZE], const struct report *r)
{
	char at[17];

	put_time(at, r->at_ms);
	snprintf(dst, REPORT_TEXT_SIZE, "机构：%.80s　制表人：%.40s　制表时间：%s　制度条款：%.8s",
		 r->unit, r->by, at, r->clause);
}

void report_text(char dst[static REPORT_TEXT_SIZE], const struct report_column *c,
		 const json_t *row)
{
	const json_t *v = json_object_get(row, c->name);

	dst[0] = 0;
	if (c->kind == REPORT_TIME && json_is_integer(v)) {
		put_time(dst, (int64_t)json_integer_value(v));
	} else if (json_is_integer(v)) {
		snprintf(dst, REPORT_TEXT_SIZE, "%lld", (long long)json_integer_value(v));
	} else if (json_is_string(v)) {
		text_fit(dst, REPORT_TEXT_SIZE, json_string_value(v));
	}
}
