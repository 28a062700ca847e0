/* menshen dry-run: whom other rules would have kept out, by the knocks that the gates delivered.
 * Reads beside a running server; changes nothing. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/command.h"
#include "policy/draft.h"
#include "server/engine/dry_run.h"
#include "server/engine/org.h"

#define POLICY_MAX 65536
#define DAYS_MOST 366
#define ROWS_USUAL 20000

struct trying {
	const char *dir, *days, *unit, *policy_path;
	const char *modes[DRY_RUN_MODES_MOST + 1], *without[3];
	char paths[DRY_RUN_MODES_MOST][UNIT_PATH_SIZE];
	struct dry_run_spec spec;
	json_t *policy, *scope;
	struct store *store;
	struct store_db *db;
};

/* ---- what is asked ---- */

static int find_unit(struct trying *t, const char *code, char path[static UNIT_PATH_SIZE])
{
	struct unit unit;
	int r = unit_load_by_code(t->db, code, &unit);

	if (r == 1)
		return text_copy(path, UNIT_PATH_SIZE, unit.path);
	return command_fail("%s: %s", code, r ? strerror(-r) : "there is no unit of this code");
}

/* "BR001=enforce" */
static int parse_mode(struct trying *t, const char *text)
{
	struct dry_run_mode *m = &t->spec.modes[t->spec.mode_count];
	char *path = t->paths[t->spec.mode_count];
	const char *equals = strrchr(text, '=');
	char code[UNIT_CODE_SIZE];
	int rank = equals ? unit_mode_rank(equals + 1) : -1;

	if (rank < 0 || text_copy_n(code, sizeof(code), text, (size_t)(equals - text)))
		return command_fail("--mode %s: is not UNIT=observe|warn|enforce", text);
	if (find_unit(t, code, path))
		return EXIT_NOT_DONE;
	*m = (struct dry_run_mode){path, (enum mode)rank};
	t->spec.mode_count++;
	return 0;
}

static int parse_without(struct trying *t)
{
	for (size_t i = 0; t->without[i]; i++)
		if (text_equal(t->without[i], "exemptions"))
			t->spec.no_exemptions = true;
		else if (text_equal(t->without[i], "bypasses"))
			t->spec.no_bypasses = true;
		else
			return command_fail("--without %s: is not exemptions or bypasses",
					    t->without[i]);
	return 0;
}

static int load_policy(struct trying *t)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	char where[POLICY_WHERE_SIZE] = "";
	json_error_t why;
	int err = file_read(t->policy_path, POLICY_MAX, &text);

	if (err)
		return command_fail("%s: %s", t->policy_path, strerror(-err));
	t->policy = json_loadb(buf_str(&text), text.len, JSON_REJECT_DUPLICATES, &why);
	if (!t->policy)
		return command_fail("%s:%d: %s", t->policy_path, why.line, why.text);
	if (policy_draft_check(t->policy, where))
		return command_fail("%s: '%s' is not what a policy has there", t->policy_path,
				    where);
	t->spec.policy = t->policy;
	return 0;
}

static int load_scope(struct trying *t)
{
	char path[UNIT_PATH_SIZE];

	if (find_unit(t, t->unit, path))
		return EXIT_NOT_DONE;
	t->scope = json_pack("[s]", path);
	t->spec.scope = t->scope;
	return t->scope ? 0 : command_fail("%s", strerror(ENOMEM));
}

static int prepare(struct trying *t)
{
	int64_t days = 30;
	int status = 0;

	if (t->days && text_to_i64(t->days, 1, DAYS_MOST, &days))
		return command_fail("--days %s: is no number of days from 1 to %d", t->days,
				    DAYS_MOST);
	t->spec.now_ms = t->spec.until_ms = clock_wall_ms();
	t->spec.from_ms = t->spec.now_ms - days * DAY_MS;
	t->spec.most = ROWS_USUAL;
	for (size_t i = 0; !status && t->modes[i]; i++)
		status = parse_mode(t, t->modes[i]);
	if (!status)
		status = parse_without(t);
	if (!status && t->policy_path)
		status = load_policy(t);
	if (!status && t->unit)
		status = load_scope(t);
	return status;
}

/* ---- what came of it ---- */

static const char *text_in(const json_t *row, const char *name)
{
	const char *s = json_string_value(json_object_get(row, name));

	return s ? s : "";
}

static long long number_in(const json_t *row, const char *name)
{
	return (long long)json_integer_value(json_object_get(row, name));
}

