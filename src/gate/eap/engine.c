#include "gate/eap/engine.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/text.h"
#include "gate/eap/engine_config.h"
#include "gate/eap/keeper.h"
#include "gate/eap/relay.h"
#include "gate/line/record.h"
#include "radius/client.h"

#define TICK_MS 250
#define PROBE_MS 1000
#define SILENT_MS 3000 /* a worker that answers neither probes nor questions so long is hung */
#define START_MS 10000 /* from its start to its first answer */
#define BACKOFF_MAX_MS 30000
#define ACCOUNTS_AFTER_MS 500 /* changes come in crowds */
#define RELOAD_EVERY_MS 6000  /* the engine ignores a SIGHUP within 5 s of the last */

enum worker_state { WORKER_DOWN, WORKER_STARTING, WORKER_UP };

struct engine_worker {
	enum worker_state state;
	int64_t since_ms;    /* of the state; all times here are monotonic */
	int64_t heard_at_ms; /* last answer to a probe */
	int64_t probed_at_ms;
	int64_t start_at_ms; /* when down: not before */
	int64_t backoff_ms;
	bool killed;
	int fd;
	struct loop_watch *watch;
	uint8_t next_id;
	struct radius_out probe;
};

struct engine {
	struct gate *gate;
	struct keeper *keeper;
	struct loop_watch *keeper_watch;
	struct loop_timer *tick, *accounts;
	char secret[ENGINE_SECRET_SIZE];
	struct radius_secret key;
	int writer_pid; /* writes the accounts; 0: nobody does */
	bool accounts_ready, accounts_again;
	int64_t reloaded_at_ms; /* monotonic */
	struct engine_worker workers[ENGINE_WORKERS_MAX];
};

bool engine_has_worker(const struct settings *s, unsigned worker)
{
	return worker < s->workers ||
	       (worker == ENGINE_LEGACY && !text_equal(s->legacy_vlan, "none"));
}

static uint16_t worker_port(const struct engine *e, unsigned worker)
{
	return (uint16_t)(e->gate->settings.engine_port + worker);
}

static void enter(struct engine_worker *w, enum worker_state state)
{
	w->state = state;
	w->since_ms = clock_mono_ms();
}

/* ---- the accounts file ---- */

static int write_accounts_and_exit(struct gate *g)
{
	size_t skipped = 0;
	int err = engine_write_accounts(&g->settings, g->snapshot, g->key, &skipped);

	if (err)
		log_error("cannot write the engine's accounts into %s: %s", g->settings.run_dir,
			  strerror(-err));
	else if (skipped)
		log_warn("%zu accounts have no password that this gate can open", skipped);
	return err ? 1 : 0;
}

/* Never so early that the engine would ignore the word of it, and never not at all. */
static void arm_accounts(struct engine *e)
{
	int64_t wait_ms = e->reloaded_at_ms + RELOAD_EVERY_MS - clock_mono_ms();

	if (!loop_timer_is_armed(e->accounts))
		loop_timer_arm(e->accounts,
			       e->accounts_ready ? MAX(wait_ms, ACCOUNTS_AFTER_MS) : 0);
}

static void write_accounts(void *arg)
{
	struct engine *e = arg;

	if (e->writer_pid || !gate_can_decide(e->gate)) {
		e->accounts_again = true;
		return;
	}
	e->accounts_again = false;
	e->writer_pid = fork();
	if (e->writer_pid == 0)
		_exit(write_accounts_and_exit(e->gate));
	if (e->writer_pid < 0) {
		e->writer_pid = 0;
		e->accounts_again = true;
		arm_accounts(e);
	}
}

void engine_accounts_changed(struct engine *e)
{
	arm_accounts(e);
}

static void reload_workers(struct engine *e)
{
	for (unsigned i = 0; i < ENGINE_WORKERS_MAX; i++)
		if (e->workers[i].state != WORKER_DOWN)
			(void)!keeper_order(e->keeper, KEEPER_RELOAD, i);
	e->reloaded_at_ms = clock_mono_ms();
}

bool engine_child_ended(struct engine *e, int pid, int status)
{
	if (pid != e->writer_pid)
		return false;
	e->writer_pid = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		if (e->accounts_ready)
			reload_workers(e);
		e->accounts_ready = true;
	} else {
		e->accounts_again = true;
	}
	if (e->accounts_again)
		arm_accounts(e);
	return true;
}

