#include "listener/control.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json_line.h"
#include "base/text.h"

#define SOCKET "control.sock" /* below the run folder */
#define WORD_MAX 31
#define ANSWER_MAX (64U << 20)

static void put_status(const struct listener *l, struct buf *out)
{
	json_line_put(out, show_status(l));
}

static void put_devices(const struct listener *l, struct buf *out)
{
	for (const struct device *d = table_newest(l->table); d; d = d->older)
		json_line_put(out, show_device(l, d));
}

static void put_findings(const struct listener *l, struct buf *out)
{
	for (const struct report *r = reports_newest(l->reports); r; r = r->older)
		json_line_put(out, show_report(l, r));
}

static const struct {
	const char *word;
	void (*put)(const struct listener *l, struct buf *out);
} verbs[] = {
	{"status", put_status},
	{"devices", put_devices},
	{"findings", put_findings},
};

static void answer(void *arg, const char *word, uid_t uid, struct buf *out)
{
	(void)uid;
	out->error = -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (text_equal(verbs[i].word, word)) {
			out->error = 0;
			verbs[i].put(arg, out);
		}
}

int control_new(struct listener *l, struct inquiry **ret)
{
	CLEANUP_FREE char *path = NULL;
	int err = file_path(l->settings.run_dir, SOCKET, &path);
	const struct inquiry_rules rules = {
		.path = path,
		.mode = 0600,
		.line_max = WORD_MAX,
		.answer_max = ANSWER_MAX,
		.answer = answer,
		.arg = l,
	};

	return err ? err : inquiry_new(l->loop, &rules, ret);
}

int control_client(const struct settings *s, const char *verb)
{
	CLEANUP_BUF struct buf text = {.limit = ANSWER_MAX};
	CLEANUP_FREE char *path = NULL;
	size_t i = 0;
	int err;

	while (i < ARRAY_SIZE(verbs) && !text_equal(verbs[i].word, verb))
		i++;
	if (i == ARRAY_SIZE(verbs))
		return 2;
	err = file_path(s->run_dir, SOCKET, &path);
	if (!err)
		err = inquiry_ask(path, verb, &text);
	if (err) {
		fprintf(stderr, "menshen-listener: it does not answer under %s: %s\n", s->run_dir,
			strerror(-err));
		return 1;
	}
	return fputs(buf_str(&text), stdout) < 0 || fflush(stdout) ? 1 : 0;
}
