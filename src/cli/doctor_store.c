#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>

#include "base/clock.h"
#include "cli/doctor.h"

#define ENDING_MS (30 * DAY_MS)
#define LAG_MS (10 * MINUTE_MS)	 /* a gate co-signs within seconds of a commit */
#define NEW_GATE_MS (7 * DAY_MS) /* its machine may not stand yet */
#define AHEAD_MS MINUTE_MS
#define RECENT_MS DAY_MS

/* Appends to a finding; what does not fit is left out, the first ones matter most. */
static void add(char *finding, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void add(char *finding, const char *fmt, ...)
{
	size_t len = strlen(finding);
	va_list args;

	va_start(args, fmt);
	vsnprintf(finding + len, FINDING_SIZE - len, fmt, args);
	va_end(args);
}

static int unread(char *finding, int err)
{
	snprintf(finding, FINDING_SIZE, "not looked at: %s",
		 err == -ENOENT ? "the store cannot be read" : strerror(-err));
	return err;
}

/* Each row as "name until|since date"; returns how many, or negative. */
static int list_rows(struct examined *x, enum store_stmt stmt, int64_t moment_ms, const char *word,
		     char *finding)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	char when[CLOCK_TEXT_SIZE];
	int count = 0, r;

	if (!x->db)
		return -ENOENT;
	r = store_select(x->db, stmt, STORE_ARGS(v_int(moment_ms)), &c);
	while (!r && (r = store_next(c)) == 1) {
		clock_format_utc(when, store_int(c, 1));
		add(finding, "%s%s %s %s", count ? ", " : "", store_text(c, 0), word, when);
		count++;
		r = 0;
	}
	return r < 0 ? r : count;
}

int check_exceptions(struct examined *x, char *finding)
{
	int r;

	finding[0] = 0;
	r = list_rows(x, STMT_DOCTOR_UNSIGNED_SWITCHES, x->now_ms, "until", finding);
	if (r < 0)
		return unread(finding, r);
	if (r == 0)
		snprintf(finding, FINDING_SIZE, "every switch has to sign (Message-Authenticator)");
	else
		add(finding, ": may send MAC authentication unsigned (BlastRADIUS); update them");
	return r ? FINDING_NOTE : 0;
}

int check_gate_certificates(struct examined *x, char *finding)
{
	int r;

	finding[0] = 0;
	r = list_rows(x, STMT_DOCTOR_GATE_CERTIFICATES, x->now_ms + ENDING_MS, "ends", finding);
	if (r < 0)
		return unread(finding, r);
	if (r == 0) {
		snprintf(finding, FINDING_SIZE, "no gate's certificate ends within 30 days");
		return 0;
	}
	add(finding, ": a gate renews its own when its line is up and ca.key is here");
	return -EKEYEXPIRED;
}

int check_terminal_certificates(struct examined *x, char *finding)
{
	int64_t ended = 0, ending = 0;
	int r = x->db ? store_get_int(x->db, STMT_DOCTOR_TERMINAL_CERTIFICATES,
				      STORE_ARGS(v_int(x->now_ms)), 0, &ended)
		      : -ENOENT;

	if (!r)
		r = store_get_int(x->db, STMT_DOCTOR_TERMINAL_CERTIFICATES,
				  STORE_ARGS(v_int(x->now_ms + ENDING_MS)), 0, &ending);
	if (r)
		return unread(finding, r);
	snprintf(finding, FINDING_SIZE,
		 "%lld terminals' certificates have ended, %lld end within 30 days%s",
		 (long long)ended, (long long)(ending - ended),
		 ending ? ": those desks have been away for months" : "");
	return ending ? FINDING_NOTE : 0;
}

static int judge_gate(struct examined *x, const struct store_cursor *c, int64_t newest_ms,
		      char *finding)
{
	const char *name = store_text(c, 0);
	char when[CLOCK_TEXT_SIZE];
	int64_t heard_ms = store_int(c, 2);

	if (store_is_null(c, 2)) {
		add(finding, "%s%s was never heard of", finding[0] ? ", " : "", name);
		return x->now_ms - store_int(c, 1) > NEW_GATE_MS ? -EHOSTUNREACH : FINDING_NOTE;
	}
	if (newest_ms - heard_ms <= LAG_MS)
		return 0;
	clock_format_utc(when, heard_ms);
	add(finding, "%s%s not since %s: see journalctl -u menshen-gate there",
	    finding[0] ? ", " : "", name, when);
	return -EHOSTUNREACH;
}

