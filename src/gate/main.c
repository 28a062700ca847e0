/* menshen-gate: the admission server of a region. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/sandbox.h"
#include "base/text.h"
#include "gate/beside/heard.h"
#include "gate/beside/surveyor.h"
#include "gate/eap/engine.h"
#include "gate/eap/keeper.h"
#include "gate/eap/old_server.h"
#include "gate/eap/relay.h"
#include "gate/facts/bank.h"
#include "gate/facts/port_names.h"
#include "gate/front/front.h"
#include "gate/front/place.h"
#include "gate/front/radsec.h"
#include "gate/gate.h"
#include "gate/line/ledger.h"
#include "gate/line/link.h"
#include "gate/line/record.h"
#include "gate/live/coa.h"
#include "gate/live/review.h"
#include "gate/peer/peers.h"
#include "gate/tend/backup.h"
#include "gate/tend/control.h"
#include "gate/tend/scrape.h"

#define CONFIG_PATH "/etc/menshen/gate.conf"

static int complain(const char *what, const char *where, int err)
{
	if (err)
		log_error("%s %s: %s", what, where, strerror(-err));
	return err;
}

/* ---- before the loop ---- */

/* By the folder itself: whoever owned it before may have put a link in its place. */
static int own(const char *path, uid_t uid, gid_t gid, mode_t mode)
{
	CLEANUP_FD int fd = -1;
	int err = file_make_dirs(path, 0755);

	if (!err)
		fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (!err && fd < 0)
		err = -errno;
	if (!err && geteuid() == 0 && fchown(fd, uid, gid) < 0)
		err = -errno;
	if (!err && fchmod(fd, mode) < 0)
		err = -errno;
	return complain("cannot make", path, err);
}

/* The engine's group reads what the gate writes for it, and nothing else of the gate's. */
static int make_dirs(const struct settings *s)
{
	uid_t uid = getuid();
	gid_t gid = getgid(), engine_gid;
	const struct passwd *pw = getpwnam(s->user);
	char path[PATH_SIZE + 16];
	int err;

	if (pw) {
		uid = pw->pw_uid;
		gid = pw->pw_gid;
	}
	pw = getpwnam(s->engine_user);
	engine_gid = pw ? pw->pw_gid : gid;
	err = own(s->state_dir, uid, gid, 0700);
	if (!err)
		err = own(s->run_dir, uid, gid, 0711);
	snprintf(path, sizeof(path), "%s/engine", s->run_dir);
	if (!err && s->engine)
		err = own(path, uid, engine_gid, 02750);
	return err;
}

static int drop_privileges(const struct settings *s)
{
	const struct passwd *pw;

	if (geteuid() != 0 || !s->user[0] || text_equal(s->user, "root"))
		return 0;
	pw = getpwnam(s->user);
	if (!pw)
		return complain("no such user:", s->user, -ENOENT);
	if (initgroups(s->user, pw->pw_gid) < 0 || setgid(pw->pw_gid) < 0 || setuid(pw->pw_uid) < 0)
		return complain("cannot become", s->user, -errno);
	return 0;
}

static int load_key(struct gate *g)
{
	char path[SEAL_PATH_SIZE];
	int err = seal_key_path("gate-sealing.key", g->settings.sealing_key, path);

	if (!err)
		err = seal_pair_load(path, &g->key);
	return complain("cannot read the sealing key", g->settings.sealing_key, err);
}

static int load_vendors(struct gate *g)
{
	char error[VENDOR_ERROR_SIZE];
	int err = vendors_load(g->settings.vendors_dir, &g->vendors, error);

	if (err)
		log_error("%s", error);
	else if (vendors_count(g->vendors) == 0)
		log_warn("no vendor's file in %s: every switch is told all in the RFCs' words",
			 g->settings.vendors_dir);
	return err;
}

static void tell_snapshot(const struct gate *g, const struct snapshot_loaded *l)
{
	const char *dir = g->settings.state_dir;
	const struct snap_switch *first;
	size_t unknown;

	if (l->source == SNAPSHOT_PREVIOUS)
		log_warn("%s/snapshot: %s; the previous generation is used", dir,
			 strerror(-l->current_error));
	else if (!gate_can_decide(g))
		log_error("no snapshot in %s (%s): the gate stays silent until head office sends "
			  "one, or a bypass is set",
			  dir, strerror(-l->current_error));
	unknown = place_count_unknown(g->vendors, l->snapshot, &first);
	if (unknown)
		log_warn("%zu switches have a vendor without a file in %s and are told all in the "
			 "RFCs' words: %s ('%s') is the first",
			 unknown, g->settings.vendors_dir, first->row.name, first->row.vendor);
	log_info("snapshot %s: revision %lld, %zu rows", snapshot_source_name(l->source),
		 (long long)snapshot_rev(l->snapshot), snapshot_rows(l->snapshot));
}

