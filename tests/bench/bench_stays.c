/*
 * Who was where when, over a year: the page that answers it, for each thing that may
 * be asked for. The monthly files are made by SQL from the shape that the store gives the first of
 * them; a figure is the thread's processor time. BENCH_STAYS makes the months smaller.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "store/store.h"

#define MONTHS 12
#define STAYS 300000 /* a month */
#define TERMINALS 40000
#define UNITS 400
#define ROUNDS 60
#define TARGET_MS 1000

#define CHECK(call)                                                                                \
	do {                                                                                       \
		int err_ = (call);                                                                 \
		if (err_) {                                                                        \
			fprintf(stderr, "%s: %d\n", #call, err_);                                  \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

/* A batch of one record, whose file gives the others their shape. */
static void make_store(const char *dir)
{
	CLEANUP_FREE char *error = calloc(1, STORE_ERROR_SIZE);
	const struct store_record record = {.seq = 1, .at_ms = 1, .kind = "knock", .body = "{}"};
	static const uint8_t epoch[16] = {1};
	struct entry act = {.act = "bench", .actor = {.name = "b", .role = "system", .from = ""}};
	struct sign_key *key;
	struct store *s;
	struct head head;
	char name[16];

	CHECK(sign_key_make(SIGN_ED25519, &key));
	CHECK(store_open(
		&(struct store_options){.dir = dir, .log_key = key, .hash = HASH_SM3, .epoch = 1},
		&s, error));
	CHECK(store_begin(s));
	for (int64_t id = 1; id <= UNITS; id++) {
		snprintf(name, sizeof(name), "/%d/", (int)id);
		CHECK(store_exec(s, STMT_UNIT_INSERT,
				 STORE_ARGS(v_int(id), v_null(), v_text("branch"), v_text(name),
					    v_text(name), v_text(name), v_int(0)),
				 NULL));
	}
	CHECK(store_log(s, &act));
	CHECK(store_records(s, "gate:north", epoch, &record, 1));
	CHECK(store_commit(s, clock_wall_ms(), &head));
	store_close(s);
	sign_key_free(key);
}

static void copy_file(const char *from, const char *to)
{
	CLEANUP_FD int in = open(from, O_RDONLY | O_CLOEXEC);
	CLEANUP_FD int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t n;

	do
		n = copy_file_range(in, NULL, out, NULL, SSIZE_MAX / 2, 0);
	while (n > 0);
	if (n < 0)
		exit(1);
}

/* Stays spread over the month, one in fifty for days; each has an address of its terminal. What
 * finds records is left out, for no page of stays uses it. */
static const char fill_sql[] =
	"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144; "
	"BEGIN; DROP INDEX record_at; DROP INDEX record_terminal; DROP INDEX record_mac; "
	"DROP INDEX record_unit; DROP INDEX record_kind;"
	"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < %lld) "
	"INSERT INTO record (id, batch_id, seq, at, kind, unit_id, terminal_id, mac, account, "
	"switch_id, port, verdict, reason, body) SELECT i + 2, 1, i + 2, %lld + i * %lld, "
	"'session.stop', i * 7919 %% 40000 %% 400 + 1, i * 7919 %% 40000 + 1, "
	"x'0200000000' || CAST(char(i %% 100) AS BLOB), '', 1, 'p', 'admit', 'ok', "
	"'{\"method\":\"mab\"}' FROM n;"
	"INSERT INTO stay SELECT id, printf('%%032d', id), at - iif(id %% 50, 28800000, "
	"864000000), "
	"at, at, 'stop', unit_id, terminal_id, unhex_mac(terminal_id), 'user' || terminal_id, "
	"terminal_id / 40 + 1, 'GE1/0/' || (terminal_id %% 40), '[]' FROM record WHERE id > 1;"
	"INSERT INTO stay_address SELECT id * 16, key_of(terminal_id), ended_at FROM stay;"
	"COMMIT";

static void mac_of(int64_t terminal, struct mac *ret)
{
	*ret = (struct mac){
		{2, 0, 0, (uint8_t)(terminal >> 16), (uint8_t)(terminal >> 8), (uint8_t)terminal}};
}

static void key_of(int64_t terminal, uint8_t ret[static 16])
{
	memset(ret, 0, 16);
	ret[10] = ret[11] = 0xff;
	ret[12] = 10;
	ret[13] = (uint8_t)(terminal >> 16);
	ret[14] = (uint8_t)(terminal >> 8);
	ret[15] = (uint8_t)terminal;
}

static void sql_mac(sqlite3_context *c, int count, sqlite3_value **args)
{
	struct mac mac;

	(void)count;
	mac_of(sqlite3_value_int64(args[0]), &mac);
	sqlite3_result_blob(c, mac.b, sizeof(mac.b), SQLITE_TRANSIENT);
}

static void sql_key(sqlite3_context *c, int count, sqlite3_value **args)
{
	uint8_t key[16];

	(void)count;
	key_of(sqlite3_value_int64(args[0]), key);
	sqlite3_result_blob(c, key, sizeof(key), SQLITE_TRANSIENT);
}

static void fill_month(const char *path, int64_t from_ms, long long stays)
{
	CLEANUP_FREE char *sql = NULL;
	sqlite3 *db;

	if (asprintf(&sql, fill_sql, stays, (long long)from_ms, 28LL * DAY_MS / stays) < 0)
		exit(1);
	CHECK(sqlite3_open(path, &db));
	CHECK(sqlite3_create_function(db, "unhex_mac", 1, SQLITE_UTF8, NULL, sql_mac, NULL, NULL));
	CHECK(sqlite3_create_function(db, "key_of", 1, SQLITE_UTF8, NULL, sql_key, NULL, NULL));
	CHECK(sqlite3_exec(db, sql, NULL, NULL, NULL));
	CHECK(sqlite3_exec(db, "ANALYZE; PRAGMA journal_mode = WAL", NULL, NULL, NULL));
	CHECK(sqlite3_close(db));
}

/* The months before the present one, which the store itself has begun. */
static int64_t fill_year(const char *dir, long long stays)
{
	int64_t now_ms = clock_wall_ms(), oldest = now_ms;
	char shape[128], path[128];

	snprintf(shape, sizeof(shape), "%s/records-%06d.db", dir, clock_month(now_ms));
	for (int i = 1, month, number = clock_month(now_ms); i <= MONTHS; i++) {
		month = number % 100 == 1 ? number - 89 : number - 1;
		oldest -= 30 * DAY_MS;
		number = month;
		snprintf(path, sizeof(path), "%s/records-%06d.db", dir, month);
		copy_file(shape, path);
		fill_month(path, oldest, stays);
		fprintf(stderr, "# %d is filled\n", month);
	}
	return oldest;
}

/* ---- asking ---- */

struct question {
	struct store_db *db;
	int64_t oldest_ms;
	json_t *none, *unit;
};

typedef void ask_fn(struct question *q, int64_t round, struct store_stay_filter *f);

static struct mac mac;
static uint8_t from[16], to[16];
static json_t *names, *ids;
static char port[16];

static int64_t terminal_of(int64_t round)
{
	return round * 613 % TERMINALS + 1;
}

static void ask_mac(struct question *q, int64_t round, struct store_stay_filter *f)
{
	(void)q;
	mac_of(terminal_of(round), &mac);
	f->mac = &mac;
}

static void ask_account(struct question *q, int64_t round, struct store_stay_filter *f)
{
	json_array_clear(names);
	json_array_append_new(names, json_sprintf("user%d", (int)terminal_of(round)));
	f->accounts = names;
	f->terminals = f->bare_terminals = q->none;
}

static void ask_person(struct question *q, int64_t round, struct store_stay_filter *f)
{
	ask_account(q, round, f);
	json_array_clear(ids);
	for (int64_t i = 0; i < 20; i++)
		json_array_append_new(ids, json_integer(terminal_of(round + i)));
	f->bare_terminals = ids;
}

static void ask_address(struct question *q, int64_t round, struct store_stay_filter *f)
{
	(void)q;
	key_of(terminal_of(round), from);
	f->address_from = f->address_to = from;
}

static void ask_network(struct question *q, int64_t round, struct store_stay_filter *f)
{
	ask_address(q, round, f);
	memcpy(to, from, sizeof(to));
	from[15] = 0;
	to[15] = 255;
	f->address_to = to;
}

static void ask_wide_network(struct question *q, int64_t round, struct store_stay_filter *f)
{
	ask_network(q, round, f);
	from[14] = 0;
	to[14] = 255;
}

static void ask_port(struct question *q, int64_t round, struct store_stay_filter *f)
{
	(void)q;
	f->switch_id = terminal_of(round) / 40 + 1;
	snprintf(port, sizeof(port), "GE1/0/%d", (int)(terminal_of(round) % 40));
	f->port = port;
}

static void ask_switch(struct question *q, int64_t round, struct store_stay_filter *f)
{
	ask_port(q, round, f);
	f->port = NULL;
}

/* An hour somewhere in the year. */
static void ask_time(struct question *q, int64_t round, struct store_stay_filter *f)
{
	f->from_ms = q->oldest_ms + (round * 7 % 350) * DAY_MS;
	f->until_ms = f->from_ms + HOUR_MS;
}

static void ask_port_then(struct question *q, int64_t round, struct store_stay_filter *f)
{
	ask_port(q, round, f);
	ask_time(q, round, f);
}

static void ask_unit_then(struct question *q, int64_t round, struct store_stay_filter *f)
{
	ask_time(q, round, f);
	f->units = q->unit;
}

static void ask_nobody(struct question *q, int64_t round, struct store_stay_filter *f)
{
	(void)q;
	mac_of(TERMINALS + 5 + round, &mac);
	f->mac = &mac;
}

static const struct {
	const char *name;
	ask_fn *ask;
	bool finds;
} asks[] = {
	{"by MAC", ask_mac, true},
	{"by account", ask_account, true},
	{"by person with twenty terminals", ask_person, true},
	{"by address", ask_address, true},
	{"by a network of 256", ask_network, true},
	{"by a network of 65,536", ask_wide_network, true},
	{"by port", ask_port, true},
	{"by switch", ask_switch, true},
	{"by an hour of the year", ask_time, true},
	{"by port and hour", ask_port_then, false},
	{"by branch and hour", ask_unit_then, false},
	{"by a MAC that never was", ask_nobody, false},
};

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure(struct question *q, size_t which)
{
	double cost[ROUNDS];
	size_t found = 0;

	for (int64_t i = 0; i < ROUNDS; i++) {
		struct store_stay_filter f = {.limit = 51};
		double before;
		json_t *rows;

		asks[which].ask(q, i, &f);
		before = cpu_ms();
		CHECK(store_stay_page(q->db, &f, &rows));
		cost[i] = cpu_ms() - before;
		found += json_array_size(rows);
		json_decref(rows);
	}
	if (asks[which].finds && !found) {
		fprintf(stderr, "%s: nothing is found\n", asks[which].name);
		exit(1);
	}
	qsort(cost, ROUNDS, sizeof(cost[0]), by_size);
	printf("{\"name\": \"history of a year: %s, p99\", \"value\": %.2f, \"unit\": \"ms CPU\", "
	       "\"target\": \"< %d\", \"meets\": %s}\n",
	       asks[which].name, cost[ROUNDS - 1], TARGET_MS,
	       cost[ROUNDS - 1] < TARGET_MS ? "true" : "false");
	printf("# %s: p50 %.2f ms, %zu rows in %d questions\n", asks[which].name, cost[ROUNDS / 2],
	       found, ROUNDS);
	(void)fflush(stdout);
}

static void remove_dir(const char *dir)
{
	DIR *d = opendir(dir);
	char path[400];

	for (struct dirent *e; d && (e = readdir(d));) {
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		(void)remove(path);
	}
	if (d)
		closedir(d);
	(void)remove(dir);
}

int main(void)
{
	char dir[] = "/tmp/menshen-stays-XXXXXX", error[STORE_ERROR_SIZE];
	struct question q = {.none = json_array(), .unit = json_pack("[i]", 7)};
	const char *wanted = getenv("BENCH_STAYS");
	int64_t stays = STAYS;
	struct store *s;

	if (!mkdtemp(dir) || (wanted && text_to_i64(wanted, 1000, STAYS, &stays)))
		return 1;
	names = json_array();
	ids = json_array();
	make_store(dir);
	q.oldest_ms = fill_year(dir, stays);
	CHECK(store_open(&(struct store_options){.dir = dir}, &s, error));
	CHECK(store_reader_new(s, &q.db));
	for (size_t i = 0; i < ARRAY_SIZE(asks); i++)
		measure(&q, i);
	store_reader_free(q.db);
	store_close(s);
	json_decref(q.none);
	json_decref(q.unit);
	json_decref(names);
	json_decref(ids);
	remove_dir(dir);
	return 0;
}
