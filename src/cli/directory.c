/*
 * menshen directory: people and their accounts from the bank's directory, while the server is
 * stopped. Everybody goes through the import of people, so that each is an entry of the log. Who is
 * gone from the directory loses the account's use and is not deleted; too many at once stop it.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/command.h"
#include "server/directory/people.h"
#include "server/keys.h"
#include "store/store.h"

#define GONE_PERCENT 5 /* invariant 12 */
#define GONE_LEAST 10

struct sync {
	const char *dir, *as;
	struct directory_settings from;
	bool commit;
	int64_t now_ms;
	struct keys keys;
	struct store *store;
	struct account importer;
	struct entry_actor who;
	struct directory_people people;
	int64_t created, updated, bad, gone;
};

/* ---- those who are there ---- */

static void tell_bad(const json_t *report)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(report, "bad"), i, row)
		printf("%s '%s': %s\n", json_string_value(json_object_get(row, "column")),
		       json_string_value(json_object_get(row, "value")),
		       json_string_value(json_object_get(row, "message_en")));
}

static int64_t number(const json_t *report, const char *name)
{
	return json_integer_value(json_object_get(report, name));
}

/* Bad rows do not end it here: each is told, and the whole is undone in the end. */
static int import_chunk(struct sync *s, size_t from, size_t count)
{
	json_t *report;
	int r = directory_people_import(&s->people, from, count, NULL, s->store, s->now_ms, &s->who,
					&s->importer, &report);

	if (r)
		return r;
	tell_bad(report);
	s->created += number(report, "creates");
	s->updated += number(report, "updates");
	s->bad += number(report, "bad_count");
	json_decref(report);
	return 0;
}

static int import_all(struct sync *s)
{
	int r = 0;

	for (size_t from = 0; !r && from < s->people.count; from += IMPORT_ROWS_MAX)
		r = import_chunk(s, from, MIN(s->people.count - from, (size_t)IMPORT_ROWS_MAX));
	return r;
}

/* ---- those who are gone ---- */

static int disable_gone(struct sync *s)
{
	CLEANUP_FREE struct directory_gone *gone = NULL;
	size_t count;
	int64_t all;
	int r = store_get_int(store_writer(s->store), STMT_ACCOUNT_DIRECTORY_COUNT, STORE_NO_ARGS,
			      0, &all);

	if (!r)
		r = directory_people_gone(&s->people, s->store, &gone, &count);
	if (r)
		return r;
	s->gone = (int64_t)count;
	if (s->gone >= GONE_LEAST && s->gone * 100 > all * GONE_PERCENT) {
		command_fail("%lld of %lld accounts of the directory are gone from it: too many "
			     "to disable at once; look at base and filter",
			     (long long)s->gone, (long long)all);
		return -ECANCELED;
	}
	for (size_t i = 0; !r && i < count; i++)
		r = account_set_enabled(s->store, s->now_ms, &s->who, gone[i].id, false,
					DIRECTORY_GONE);
	return r;
}

/* ---- one run ---- */

static int apply(struct sync *s, char *error)
{
	int r = account_load_by_name(store_writer(s->store), s->as, &s->importer);

	if (r <= 0) {
		snprintf(error, CONFIG_ERROR_SIZE, "there is no account '%s'", s->as);
		return r < 0 ? r : -ENOENT;
	}
	s->who = (struct entry_actor){
		.account = s->importer.id, .name = s->as, .role = "shell", .from = ""};
	r = store_mark(s->store);
	if (!r)
		r = directory_people_read(&s->people, &s->from, error);
	if (!r)
		r = import_all(s);
	return r ? r : disable_gone(s);
}

static int run_transaction(struct sync *s)
{
	char error[CONFIG_ERROR_SIZE] = "";
	struct head head;
	bool done;
	int err;

	s->now_ms = clock_wall_ms();
	err = store_begin(s->store);
	if (!err)
		err = apply(s, error);
	done = !err && s->commit && s->bad == 0;
	if (done)
		err = store_commit(s->store, s->now_ms, &head);
	else
		store_abort(s->store);
	if (err)
		return err == -ECANCELED ? EXIT_NOT_GOOD
					 : command_fail("%s", error[0] ? error : strerror(-err));
	printf("%lld people: %lld new, %lld changed, %lld bad; %lld accounts gone and disabled; "
	       "%s\n",
	       (long long)s->people.count, (long long)s->created, (long long)s->updated,
	       (long long)s->bad, (long long)s->gone,
	       done ? "imported" : "nothing was changed (--commit yes imports)");
	return s->bad ? EXIT_NOT_GOOD : 0;
}

static int carry_out(struct sync *s)
{
	char path[4096], error[MAX(STORE_ERROR_SIZE, KEYS_ERROR_SIZE)] = "";
	struct store_options o = {.dir = path, .epoch = 1};
	int err;

	if (snprintf(path, sizeof(path), "%s/keys", s->dir) >= (int)sizeof(path))
		return command_fail("the path is too long");
	err = keys_load(path, &s->keys, error);
	o.log_key = s->keys.log;
	snprintf(path, sizeof(path), "%s/data", s->dir);
	if (!err)
		err = store_open(&o, &s->store, error);
	return err ? command_fail("%s (the server must be stopped)", error) : run_transaction(s);
}

static void sync_done(struct sync *s)
{
	directory_people_done(&s->people);
	store_close(s->store);
	keys_done(&s->keys);
}

static int run(int argc, char **argv)
{
	struct sync s = {0};
	const char *commit = "no";
	const struct command_option options[] = {
		{"--dir", &s.dir, 1}, {"--as", &s.as, 1}, {"--commit", &commit, 1}};
	char error[CONFIG_ERROR_SIZE];
	int rest, status;

	if (command_options(argc, argv, options, ARRAY_SIZE(options), &rest))
		return EXIT_NOT_DONE;
	s.commit = text_equal(commit, "yes");
	if (rest + 1 != argc || !s.dir || !s.as || (!s.commit && !text_equal(commit, "no")))
		return command_fail("usage: menshen directory %s", command_directory.usage);
	if (directory_settings_load(argv[rest], &s.from, error))
		return command_fail("%s", error);
	directory_people_init(&s.people);
	status = carry_out(&s);
	sync_done(&s);
	return status;
}

const struct command command_directory = {
	.name = "directory",
	.usage = "--dir DIR --as ACCOUNT [--commit yes] FILE.conf",
	.help = "people and accounts from the bank's LDAP directory; a dry run without --commit "
		"yes",
	.run = run,
};
