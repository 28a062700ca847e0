#include "bank.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "policy/finding.h"
#include "server/engine/org.h"
#include "server/engine/terminal.h"

#define AT_ONCE 1000

struct filling {
	struct engine_work work;
	size_t first, count;
	int64_t unit_ids[4];
	int64_t owner;
};

static void must(int r, const char *what)
{
	if (!r)
		return;
	fprintf(stderr, "bank: filling: %s: %s\n", what, strerror(-r));
	exit(2);
}

static struct mac mac_of(size_t i)
{
	return (struct mac){{0x00, 0x16, 0x3e, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i}};
}

/* Nine of ten terminals are on the network; some are isolated, some knock in vain. */
static int add_traces(struct store *s, int64_t now_ms, size_t i, const struct terminal *t)
{
	const char *verdict = i % 50 == 0 ? "isolate" : i % 77 == 0 ? "reject" : "admit";
	const char *reason = i % 50 == 0 ? "posture-bad" : i % 77 == 0 ? "permit-expired" : "ok";
	struct mac mac = mac_of(i);
	char session[32], address[32], port[32];
	int r;

	snprintf(session, sizeof(session), "%016zx", i);
	snprintf(address, sizeof(address), "10.%zu.%zu.%zu", i >> 16, (i >> 8) & 255, i & 255);
	snprintf(port, sizeof(port), "Gi0/0/%zu", i % 48 + 1);
	r = store_exec(s, STMT_LIVE_KNOCK_PUT,
		       STORE_ARGS(v_mac(&mac), v_int(now_ms - (int64_t)i * 10), v_int(1),
				  v_text(port), v_int(t->unit_id), i % 20 ? v_int(t->id) : v_null(),
				  v_text(""), v_text("mab"), v_text(verdict), v_text(reason),
				  v_text(verdict), v_text(reason)),
		       NULL);
	if (!r && i % 10)
		r = store_exec(s, STMT_LIVE_SESSION_PUT,
			       STORE_ARGS(v_text(session), v_text("north"), v_mac(&mac),
					  v_int(t->id), v_text(""), v_int(1), v_text(port),
					  v_int(t->unit_id), v_text(address), v_text("mab"),
					  v_text(verdict), v_text(reason), v_int(now_ms), v_null(),
					  v_text(""), v_int(0), v_int(0), v_int(now_ms), v_int(1),
					  v_text(""), v_int(now_ms)),
			       NULL);
	return r;
}

/* One of each kind, on terminals that are registered and on one that is not. */
static int add_finding(struct store *s, int64_t now_ms, size_t i, const struct terminal *t)
{
	struct mac mac = mac_of(i);
	char address[32], note[64];
	bool unknown = i == FINDING_UNKNOWN_DEVICE;

	if (unknown)
		mac = (struct mac){{0x00, 0x1b, 0x44, 0x11, 0x3a, 0xb7}};
	snprintf(address, sizeof(address), "10.0.9.%zu", i + 1);
	snprintf(note, sizeof(note), "VLAN 10, seen on the wire (%zu times)", i + 3);
	return store_exec(s, STMT_LIVE_FINDING_PUT,
			  STORE_ARGS(v_text(finding_text((enum finding)i)->code), v_mac(&mac),
				     v_text(address), v_int(now_ms - (int64_t)i * 60000), v_int(1),
				     v_text("Gi0/0/7"), v_int(t->unit_id),
				     unknown ? v_null() : v_int(t->id), v_text(""), v_text("north"),
				     v_text(note)),
			  NULL);
}

static int add_terminals(struct engine_work *w, struct store *s, int64_t now_ms)
{
	struct filling *f = CONTAINER_OF(w, struct filling, work);
	int r = 0;

	for (size_t i = f->first; !r && i < f->first + f->count; i++) {
		struct mac mac = mac_of(i);
		char asset_no[32], name[32];
		struct terminal_spec spec = {.asset_no = asset_no,
					     .kind = i % 7 ? TERMINAL_PC : TERMINAL_PRINTER,
					     .unit_id = f->unit_ids[i % 4],
					     .owner_id = f->owner,
					     .name = name,
					     .place = "三楼",
					     .status = TERMINAL_IN_USE};
		struct terminal t;

		snprintf(asset_no, sizeof(asset_no), "T-%06zu", i);
		snprintf(name, sizeof(name), "终端%zu", i);
		r = terminal_create(s, now_ms, &actor_system, &spec, &t);
		if (!r)
			r = terminal_own_mac(s, now_ms, &actor_system, t.id, &mac);
		if (!r)
			r = add_traces(s, now_ms, i, &t);
		if (!r && i < FINDING_COUNT)
			r = add_finding(s, now_ms, i, &t);
	}
	return r;
}