/* RFC 4180; what a spreadsheet would take for a formula gets an apostrophe before it. */
static void put_field(const char *s, bool last)
{
	putchar('"');
	if (s[0] && strchr("=+-@\t", s[0]))
		putchar('\'');
	for (; *s; s++) {
		if (*s == '"')
			putchar('"');
		putchar(*s);
	}
	fputs(last ? "\"\r\n" : "\",", stdout);
}

static void put_time(const json_t *row, const char *name)
{
	char when[CLOCK_TEXT_SIZE];

	clock_format_cst(when, (int64_t)number_in(row, name));
	put_field(when, false);
}

static void put_row(const json_t *row)
{
	static const char *const names[] = {"person",	 "account",	"asset_no", "mac",
					    "unit_name", "switch_name", "port"};
	const struct reason_text *why = reason_text(reason_from_code(text_in(row, "reason"))),
				 *now = reason_text(reason_from_code(text_in(row, "today_reason")));
	char times[24];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		put_field(text_in(row, names[i]), false);
	snprintf(times, sizeof(times), "%lld", number_in(row, "times"));
	put_field(times, false);
	put_time(row, "first_at");
	put_time(row, "last_at");
	put_field(text_in(row, "verdict"), false);
	put_field(why->code, false);
	put_field(why->zh, false);
	put_field(why->en, false);
	put_field(text_in(row, "today"), false);
	put_field(now->zh, false);
	put_field(now->en, true);
}

static void tell(const json_t *report)
{
	const json_t *rows = json_object_get(report, "rows"), *row;
	size_t i;

	fputs("\xef\xbb\xbf人员 person,账号 account,资产编号 asset,MAC地址 mac,机构 unit,"
	      "交换机 switch,端口 port,次数 times,首次 first,最近 last,准入结果 verdict,"
	      "原因代码 code,原因,reason,按今天的情况 today,今天的原因,reason today\r\n",
	      stdout);
	json_array_foreach(rows, i, row) put_row(row);
	fprintf(stderr,
		"%lld knocks replayed by the facts of their moment, %lld could not be; %lld were "
		"kept out then, %lld would have been\n%lld devices newly kept out in %zu rows "
		"(%lld knocks beyond the most rows), %lld knocks let in that were not\n"
		"verdict and reason: by the facts as recorded; today: by the facts of today\n",
		number_in(report, "replayed"), number_in(report, "not_replayed"),
		number_in(report, "kept_out_then"), number_in(report, "kept_out"),
		number_in(report, "devices"), json_array_size(rows),
		number_in(report, "rows_left_out"), number_in(report, "let_in"));
}

static int try_rules(struct trying *t)
{
	json_t *report = NULL;
	int status = prepare(t), r;

	if (status)
		return status;
	r = dry_run(t->db, &t->spec, &report);
	if (r)
		return command_fail("%s: cannot be read: %s", t->dir, strerror(-r));
	tell(report);
	json_decref(report);
	return fflush(stdout) ? command_fail("cannot write: %s", strerror(errno)) : 0;
}

static int run(int argc, char **argv)
{
	struct trying t = {0};
	const struct command_option options[] = {{"--days", &t.days, 1},
						 {"--unit", &t.unit, 1},
						 {"--mode", t.modes, DRY_RUN_MODES_MOST},
						 {"--policy", &t.policy_path, 1},
						 {"--without", t.without, 2}};
	char path[4096], error[STORE_ERROR_SIZE] = "";
	const struct store_options o = {.dir = path};
	int rest, status, err;

	if (command_options(argc, argv, options, ARRAY_SIZE(options), &rest))
		return EXIT_NOT_DONE;
	if (rest + 1 != argc ||
	    snprintf(path, sizeof(path), "%s/data", argv[rest]) >= (int)sizeof(path))
		return command_fail("usage: menshen dry-run %s", command_dry_run.usage);
	t.dir = argv[rest];
	err = store_open(&o, &t.store, error);
	if (!err)
		err = store_reader_new(t.store, &t.db);
	status = err ? command_fail("%s: %s", t.dir, error[0] ? error : strerror(-err))
		     : try_rules(&t);
	json_decref(t.policy);
	json_decref(t.scope);
	store_reader_free(t.db);
	store_close(t.store);
	return status;
}

const struct command command_dry_run = {
	.name = "dry-run",
	.usage = "[--days N] [--unit CODE] [--mode CODE=observe|warn|enforce]... [--policy FILE]\n"
		 "      [--without exemptions|bypasses]... DIR",
	.help = "replays the last 30 days' knocks under other rules, and lists as CSV who would "
		"newly have been kept out; a unit's mode is taken for those below it, too",
	.run = run,
};