/* ---- workers ---- */

static void start(struct engine *e, unsigned worker)
{
	struct engine_worker *w = &e->workers[worker];
	int err =
		engine_write_config(&e->gate->settings, worker, worker_port(e, worker), e->secret);

	if (!err)
		err = keeper_order(e->keeper, KEEPER_START, worker);
	if (err) {
		log_error("EAP worker %u cannot be started: %s; look at certificate, key and "
			  "client_ca in [engine] and at %s",
			  worker, strerror(-err), e->gate->settings.run_dir);
		w->start_at_ms = clock_mono_ms() + BACKOFF_MAX_MS;
		return;
	}
	w->killed = false;
	w->probed_at_ms = 0;
	enter(w, WORKER_STARTING);
}

static void went_down(struct engine *e, unsigned worker)
{
	struct engine_worker *w = &e->workers[worker];
	int64_t now_ms = clock_mono_ms();
	char note[96];

	relay_worker_down(e->gate->relay, worker);
	/* One that ran well is started at once, one that never did waits longer each time. */
	if (w->state == WORKER_UP)
		w->backoff_ms = 0;
	else
		w->backoff_ms = MIN(MAX(w->backoff_ms * 2, 500), BACKOFF_MAX_MS);
	w->start_at_ms = now_ms + w->backoff_ms;
	snprintf(note, sizeof(note), "EAP worker %u %s", worker,
		 w->killed ? "hung and was killed" : "ended");
	log_error("%s; it is started again, see %s/engine/worker%u/output", note,
		  e->gate->settings.run_dir, worker);
	record_gate(e->gate, "gate.engine", 0, note);
	enter(w, WORKER_DOWN);
}

static void kill_hung(struct engine *e, unsigned worker)
{
	struct engine_worker *w = &e->workers[worker];

	if (w->killed)
		return;
	w->killed = true;
	relay_worker_down(e->gate->relay, worker);
	(void)!keeper_order(e->keeper, KEEPER_KILL, worker);
}

static void probe(struct engine *e, unsigned worker)
{
	struct engine_worker *w = &e->workers[worker];

	w->probed_at_ms = clock_mono_ms();
	radius_begin_request(&w->probe, RADIUS_STATUS_SERVER, w->next_id++);
	if (radius_finish_request(&w->probe, &e->key) == 0)
		(void)!send(w->fd, w->probe.data, w->probe.len, 0); /* refused: not up yet */
}

static void came_up(struct engine *e, unsigned worker)
{
	int err = relay_worker_up(e->gate->relay, worker, worker_port(e, worker), e->secret);

	if (err) {
		log_error("EAP worker %u cannot be asked: %s", worker, strerror(-err));
		kill_hung(e, worker);
		return;
	}
	log_info("EAP worker %u is up", worker);
	e->workers[worker].backoff_ms = 0;
	enter(&e->workers[worker], WORKER_UP);
}

static void on_probe_answer(void *arg, int fd, uint32_t events)
{
	struct engine *e = arg;
	uint8_t data[RADIUS_PACKET_MAX];
	struct radius_packet p;
	unsigned worker = 0;
	ssize_t n;

	(void)events;
	while (worker < ENGINE_WORKERS_MAX && e->workers[worker].fd != fd)
		worker++;
	if (worker == ENGINE_WORKERS_MAX)
		return;
	/* A refused probe is read as an error, which takes it off the socket. */
	while ((n = recv(fd, data, sizeof(data), MSG_DONTWAIT)) >= 0) {
		struct engine_worker *w = &e->workers[worker];

		if (w->state == WORKER_DOWN || w->killed ||
		    radius_check_answer(&w->probe, data, (size_t)n, &e->key, &p))
			continue;
		w->heard_at_ms = clock_mono_ms();
		if (w->state == WORKER_STARTING)
			came_up(e, worker);
	}
}

static bool is_hung(const struct engine *e, unsigned worker, int64_t now_ms)
{
	const struct engine_worker *w = &e->workers[worker];
	int64_t waiting_ms = relay_waiting_since_ms(e->gate->relay, worker);

	if (w->state == WORKER_STARTING)
		return now_ms - w->since_ms > START_MS;
	/* Probes unanswered, and no question answered either. */
	return now_ms - w->heard_at_ms > SILENT_MS &&
	       (waiting_ms == 0 || now_ms - waiting_ms > SILENT_MS);
}

