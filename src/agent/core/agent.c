#define _GNU_SOURCE
#include "agent/core/agent.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>

#include "agent/linux/supplicant.h"
#include "base/file.h"
#include "base/log.h"

#define CARDS_SETTLE_MS 1000
#define AFTER_MENDING_MS 10000 /* the server, once it heard of it, says sooner when to knock */

static void agent_done(struct agent *a)
{
	line_free(a->line);
	status_socket_free(a->status);
	inventory_free(a->inventory);
	guarding_free(a->guarding);
	queue_close(a->queue);
	kept_policy_done(&a->policy);
	sign_key_free(a->policy_key);
	identity_done(&a->identity);
	loop_timer_free(a->heartbeat);
	loop_timer_free(a->renewal);
	loop_timer_free(a->knock);
	loop_timer_free(a->cards);
	loop_watch_remove(a->nics_watch);
	loop_watch_remove(a->state_watch);
	close_cleanup(&a->nics_fd);
	close_cleanup(&a->state_fd);
	close_cleanup(&a->lock_fd);
	buf_done(&a->ca_pem);
	loop_free(a->loop);
}

static int complain(const char *what, int err)
{
	if (err)
		log_error("%s: %s", what, strerror(-err));
	return err;
}

/* ---- state on disk ---- */

int agent_load_identity(struct agent *a)
{
	struct identity fresh;
	int err = identity_load(a->settings.state_dir, &fresh);

	if (err)
		return err;
	identity_done(&a->identity);
	a->identity = fresh;
	sign_key_free(a->policy_key);
	a->policy_key = NULL;
	err = identity_policy_key(a->settings.state_dir, &a->policy_key);
	if (err)
		log_error("policy-key.pem in %s cannot be read: %s; no policy is obeyed",
			  a->settings.state_dir, strerror(-err));
	return 0;
}

static void load_policy(struct agent *a)
{
	int err = kept_policy_load(a->settings.state_dir, a->policy_key, &a->policy);

	if (err && err != -ENOENT)
		log_error("the kept policy cannot be used: %s; guards only warn until the "
			  "server sends it again",
			  strerror(-err));
}

static void tell_repair(struct agent *a)
{
	enum queue_repair repair = queue_repair(a->queue);

	if (repair == QUEUE_TAIL_CUT)
		log_info("the last start ended within a write; what was queued is whole");
	if (repair != QUEUE_DAMAGED)
		return;
	log_error("the event queue was damaged on disk; what could be read is saved, the rest "
		  "lies in %s/queue.damaged",
		  a->settings.state_dir);
	if (outbox_event(&a->outbox, "queue.damaged", json_object()))
		log_warn("the damage could not be told to the server");
}

static int open_queue(struct agent *a)
{
	char path[STATE_PATH_SIZE];
	const struct queue_options o = {path, a->settings.queue_kib * 1024, NULL};
	int err;

	state_path(a->settings.state_dir, "queue", path);
	err = queue_open(&o, &a->queue);
	if (!err)
		tell_repair(a);
	return err;
}

static int load_state(struct agent *a)
{
	char path[STATE_PATH_SIZE];
	int err = file_make_dirs(a->settings.state_dir, 0700);

	if (!err)
		err = file_make_dirs(a->settings.run_dir, 0755);
	if (complain("the state and run folders cannot be made", err))
		return err;
	err = file_lock(a->settings.state_dir, "lock", &a->lock_fd);
	if (complain(err == -EBUSY ? "another menshen-agent runs here"
				   : "the state folder cannot be locked",
		     err))
		return err;
	err = file_read(a->settings.ca, CERT_PEM_MAX, &a->ca_pem);
	if (err) {
		log_error("%s, the certificate of head office, cannot be read: %s", a->settings.ca,
			  strerror(-err));
		return err;
	}
	state_path(a->settings.state_dir, "clock", path);
	trusted_clock_init(&a->clock, path, build_time_ms());
	machine_load(a->settings.root, &a->machine);
	err = agent_load_identity(a);
	if (err && err != -ENOENT)
		return complain("identity.pem is damaged; enrol again", err);
	load_policy(a);
	return complain("the event queue cannot be opened", open_queue(a));
}

/* ---- what the parts call ---- */

static int take_event(void *arg, const char *kind, const char *body, size_t len)
{
	struct agent *a = arg;
	bool was_full = queue_is_full(a->queue);
	int err = queue_put(a->queue, kind, trusted_clock_now_ms(&a->clock), body, len);

	if (!err && a->line)
		session_pump(a);
	if (err == -ENOBUFS && !was_full) {
		log_warn("the event queue is full; guards and inventory wait");
		agent_status_changed(a);
	}
	return err;
}

static void on_posture(void *arg, bool mended)
{
	struct agent *a = arg;

	session_heartbeat(a);
	agent_status_changed(a);
	if (mended)
		agent_knock_soon(a, AFTER_MENDING_MS);
}

static json_t *on_report(void *arg)
{
	return agent_report(arg);
}

void agent_status_changed(struct agent *a)
{
	if (a->status && a->guarding && a->line)
		status_socket_publish(a->status);
}

void agent_knock_soon(struct agent *a, int64_t after_ms)
{
	loop_timer_arm(a->knock, after_ms);
}

