#include "server/jobs/expiry.h"

#include <pthread.h>

#include "server/engine/bypass.h"
#include "server/engine/exemption.h"
#include "server/engine/gear.h"
#include "server/engine/period.h"
#include "server/engine/permit.h"
#include "server/engine/sweep.h"
#include "server/engine/terminal.h"
#include "server/engine/visitor.h"

#define ROUND_MAX 256 /* ends in one round; the rest has its turn in the next */
#define WHY "its time is over"

typedef int end_fn(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		   const char *why);

static const struct kind {
	enum store_stmt due; /* ids of what is over at ?1 */
	end_fn *end;
	uint32_t topic; /* of who watches; a sweep that nobody watches has a quiet one */
	bool kept;	/* due only after `keep_ms` */
} kinds[] = {
	{STMT_PERMIT_OVER, permit_end, TOPIC_PERMIT, false},
	{STMT_EXEMPTION_OVER, exemption_end, TOPIC_TERMINAL, false},
	{STMT_VISITOR_OVER, visitor_end, TOPIC_TERMINAL, false},
	{STMT_DENY_OVER, deny_end, TOPIC_DENY, false},
	{STMT_GEAR_OVER, gear_end, TOPIC_ADDRESS, false},
	{STMT_BYPASS_OVER, bypass_end, TOPIC_BYPASS, false},
	{STMT_PERIOD_OVER, period_end, TOPIC_UNIT | TOPIC_SWITCH, false},
	{STMT_TERMINAL_ISOLATION_OVER, terminal_release, TOPIC_TERMINAL, false},
	{STMT_SWEEP_EMERGENCY_REQUEST_OVER, sweep_request, TOPIC_REQUEST, false},
	{STMT_SWEEP_PROPOSAL_OVER, sweep_proposal, TOPIC_PROPOSAL, false},
	{STMT_SWEEP_LOGIN_OVER, sweep_logins, TOPIC_PROPOSAL, false},
	{STMT_SWEEP_ENROL_CODE_OVER, sweep_enrol_codes, TOPIC_PROPOSAL, false},
	{STMT_SWEEP_SESSION_OVER, sweep_session, 0, true},
};

struct due {
	const struct kind *kind;
	int64_t id;
};

struct expiry {
	struct engine *engine;
	struct store_db *reader;
	int64_t keep_ms;
	struct engine_work work;
	struct due due[ROUND_MAX];
	size_t count;
	pthread_mutex_t lock;
	pthread_cond_t idle;
	bool under_way;
};

int expiry_new(struct engine *engine, struct store *store, int64_t keep_ms, struct expiry **ret)
{
	struct expiry *x = calloc(1, sizeof(*x));
	int err = x ? store_reader_new(store, &x->reader) : -ENOMEM;

	if (err) {
		free(x);
		return err;
	}
	x->engine = engine;
	x->keep_ms = keep_ms;
	pthread_mutex_init(&x->lock, NULL);
	pthread_cond_init(&x->idle, NULL);
	*ret = x;
	return 0;
}

void expiry_free(struct expiry *x)
{
	if (!x)
		return;
	pthread_mutex_lock(&x->lock);
	while (x->under_way)
		pthread_cond_wait(&x->idle, &x->lock);
	pthread_mutex_unlock(&x->lock);
	store_reader_free(x->reader);
	pthread_cond_destroy(&x->idle);
	pthread_mutex_destroy(&x->lock);
	free(x);
}

static int apply_round(struct engine_work *work, struct store *s, int64_t now_ms)
{
	struct expiry *x = CONTAINER_OF(work, struct expiry, work);
	int err = 0;

	for (size_t i = 0; !err && i < x->count; i++) {
		err = x->due[i].kind->end(s, now_ms, &actor_system, x->due[i].id, WHY);
		if (err == -EALREADY || err == -ENOENT)
			err = 0; /* a person was faster */
	}
	return err;
}

static void round_done(struct engine_work *work, int err)
{
	struct expiry *x = CONTAINER_OF(work, struct expiry, work);

	(void)err; /* the next round finds what is left */
	pthread_mutex_lock(&x->lock);
	x->under_way = false;
	pthread_cond_signal(&x->idle);
	pthread_mutex_unlock(&x->lock);
}

static int look_up(struct expiry *x, const struct kind *kind, int64_t now_ms)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int64_t until_ms = kind->kept ? now_ms - x->keep_ms : now_ms;
	int r = store_select(x->reader, kind->due, STORE_ARGS(v_int(until_ms)), &c);

	while (!r && x->count < ROUND_MAX && (r = store_next(c)) == 1) {
		x->due[x->count++] = (struct due){kind, store_int(c, 0)};
		x->work.topics |= kind->topic;
		r = 0;
	}
	return r;
}

int expiry_round(struct expiry *x, int64_t now_ms)
{
	bool busy;
	int err = 0;

	pthread_mutex_lock(&x->lock);
	busy = x->under_way;
	pthread_mutex_unlock(&x->lock);
	if (busy)
		return 0;
	x->count = 0;
	x->work = (struct engine_work){.apply = apply_round, .done = round_done};
	for (size_t i = 0; !err && i < ARRAY_SIZE(kinds); i++)
		err = look_up(x, &kinds[i], now_ms);
	if (err || x->count == 0)
		return err;
	x->under_way = true;
	err = engine_submit(x->engine, &x->work);
	if (err)
		x->under_way = false;
	return err == -EAGAIN || err == -ESHUTDOWN ? 0 : err;
}