static void watch_worker(struct engine *e, unsigned worker, int64_t now_ms)
{
	struct engine_worker *w = &e->workers[worker];
	int64_t probe_after_ms = w->state == WORKER_STARTING ? TICK_MS / 2 : PROBE_MS;

	if (w->state == WORKER_DOWN) {
		if (e->accounts_ready && now_ms >= w->start_at_ms)
			start(e, worker);
		return;
	}
	if (is_hung(e, worker, now_ms))
		kill_hung(e, worker);
	else if (now_ms - w->probed_at_ms >= probe_after_ms)
		probe(e, worker);
}

static void on_tick(void *arg)
{
	struct engine *e = arg;
	int64_t now_ms = clock_mono_ms();

	for (unsigned i = 0; i < ENGINE_WORKERS_MAX; i++)
		if (engine_has_worker(&e->gate->settings, i))
			watch_worker(e, i, now_ms);
	loop_timer_arm(e->tick, TICK_MS);
}

static void on_keeper(void *arg, int fd, uint32_t events)
{
	struct engine *e = arg;
	unsigned worker;
	int err;

	(void)fd;
	(void)events;
	while ((err = keeper_take_exit(e->keeper, &worker)) == 0)
		if (e->workers[worker].state != WORKER_DOWN)
			went_down(e, worker);
	if (err == -EPIPE) {
		log_error("the keeper of the EAP engine is gone; the gate ends to be started anew");
		loop_watch_remove(e->keeper_watch);
		e->keeper_watch = NULL;
		loop_stop(e->gate->loop);
	}
}

static int open_probe(struct engine *e, unsigned worker)
{
	struct engine_worker *w = &e->workers[worker];
	struct addr any, to;
	int err = addr_parse("127.0.0.1", 0, &any);

	if (!err)
		err = addr_parse("127.0.0.1", worker_port(e, worker), &to);
	if (err)
		return err;
	w->fd = addr_udp_bind(&any);
	if (w->fd < 0)
		return w->fd;
	if (connect(w->fd, &to.sa, to.len) < 0)
		return -errno;
	return loop_watch_fd(e->gate->loop, w->fd, EPOLLIN, on_probe_answer, e, &w->watch);
}

static int make_secret(struct engine *e)
{
	uint8_t bytes[(ENGINE_SECRET_SIZE - 1) / 2];

	random_bytes(bytes, sizeof(bytes));
	hex_encode(e->secret, bytes, sizeof(bytes));
	return radius_secret_set(&e->key, e->secret, strlen(e->secret));
}

int engine_new(struct gate *g, struct keeper *keeper, struct engine **ret)
{
	struct engine *e = calloc(1, sizeof(*e));
	int err;

	if (!e)
		return -ENOMEM;
	e->gate = g;
	e->keeper = keeper;
	for (unsigned i = 0; i < ENGINE_WORKERS_MAX; i++)
		e->workers[i].fd = -1;
	err = make_secret(e);
	if (!err)
		err = loop_timer_new(g->loop, on_tick, e, &e->tick);
	if (!err)
		err = loop_timer_new(g->loop, write_accounts, e, &e->accounts);
	if (!err)
		err = loop_watch_fd(g->loop, keeper_fd(keeper), EPOLLIN, on_keeper, e,
				    &e->keeper_watch);
	for (unsigned i = 0; !err && i < ENGINE_WORKERS_MAX; i++)
		if (engine_has_worker(&g->settings, i))
			err = open_probe(e, i);
	if (err) {
		engine_free(e);
		return err;
	}
	loop_timer_arm(e->tick, 0);
	loop_timer_arm(e->accounts, 0);
	*ret = e;
	return 0;
}

void engine_free(struct engine *e)
{
	if (!e)
		return;
	for (unsigned i = 0; i < ENGINE_WORKERS_MAX; i++) {
		loop_watch_remove(e->workers[i].watch);
		close_cleanup(&e->workers[i].fd);
	}
	loop_watch_remove(e->keeper_watch);
	loop_timer_free(e->tick);
	loop_timer_free(e->accounts);
	radius_secret_wipe(&e->key);
	free(e);
}

const char *engine_worker_state(const struct engine *e, unsigned worker)
{
	static const char *const names[] = {"down", "starting", "up"};

	return names[e->workers[worker].state];
}
