#define _GNU_SOURCE
#include "gate/eap/relay.h"

#include <string.h>

#include "base/file.h"
#include "base/map.h"
#include "base/mix.h"
#include "gate/eap/engine.h"
#include "gate/eap/engine_directory.h"
#include "gate/eap/engine_word.h"
#include "gate/eap/exchange.h"
#include "gate/eap/pace.h"
#include "gate/eap/trunk.h"
#include "gate/facts/bank.h"
#include "gate/front/front.h"
#include "gate/knock/knock.h"
#include "gate/line/record.h"

#define EXCHANGE_LIFE_MS 10000 /* unanswered: the switch has given up by then */
#define ANSWERED_LIFE_MS 6000  /* kept for a retransmission under a new id */
#define SWEEP_MS 1000
#define SLOW_MS 1500  /* an answer that takes so long */
#define AVOID_MS 5000 /* new conversations go elsewhere for so long */
#define STATE_MARK "mg"
#define STATE_PREFIX 10 /* mark, gate, worker, generation */
#define STATE_ENGINE_MAX (253 - STATE_PREFIX)

struct worker {
	bool up;
	uint32_t generation;
	struct radius_secret secret;
	struct trunk *trunk;
	int64_t waiting_since_ms; /* 0: nothing waits, or it answered just now */
	int64_t avoid_until_ms;	  /* its last answer was slow */
};

struct relay {
	struct gate *gate;
	uint8_t gate_mark[4]; /* of this process; another gate's State is not ours */
	unsigned next_worker;
	struct worker workers[ENGINE_WORKERS_MAX];
	struct map by_key;
	uint64_t seeds[EXCHANGE_KEY_SIZE / sizeof(uint64_t)]; /* of the keys */
	struct exchange_list awaited, answered;
	struct asked_pool pool;
	struct loop_timer *sweep;
	struct pace pace;
	struct loop_timer *tick; /* while packets are gathered */
	int64_t directory_told_at_ms;
};

/* ---- exchanges ---- */

static struct exchange_list *list_of(struct exchange *x)
{
	return x->answer ? &x->relay->answered : &x->relay->awaited;
}

static void leave_slot(struct exchange *x)
{
	struct worker *w = &x->relay->workers[x->worker];

	if (x->slot < 0)
		return;
	trunk_leave_slot(w->trunk, x->slot);
	x->slot = -1;
	if (trunk_waiting(w->trunk) == 0)
		w->waiting_since_ms = 0;
}

static void free_exchange(struct exchange *x)
{
	leave_slot(x);
	if (x->keyed && map_get(&x->relay->by_key, x->key) == x)
		map_remove(&x->relay->by_key, x->key);
	exchange_unlink(list_of(x), x);
	asked_give_back(&x->relay->pool, x->asked);
	free(x->answer);
	free(x);
}

static void drop(struct exchange *x)
{
	struct gate *g = x->relay->gate;

	if (!x->answer) {
		g->counters[COUNT_EAP_DROPPED]++;
		front_silence(g->front, &x->asked->request);
	}
	free_exchange(x);
}

/* ---- to the engine ---- */

static void send_to_worker(struct exchange *x)
{
	struct worker *w = &x->relay->workers[x->worker];

	if (w->waiting_since_ms == 0)
		w->waiting_since_ms = clock_mono_ms();
	trunk_ask(w->trunk, x->slot, &x->asked->out);
}

static int build_question(struct exchange *x, const struct eap_packet *eap, const uint8_t *state,
			  size_t state_len)
{
	const struct request *r = &x->asked->request;
	struct radius_out *out = &x->asked->out;
	uint32_t mtu;

	radius_begin_request(out, RADIUS_ACCESS_REQUEST, trunk_id(x->slot));
	if (r->user_name[0])
		radius_put_text(out, RADIUS_USER_NAME, r->user_name);
	radius_put_text(out, RADIUS_NAS_IDENTIFIER, "menshen-gate");
	radius_put_text(out, RADIUS_CALLING_STATION_ID, r->calling);
	radius_put_u32(out, RADIUS_NAS_PORT_TYPE, RADIUS_PORT_TYPE_ETHERNET);
	if (radius_get_u32(&r->packet, RADIUS_FRAMED_MTU, &mtu) == 0 && mtu >= 256 && mtu <= 1500)
		radius_put_u32(out, RADIUS_FRAMED_MTU, mtu);
	if (state_len)
		radius_put(out, RADIUS_STATE, state, state_len);
	radius_put_eap(out, eap->data, eap->len);
	memcpy(x->authenticator, out->data + 4, sizeof(x->authenticator));
	return out->error;
}

