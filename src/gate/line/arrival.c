#include "gate/line/arrival.h"

#include <string.h>

#include "gate/facts/bank.h"
#include "gate/facts/builder.h"

#define CHANGES_MAX ((size_t)256 << 20)
#define WAITING_MAX ((size_t)64 << 10) /* bytes; then head office waits */
#define SLICE_US 200
#define PAUSE_MS 1 /* between slices */

struct arrival {
	struct gate *gate;
	struct line *line;
	arrival_taken_fn *taken;
	void *arg;
	bool gathering, whole, accounts_touched;
	uint64_t rows;
	struct buf changes; /* frames between Begin and End */
	struct builder *builder;
	struct snapshot *coming;    /* a whole one */
	struct snapshot *forgotten; /* one that the builder still works on; NULL: none */
	struct snapshot *leaving;   /* freed slice by slice; NULL: none */
	struct buf taking;	    /* frames; the builder's while it is busy */
	size_t taken_to;	    /* in `taking` */
	struct buf waiting;	    /* frames behind those */
	struct loop_timer *slice;
};

static bool is_row(enum frame_type type)
{
	return type != FRAME_SNAPSHOT_BEGIN && type != FRAME_SNAPSHOT_END;
}

static void let_go(struct arrival *a, struct snapshot *s)
{
	snapshot_free(a->leaving);
	a->leaving = s;
	if (s && !loop_timer_is_armed(a->slice))
		loop_timer_arm(a->slice, PAUSE_MS);
}

/* What was half there. The builder may still be at work on it. */
static void forget(struct arrival *a)
{
	struct snapshot *s = TAKE_PTR(a->coming);

	if (s && builder_is_busy(a->builder) && !a->forgotten) {
		builder_hurry(a->builder);
		a->forgotten = s;
	} else if (s) {
		let_go(a, s);
	}
}

/* As much room as the old one needs, made before and not step by step under way. */
static int begin_whole(struct arrival *a)
{
	CLEANUP_SNAPSHOT struct snapshot *s = NULL;
	int err = snapshot_new(a->gate->key, &s);

	if (!err)
		err = bank_prepare(a->gate->bank, s);
	if (!err)
		err = snapshot_expect_as(s, a->gate->snapshot);
	if (!err)
		a->coming = TAKE_PTR(s);
	return err;
}

static int on_begin(struct arrival *a, const struct frame *f)
{
	menshen_SnapshotBegin m;
	int err = FRAME_DECODE(f, &m);

	if (!err && m.from_rev != 0 && m.from_rev != snapshot_rev(a->gate->snapshot))
		err = -EBADMSG; /* changes of something that we do not have */
	if (err)
		return err;
	buf_clear(&a->changes);
	forget(a);
	a->whole = m.from_rev == 0;
	a->rows = 0;
	a->accounts_touched = a->whole;
	err = a->whole ? begin_whole(a) : 0;
	a->gathering = !err;
	return err;
}

/* What its accounts are told to the engine with: for how long a proof counts in each unit. */
static bool changes_last_known(const struct snapshot *s, const struct frame *f)
{
	const struct snap_unit *old;
	menshen_SnapUnit m;

	if (f->type != FRAME_SNAP_UNIT || FRAME_DECODE(f, &m))
		return false;
	old = snapshot_unit(s, m.id);
	return old && (old->row.parent_id != m.parent_id ||
		       old->row.says_last_known != m.says_last_known ||
		       old->row.last_known_days != m.last_known_days);
}

static int on_row(struct arrival *a, const struct frame *f)
{
	if (!a->gathering)
		return -EBADMSG;
	a->rows++;
	a->accounts_touched |=
		f->type == FRAME_SNAP_ACCOUNT || changes_last_known(a->gate->snapshot, f);
	/* The frame lies whole before its payload. */
	buf_append(&a->changes, f->payload - FRAME_HEADER, f->len + FRAME_HEADER);
	return a->changes.error;
}

static void replace(struct arrival *a, int64_t rev)
{
	struct snapshot *s = TAKE_PTR(a->coming);

	snapshot_set_rev(s, rev);
	log_info("snapshot from head office: revision %lld, %zu rows", (long long)rev,
		 snapshot_rows(s));
	let_go(a, gate_take_snapshot(a->gate, s));
}

static int apply_changes(struct arrival *a, int64_t rev)
{
	struct snapshot *s = a->gate->snapshot;
	struct frame f;
	size_t used;
	int err = 0;

	for (size_t at = 0; !err && at < a->changes.len; at += used) {
		err = frame_parse(a->changes.data + at, a->changes.len - at, &f, &used);
		if (!err)
			err = snapshot_apply(s, &f);
	}
	/* A change that cannot be taken: ask for everything at the next greeting. */
	snapshot_set_rev(s, err ? 0 : rev);
	if (!err)
		gate_snapshot_changed(a->gate);
	return err;
}

static int on_end(struct arrival *a, const struct frame *f)
{
	menshen_SnapshotEnd m;
	int err = FRAME_DECODE(f, &m);

	if (!err && (!a->gathering || m.rows != a->rows || m.rev <= 0))
		err = -EBADMSG;
	if (!err && a->whole)
		replace(a, m.rev);
	else if (!err)
		err = apply_changes(a, m.rev);
	a->gathering = false;
	buf_done(&a->changes);
	if (!err)
		a->taken(a->arg, a->accounts_touched);
	return err;
}