static void on_knock(void *arg)
{
	struct agent *a = arg;
	const struct supplicant s = {a->settings.supplicant_dir, a->settings.run_dir};
	int n = supplicant_knock(&s, a->settings.interface);

	if (n < 0)
		log_warn("the supplicant was not asked to authenticate again: %s", strerror(-n));
	else
		log_info("%d supplicant(s) authenticate again", n);
}

static void on_heartbeat(void *arg)
{
	session_heartbeat(arg);
	session_pump(arg);
}

static void on_renewal(void *arg)
{
	session_renew_if_due(arg);
}

static void on_cards(void *arg, int fd, uint32_t events)
{
	struct agent *a = arg;

	(void)events;
	nics_drain(fd);
	if (!loop_timer_is_armed(a->cards))
		loop_timer_arm(a->cards, CARDS_SETTLE_MS);
}

/* A card, a cable or an address changed a moment ago. */
static void on_cards_settled(void *arg)
{
	struct agent *a = arg;

	line_check_path(a->line);
	inventory_resume(a->inventory);
	session_heartbeat(a);
}

/* `menshen-agent enrol` put a certificate beside us. */
static void on_state_folder(void *arg, int fd, uint32_t events)
{
	struct agent *a = arg;
	_Alignas(struct inotify_event) char data[4096];
	struct identity on_disk;
	bool is_new;

	(void)events;
	while (read(fd, data, sizeof(data)) > 0)
		;
	if (identity_load(a->settings.state_dir, &on_disk))
		return;
	is_new = strcmp(on_disk.cert.serial, a->identity.cert.serial) != 0;
	identity_done(&on_disk);
	if (!is_new || agent_load_identity(a))
		return;
	log_info("a new certificate, asset number %s", a->identity.asset_no);
	session_start(a);
	agent_status_changed(a);
}

/* ---- starting ---- */

static int make_timers(struct agent *a)
{
	int err = loop_timer_new(a->loop, on_heartbeat, a, &a->heartbeat);

	if (!err)
		err = loop_timer_new(a->loop, on_renewal, a, &a->renewal);
	if (!err)
		err = loop_timer_new(a->loop, on_cards_settled, a, &a->cards);
	return err ? err : loop_timer_new(a->loop, on_knock, a, &a->knock);
}

static int make_watches(struct agent *a)
{
	int err;

	a->nics_fd = nics_watch();
	if (a->nics_fd < 0)
		return a->nics_fd;
	err = loop_watch_fd(a->loop, a->nics_fd, EPOLLIN, on_cards, a, &a->nics_watch);
	if (err)
		return err;
	a->state_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (a->state_fd < 0 ||
	    inotify_add_watch(a->state_fd, a->settings.state_dir, IN_MOVED_TO) < 0)
		return -errno;
	return loop_watch_fd(a->loop, a->state_fd, EPOLLIN, on_state_folder, a, &a->state_watch);
}

static int make_parts(struct agent *a)
{
	const struct settings *s = &a->settings;
	const struct guarding_options g = {
		.loop = a->loop,
		.root = s->root,
		.state_dir = s->state_dir,
		.period_ms = (int64_t)s->guard_period_s * SECOND_MS,
		.clock = &a->clock,
		.policy = &a->policy,
		.outbox = &a->outbox,
		.servers = s->servers,
		.server_count = s->server_count,
		.on_change = on_posture,
		.arg = a,
	};
	const struct inventory_options i = {a->loop,
					    s->root,
					    s->interface,
					    s->state_dir,
					    (int64_t)s->inventory_period_s * SECOND_MS,
					    &a->outbox};
	int err = make_timers(a);

	if (!err)
		err = session_new_link(a);
	if (!err)
		err = guarding_new(&g, &a->guarding);
	if (!err)
		err = inventory_new(&i, &a->inventory);
	if (!err)
		err = make_watches(a);
	if (!err)
		err = status_socket_new(a->loop, s->run_dir, on_report, a, &a->status);
	return complain("the agent cannot start", err);
}

static void on_signal(void *arg, int signo)
{
	struct agent *a = arg;

	log_info("stops on signal %d", signo);
	loop_stop(a->loop);
}

static int start(struct agent *a)
{
	static const int signals[] = {SIGTERM, SIGINT};
	int err = loop_new(&a->loop);

	if (!err)
		err = loop_watch_signals(a->loop, signals, ARRAY_SIZE(signals), on_signal, a);
	if (complain("the event loop cannot be made", err))
		return err;
	err = load_state(a);
	return err ? err : make_parts(a);
}

int agent_run(const struct settings *settings)
{
	struct agent a = {.settings = *settings,
			  .ca_pem = BUF_INIT,
			  .identity = {.key_pem = BUF_INIT, .cert_pem = BUF_INIT},
			  .nics_fd = -1,
			  .state_fd = -1,
			  .lock_fd = -1};
	int err;

	/* Small blocks and one arena: what was used once goes back to the system. */
	mallopt(M_TRIM_THRESHOLD, 64 << 10);
	mallopt(M_MMAP_THRESHOLD, 64 << 10);
	a.outbox = (struct outbox){take_event, &a};
	err = start(&a);
	if (!err) {
		guarding_start(a.guarding);
		inventory_start(a.inventory);
		session_start(&a);
		agent_status_changed(&a);
		err = complain("the event loop failed", loop_run(a.loop));
	}
	agent_done(&a);
	return err ? 1 : 0;
}
