/* menshen import: a first organisation, people and terminals, while the server is stopped. With the
 * server running the console does the same. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/command.h"
#include "server/engine/import.h"
#include "server/keys.h"
#include "store/store.h"

#define FILE_MAX (8U << 20)

struct importing {
	const char *dir, *as;
	const struct import_kind *kind;
	const char *path;
	bool commit;
	struct keys keys;
	struct store *store;
	struct buf text;
};

static int64_t number(const json_t *report, const char *name)
{
	return json_integer_value(json_object_get(report, name));
}

static int tell(const json_t *report)
{
	const json_t *bad = json_object_get(report, "bad"), *row;
	bool committed = json_is_true(json_object_get(report, "committed"));
	size_t i;

	json_array_foreach(bad, i, row)
		printf("line %lld, %s '%s': %s\n", (long long)number(row, "line"),
		       json_string_value(json_object_get(row, "column")),
		       json_string_value(json_object_get(row, "value")),
		       json_string_value(json_object_get(row, "message_en")));
	printf("%lld lines: %lld new, %lld changed, %lld unchanged, %zu bad; %s\n",
	       (long long)number(report, "lines"), (long long)number(report, "creates"),
	       (long long)number(report, "updates"), (long long)number(report, "unchanged"),
	       json_array_size(bad),
	       committed ? "imported" : "nothing was changed (--commit yes imports)");
	return json_array_size(bad) == 0 ? 0 : EXIT_NOT_GOOD;
}

static int apply(struct importing *in, int64_t now_ms, json_t **ret_report)
{
	struct refused why = {0};
	struct account importer;
	struct entry_actor who = {.name = in->as, .role = "shell", .from = ""};
	int r = account_load_by_name(store_writer(in->store), in->as, &importer);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	who.account = importer.id;
	r = store_mark(in->store);
	if (!r)
		r = import_file(in->store, now_ms, &who, &importer, in->kind, buf_str(&in->text),
				in->text.len, in->commit, ret_report, &why);
	if (r == -ECANCELED && why.what != REFUSAL_NONE)
		command_fail("%s: %s", in->path, refusal_text(why.what)->en);
	return r;
}

static int run_transaction(struct importing *in)
{
	int64_t now_ms = clock_wall_ms();
	json_t *report = NULL;
	struct head head;
	int status, err = store_begin(in->store);

	if (!err)
		err = apply(in, now_ms, &report);
	if (!err)
		err = store_commit(in->store, now_ms, &head);
	else
		store_abort(in->store);
	if (err == -ENOENT)
		status = command_fail("there is no account '%s'", in->as);
	else if (report && (!err || err == -ECANCELED))
		status = tell(report);
	else
		status = err == -ECANCELED ? EXIT_NOT_DONE : command_fail("%s", strerror(-err));
	json_decref(report);
	return status;
}

static int carry_out(struct importing *in)
{
	char path[4096], error[MAX(STORE_ERROR_SIZE, KEYS_ERROR_SIZE)] = "";
	struct store_options o = {.dir = path, .epoch = 1};
	CLEANUP_BUF struct buf raw = BUF_INIT;
	int err = file_read(in->path, FILE_MAX, &raw);

	if (!err)
		err = import_decode(raw.data, raw.len, &in->text);
	if (err)
		return command_fail("%s: %s", in->path,
				    err == -EILSEQ ? "neither UTF-8 nor GB 18030" : strerror(-err));
	if (snprintf(path, sizeof(path), "%s/keys", in->dir) >= (int)sizeof(path))
		return command_fail("the path is too long");
	err = keys_load(path, &in->keys, error);
	o.log_key = in->keys.log;
	snprintf(path, sizeof(path), "%s/data", in->dir);
	if (!err)
		err = store_open(&o, &in->store, error);
	return err ? command_fail("%s (while the server runs, import in the console)", error)
		   : run_transaction(in);
}

static int run(int argc, char **argv)
{
	struct importing in = {.text = BUF_INIT};
	const char *commit = "no";
	const struct command_option options[] = {
		{"--dir", &in.dir, 1}, {"--as", &in.as, 1}, {"--commit", &commit, 1}};
	int rest, status;

	if (command_options(argc, argv, options, ARRAY_SIZE(options), &rest))
		return EXIT_NOT_DONE;
	in.kind = rest + 2 == argc ? import_kind_find(argv[rest]) : NULL;
	in.commit = text_equal(commit, "yes");
	if (!in.kind || !in.dir || !in.as || (!in.commit && !text_equal(commit, "no")))
		return command_fail("usage: menshen import %s", command_import.usage);
	in.path = argv[rest + 1];
	status = carry_out(&in);
	store_close(in.store);
	keys_done(&in.keys);
	buf_done(&in.text);
	return status;
}

const struct command command_import = {
	.name = "import",
	.usage = "--dir DIR --as ACCOUNT [--commit yes] units|people|terminals|macs FILE.csv",
	.help = "a dry run lists every bad row; --commit yes imports all rows or none",
	.run = run,
};
