#include "server/engine/dry_run.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/text.h"
#include "policy/exemption.h"
#include "server/engine/dry_run_today.h"
#include "server/engine/terminal.h"

#define PATH_SIZE 256
#define KEY_SIZE 320
#define UNIT_UNSAID (-1)
#define EXEMPT_MOST 8
#define REASONS_SIZE TERMINAL_FAILING_SIZE

struct place {
	int64_t id;
	bool in_scope, changed;
	enum mode mode, new_mode;
	int64_t posture_grace_ms;
};

struct exempt {
	bool supplicant, posture;
	int64_t from_ms, until_ms;
};

/* What is known of a terminal at the moment that the walk has reached. */
struct desk {
	int64_t id;
	bool known, reports; /* in the time that is replayed */
	bool heard;	     /* one of its reports has come by */
	enum terminal_kind kind;
	enum posture posture;
	int64_t bad_since_ms; /* and still; 0: it is good now */
	char reasons[REASONS_SIZE];
	struct exempt exempt[EXEMPT_MOST];
	size_t exempt_count;
};

struct line {
	char *key;
	struct mac mac;
	int64_t terminal_id, switch_id, unit_id, times, first_ms, last_ms;
	char account[64], port[64];
	enum knock_method method;
	struct decision decision;
};

struct run {
	struct store_db *db;
	const struct dry_run_spec *spec;
	struct map places, desks, lines, macs;
	int64_t replayed, not_replayed, kept_out_then, kept_out, let_in, left_out;
};

/* ---- what stands ---- */

static void choose_mode(const struct dry_run_spec *spec, const char *path, struct place *p)
{
	size_t best = 0;

	for (size_t i = 0; i < spec->mode_count; i++) {
		size_t len = strlen(spec->modes[i].path);

		if (len <= best || !text_starts(path, spec->modes[i].path))
			continue;
		best = len;
		p->changed = true;
		p->new_mode = spec->modes[i].mode;
	}
}

static bool in_scope(const json_t *scope, const char *path)
{
	const json_t *above;
	size_t i;

	json_array_foreach(scope, i, above)
	{
		if (text_starts(path, json_string_value(above)))
			return true;
	}
	return !scope;
}

static int add_place(struct run *run, const struct store_cursor *c)
{
	struct place *p = calloc(1, sizeof(*p));
	const char *path = store_text(c, 1), *mode = store_text(c, 2);
	int err;

	if (!p)
		return -ENOMEM;
	p->id = store_int(c, 0);
	p->in_scope = in_scope(run->spec->scope, path);
	while (p->mode < MODE_ENFORCE && !text_equal(mode_name(p->mode), mode))
		p->mode++;
	p->posture_grace_ms = store_int(c, 3) * HOUR_MS;
	choose_mode(run->spec, path, p);
	err = map_put(&run->places, &p->id, p, NULL);
	if (err)
		free(p);
	return err;
}

static int load_places(struct run *run)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(run->db, STMT_DRY_RUN_UNITS, STORE_NO_ARGS, &c);

	while (!r && (r = store_next(c)) == 1)
		r = add_place(run, c);
	return r;
}

static int load_exempt(struct run *run, struct desk *d)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(run->db, STMT_DRY_RUN_EXEMPTIONS, STORE_ARGS(v_int(d->id)), &c);

	while (!r && (r = store_next(c)) == 1) {
		const char *what = store_text(c, 0);
		bool supplicant = text_equal(what, EXEMPT_SUPPLICANT);

		if (d->exempt_count < EXEMPT_MOST)
			d->exempt[d->exempt_count++] = (struct exempt){
				supplicant, !supplicant && !text_equal(what, EXEMPT_ACCOUNT_LIVE),
				store_int(c, 1), store_int(c, 2)};
		r = 0;
	}
	return r;
}

