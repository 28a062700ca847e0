#include "gate/line/ledger.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "gate/front/front.h"
#include "gate/line/link.h"

#define FLUSH_MS 200 /* for what nobody waits for */
#define GATHER_MS 1  /* what comes in the same batch of packets goes into the same sync */
#define RETRY_MS 1000
#define EARLY_BYTES (64U << 10) /* gathered: the kernel takes them at once, not megabytes later */
#define COMPACT_BYTES (32U << 20)

struct waiting {
	struct waiting *next;
	ledger_done_fn *fn;
	void *arg;
};

struct ledger {
	struct gate *gate;
	struct applog sessions;
	uint64_t compact_at; /* bytes of the sessions' log */
	struct spool *spool;
	struct syncer *syncer;
	struct loop_timer *timer;
	struct waiting *gathering, **gathering_end; /* written by the next sync */
	struct waiting *under_way;
	ledger_write_fn *joined; /* NULL: no further file */
	void *joined_arg;
	bool joined_soon;
	int64_t newest_ms;
	int error;
};

static void queue_init(struct ledger *l)
{
	l->gathering = NULL;
	l->gathering_end = &l->gathering;
}

static void wake_all(struct waiting *w, int error)
{
	while (w) {
		struct waiting *next = w->next;

		w->fn(w->arg, error);
		free(w);
		w = next;
	}
}

static void note_error(struct ledger *l, int error)
{
	if (error && error != l->error)
		log_error("the disk under %s refuses: %s; accounting waits unanswered",
			  l->gate->settings.state_dir, strerror(-error));
	else if (!error && l->error)
		log_info("the disk under %s takes records again", l->gate->settings.state_dir);
	l->error = error;
}

/* Writes the live sessions alone into a fresh file. */
static void dump_entry(void *arg, const uint8_t *entry, size_t len)
{
	struct applog *to = arg;

	if (applog_append(to, entry, len))
		to->fd = -1;
}

static int compact(struct ledger *l)
{
	struct applog fresh = {.fd = 0};
	CLEANUP_FREE char *path = NULL;
	int err = file_path(l->gate->settings.state_dir, "sessions", &path);

	if (err)
		return err;
	buf_init(&fresh.pending, 1U << 30);
	sessions_dump(l->gate->sessions, gate_now(l->gate), dump_entry, &fresh);
	err = fresh.fd < 0 ? -ENOMEM
			   : file_replace(path, fresh.pending.data, fresh.pending.len, 0600);
	buf_done(&fresh.pending);
	return err;
}

static int restore_entry(void *arg, const uint8_t *entry, size_t len)
{
	struct ledger *l = arg;
	int err = sessions_restore(l->gate->sessions, entry, len);

	return err == -EBADMSG ? 0 : err; /* of another version: one session less, not none */
}

static int ignore_entry(void *arg, const uint8_t *entry, size_t len)
{
	(void)arg;
	(void)entry;
	(void)len;
	return 0;
}

static int open_sessions(struct ledger *l, applog_entry_fn *fn)
{
	CLEANUP_FREE char *path = NULL;
	uint64_t cut = 0;
	int err = file_path(l->gate->settings.state_dir, "sessions", &path);

	if (!err)
		err = applog_open(path, fn, l, &l->sessions, &cut);
	if (!err && cut)
		log_warn("%s: cut %llu torn bytes from the end", path, (unsigned long long)cut);
	l->compact_at = COMPACT_BYTES + 2 * l->sessions.size;
	return err;
}

static void compact_if_large(struct ledger *l)
{
	struct applog old = l->sessions;

	if (l->sessions.size < l->compact_at || l->sessions.pending.len > 0)
		return;
	if (compact(l) || open_sessions(l, ignore_entry))
		l->compact_at = l->sessions.size * 2; /* later; the long log is right as well */
	else
		applog_close(&old);
}

/* The segments that nobody needs any more. */
static void take_done(struct ledger *l, struct syncer_work *work)
{
	char *path;

	while (work->path_count < SYNCER_PATHS && (path = spool_take_done(l->spool)))
		work->paths[work->path_count++] = path;
}

/* A disk that is full has room again by this. */
static void delete_done(struct ledger *l)
{
	char *path;

	while ((path = spool_take_done(l->spool))) {
		(void)!unlink(path);
		free(path);
	}
}

static int write_joined(struct ledger *l, int *ret_fd)
{
	int err = 0;

	*ret_fd = -1;
	if (l->joined)
		err = l->joined(l->joined_arg, ret_fd);
	if (!err)
		l->joined_soon = false;
	return err;
}

static void flush(struct ledger *l)
{
	struct syncer_work work = {.fds = {-1, -1, -1}};
	int err;

	if (syncer_is_busy(l->syncer))
		return;
	compact_if_large(l);
	err = applog_write(&l->sessions);
	if (!err)
		err = spool_write(l->spool, &work.fds[1]);
	if (!err)
		err = write_joined(l, &work.fds[2]);
	if (err) {
		struct waiting *w = l->gathering;

		queue_init(l);
		note_error(l, err);
		delete_done(l);
		wake_all(w, err);
		loop_timer_arm(l->timer, RETRY_MS);
		return;
	}
	work.fds[0] = l->sessions.fd;
	take_done(l, &work);
	l->under_way = l->gathering;
	queue_init(l);
	syncer_ask(l->syncer, &work);
}