static int take(struct arrival *a, const struct frame *f)
{
	if (f->type == FRAME_SNAPSHOT_BEGIN)
		return on_begin(a, f);
	return is_row(f->type) ? on_row(a, f) : on_end(a, f);
}

/* ---- slices ---- */

static int take_one(struct arrival *a)
{
	struct frame f;
	size_t used;
	int err = frame_parse(a->taking.data + a->taken_to, a->taking.len - a->taken_to, &f, &used);

	if (err)
		return err;
	a->taken_to += used;
	return take(a, &f);
}

/* Nothing waits before the next frame. */
static bool is_empty(const struct arrival *a)
{
	return a->waiting.len == 0 && (a->taking.len == 0 || a->forgotten);
}

/* The frames that came meanwhile, once those before are taken. */
static void turn_over(struct arrival *a)
{
	struct buf emptied = a->taking;

	if (a->taken_to < a->taking.len)
		return;
	buf_clear(&emptied);
	a->taking = a->waiting;
	a->waiting = emptied;
	a->taken_to = 0;
}

/* A row of a whole snapshot is next. */
static bool is_builders(const struct arrival *a)
{
	struct frame f;
	size_t used;

	return a->coming &&
	       frame_parse(a->taking.data + a->taken_to, a->taking.len - a->taken_to, &f, &used) ==
		       0 &&
	       is_row(f.type);
}

static void refuse(struct arrival *a, int err)
{
	log_error("the snapshot from head office cannot be taken: %s", strerror(-err));
	arrival_reset(a);
	line_drop(a->line, "a snapshot that cannot be taken");
}

/* Frames until the builder has some or the time is over. The last call: letting the line go may
 * bring anything. */
static void take_waiting(struct arrival *a, int64_t until_us)
{
	int err = 0;

	if (builder_is_busy(a->builder))
		return;
	turn_over(a);
	while (!err && a->taken_to < a->taking.len && !is_builders(a) &&
	       clock_mono_us() < until_us) {
		err = take_one(a);
		if (!err)
			turn_over(a);
	}
	if (err) {
		refuse(a, err);
		return;
	}
	if (is_builders(a))
		builder_give(a->builder, a->coming, a->taking.data + a->taken_to,
			     a->taking.len - a->taken_to);
	if (a->waiting.len <= WAITING_MAX)
		line_hold(a->line, false);
}

static bool needs_slice(const struct arrival *a)
{
	return a->leaving || (!is_empty(a) && !builder_is_busy(a->builder));
}

static void on_slice(void *arg)
{
	struct arrival *a = arg;
	int64_t until_us = clock_mono_us() + SLICE_US;

	while (a->leaving && clock_mono_us() < until_us)
		if (!snapshot_free_step(a->leaving))
			a->leaving = NULL;
	if (needs_slice(a))
		loop_timer_arm(a->slice, PAUSE_MS);
	take_waiting(a, until_us);
}

/* The builder has come to the end of its rows. */
static void on_built(void *arg, const struct built *built)
{
	struct arrival *a = arg;

	if (a->forgotten) {
		buf_clear(&a->taking);
		a->taken_to = 0;
		let_go(a, TAKE_PTR(a->forgotten));
	} else if (built->error) {
		refuse(a, built->error);
		return;
	} else {
		a->taken_to += built->used;
		a->rows += built->rows;
	}
	loop_timer_arm(a->slice, 0);
}

static int queue(struct arrival *a, const struct frame *f)
{
	buf_append(&a->waiting, f->payload - FRAME_HEADER, f->len + FRAME_HEADER);
	if (a->waiting.error)
		return a->waiting.error;
	if (needs_slice(a) && !loop_timer_is_armed(a->slice))
		loop_timer_arm(a->slice, PAUSE_MS);
	if (a->waiting.len > WAITING_MAX)
		line_hold(a->line, true);
	return 0;
}

int arrival_take(struct arrival *a, const struct frame *f)
{
	return !is_empty(a) || a->coming ? queue(a, f) : take(a, f);
}

void arrival_reset(struct arrival *a)
{
	a->gathering = false;
	buf_done(&a->waiting);
	buf_done(&a->changes);
	if (!builder_is_busy(a->builder)) {
		buf_done(&a->taking);
		a->taken_to = 0;
	}
	forget(a);
}

int arrival_new(struct gate *g, struct line *line, arrival_taken_fn *taken, void *arg,
		struct arrival **ret)
{
	struct arrival *a = calloc(1, sizeof(*a));
	int err;

	if (!a)
		return -ENOMEM;
	*a = (struct arrival){.gate = g, .line = line, .taken = taken, .arg = arg};
	buf_init(&a->changes, CHANGES_MAX);
	buf_init(&a->waiting, CHANGES_MAX);
	buf_init(&a->taking, CHANGES_MAX);
	err = loop_timer_new(g->loop, on_slice, a, &a->slice);
	if (!err)
		err = builder_new(g->loop, on_built, a, &a->builder);
	if (err)
		arrival_free(a);
	else
		*ret = a;
	return err;
}

void arrival_free(struct arrival *a)
{
	if (!a)
		return;
	builder_free(a->builder);
	snapshot_free(a->coming);
	snapshot_free(a->forgotten);
	snapshot_free(a->leaving);
	loop_timer_free(a->slice);
	buf_done(&a->taking);
	buf_done(&a->waiting);
	buf_done(&a->changes);
	free(a);
}