/* Which worker a State belongs to; -ESTALE: to none that lives. */
static int unwrap_state(const struct relay *r, const struct radius_attr *state,
			unsigned *ret_worker)
{
	unsigned worker;

	if (state->len <= STATE_PREFIX || memcmp(state->value, STATE_MARK, 2) != 0 ||
	    memcmp(state->value + 2, r->gate_mark, sizeof(r->gate_mark)) != 0)
		return -ESTALE;
	worker = state->value[6];
	if (worker >= ENGINE_WORKERS_MAX || !r->workers[worker].up ||
	    (r->workers[worker].generation & 0xffffff) != (get_be32(state->value + 6) & 0xffffff))
		return -ESTALE;
	*ret_worker = worker;
	return 0;
}

static void put_state(struct radius_out *out, const struct exchange *x, const uint8_t *state,
		      size_t len)
{
	uint8_t wrapped[RADIUS_VALUE_MAX];

	memcpy(wrapped, STATE_MARK, 2);
	memcpy(wrapped + 2, x->relay->gate_mark, 4);
	set_be32(wrapped + 6, x->worker << 24 | (x->generation & 0xffffff));
	memcpy(wrapped + STATE_PREFIX, state, len);
	radius_put(out, RADIUS_STATE, wrapped, STATE_PREFIX + len);
}

static bool is_slow(const struct worker *w, int64_t now_ms)
{
	return now_ms < w->avoid_until_ms ||
	       (w->waiting_since_ms && now_ms - w->waiting_since_ms > SLOW_MS);
}

/* Before the tunnel: by who the MAC says it is. */
static bool is_legacy(const struct relay *r, const struct request *q)
{
	const struct gate *g = r->gate;
	const struct snap_terminal *t;

	if (!engine_has_worker(&g->settings, ENGINE_LEGACY))
		return false;
	t = snapshot_terminal_by_mac(g->snapshot, &q->mac);
	return t && t->kind == TERMINAL_XPE;
}

/* Where the search for a worker begins: a terminal's own, while workers remember who was proven. */
static unsigned first_worker(const struct relay *r, const struct request *q)
{
	const struct settings *s = &r->gate->settings;

	if (!engine_directory_wanted(s))
		return r->next_worker;
	return (unsigned)(mix_key(r->seeds[0], q->calling, strlen(q->calling)) % s->workers);
}

/* New conversations go round over the workers that are up, the slow ones only if all are. */
static int choose_worker(struct relay *r, const struct request *q, unsigned *ret)
{
	int64_t now_ms = clock_mono_ms();
	unsigned chosen = ENGINE_WORKERS_MAX, first = first_worker(r, q);

	if (is_legacy(r, q)) {
		*ret = ENGINE_LEGACY;
		return r->workers[ENGINE_LEGACY].up ? 0 : -EHOSTDOWN;
	}

	for (unsigned i = 0; i < ENGINE_LEGACY; i++) {
		unsigned worker = (first + i) % ENGINE_LEGACY;

		if (!r->workers[worker].up)
			continue;
		if (!is_slow(&r->workers[worker], now_ms)) {
			chosen = worker;
			break;
		}
		if (chosen == ENGINE_WORKERS_MAX)
			chosen = worker;
	}
	if (chosen == ENGINE_WORKERS_MAX)
		return -EHOSTDOWN;
	r->next_worker = chosen + 1;
	*ret = chosen;
	return 0;
}

/*
 * Two hashes under secret seeds: who does not know them cannot make two questions look alike. MD5
 * instead would be an eighth of what the gate computes for an EAP authentication.
 */
static void make_key(const struct relay *r, const struct request *q,
		     const struct radius_attr *state, const struct eap_packet *eap,
		     uint8_t ret[static EXCHANGE_KEY_SIZE])
{
	uint64_t words[ARRAY_SIZE(r->seeds)];

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		words[i] = mix_key(r->seeds[i], &q->switch_id, sizeof(q->switch_id));
		words[i] = mix_key(r->seeds[i] ^ words[i], state->value, state->len);
		words[i] = mix_key(r->seeds[i] ^ words[i], eap->data, eap->len);
	}
	memcpy(ret, words, EXCHANGE_KEY_SIZE);
}

