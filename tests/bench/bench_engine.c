/*
 * What durability with proof costs the writer: mass records through store_begin(), store_records()
 * and store_commit(), against a bare SQLite insert loop over the same table, indexes, pragmas and
 * batch, by turns, in an empty month and in a filled one; and single acts, one a commit.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "store/store.h"

#define PER_BATCH 1000
#define BATCHES 80 /* measured in each month */
#define BEFORE 300 /* batches more that the filled month holds */
#define RECORDS ((double)BATCHES * PER_BATCH)
#define ACTS 300
#define SHARE_TARGET 0.8

#define CHECK(call)                                                                                \
	do {                                                                                       \
		int err_ = (call);                                                                 \
		if (err_) {                                                                        \
			fprintf(stderr, "%s: %d\n", #call, err_);                                  \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

struct times {
	double cpu, wall;
};

static struct times now(void)
{
	struct timespec cpu, wall;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
	clock_gettime(CLOCK_MONOTONIC, &wall);
	return (struct times){(double)cpu.tv_sec + (double)cpu.tv_nsec / 1e9,
			      (double)wall.tv_sec + (double)wall.tv_nsec / 1e9};
}

static struct times since(struct times start)
{
	struct times t = now();

	return (struct times){t.cpu - start.cpu, t.wall - start.wall};
}

/* ---- what a source sends ---- */

static struct store_record records[PER_BATCH];
static struct mac macs[PER_BATCH];
static uint64_t next_seq = 1;

static const char body[] =
	"{\"method\":\"peap\",\"session\":\"8f14e45f-ceea-467f-a0d9-2b6d1c0ad5e1\",\"nas\":"
	"\"10.20.30.40\",\"would_be\":\"admit\",\"agent\":{\"version\":\"1.4.2\",\"seen\":41},"
	"\"vlan\":\"120\"}";

/* Terminals knock in no order; times rise. */
static void fill_batch(void)
{
	for (size_t i = 0; i < PER_BATCH; i++) {
		uint64_t n = next_seq++, who = n * 2654435761U % 100000;

		macs[i] = (struct mac){
			{2, 0, 0, (uint8_t)(who >> 16), (uint8_t)(who >> 8), (uint8_t)who}};
		records[i] = (struct store_record){.seq = n,
						   .at_ms = INT64_C(1795436156000) + (int64_t)n,
						   .kind = "knock",
						   .unit_id = (int64_t)(who % 500 + 1),
						   .terminal_id = (int64_t)who + 1,
						   .switch_id = (int64_t)(who % 900 + 1),
						   .mac = &macs[i],
						   .account = "wangxiaoming",
						   .port = "GigabitEthernet1/0/17",
						   .verdict = "admit",
						   .reason = "account",
						   .body = body};
	}
}

/* ---- the bare loop ---- */

static const char bare_schema[] =
	"PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY; PRAGMA journal_mode = WAL;"
	"PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;"
	"CREATE TABLE record (id INTEGER PRIMARY KEY, batch_id INTEGER NOT NULL, seq INTEGER NOT "
	"NULL, at INTEGER NOT NULL, kind TEXT NOT NULL, unit_id INTEGER, terminal_id INTEGER, mac "
	"BLOB, account TEXT, switch_id INTEGER, port TEXT, verdict TEXT, reason TEXT, body TEXT "
	"NOT "
	"NULL);"
	"CREATE INDEX record_at ON record (at);"
	"CREATE INDEX record_terminal ON record (terminal_id, at);"
	"CREATE INDEX record_mac ON record (mac, at);"
	"CREATE INDEX record_unit ON record (unit_id, at, kind);"
	"CREATE INDEX record_kind ON record (kind, at, unit_id);";

struct bare {
	sqlite3 *db;
	sqlite3_stmt *insert;
};

static void bare_open(struct bare *b, const char *dir)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/bare.db", dir);
	CHECK(sqlite3_open(path, &b->db));
	CHECK(sqlite3_exec(b->db, bare_schema, NULL, NULL, NULL));
	CHECK(sqlite3_prepare_v2(b->db,
				 "INSERT INTO record (batch_id, seq, at, kind, unit_id, "
				 "terminal_id, mac, account, switch_id, port, verdict, reason, "
				 "body) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
				 -1, &b->insert, NULL));
}

static void bare_insert(struct bare *b, int64_t batch, const struct store_record *r)
{
	sqlite3_stmt *s = b->insert;

	sqlite3_bind_int64(s, 1, batch);
	sqlite3_bind_int64(s, 2, (int64_t)r->seq);
	sqlite3_bind_int64(s, 3, r->at_ms);
	sqlite3_bind_text(s, 4, r->kind, -1, SQLITE_STATIC);
	sqlite3_bind_int64(s, 5, r->unit_id);
	sqlite3_bind_int64(s, 6, r->terminal_id);
	sqlite3_bind_blob(s, 7, r->mac->b, sizeof(r->mac->b), SQLITE_STATIC);
	sqlite3_bind_text(s, 8, r->account, -1, SQLITE_STATIC);
	sqlite3_bind_int64(s, 9, r->switch_id);
	sqlite3_bind_text(s, 10, r->port, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 11, r->verdict, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 12, r->reason, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 13, r->body, -1, SQLITE_STATIC);
	if (sqlite3_step(s) != SQLITE_DONE)
		abort();
	sqlite3_reset(s);
}

static void bare_batch(struct bare *b, int64_t batch)
{
	CHECK(sqlite3_exec(b->db, "BEGIN IMMEDIATE", NULL, NULL, NULL));
	for (size_t i = 0; i < PER_BATCH; i++)
		bare_insert(b, batch, &records[i]);
	CHECK(sqlite3_exec(b->db, "COMMIT", NULL, NULL, NULL));
}

/* ---- ours ---- */

static void store_batch(struct store *s)
{
	static const uint8_t epoch[16] = {1};
	struct head head;

	CHECK(store_begin(s));
	CHECK(store_records(s, "gate:north", epoch, records, PER_BATCH));
	CHECK(store_commit(s, clock_wall_ms(), &head));
}

static void store_act(struct store *s, int n)
{
	struct entry act = {.at_ms = clock_wall_ms(),
			    .act = "setting.set",
			    .actor = {.account = 1, .name = "wang", .role = "system", .from = ""},
			    .subject = "setting:x"};
	char value[16];
	struct head head;

	snprintf(value, sizeof(value), "%d", n);
	CHECK(store_begin(s));
	CHECK(store_exec(s, STMT_SETTING_SET, STORE_ARGS(v_text("x"), v_text(value)), NULL));
	CHECK(store_log(s, &act));
	CHECK(store_commit(s, clock_wall_ms(), &head));
}

/* ---- rounds ---- */

/* Until its indexes are larger than any cache, as on most days. */
static void fill_month(struct store *s, struct bare *b)
{
	for (int i = 0; i < BEFORE; i++) {
		fill_batch();
		store_batch(s);
		bare_batch(b, -i);
	}
}

/* Both over the same batch; their times are added up. */
static void compare_batch(struct store *s, struct bare *b, struct times *ours, struct times *bare)
{
	static int64_t number;
	struct times t;

	fill_batch();
	t = now();
	store_batch(s);
	t = since(t);
	*ours = (struct times){ours->cpu + t.cpu, ours->wall + t.wall};
	t = now();
	bare_batch(b, ++number);
	t = since(t);
	*bare = (struct times){bare->cpu + t.cpu, bare->wall + t.wall};
}

static void compare(struct store *s, struct bare *b, const char *month)
{
	struct times ours = {0, 0}, bare = {0, 0};

	for (int i = 0; i < BATCHES; i++)
		compare_batch(s, b, &ours, &bare);
	printf("a record in %s month: ours %.2f us CPU, %.2f us wall; bare %.2f us CPU, %.2f us "
	       "wall\n",
	       month, ours.cpu / RECORDS * 1e6, ours.wall / RECORDS * 1e6, bare.cpu / RECORDS * 1e6,
	       bare.wall / RECORDS * 1e6);
	printf("{\"name\": \"engine: records with proof, %s month, of a bare loop's rate\", "
	       "\"value\": %.3f, \"unit\": \"share (CPU)\", \"target\": \">= %.2f\", \"meets\": "
	       "%s}\n",
	       month, bare.cpu / ours.cpu, SHARE_TARGET,
	       bare.cpu / ours.cpu >= SHARE_TARGET ? "true" : "false");
	printf("{\"name\": \"engine: the same by the wall clock, %s month\", \"value\": %.3f, "
	       "\"unit\": \"share\", \"target\": null, \"meets\": true}\n",
	       month, bare.wall / ours.wall);
	printf("{\"name\": \"engine: records committed with proof, %s month\", \"value\": %.0f, "
	       "\"unit\": \"records/s\", \"target\": null, \"meets\": true}\n",
	       month, RECORDS / ours.wall);
}

static void single_acts(struct store *s)
{
	struct times t = now();

	for (int i = 0; i < ACTS; i++)
		store_act(s, i);
	t = since(t);
	printf("{\"name\": \"engine: an act in a commit of its own\", \"value\": %.0f, \"unit\": "
	       "\"CPU us\", \"target\": null, \"meets\": true}\n",
	       t.cpu / ACTS * 1e6);
}

static void remove_all(const char *dir)
{
	DIR *d = opendir(dir);
	char path[400];

	for (struct dirent *e; d && (e = readdir(d));) {
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		unlink(path);
	}
	if (d)
		closedir(d);
	rmdir(dir);
}

/* A store of its own; `filled` goes on to a filled month and to single acts. */
static void measure(enum hash_kind hash, enum sign_kind sign, const char *empty, bool filled)
{
	char dir[] = "/var/tmp/menshen-bench-XXXXXX", error[STORE_ERROR_SIZE];
	struct store_options options = {.dir = dir, .hash = hash, .epoch = 1};
	struct sign_key *key;
	struct store *s;
	struct bare b;

	if (!mkdtemp(dir))
		exit(1);
	CHECK(sign_key_make(sign, &key));
	options.log_key = key;
	CHECK(store_open(&options, &s, error));
	bare_open(&b, dir);
	next_seq = 1;
	compare(s, &b, empty);
	if (filled) {
		fill_month(s, &b);
		compare(s, &b, "a filled");
		single_acts(s);
	}
	store_close(s);
	sqlite3_finalize(b.insert);
	sqlite3_close(b.db);
	sign_key_free(key);
	remove_all(dir);
}

int main(void)
{
	measure(HASH_SM3, SIGN_SM2, "an empty", true);
	measure(HASH_SHA256, SIGN_ED25519, "an empty SHA-256", false);
	return 0;
}
