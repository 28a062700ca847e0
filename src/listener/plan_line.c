#include "listener/plan_line.h"

#include <string.h>

#include "base/text.h"

#define PAIR_MAX 128
#define PLAN_BYTES ((size_t)PLAN_MAX * 72)

void plan_line_init(struct plan_line *p)
{
	*p = (struct plan_line){.coming = false};
	buf_init(&p->pairs, PLAN_BYTES);
}

void plan_line_done(struct plan_line *p)
{
	buf_done(&p->pairs);
}

static void drop(struct plan_line *p)
{
	buf_done(&p->pairs);
	plan_line_init(p);
}

static int gather(struct plan_line *p, const json_t *pairs)
{
	const json_t *pair;
	size_t i;

	if (!p->coming || !json_is_array(pairs))
		return -EBADMSG;
	json_array_foreach(pairs, i, pair)
	{
		const char *text = json_string_value(pair);

		if (!text || strlen(text) > PAIR_MAX || strpbrk(text, "\r\n"))
			return -EBADMSG;
		buf_printf(&p->pairs, "%s\n", text);
	}
	return p->pairs.error;
}

static int finish(struct plan_line *p, struct plan **ret)
{
	size_t skipped;
	int err;

	if (!p->coming)
		return -EBADMSG;
	err = plan_parse(buf_str(&p->pairs), p->pairs.len, ret, &skipped);
	drop(p);
	return err ? err : 1;
}

int plan_line_take(struct plan_line *p, const json_t *message, struct plan **ret)
{
	const char *word = json_string_value(json_object_get(message, "plan"));
	int r = -EBADMSG;

	if (word && text_equal(word, "begin")) {
		drop(p);
		p->coming = true;
		r = 0;
	} else if (word && text_equal(word, "pairs")) {
		r = gather(p, json_object_get(message, "pairs"));
	} else if (word && text_equal(word, "end")) {
		r = finish(p, ret);
	}
	if (r < 0)
		drop(p);
	return r;
}