static struct exchange *new_exchange(struct relay *r, unsigned worker, const struct request *q)
{
	struct exchange *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->relay = r;
	x->worker = worker;
	x->generation = r->workers[worker].generation;
	x->slot = -1;
	x->at_ms = clock_mono_ms();
	exchange_append(&r->awaited, x);
	x->asked = asked_take(&r->pool);
	if (x->asked)
		x->slot = trunk_take_slot(r->workers[worker].trunk, x);
	if (x->slot < 0) { /* no memory, or no slot: the switch asks again */
		free_exchange(x);
		return NULL;
	}
	asked_adopt(x->asked, q);
	return x;
}

static void refuse(struct relay *r, const struct request *q)
{
	r->gate->counters[COUNT_EAP_DROPPED]++;
	front_silence(r->gate->front, q);
}

static void answer(const struct exchange *x, const struct request *q);

/* The same question under a new RADIUS id: the newest asker gets the answer. */
static void ask_again(struct exchange *x, const struct request *q)
{
	if (x->answer) {
		answer(x, q);
		return;
	}
	front_silence(x->relay->gate->front, &x->asked->request);
	asked_adopt(x->asked, q);
	send_to_worker(x);
}

void relay_take(struct relay *r, const struct request *q, const struct eap_packet *eap)
{
	struct radius_attr state = {0};
	bool keyed = radius_find(&q->packet, RADIUS_STATE, &state);
	uint8_t key[EXCHANGE_KEY_SIZE];
	struct exchange *x;
	unsigned worker;

	if (keyed) {
		make_key(r, q, &state, eap, key);
		x = map_get(&r->by_key, key);
		if (x && (x->worker == ENGINE_LEGACY) == is_legacy(r, q)) {
			ask_again(x, q);
			return;
		}
	}
	if ((keyed ? unwrap_state(r, &state, &worker) : choose_worker(r, q, &worker)) ||
	    (worker == ENGINE_LEGACY) != is_legacy(r, q)) {
		refuse(r, q);
		return;
	}
	x = new_exchange(r, worker, q);
	if (!x) {
		refuse(r, q);
		return;
	}
	if (keyed) {
		memcpy(x->key, key, sizeof(key));
		x->keyed = map_put(&r->by_key, x->key, x, NULL) == 0;
	}
	if (build_question(x, eap, keyed ? state.value + STATE_PREFIX : NULL,
			   keyed ? state.len - (size_t)STATE_PREFIX : 0)) {
		drop(x);
		return;
	}
	r->gate->counters[COUNT_EAP_RELAYED]++;
	pace_question(&r->pace);
	send_to_worker(x);
}

void relay_repeat(struct relay *r, const struct request *q)
{
	for (struct exchange *x = r->awaited.oldest; x; x = x->newer)
		if (request_repeats(q, &x->asked->request)) {
			send_to_worker(x);
			return;
		}
}

/* ---- from the engine ---- */

static void answer_challenge(const struct exchange *x, const struct request *q,
			     const struct radius_packet *p)
{
	struct front *front = x->relay->gate->front;
	struct radius_attr state = {0};
	struct radius_out *out;

	if (!radius_find(p, RADIUS_STATE, &state) || state.len > STATE_ENGINE_MAX) {
		front_silence(front, q);
		return;
	}
	out = front_begin(front, q, RADIUS_ACCESS_CHALLENGE);
	put_state(out, x, state.value, state.len);
	radius_copy(out, p, RADIUS_EAP_MESSAGE);
	front_send(front, q);
}

static void read_keys(const struct exchange *x, const struct radius_packet *p,
		      struct reply_eap *end)
{
	const struct radius_secret *s = &x->relay->workers[x->worker].secret;
	const uint8_t *authenticator = x->authenticator;

	if (radius_get_mppe(p, RADIUS_MS_MPPE_SEND_KEY, s, authenticator, end->send_key,
			    &end->send_len))
		end->send_len = 0;
	if (radius_get_mppe(p, RADIUS_MS_MPPE_RECV_KEY, s, authenticator, end->recv_key,
			    &end->recv_len))
		end->recv_len = 0;
}