static int load_desk(struct run *run, struct desk *d)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(run->db, STMT_DRY_RUN_TERMINAL, STORE_ARGS(v_int(d->id)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r;
	d->known = true;
	d->kind = terminal_kind_from_name(store_text(c, 0));
	if (d->kind == TERMINAL_KIND_COUNT || posture_parse(store_text(c, 1), &d->posture) ||
	    text_copy(d->reasons, sizeof(d->reasons), store_text(c, 2)))
		return -EUCLEAN;
	d->bad_since_ms = d->posture == POSTURE_BAD ? store_int(c, 3) : 0;
	return load_exempt(run, d);
}

static int get_desk(struct run *run, int64_t id, struct desk **ret)
{
	struct desk *d = map_get(&run->desks, &id);
	int err = 0;

	if (!d) {
		d = calloc(1, sizeof(*d));
		if (!d)
			return -ENOMEM;
		d->id = id;
		err = load_desk(run, d);
		if (!err)
			err = map_put(&run->desks, &d->id, d, NULL);
		if (err) {
			free(d);
			return err;
		}
	}
	*ret = d;
	return 0;
}

/* ---- desks' reports ---- */

static int note_reporter(void *arg, const struct store_record *r)
{
	struct desk *d;
	int err = r->terminal_id ? get_desk(arg, r->terminal_id, &d) : 0;

	if (!err && r->terminal_id)
		d->reports = true;
	return err;
}

static void join_reasons(char dst[static REASONS_SIZE], const char *failing, const char *warnings)
{
	snprintf(dst, REASONS_SIZE, "%.*s%s%.*s", REASONS_SIZE / 2 - 2, failing,
		 failing[0] && warnings[0] ? "," : "", REASONS_SIZE / 2 - 2, warnings);
}

static int hear_desk(struct run *run, const struct store_record *r, const json_t *body)
{
	const char *posture = json_string_value(json_object_get(body, "posture")),
		   *failing = json_string_value(json_object_get(body, "failing")),
		   *warnings = json_string_value(json_object_get(body, "warnings"));
	struct desk *d;
	int err = get_desk(run, r->terminal_id, &d);

	if (err || !posture || posture_parse(posture, &d->posture))
		return err;
	d->heard = true;
	join_reasons(d->reasons, failing ? failing : "", warnings ? warnings : "");
	return 0;
}

/* A desk that reported nothing has found the same all the time. */
static bool is_certain(const struct desk *d)
{
	return d->known && (d->heard || !d->reports);
}

/* ---- one knock ---- */

static bool parse_method(const char *name, enum knock_method *ret)
{
	for (int m = KNOCK_MAB; m <= KNOCK_EAP_TLS; m++)
		if (text_equal(knock_method_name((enum knock_method)m), name)) {
			*ret = (enum knock_method)m;
			return true;
		}
	return false;
}

static bool parse_verdict(const char *name, enum verdict *ret)
{
	for (int v = VERDICT_REJECT; v <= VERDICT_ADMIT; v++)
		if (text_equal(verdict_name((enum verdict)v), name)) {
			*ret = (enum verdict)v;
			return true;
		}
	return false;
}

/* False: not a knock that can be decided again. */
static bool parse_knock(const struct store_record *r, const json_t *body, struct replay_record *ret)
{
	const char *why = json_string_value(json_object_get(body, "would_be_reason"));

	*ret = (struct replay_record){.at_ms = r->at_ms,
				      .switch_id = r->switch_id,
				      .port = r->port,
				      .reason = reason_from_code(r->reason),
				      .would_be_reason = why ? reason_from_code(why) : REASON_NONE};
	if (!r->mac || !parse_verdict(r->verdict, &ret->verdict) ||
	    !parse_method(json_string_value(json_object_get(body, "method")), &ret->method))
		return false;
	ret->mac = *r->mac;
	return true;
}

/* It was let in while no directory answered, and its unit says silence today. */
static int ask_silence(struct run *run, const struct store_record *r, const json_t *body, bool *ret)
{
	int64_t days = UNIT_UNSAID;
	int err = 0;

	if (json_integer_value(json_object_get(body, "last_known")))
		err = store_get_int(run->db, STMT_DRY_RUN_LAST_KNOWN,
				    STORE_ARGS(v_text(r->account)), UNIT_UNSAID, &days);
	if (!err)
		*ret = days == 0;
	return err;
}

static void choose_change(const struct run *run, const struct place *at, const struct desk *d,
			  const struct replay_record *rec, enum posture *posture,
			  struct replay_change *ret)
{
	const struct dry_run_spec *spec = run->spec;

	*ret = (struct replay_change){.mode = at && at->changed ? &at->new_mode : NULL,
				      .no_bypass = spec->no_bypasses,
				      .no_exempt = spec->no_exemptions};
	if (!d || !d->known)
		return;
	if (at && d->bad_since_ms && d->bad_since_ms <= rec->at_ms) {
		ret->posture_grace_ms = at->posture_grace_ms;
		ret->bad_since_ms = d->bad_since_ms;
	}
	for (size_t i = 0; i < d->exempt_count; i++) {
		const struct exempt *x = &d->exempt[i];

		if (x->from_ms > rec->at_ms || x->until_ms <= rec->at_ms)
			continue;
		ret->supplicant_exempt |= x->supplicant;
		ret->posture_exempt |= x->posture && is_certain(d) && d->posture == POSTURE_BAD;
	}
	if (spec->policy && is_certain(d) && terminal_kind_needs_agent(d->kind)) {
		*posture = replay_posture(spec->policy, d->reasons);
		ret->posture = posture;
	}
}

/* ---- who is kept out ---- */

static int new_line(struct run *run, const char *key, struct line **ret)
{
	struct line *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return -ENOMEM;
	l->key = strdup(key);
	err = l->key ? map_put(&run->lines, l->key, l, NULL) : -ENOMEM;
	if (err) {
		free(l->key);
		free(l);
		return err;
	}
	*ret = l;
	return 0;
}

static int tell(struct run *run, const struct store_record *r, const struct replay_record *rec,
		const struct decision *d)
{
	char key[KEY_SIZE], mac[MAC_TEXT_SIZE];
	struct line *l;
	int err;

	mac_format(mac, &rec->mac);
	snprintf(key, sizeof(key), "%s %lld %d %.100s %.100s", mac, (long long)r->switch_id,
		 (int)d->reason, r->port, r->account);
	l = map_get(&run->lines, key);
	if (!l) {
		if (run->lines.count >= run->spec->most) {
			run->left_out++;
			return 0;
		}
		err = new_line(run, key, &l);
		if (err)
			return err;
		l->mac = rec->mac;
		l->switch_id = r->switch_id;
		l->unit_id = r->unit_id;
		l->first_ms = r->at_ms;
		l->method = rec->method;
		text_fit(l->account, sizeof(l->account), r->account);
		text_fit(l->port, sizeof(l->port), r->port);
		err = map_put(&run->macs, &l->mac, l, NULL);
		if (err)
			return err;
	}
	l->terminal_id = r->terminal_id;
	l->decision = *d;
	l->times++;
	l->first_ms = MIN(l->first_ms, r->at_ms);
	l->last_ms = MAX(l->last_ms, r->at_ms);
	return 0;
}

static int replay_knock(struct run *run, const struct store_record *r, const json_t *body)
{
	const struct place *at = map_get(&run->places, &r->unit_id);
	enum posture posture = POSTURE_UNKNOWN;
	struct replay_record rec;
	struct replay_change change;
	struct desk *desk = NULL;
	struct decision d;
	int err = 0;

	if (at ? !at->in_scope : run->spec->scope != NULL)
		return 0;
	if (r->terminal_id)
		err = get_desk(run, r->terminal_id, &desk);
	if (err)
		return err;
	if (!parse_knock(r, body, &rec)) {
		run->not_replayed++;
		return 0;
	}
	rec.terminal_known = desk && desk->known;
	rec.kind = rec.terminal_known ? desk->kind : TERMINAL_OTHER;
	choose_change(run, at, desk, &rec, &posture, &change);
	err = ask_silence(run, r, body, &change.directory_down);
	if (err)
		return err;
	if (!replay_decide(&rec, at ? at->mode : MODE_ENFORCE, &change, &d)) {
		run->not_replayed++;
		return 0;
	}
	run->replayed++;
	run->kept_out_then += rec.verdict != VERDICT_ADMIT;
	run->kept_out += d.verdict != VERDICT_ADMIT;
	run->let_in += rec.verdict != VERDICT_ADMIT && d.verdict == VERDICT_ADMIT;
	return rec.verdict == VERDICT_ADMIT && d.verdict != VERDICT_ADMIT ? tell(run, r, &rec, &d)
									  : 0;
}

static int take_record(void *arg, const struct store_record *r)
{
	json_t *body = json_loads(r->body, 0, NULL);
	int err = body ? 0 : -EUCLEAN;

	if (!err && text_equal(r->kind, "knock"))
		err = replay_knock(arg, r, body);
	else if (!err && r->terminal_id)
		err = hear_desk(arg, r, body);
	json_decref(body);
	return err;
}

/* ---- the report ---- */

static int by_times(const void *a, const void *b)
{
	const struct line *x = *(struct line *const *)a, *y = *(struct line *const *)b;

	if (x->times != y->times)
		return x->times < y->times ? 1 : -1;
	return strcmp(x->key, y->key);
}

static json_t *name_of(const struct store_cursor *c, size_t col)
{
	return store_is_null(c, col) ? json_null() : json_string(store_text(c, col));
}

static int line_json(struct run *run, const struct line *l, json_t **ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	const struct place *at = map_get(&run->places, &l->unit_id);
	const struct dry_run_today who = {l->mac,
					  l->account,
					  l->switch_id,
					  l->port,
					  l->method,
					  run->spec->now_ms,
					  at ? at->posture_grace_ms : 0};
	char mac[MAC_TEXT_SIZE];
	struct decision today;
	int r = store_select(run->db, STMT_DRY_RUN_NAMES,
			     STORE_ARGS(v_int(l->terminal_id), v_text(l->account),
					v_int(l->switch_id), v_int(l->unit_id)),
			     &c);

	if (!r)
		r = store_next(c);
	if (r >= 0)
		r = dry_run_today(run->db, &who, run->spec->no_exemptions, &today);
	if (r < 0)
		return r;
	mac_format(mac, &l->mac);
	*ret = json_pack(
		"{s:s, s:o, s:o, s:o, s:s, s:o, s:o, s:s, s:I, s:I, s:I, s:s, s:s, s:s, s:s}",
		"mac", mac, "terminal_id",
		l->terminal_id ? json_integer((json_int_t)l->terminal_id) : json_null(), "asset_no",
		name_of(c, 0), "person", name_of(c, 1), "account", l->account, "unit_name",
		name_of(c, 3), "switch_name", name_of(c, 2), "port", l->port, "times",
		(json_int_t)l->times, "first_at", (json_int_t)l->first_ms, "last_at",
		(json_int_t)l->last_ms, "verdict", verdict_name(l->decision.verdict), "reason",
		reason_text(l->decision.reason)->code, "today", verdict_name(today.verdict),
		"today_reason", reason_text(today.reason)->code);
	return *ret ? 0 : -ENOMEM;
}

static int rows_json(struct run *run, json_t *rows)
{
	CLEANUP_FREE struct line **lines = calloc(run->lines.count + 1, sizeof(struct line *));
	struct line *l;
	size_t at = 0, count = 0;
	json_t *row;
	int err = lines ? 0 : -ENOMEM;

	while (!err && (l = map_next(&run->lines, &at)))
		lines[count++] = l;
	if (!err)
		qsort(lines, count, sizeof(*lines), by_times);
	for (size_t i = 0; !err && i < count; i++) {
		err = line_json(run, lines[i], &row);
		if (!err && json_array_append_new(rows, row))
			err = -ENOMEM;
	}
	return err;
}

static int report(struct run *run, json_t **ret)
{
	json_t *rows = json_array(), *all;
	int err = rows ? rows_json(run, rows) : -ENOMEM;

	if (err) {
		json_decref(rows);
		return err;
	}
	all = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "from_at",
			(json_int_t)run->spec->from_ms, "until_at", (json_int_t)run->spec->until_ms,
			"replayed", (json_int_t)run->replayed, "not_replayed",
			(json_int_t)run->not_replayed, "kept_out_then",
			(json_int_t)run->kept_out_then, "kept_out", (json_int_t)run->kept_out,
			"let_in", (json_int_t)run->let_in, "devices", (json_int_t)run->macs.count,
			"rows_left_out", (json_int_t)run->left_out, "rows", rows);
	if (all)
		*ret = all;
	return all ? 0 : -ENOMEM;
}