static int load_snapshot(struct gate *g, int64_t *ret_saved_at_ms)
{
	CLEANUP_FREE char *current = NULL, *aside = NULL;
	struct snapshot_loaded loaded;
	int err = snapshot_load(g->settings.state_dir, g->key, &loaded);

	if (err)
		return err;
	g->snapshot = loaded.snapshot;
	g->source = loaded.source;
	tell_snapshot(g, &loaded);
	/* A damaged file is kept for a look and never becomes the previous generation. */
	if (loaded.current_error && loaded.current_error != -ENOENT &&
	    file_path(g->settings.state_dir, "snapshot", &current) == 0 &&
	    file_path(g->settings.state_dir, "snapshot.damaged", &aside) == 0)
		(void)!rename(current, aside);
	g->facts_at_ms = loaded.saved_at_ms;
	*ret_saved_at_ms = loaded.saved_at_ms;
	return 0;
}

static int load_bypasses(struct gate *g)
{
	CLEANUP_FREE char *path = NULL;
	int err = file_path(g->settings.state_dir, "bypass.json", &path);

	if (!err)
		err = bypasses_load(&g->bypasses, path);
	if (err == -EBADMSG) {
		log_error("%s is damaged and put aside: no bypass is active", path);
		err = 0;
	}
	return err;
}

static int load_isolations(struct gate *g)
{
	CLEANUP_FREE char *path = NULL;
	int err = file_path(g->settings.state_dir, "isolations.json", &path);

	if (!err)
		err = isolations_load(&g->isolations, path);
	if (err == -EBADMSG) {
		log_error("%s is damaged and put aside: nobody is isolated by it", path);
		err = 0;
	}
	return err;
}

/* ---- the loop ---- */

static void reap_children(struct gate *g)
{
	int status, pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (!(g->engine && engine_child_ended(g->engine, pid, status)) && g->link)
			link_child_ended(g->link, pid, status);
}

static void on_signal(void *arg, int signo)
{
	struct gate *g = arg;

	if (signo == SIGCHLD)
		reap_children(g);
	else
		loop_stop(g->loop);
}

static int start_parts(struct gate *g, struct keeper *keeper)
{
	int err = front_new(g, &g->front);

	if (!err)
		err = relay_new(g, &g->relay);
	if (!err)
		err = old_server_new(g, &g->old);
	if (!err)
		err = radsec_new(g, &g->radsec);
	if (!err)
		err = coa_new(g, &g->coa);
	if (!err)
		err = review_new(g, &g->review);
	if (!err && keeper)
		err = engine_new(g, keeper, &g->engine);
	if (!err && !text_equal(g->settings.server, "none"))
		err = link_new(g, &g->link);
	if (!err)
		err = peers_new(g, &g->peers);
	if (!err)
		err = control_new(g, &g->control);
	if (!err)
		err = scrape_new(g, &g->scrape);
	if (!err)
		err = heard_new(g, &g->heard);
	if (!err)
		err = surveyor_new(g, &g->surveyor);
	return err;
}

static int load_facts(struct gate *g, int64_t *ret_saved_at_ms)
{
	int err = bank_new(&g->settings, &g->bank);

	if (!err)
		err = load_snapshot(g, ret_saved_at_ms);
	if (!err)
		err = bank_prepare(g->bank, g->snapshot);
	if (!err)
		err = load_bypasses(g);
	return err ? err : load_isolations(g);
}

struct loading {
	struct gate *gate;
	int64_t saved_at_ms;
	int error;
};

static void *read_facts(void *arg)
{
	struct loading *l = arg;

	l->error = load_facts(l->gate, &l->saved_at_ms);
	return NULL;
}

/* The facts beside the sessions: neither needs the other, and a region waits for both. */
static int load_all(struct gate *g, int64_t *ret_saved_at_ms)
{
	struct loading l = {.gate = g};
	pthread_t thread;
	int err = -pthread_create(&thread, NULL, read_facts, &l);

	if (err)
		return err;
	err = ledger_new(g, &g->ledger);
	pthread_join(thread, NULL);
	*ret_saved_at_ms = l.saved_at_ms;
	if (!err && !l.error)
		err = port_name_sessions(g); /* as a gate of before wrote them down */
	return l.error ? l.error : err;
}

