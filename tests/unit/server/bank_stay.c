#include "bank.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/addr.h"
#include "base/clock.h"
#include "server/engine/org.h"

struct staying {
	struct engine_work work;
	const struct bank_stay *stay;
	uint64_t seq;
};

static int put_open(struct store *s, const struct bank_stay *t, const char *session,
		    const uint8_t key[static 16], int64_t unit_id, int64_t now_ms)
{
	int r = store_exec(s, STMT_LIVE_SESSION_PUT,
			   STORE_ARGS(v_text(session), v_text("north"), v_mac(&t->mac), v_null(),
				      v_text(t->account), v_int(1), v_text("Gi0/0/1"),
				      v_int(unit_id), v_text(t->address), v_text("mab"),
				      v_text("admit"), v_text("ok"), v_int(now_ms), v_null(),
				      v_text(""), v_int(0), v_int(0), v_int(now_ms - HOUR_MS),
				      v_int(1), v_text("20"), v_int(now_ms)),
			   NULL);

	return r ? r
		 : store_exec(s, STMT_LIVE_ADDRESS_PUT,
			      STORE_ARGS(v_text(session), v_blob(key, 16), v_text(t->address),
					 v_text("dhcp"), v_int(now_ms)),
			      NULL);
}

static int put_over(struct store *s, const struct staying *f, const char *session,
		    const uint8_t key[static 16], int64_t unit_id, int64_t now_ms)
{
	static const uint8_t epoch[16] = {9};
	const struct bank_stay *t = f->stay;
	int64_t ended_at = now_ms - t->minutes * MINUTE_MS;
	struct store_stay_address address = {
		.text = t->address, .source = "dhcp", .first_at = ended_at, .last_at = ended_at};
	const struct store_stay stay = {.session = session,
					.why = "stop",
					.began_at = ended_at - HOUR_MS,
					.heard_at = ended_at,
					.ended_at = ended_at,
					.addresses = &address,
					.address_count = 1};
	const struct store_record record = {.seq = f->seq,
					    .at_ms = ended_at,
					    .kind = "session.stop",
					    .unit_id = unit_id,
					    .switch_id = 1,
					    .mac = &t->mac,
					    .account = t->account,
					    .port = "Gi0/0/1",
					    .verdict = "admit",
					    .reason = "ok",
					    .body = "{\"method\":\"mab\",\"vlan\":\"20\"}",
					    .stay = &stay};

	memcpy(address.key, key, sizeof(address.key));
	return store_records(s, "gate:north", epoch, &record, 1);
}

static int add_stay(struct engine_work *w, struct store *s, int64_t now_ms)
{
	const struct staying *f = CONTAINER_OF(w, struct staying, work);
	char session[33];
	uint8_t key[16];
	struct addr a;
	struct unit unit;
	int r = unit_load_by_code(store_writer(s), "FIN", &unit);

	if (r >= 0)
		r = addr_parse(f->stay->address, 0, &a);
	if (r)
		return r;
	addr_host_key(&a, key);
	snprintf(session, sizeof(session), "%032llx", (unsigned long long)f->seq);
	return f->stay->minutes ? put_over(s, f, session, key, unit.id, now_ms)
				: put_open(s, f->stay, session, key, unit.id, now_ms);
}

int bank_stay(struct bank *b, const struct bank_stay *stay)
{
	static uint64_t seq;
	struct staying f = {.work = {.apply = add_stay}, .stay = stay, .seq = ++seq};

	return engine_run(b->engine, &f.work);
}