static void answer_end(const struct exchange *x, const struct request *q,
		       const struct radius_packet *p)
{
	bool accepted = p->code == RADIUS_ACCESS_ACCEPT;
	struct gate *g = x->relay->gate;
	uint8_t bytes[EAP_PACKET_MAX];
	struct reply_eap end = {0};
	struct shown_certificate shown = {0};
	struct proven who = {.method = KNOCK_EAP_PASSWORD, .eap = &end};
	struct eap_packet eap;

	if (eap_collect(p, bytes, &eap) || eap.code != (accepted ? EAP_SUCCESS : EAP_FAILURE)) {
		front_silence(g->front, q);
		return;
	}
	end.id = eap.id;
	if (accepted) {
		who.proof = engine_word_identity(p, &who, &shown);
		who.last_known = engine_word_last_known(p);
		if (who.proof == REASON_OK && who.method == KNOCK_EAP_TLS)
			who.proof = bank_judge(g->bank, &shown, &who);
		end.success = who.proof == REASON_OK;
		read_keys(x, p, &end);
	} else {
		who.proof = engine_word_cause(p, &who);
	}
	knock_conclude(g, q, &who);
}

/* Said once a minute, however many knock. */
static void tell_directory(struct relay *r, const struct request *q, bool silent)
{
	const char *note = silent ? "the directory does not answer: its accounts wait in silence"
				  : "the directory does not answer: who proved the same password "
				    "within the days of their unit is let in";
	struct gate *g = r->gate;

	g->counters[silent ? COUNT_DIRECTORY_DOWN : COUNT_LAST_KNOWN]++;
	if (r->directory_told_at_ms && q->now_ms - r->directory_told_at_ms < MINUTE_MS)
		return;
	r->directory_told_at_ms = q->now_ms;
	log_error("%s; look at the servers of [ldap]", note);
	record_gate(g, "gate.directory", 0, note);
}

static void miss_directory(struct relay *r, const struct request *q)
{
	front_silence(r->gate->front, q);
	tell_directory(r, q, true);
}

static void answer(const struct exchange *x, const struct request *q)
{
	struct radius_packet p;

	if (radius_parse(x->answer, x->answer_len, &p))
		return;
	if (engine_word_directory_down(&p))
		miss_directory(x->relay, q);
	else if (p.code == RADIUS_ACCESS_CHALLENGE)
		answer_challenge(x, q, &p);
	else
		answer_end(x, q, &p);
	if (engine_word_last_known(&p))
		tell_directory(x->relay, q, false);
}

/* From now on it is kept for who asks again. */
static int keep_answer(struct exchange *x, const struct radius_packet *p)
{
	struct worker *w = &x->relay->workers[x->worker];
	uint8_t *copy = malloc(p->len);
	int64_t asked_at_ms;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, p->data, p->len);
	leave_slot(x);
	exchange_unlink(list_of(x), x);
	x->answer = copy;
	x->answer_len = p->len;
	asked_at_ms = x->at_ms;
	x->at_ms = clock_mono_ms();
	if (x->at_ms - asked_at_ms > SLOW_MS)
		w->avoid_until_ms = x->at_ms + AVOID_MS;
	exchange_append(list_of(x), x);
	if (trunk_waiting(w->trunk) > 0)
		w->waiting_since_ms = x->at_ms;
	return 0;
}

static void on_answer(void *arg, void *owner, const struct radius_packet *p)
{
	struct relay *r = arg;
	struct exchange *x = owner;

	if (keep_answer(x, p)) {
		drop(x);
		return;
	}
	answer(x, &x->asked->request);
	asked_give_back(&r->pool, TAKE_PTR(x->asked));
	if (!x->keyed)
		free_exchange(x);
}

static void flush_trunks(struct relay *r)
{
	for (unsigned i = 0; i < ENGINE_WORKERS_MAX; i++)
		trunk_flush(r->workers[i].trunk);
}

static void on_answers_done(void *arg)
{
	struct relay *r = arg;

	front_flush(r->gate->front);
	flush_trunks(r); /* what waited for room in the window */
}

/* ---- the pace ---- */

static void follow_pace(struct relay *r)
{
	bool gathers = pace_gathers_engine(&r->pace);

	for (unsigned i = 0; i < ENGINE_WORKERS_MAX; i++)
		trunk_set_quiet(r->workers[i].trunk, gathers);
	front_set_quiet(r->gate->front, pace_gathers_switches(&r->pace));
	if (gathers && !loop_timer_is_armed(r->tick))
		loop_timer_arm(r->tick, PACE_TICK_MS);
}