static void run_done(struct run *run)
{
	struct line *l;
	void *p;
	size_t at = 0;

	while ((l = map_next(&run->lines, &at))) {
		free(l->key);
		free(l);
	}
	for (at = 0; (p = map_next(&run->places, &at));)
		free(p);
	for (at = 0; (p = map_next(&run->desks, &at));)
		free(p);
	map_done(&run->lines);
	map_done(&run->places);
	map_done(&run->desks);
	map_done(&run->macs);
}

int dry_run(struct store_db *db, const struct dry_run_spec *spec, json_t **ret)
{
	struct run run = {.db = db, .spec = spec};
	bool reports = spec->policy || spec->no_exemptions;
	int err = spec->most > DRY_RUN_ROWS_MOST ? -EINVAL : 0;

	map_init(&run.places, sizeof(int64_t));
	map_init(&run.desks, sizeof(int64_t));
	map_init(&run.lines, 0);
	map_init(&run.macs, sizeof(struct mac));
	if (!err)
		err = load_places(&run);
	if (!err && reports)
		err = store_record_walk(db, spec->from_ms, spec->until_ms, "[\"posture\"]",
					note_reporter, &run);
	if (!err)
		err = store_record_walk(db, spec->from_ms, spec->until_ms,
					reports ? "[\"knock\",\"posture\"]" : "[\"knock\"]",
					take_record, &run);
	if (!err)
		err = report(&run, ret);
	run_done(&run);
	return err;
}
