#include "agent/core/posture.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static void add_reason(char list[static POSTURE_LIST_SIZE], const char *reason)
{
	size_t len = strlen(list), need = strlen(reason) + (len > 0);

	if (len + need >= POSTURE_LIST_SIZE)
		return;
	if (len)
		list[len++] = ',';
	memcpy(list + len, reason, strlen(reason) + 1);
}

void posture_combine(const struct posture_input *inputs, size_t count, struct posture_report *ret)
{
	struct posture_report r = {.posture = POSTURE_GOOD};

	for (size_t i = 0; i < count; i++) {
		const struct posture_input *in = &inputs[i];
		char reason[80];

		if (in->mode == GUARD_OFF || in->finding->state == FINDING_GOOD)
			continue;
		snprintf(reason, sizeof(reason), "%s.%s", in->guard,
			 in->finding->reason ? in->finding->reason->code : "unknown");
		if (in->mode != GUARD_ENFORCE) {
			add_reason(r.warnings, reason);
			continue;
		}
		add_reason(r.failing, reason);
		if (in->finding->state == FINDING_BAD)
			r.posture = POSTURE_BAD;
		else if (r.posture == POSTURE_GOOD)
			r.posture = POSTURE_UNKNOWN;
	}
	*ret = r;
}

bool posture_report_equal(const struct posture_report *a, const struct posture_report *b)
{
	return a->posture == b->posture && text_equal(a->failing, b->failing) &&
	       text_equal(a->warnings, b->warnings);
}

void posture_all_reasons(const struct posture_report *r, char dst[static POSTURE_LIST_SIZE])
{
	text_fit(dst, POSTURE_LIST_SIZE, r->failing);
	if (r->warnings[0])
		add_reason(dst, r->warnings);
}

void posture_encode(const struct posture_report *r, struct buf *to)
{
	buf_printf(to, "%s\n%s\n%s\n", posture_name(r->posture), r->failing, r->warnings);
}

static int take_line(const char **text, char *dst, size_t size)
{
	const char *end = strchr(*text, '\n');
	int err;

	if (!end)
		return -EBADMSG;
	err = text_copy_n(dst, size, *text, (size_t)(end - *text));
	*text = end + 1;
	return err ? -EBADMSG : 0;
}

int posture_decode(const char *text, struct posture_report *ret)
{
	struct posture_report r;
	char name[16];

	if (take_line(&text, name, sizeof(name)) ||
	    take_line(&text, r.failing, sizeof(r.failing)) ||
	    take_line(&text, r.warnings, sizeof(r.warnings)))
		return -EBADMSG;
	for (r.posture = POSTURE_UNKNOWN; r.posture <= POSTURE_BAD; r.posture++)
		if (text_equal(posture_name(r.posture), name)) {
			*ret = r;
			return 0;
		}
	return -EBADMSG;
}