static void on_tick(void *arg)
{
	struct relay *r = arg;

	front_poll(r->gate->front);
	for (unsigned i = 0; i < ENGINE_WORKERS_MAX; i++)
		trunk_poll(r->workers[i].trunk);
	flush_trunks(r);
	front_flush(r->gate->front);
	pace_step(&r->pace, clock_mono_ms());
	follow_pace(r);
}

void relay_batch_ends(struct relay *r, bool any_direct)
{
	if (any_direct)
		pace_direct(&r->pace);
	if (r->pace.questions == 0 && !r->pace.gathering)
		return;
	pace_step(&r->pace, clock_mono_ms());
	follow_pace(r);
	if (!pace_gathers_engine(&r->pace))
		flush_trunks(r);
}

/* ---- workers ---- */

static void drop_of_worker(struct exchange_list *l, unsigned worker)
{
	struct exchange *x = l->oldest, *newer;

	for (; x; x = newer) {
		newer = x->newer;
		if (x->worker == worker)
			drop(x);
	}
}

int relay_worker_up(struct relay *r, unsigned worker, uint16_t port, const char *secret)
{
	struct worker *w = &r->workers[worker];
	int err;

	relay_worker_down(r, worker);
	err = radius_secret_set(&w->secret, secret, strlen(secret));
	if (!err)
		err = trunk_open(w->trunk, port, &w->secret);
	if (err)
		return err;
	w->generation++;
	w->avoid_until_ms = 0;
	w->up = true;
	return 0;
}

void relay_worker_down(struct relay *r, unsigned worker)
{
	struct worker *w = &r->workers[worker];

	w->up = false;
	drop_of_worker(&r->awaited, worker);
	drop_of_worker(&r->answered, worker);
	trunk_close(w->trunk);
}

int64_t relay_waiting_since_ms(const struct relay *r, unsigned worker)
{
	return r->workers[worker].waiting_since_ms;
}

size_t relay_waiting(const struct relay *r)
{
	size_t count = 0;

	for (unsigned i = 0; i < ENGINE_WORKERS_MAX; i++)
		count += trunk_waiting(r->workers[i].trunk);
	return count;
}

static void drop_before(struct exchange_list *l, int64_t mono_ms)
{
	while (l->oldest && l->oldest->at_ms < mono_ms)
		drop(l->oldest);
}

static void on_sweep(void *arg)
{
	struct relay *r = arg;
	int64_t now_ms = clock_mono_ms();

	drop_before(&r->awaited, now_ms - EXCHANGE_LIFE_MS);
	drop_before(&r->answered, now_ms - ANSWERED_LIFE_MS);
	loop_timer_arm(r->sweep, SWEEP_MS);
}

int relay_new(struct gate *g, struct relay **ret)
{
	struct relay *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->gate = g;
	random_bytes(r->gate_mark, sizeof(r->gate_mark));
	random_bytes(r->seeds, sizeof(r->seeds));
	map_init(&r->by_key, EXCHANGE_KEY_SIZE);
	err = loop_timer_new(g->loop, on_sweep, r, &r->sweep);
	if (!err)
		err = loop_timer_new(g->loop, on_tick, r, &r->tick);
	for (unsigned i = 0; !err && i < ENGINE_WORKERS_MAX; i++)
		err = trunk_new(g->loop, on_answer, on_answers_done, r, &r->workers[i].trunk);
	if (err) {
		relay_free(r);
		return err;
	}
	loop_timer_arm(r->sweep, SWEEP_MS);
	*ret = r;
	return 0;
}

void relay_free(struct relay *r)
{
	if (!r)
		return;
	while (r->awaited.oldest)
		free_exchange(r->awaited.oldest);
	while (r->answered.oldest)
		free_exchange(r->answered.oldest);
	asked_pool_done(&r->pool);
	for (unsigned i = 0; i < ENGINE_WORKERS_MAX; i++) {
		trunk_free(r->workers[i].trunk);
		radius_secret_wipe(&r->workers[i].secret);
	}
	map_done(&r->by_key);
	loop_timer_free(r->sweep);
	loop_timer_free(r->tick);
	free(r);
}
