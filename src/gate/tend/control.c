#include "gate/tend/control.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json_line.h"
#include "base/text.h"
#include "gate/tend/verbs.h"

#define SOCKET "control.sock" /* below the run folder */
#define LINE_MAX_BYTES 4096
#define ANSWER_MAX (16U << 20)

static void answer_line(void *arg, const char *line, uid_t uid, struct buf *out)
{
	json_t *args = json_loads(line, JSON_REJECT_DUPLICATES, NULL), *answer;
	const struct call c = {arg, args, uid};

	answer = verbs_run(&c);
	json_decref(args);
	json_line_put(out, answer ? answer : verb_failure("no such verb"));
}

int control_new(struct gate *g, struct inquiry **ret)
{
	CLEANUP_FREE char *path = NULL;
	int err = file_path(g->settings.run_dir, SOCKET, &path);
	const struct inquiry_rules rules = {.path = path,
					    .mode = 0600,
					    .line_max = LINE_MAX_BYTES,
					    .answer_max = ANSWER_MAX,
					    .answer = answer_line,
					    .arg = g};

	return err ? err : inquiry_new(g->loop, &rules, ret);
}

static int usage(void)
{
	fprintf(stderr, "usage: menshen-gate [-c FILE] [run]\n");
	verbs_print_usage(stderr);
	return 2;
}

static int ask(const struct settings *s, const char *line, struct buf *ret)
{
	CLEANUP_FREE char *path = NULL;
	int err = file_path(s->run_dir, SOCKET, &path);

	return err ? err : inquiry_ask(path, line, ret);
}

/* An exit code. */
static int print_answer(const struct buf *answer)
{
	json_t *root = json_loadb(buf_str(answer), answer->len, 0, NULL);
	const char *error = json_string_value(json_object_get(root, "error"));
	const char *text = json_string_value(json_object_get(root, "text"));
	int status = 1;

	if (error)
		fprintf(stderr, "menshen-gate: %s\n", error);
	else if (text)
		status = fputs(text, stdout) < 0 ? 1 : 0;
	else if (root)
		status = json_dumpf(root, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER) ? 1 : 0;
	if (!status && !text)
		putchar('\n');
	if (error && text_equal(error, "no such verb"))
		status = usage();
	json_decref(root);
	return status;
}

int control_client(const struct settings *s, int argc, char **argv)
{
	CLEANUP_BUF struct buf answer = {.limit = ANSWER_MAX};
	json_t *args = verbs_parse(argc, argv);
	CLEANUP_FREE char *line = args ? json_dumps(args, JSON_COMPACT) : NULL;
	int err;

	json_decref(args);
	if (!line)
		return usage();
	err = ask(s, line, &answer);
	if (!err)
		return print_answer(&answer);
	fprintf(stderr, "menshen-gate: the gate is not running under %s: %s\n", s->run_dir,
		strerror(-err));
	return 1;
}
