/*
 * menshen directory: people and their accounts from the bank's directory, while the server is
 * stopped. Everybody goes through the import of people, so that each is an entry of the log. Who is
 * gone from the directory loses the account's use and is not deleted; too many at once stop it.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/directory_read.h"
#include "server/engine/import.h"
#include "server/keys.h"
#include "store/store.h"

#define GONE_PERCENT 5 /* invariant 12 */
#define GONE_LEAST 10
#define HEADER "staff_no,name,unit_code,account,source\n"

struct name {
	char text[ACCOUNT_NAME_SIZE];
	struct name *next;
};

struct sync {
	const char *dir, *as;
	struct directory_settings from;
	bool commit;
	int64_t now_ms;
	struct keys keys;
	struct store *store;
	struct account importer;
	struct entry_actor who;
	struct buf chunk;
	size_t chunk_people;
	struct map seen; /* struct name */
	struct name *names;
	int64_t people, created, updated, bad, gone;
};

/* ---- those who are there ---- */

static void put_value(struct buf *to, const char *value, char end)
{
	buf_put_u8(to, '"');
	for (; *value; value++) {
		if (*value == '"')
			buf_put_u8(to, '"');
		buf_put_u8(to, (uint8_t)*value);
	}
	buf_put_u8(to, '"');
	buf_put_u8(to, (uint8_t)end);
}

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
static int import_chunk(struct sync *s)
{
	json_t *report = NULL;
	struct refused why = {0};
	int r = s->chunk.error;

	if (!s->chunk_people)
		return r;
	if (!r)
		r = import_file(s->store, s->now_ms, &s->who, &s->importer, &import_people,
				buf_str(&s->chunk), s->chunk.len, true, &report, &why);
	if (report) {
		tell_bad(report);
		s->created += number(report, "creates");
		s->updated += number(report, "updates");
		s->bad += number(report, "bad_count");
		r = 0;
	}
	json_decref(report);
	buf_clear(&s->chunk);
	s->chunk_people = 0;
	return r;
}

static int remember(struct sync *s, const char *account)
{
	struct name *n = map_get(&s->seen, account);
	int err;

	if (n || strlen(account) >= sizeof(n->text))
		return 0; /* too long for an account: the import says so */
	n = calloc(1, sizeof(*n));
	if (!n)
		return -ENOMEM;
	text_fit(n->text, sizeof(n->text), account);
	n->next = s->names;
	s->names = n;
	err = map_put(&s->seen, n->text, n, NULL);
	return err;
}

static int take_person(void *arg, const struct directory_person *p)
{
	struct sync *s = arg;
	int err = remember(s, p->account);

	if (err)
		return err;
	if (!s->chunk_people)
		buf_puts(&s->chunk, HEADER);
	put_value(&s->chunk, p->staff_no, ',');
	put_value(&s->chunk, p->name, ',');
	put_value(&s->chunk, p->unit, ',');
	put_value(&s->chunk, p->account, ',');
	put_value(&s->chunk, "directory", '\n');
	s->people++;
	return ++s->chunk_people < IMPORT_ROWS_MAX ? 0 : import_chunk(s);
}

/* ---- those who are gone ---- */

static int list_gone(struct sync *s, int64_t **ret_ids, int64_t *ret_count, int64_t *ret_all)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int64_t all, n = 0, *ids;
	int r = store_get_int(store_writer(s->store), STMT_ACCOUNT_DIRECTORY_COUNT, STORE_NO_ARGS,
			      0, &all);

	ids = r ? NULL : calloc((size_t)all + 1, sizeof(*ids));
	if (!ids)
		return r ? r : -ENOMEM;
	r = store_select(store_writer(s->store), STMT_ACCOUNT_DIRECTORY_LIST, STORE_NO_ARGS, &c);
	while (!r && n <= all && (r = store_next(c)) == 1) {
		r = 0;
		if (!map_get(&s->seen, store_text(c, 1)))
			ids[n++] = store_int(c, 0);
	}
	if (r < 0) {
		free(ids);
		return r;
	}
	*ret_ids = ids;
	*ret_count = n;
	*ret_all = all;
	return 0;
}

static int disable_gone(struct sync *s)
{
	CLEANUP_FREE int64_t *ids = NULL;
	int64_t all;
	int r = list_gone(s, &ids, &s->gone, &all);

	if (r)
		return r;
	if (s->gone >= GONE_LEAST && s->gone * 100 > all * GONE_PERCENT) {
		command_fail("%lld of %lld accounts of the directory are gone from it: too many "
			     "to disable at once; look at base and filter",
			     (long long)s->gone, (long long)all);
		return -ECANCELED;
	}
	for (int64_t i = 0; !r && i < s->gone; i++)
		r = account_set_enabled(s->store, s->now_ms, &s->who, ids[i], false,
					"gone from the directory");
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
		r = directory_read(&s->from, take_person, s, error);
	if (!r)
		r = import_chunk(s);
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
	       (long long)s->people, (long long)s->created, (long long)s->updated,
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
	struct name *next;

	for (; s->names; s->names = next) {
		next = s->names->next;
		free(s->names);
	}
	map_done(&s->seen);
	store_close(s->store);
	keys_done(&s->keys);
	buf_done(&s->chunk);
}

static int run(int argc, char **argv)
{
	struct sync s = {.chunk = BUF_INIT};
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
	map_init(&s.seen, 0);
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