static bool has_work(const struct ledger *l)
{
	return l->gathering || l->joined_soon || l->sessions.pending.len > 0 ||
	       spool_next_seq(l->spool) - 1 > spool_synced_seq(l->spool) ||
	       spool_has_done(l->spool);
}

static void on_synced(void *arg, int error)
{
	struct ledger *l = arg;
	struct waiting *w = l->under_way;

	l->under_way = NULL;
	note_error(l, error);
	if (!error)
		spool_synced(l->spool);
	wake_all(w, error);
	front_flush(l->gate->front);
	if (!error && l->gate->link)
		link_records_ready(l->gate->link);
	if (l->gathering)
		flush(l);
	else if (has_work(l))
		loop_timer_arm(l->timer, FLUSH_MS);
}

static void on_timer(void *arg)
{
	flush(arg);
}

/* While a sync is under way its files stay as they are. */
static void write_early(struct ledger *l)
{
	int fd, err = 0;

	if (!l->syncer || syncer_is_busy(l->syncer) || l->error)
		return;
	if (l->sessions.pending.len >= EARLY_BYTES)
		err = applog_write(&l->sessions);
	if (!err && spool_gathered(l->spool) >= EARLY_BYTES)
		err = spool_write(l->spool, &fd);
	if (err)
		note_error(l, err); /* flush() comes to it, too */
}

static void arm(struct ledger *l)
{
	write_early(l);
	if (!loop_timer_is_armed(l->timer) && !syncer_is_busy(l->syncer))
		loop_timer_arm(l->timer, FLUSH_MS);
}

static void log_session(void *arg, const uint8_t *entry, size_t len)
{
	struct ledger *l = arg;

	if (applog_append(&l->sessions, entry, len))
		note_error(l, -ENOSPC);
	if (l->timer)
		arm(l);
}

static int open_spool(struct ledger *l)
{
	CLEANUP_FREE char *path = NULL;
	uint64_t cut = 0;
	int err = file_path(l->gate->settings.state_dir, "spool", &path);

	if (!err)
		err = spool_open(path, l->gate->settings.spool_mib << 20, &l->spool, &cut);
	if (!err && cut)
		log_warn("%s: cut %llu torn bytes from the end", path, (unsigned long long)cut);
	return err;
}

static void find_newest(struct ledger *l)
{
	const struct session *n;
	size_t at = 0;

	while ((n = sessions_next(l->gate->sessions, &at)))
		l->newest_ms = MAX(MAX(l->newest_ms, n->granted_at_ms),
				   MAX(n->proven_at_ms, n->ended_at_ms));
}

int ledger_new(struct gate *g, struct ledger **ret)
{
	struct ledger *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return -ENOMEM;
	l->gate = g;
	l->sessions.fd = -1;
	queue_init(l);
	err = sessions_new(log_session, l, &g->sessions);
	if (!err)
		sessions_limit_strangers(g->sessions, g->settings.strangers_per_port,
					 g->settings.strangers_total);
	if (!err)
		err = open_sessions(l, restore_entry);
	if (!err)
		err = open_spool(l);
	if (!err)
		err = syncer_new(g->loop, on_synced, l, &l->syncer);
	if (!err)
		err = loop_timer_new(g->loop, on_timer, l, &l->timer);
	if (err) {
		ledger_free(l);
		return err;
	}
	find_newest(l);
	*ret = l;
	return 0;
}

void ledger_free(struct ledger *l)
{
	int fd;

	if (!l)
		return;
	if (l->syncer)
		syncer_free(l->syncer);
	if (l->spool && spool_write(l->spool, &fd) == 0)
		(void)!fdatasync(fd);
	if (l->sessions.fd >= 0 && applog_write(&l->sessions) == 0)
		(void)!fdatasync(l->sessions.fd);
	if (write_joined(l, &fd) == 0 && fd >= 0)
		(void)!fdatasync(fd);
	wake_all(l->gathering, -ECANCELED);
	wake_all(l->under_way, -ECANCELED);
	loop_timer_free(l->timer);
	spool_close(l->spool);
	applog_close(&l->sessions);
	free(l);
}

void ledger_join(struct ledger *l, ledger_write_fn *fn, void *arg)
{
	l->joined = fn;
	l->joined_arg = arg;
}

void ledger_soon(struct ledger *l)
{
	l->joined_soon = true;
	arm(l);
}

void ledger_record(struct ledger *l, menshen_Record *record)
{
	int err = spool_add(l->spool, record);

	if (err && l->gate->counters[COUNT_LOST_RECORDS]++ == 0)
		log_error("records are lost, the first now: %s; raise max_mib in [spool] or bring "
			  "the server back",
			  strerror(-err));
	arm(l);
}

int ledger_wait(struct ledger *l, ledger_done_fn *fn, void *arg)
{
	struct waiting *w = malloc(sizeof(*w));

	if (!w)
		return -ENOMEM;
	*w = (struct waiting){NULL, fn, arg};
	*l->gathering_end = w;
	l->gathering_end = &w->next;
	if (!syncer_is_busy(l->syncer))
		loop_timer_arm(l->timer, GATHER_MS);
	return 0;
}

void ledger_acknowledge(struct ledger *l, uint64_t through_seq)
{
	spool_acknowledge(l->spool, through_seq);
	if (spool_has_done(l->spool))
		arm(l);
}

struct spool *ledger_spool(const struct ledger *l)
{
	return l->spool;
}

int64_t ledger_newest_ms(const struct ledger *l)
{
	return l->newest_ms;
}

int ledger_error(const struct ledger *l)
{
	return l->error;
}