/* A gate that is connected co-signs what was committed. */
int check_gates(struct examined *x, char *finding)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int64_t newest_ms = 0;
	int worst = 0,
	    r = x->db ? store_get_int(x->db, STMT_DOCTOR_NEWEST_HEAD, STORE_NO_ARGS, 0, &newest_ms)
		      : -ENOENT;

	finding[0] = 0;
	if (!r)
		r = store_select(x->db, STMT_DOCTOR_GATES, STORE_NO_ARGS, &c);
	while (!r && (r = store_next(c)) == 1) {
		int one = judge_gate(x, c, newest_ms, finding);

		worst = one < 0 || worst == 0 ? one : worst;
		r = 0;
	}
	if (r < 0)
		return unread(finding, r);
	if (!finding[0])
		snprintf(finding, FINDING_SIZE, "all gates have co-signed what was committed");
	return worst;
}

int check_breaker(struct examined *x, char *finding)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	char when[CLOCK_TEXT_SIZE];
	int64_t at_ms;
	int r = x->db ? store_select(x->db, STMT_DOCTOR_LAST_ACT,
				     STORE_ARGS(v_text("breaker.tripped")), &c)
		      : -ENOENT;

	if (!r)
		r = store_next(c);
	if (r < 0)
		return unread(finding, r);
	if (r == 0 || x->now_ms - store_int(c, 0) > RECENT_MS) {
		snprintf(finding, FINDING_SIZE, "no breaker tripped within a day");
		return 0;
	}
	at_ms = store_int(c, 0);
	clock_format_utc(when, at_ms);
	snprintf(finding, FINDING_SIZE,
		 "the breaker of unit %lld tripped at %s: look at its terminals",
		 (long long)store_int(c, 1), when);
	return x->now_ms - at_ms <= (int64_t)x->settings.breaker_window_s * SECOND_MS
		       ? -EBUSY
		       : FINDING_NOTE;
}

/* A gate says so when its own clock jumps. */
static int count_gate_clocks(struct examined *x, size_t *ret)
{
	const struct store_record_filter filter = {
		.kind = "gate.clock", .from_ms = x->now_ms - 7 * DAY_MS, .limit = 100};
	json_t *rows;
	int r = store_record_page(x->db, &filter, &rows);

	if (r)
		return r;
	*ret = json_array_size(rows);
	json_decref(rows);
	return 0;
}

int check_clock(struct examined *x, char *finding)
{
	struct timex t = {0};
	int64_t newest_ms = 0;
	size_t jumps = 0;
	int r = x->db ? store_get_int(x->db, STMT_DOCTOR_NEWEST_HEAD, STORE_NO_ARGS, 0, &newest_ms)
		      : -ENOENT;

	if (!r)
		r = count_gate_clocks(x, &jumps);
	if (r)
		return unread(finding, r);
	if (newest_ms > x->now_ms + AHEAD_MS) {
		snprintf(finding, FINDING_SIZE,
			 "this machine's clock is %lld s behind the newest commit: set it right "
			 "before anything is signed",
			 (long long)((newest_ms - x->now_ms) / SECOND_MS));
		return -ETIME;
	}
	if (jumps)
		snprintf(finding, FINDING_SIZE, "gates told %zu jumps of their clocks in a week%s",
			 jumps, ": see gate.clock in the records");
	else if (adjtimex(&t) == TIME_ERROR)
		snprintf(finding, FINDING_SIZE,
			 "no time service keeps this machine's clock; gates and agents follow it");
	else
		snprintf(finding, FINDING_SIZE, "kept by a time service, no gate's clock jumped");
	return jumps || (t.status & STA_UNSYNC) ? FINDING_NOTE : 0;
}