static int add_records(struct engine_work *w, struct store *s, int64_t now_ms)
{
	static struct store_record records[AT_ONCE];
	static const uint8_t epoch[16] = {1};
	struct filling *f = CONTAINER_OF(w, struct filling, work);
	struct mac macs[AT_ONCE];
	int r;

	for (size_t i = 0; i < f->count; i++) {
		size_t n = f->first + i;

		macs[i] = mac_of(n % 100000);
		records[i] = (struct store_record){.seq = n + 1,
						   .at_ms = now_ms - (int64_t)(2000000 - n) / 10,
						   .kind = n % 3 ? "knock" : "session.interim",
						   .unit_id = f->unit_ids[n % 4],
						   .terminal_id = (int64_t)(n % 100000) + 1,
						   .switch_id = 1,
						   .mac = &macs[i],
						   .port = "Gi0/0/1",
						   .verdict = "admit",
						   .reason = "ok",
						   .body = "{\"method\":\"mab\"}"};
	}
	r = store_records(s, "gate:north", epoch, records, f->count);
	return r ? r : act_log(s, now_ms, &actor_system, "bench.fill", 0, "", json_object());
}

static int find_units(struct engine_work *w, struct store *s, int64_t now_ms)
{
	static const char *const codes[] = {"FIN", "B1", "O1", "B2"};
	struct filling *f = CONTAINER_OF(w, struct filling, work);
	struct person person;
	struct unit unit;

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		must(unit_load_by_code(store_writer(s), codes[i], &unit) == 1 ? 0 : -ENOENT,
		     codes[i]);
		f->unit_ids[i] = unit.id;
	}
	must(person_load_by_staff_no(store_writer(s), "N0009", &person) == 1 ? 0 : -ENOENT,
	     "N0009");
	f->owner = person.id;
	/* A breaker that has tripped, as menshend's job would tell it. */
	must(unit_load_by_code(store_writer(s), "B1", &unit) == 1 ? 0 : -ENOENT, "B1");
	must(store_exec(s, STMT_TRIPPED_PUT,
			STORE_ARGS(v_text(unit.path), v_text("terminal.silent"), v_int(42),
				   v_int(60), v_int(now_ms - 60000)),
			NULL),
	     "breaker");
	return act_log(s, now_ms, &actor_system, "bench.fill", 0, "", json_object());
}

static void run_parts(struct bank *b, struct filling *f, size_t count,
		      int (*apply)(struct engine_work *w, struct store *s, int64_t now_ms))
{
	f->work.apply = apply;
	for (f->first = 0; f->first < count; f->first += f->count) {
		f->count = MIN(count - f->first, (size_t)AT_ONCE);
		must(engine_run(b->engine, &f->work), "rows");
	}
}

void bank_fill(struct bank *b, size_t count, size_t records)
{
	struct filling f = {.work = {.apply = find_units}};

	must(engine_run(b->engine, &f.work), "units");
	run_parts(b, &f, count, add_terminals);
	run_parts(b, &f, records, add_records);
	must(bank_survey(b), "survey");
}

struct found {
	struct engine_work work;
	const char *code;
	const struct mac *mac;
};

static int add_found(struct engine_work *w, struct store *s, int64_t now_ms)
{
	const struct found *f = CONTAINER_OF(w, struct found, work);
	struct unit unit;
	int r = unit_load_by_code(store_writer(s), "FIN", &unit);

	return r < 0 ? r
		     : store_exec(s, STMT_LIVE_FINDING_PUT,
				  STORE_ARGS(v_text(f->code), v_mac(f->mac), v_text("10.0.9.99"),
					     v_int(now_ms), v_int(1), v_text("Gi0/0/1"),
					     v_int(unit.id), v_null(), v_text(""), v_text("north"),
					     v_text("seen on the wire (1 times)")),
				  NULL);
}

void bank_find(struct bank *b, const char *code, const struct mac *mac)
{
	struct found f = {.work = {.apply = add_found}, .code = code, .mac = mac};

	must(engine_run(b->engine, &f.work), code);
}