static int start(struct gate *g, struct keeper *keeper)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGCHLD};
	int64_t saved_at_ms = 0, known_ms;
	int err = loop_new(&g->loop);

	if (!err)
		err = loop_watch_signals(g->loop, signals, ARRAY_SIZE(signals), on_signal, g);
	if (!err)
		err = breaker_new(&g->breaker);
	if (!err)
		err = load_key(g);
	if (!err)
		err = load_vendors(g);
	if (!err)
		err = load_all(g, &saved_at_ms);
	steady_init(&g->steady, clock_wall_ms(), clock_mono_ms(), saved_at_ms);
	agents_init(&g->agents);
	hubs_init(&g->hubs);
	imposters_init(&g->imposters);
	mab_key_init(&g->mab);
	if (!err)
		err = start_parts(g, keeper);
	if (err)
		return complain("cannot start", g->settings.name, err);
	known_ms = MAX(saved_at_ms, ledger_newest_ms(g->ledger));
	steady_init(&g->steady, clock_wall_ms(), clock_mono_ms(), known_ms);
	if (g->steady.degraded) {
		log_error("the clock is behind what is on disk; times go on from there, check the "
			  "time service");
		record_gate(g, "gate.clock", 0, "the clock is behind what is on disk");
	}
	g->started_at_ms = gate_now(g);
	return 0;
}

static void stop(struct gate *g)
{
	scrape_free(g->scrape);
	inquiry_free(g->control);
	peers_free(g->peers);
	link_free(g->link);
	engine_free(g->engine);
	review_free(g->review);
	surveyor_free(g->surveyor);
	coa_free(g->coa);
	relay_free(g->relay);
	ledger_free(g->ledger);
	old_server_free(g->old);
	heard_free(g->heard);
	front_free(g->front);
	radsec_free(g->radsec);
	sessions_free(g->sessions);
	agents_done(&g->agents);
	hubs_done(&g->hubs);
	imposters_done(&g->imposters);
	bypasses_done(&g->bypasses);
	isolations_done(&g->isolations);
	breaker_free(g->breaker);
	snapshot_free(g->snapshot);
	bank_free(g->bank);
	seal_pair_free(g->key);
	vendors_free(g->vendors);
	loop_free(g->loop);
}

/*
 * The gate starts no program any more: the keeper, forked before, does that for it. Its children
 * (accounts file, snapshot file) are copies of it, with the same bounds.
 */
static void enter_sandbox(const struct settings *s)
{
	int err = s->seccomp ? sandbox_enter(SANDBOX_BASIC | SANDBOX_FILES | SANDBOX_NETWORK |
					     SANDBOX_FORK)
			     : 0;

	if (err)
		log_warn("no sandbox: %s; the gate works on without", strerror(-err));
}

static int run(const struct settings *s)
{
	struct gate g = {.settings = *s};
	struct keeper *keeper = NULL;
	int err = make_dirs(s);

	if (!err && s->engine)
		err = complain("cannot start", "the engine's keeper",
			       keeper_start(&g.settings, &keeper));
	if (!err)
		err = drop_privileges(s);
	if (!err)
		err = start(&g, keeper);
	if (!err) {
		enter_sandbox(s);
		err = complain("cannot start", "the lanes", front_start(g.front));
	}
	if (!err) {
		log_info("%s stands at the door", s->name);
		err = loop_run(g.loop);
	}
	front_stop(g.front);
	stop(&g);
	keeper_free(keeper);
	return err ? 1 : 0;
}

int main(int argc, char **argv)
{
	const char *path = CONFIG_PATH;
	char error[CONFIG_ERROR_SIZE];
	struct settings s;

	if (argc > 2 && text_equal(argv[1], "-c")) {
		path = argv[2];
		argv += 2;
		argc -= 2;
	}
	if (argc > 1 && backup_is_command(argv[1]))
		return backup_command(path, argc - 1, argv + 1);
	if (settings_load(path, &s, error)) {
		fprintf(stderr, "menshen-gate: %s\n", error);
		return 2;
	}
	log_start("menshen-gate", s.debug ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	if (argc > 1 && !text_equal(argv[1], "run"))
		return control_client(&s, argc - 1, argv + 1);
	return run(&s);
}
