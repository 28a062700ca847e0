/*
 * Clauses D16, D18: what may carry files away over USB is held back before a driver sees it, and
 * let in as the policy says: not at all, to read, to write.
 *
 *	plugged, held by the hub ── none ──> stays held
 *	                         ── read ──> let in, its disks read-only as they appear
 *	                         ── write ─> let in
 *
 * 1. While it enforces, hubs let nothing in by themselves. That outlives the agent; a mark on disk
 *    remembers what the hubs did before, until the guard no longer enforces and undoes it.
 * 2. What was plugged before is judged as what comes; a disk of the running system is left alone.
 * 3. What shows a disk is storage, whatever its descriptors said.
 * 4. Whoever undoes the hold (root can) finds it made anew within a second, three times a stay;
 *    then the device is barred until it is unplugged. Read-only means nothing to who mounted it
 *    writable before: such a disk is taken away from under him and comes back read-only.
 * 5. A device that cannot be held as decided is put off altogether.
 * 6. Rules that cannot be read leave the rules before them in force.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "agent/core/identity.h"
#include "agent/guards/storage_stays.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

#define WATCH_MS 1000 /* nothing tells that a disk was made writable */
#define RETRY_MS 5000
#define REPLUG_MS 300
#define UNDONE_MAX 3
#define MARK "storage.held"

enum { UNREGISTERED, NOT_HELD, NOT_WATCHED, RULES };

static const struct guard_reason reasons[] = {
	[UNREGISTERED] = {"unregistered", "电脑上插有未经许可的移动存储或手机",
			  "a storage device or telephone is plugged in that is not allowed here",
			  "请拔出该设备；确需使用请提交移动介质申请",
			  "unplug it; to use it, file a request for removable media"},
	[NOT_HELD] = {"not-held", "未能禁用不允许的移动存储",
		      "a storage device that is not allowed could not be put off",
		      "请立即拔出该设备，并联系本机构桌面管理员",
		      "unplug it now, and ask your desktop administrator"},
	[NOT_WATCHED] = {"not-watched", "无法监视 USB 设备", "what is plugged in cannot be watched",
			 "请联系本机构桌面管理员", "ask your desktop administrator"},
	[RULES] = {"rules", "策略中的移动存储规则有误",
		   "the policy's rules for storage are not understood",
		   "请安全管理员更正策略；此前的规则仍在执行",
		   "the security administrator corrects the policy; the rules before it stay in "
		   "force"},
};

struct storage {
	const struct guard_host *host;
	enum guard_mode mode;
	struct storage_rules rules;
	bool has_rules;			 /* the policy says something */
	bool held;			 /* the hubs are ours */
	bool failed;			 /* the hubs could not be held */
	char unread[STORAGE_WHERE_SIZE]; /* the policy's first wrong word; "": none */
	struct stays stays;
	int fd;
	struct loop_watch *watch;
	struct loop_timer *tick;
};

static bool enforces(const struct storage *g)
{
	return g->mode == GUARD_ENFORCE;
}

/* ---- the hubs ---- */

static int read_mark(const struct storage *g, int *ret_word)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	char path[STATE_PATH_SIZE];
	uint64_t word = USB_DEFAULT_ALL;
	int err;

	state_path(g->host->state_dir, MARK, path);
	err = file_read(path, 16, &text);
	/* A mark that says nothing, or that nothing was let in before, is undone by letting in. */
	if (!err && (text_to_u64(buf_str(&text), 1, 2, &word)))
		word = USB_DEFAULT_ALL;
	if (!err)
		*ret_word = (int)word;
	return err;
}

/* Before the hold is made and after it is undone, so that the mark never says too little. */
static int mark(const struct storage *g)
{
	char path[STATE_PATH_SIZE], text[12];

	snprintf(text, sizeof(text), "%d", usb_hubs_default(g->host->root));
	state_path(g->host->state_dir, MARK, path);
	return file_replace(path, text, strlen(text), 0600);
}

/* Hubs may come later: with a dock, or a driver. */
static void hold_hubs(struct storage *g)
{
	int err = g->held ? 0 : mark(g);

	if (!err) {
		g->held = true;
		err = usb_hubs_hold(g->host->root, USB_DEFAULT_NONE);
	}
	if (err && !g->failed)
		log_error("the USB hubs could not be held: %s", strerror(-err));
	g->failed = err != 0;
}

/* ---- one device ---- */

static void authorize(struct storage *g, struct stay *y, bool authorized)
{
	int err = usb_authorize(g->host->root, y->device.place, authorized);

	if (err && err != -ENOENT && !y->failed)
		log_error("the USB device at %s could not be %s: %s", y->device.place,
			  authorized ? "let in" : "put off", strerror(-err));
	y->failed = err && err != -ENOENT;
	if (!err)
		y->device.authorized = authorized;
	if (!authorized)
		memset(y->held, 0, sizeof(y->held));
}

static char *find_held(struct stay *y, const char *disk)
{
	for (size_t i = 0; i < USB_DISKS_MAX; i++)
		if (text_equal(y->held[i], disk))
			return y->held[i];
	return NULL;
}

/* Rule 4. */
static void note_undone(struct stay *y, const char *how)
{
	y->barred |= ++y->undone >= UNDONE_MAX;
	log_warn("somebody undid the hold on the USB device at %s (%s)%s", y->device.place, how,
		 y->barred ? "; it is barred until it is unplugged" : "");
}

static void protect(struct storage *g, struct stay *y, const struct usb_disk *disk)
{
	char *held = find_held(y, disk->name), *room = held ? held : find_held(y, "");
	int err = 0;

	if (held && !disk->read_only)
		note_undone(y, "made writable");
	if (!disk->read_only)
		err = room ? usb_disk_protect(g->host->root, disk->name, true) : -E2BIG;
	if (err) {
		log_error("%s could not be made read-only: %s", disk->name, strerror(-err));
		y->barred = true; /* rule 5 */
	} else if (disk->mounted_writable) {
		log_warn("%s is mounted writable: it is taken away and comes back read-only",
			 disk->name);
		y->barred |= ++y->replugs > UNDONE_MAX;
		authorize(g, y, false);
	} else if (room) {
		text_fit(room, sizeof(y->held[0]), disk->name);
	}
}

static void release_disk(const struct storage *g, struct stay *y, const char *name)
{
	char *held = find_held(y, name);

	if (!held)
		return;
	if (usb_disk_protect(g->host->root, name, false))
		log_error("%s could not be made writable again", name);
	held[0] = 0;
}

/* Rule 3. */
static void unmask(struct usb_device *d, const struct usb_disk *disks, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!disks[i].optical && d->kind <= USB_OPTICAL)
			d->kind = USB_STORAGE;
		else if (disks[i].optical && d->kind < USB_OPTICAL)
			d->kind = USB_OPTICAL;
}

static void judge(const struct storage *g, struct stay *y)
{
	struct storage_verdict v;

	storage_decide(&g->rules, &y->device, trusted_clock_now_ms(g->host->clock), &v);
	if (y->barred)
		v.access = STORAGE_NONE;
	if (v.access != y->verdict.access || enforces(g) != y->enforced)
		y->told = false;
	y->verdict = v;
	y->enforced = enforces(g);
}

static void hold_disks(struct storage *g, struct stay *y)
{
	struct usb_disk disks[USB_DISKS_MAX];
	size_t count = 0;
	int err = usb_disks(g->host->root, y->device.place, disks, &count);

	if (err) {
		log_error("the disks of the USB device at %s are not known: %s", y->device.place,
			  strerror(-err));
		y->barred = true;
	}
	unmask(&y->device, disks, count);
	judge(g, y);
	for (size_t i = 0; i < count && y->device.authorized; i++)
		if (y->verdict.access == STORAGE_READ)
			protect(g, y, &disks[i]);
		else if (y->verdict.access == STORAGE_WRITE)
			release_disk(g, y, disks[i].name);
}

static void hold(struct storage *g, struct stay *y)
{
	bool wanted = y->verdict.access != STORAGE_NONE;

	if (y->put_off && y->device.authorized)
		note_undone(y, "let in");
	if (y->device.authorized != wanted)
		authorize(g, y, wanted);
	if (y->device.authorized && !y->device.is_system)
		hold_disks(g, y);
	judge(g, y);
	wanted = y->verdict.access != STORAGE_NONE;
	if (y->device.authorized && !wanted)
		authorize(g, y, false);
	y->put_off = !wanted && !y->device.authorized;
}

/* ---- all of them ---- */

static struct stay *take(struct storage *g, const char *place)
{
	struct usb_device d;
	int number, err;
	bool authorized;
	struct stay *y;

	err = usb_state(g->host->root, place, &number, &authorized);
	y = err ? NULL : stays_find(&g->stays, place, number);
	if (y && y->fresh) {
		y->device.authorized = authorized;
		return y;
	}
	if (!err)
		err = usb_load(g->host->root, place, &d);
	if (err) {
		if (err != -ENOENT)
			log_error("the USB device at %s cannot be read: %s", place, strerror(-err));
		return NULL;
	}
	if (y)
		y->device = d;
	else
		y = stays_begin(&g->stays, &d);
	if (y)
		y->fresh = true;
	return y;
}

/* True when something came, went, or is held otherwise than before. */
static bool scan(struct storage *g)
{
	static char places[USB_DEVICES_MAX][USB_PLACE_SIZE];
	bool was[STAYS_MAX], changed = false;
	size_t count = 0;
	int err = usb_list(g->host->root, places, &count);

	if (err) {
		log_error("the USB devices cannot be listed: %s", strerror(-err));
		return false;
	}
	for (size_t i = 0; i < STAYS_MAX; i++) {
		was[i] = g->stays.list[i].here;
		if (was[i])
			g->stays.list[i].gone_at_ms = clock_mono_ms();
		g->stays.list[i].here = false;
	}
	for (size_t i = 0; i < count; i++) {
		struct stay *y = take(g, places[i]);

		if (!y)
			continue;
		y->here = true;
		judge(g, y);
		if (enforces(g))
			hold(g, y);
		changed |= !y->told;
	}
	for (size_t i = 0; i < STAYS_MAX; i++)
		if (was[i] && !g->stays.list[i].here) {
			g->stays.list[i].fresh = false;
			changed = true;
		}
	return changed;
}

static int release_stay(const struct storage *g, struct stay *y)
{
	struct usb_disk disks[USB_DISKS_MAX];
	size_t count = 0;
	int err = usb_disks(g->host->root, y->device.place, disks, &count);

	for (size_t i = 0; !err && i < count; i++)
		if (disks[i].read_only)
			err = usb_disk_protect(g->host->root, disks[i].name, false);
	if (!y->device.authorized)
		err = usb_authorize(g->host->root, y->device.place, true);
	y->device.authorized = true;
	y->put_off = y->barred = y->failed = false;
	y->undone = y->undone_told = y->replugs = 0;
	memset(y->held, 0, sizeof(y->held));
	return err;
}

/* Rule 1, undone. A disk that is read-only by its own switch stays so. */
static void release(struct storage *g)
{
	char path[STATE_PATH_SIZE];
	int word = USB_DEFAULT_ALL, err = read_mark(g, &word);

	if (!err)
		err = usb_hubs_hold(g->host->root, word);
	for (size_t i = 0; i < STAYS_MAX; i++)
		if (g->stays.list[i].here && release_stay(g, &g->stays.list[i]))
			log_warn("the USB device at %s could not be let in",
				 g->stays.list[i].device.place);
	state_path(g->host->state_dir, MARK, path);
	if (err && err != -ENOENT)
		log_error("the USB hubs could not be released: %s", strerror(-err));
	else if (unlink(path) == 0 || errno == ENOENT)
		g->held = false;
	g->failed = g->held;
}

/* When to look again though nothing is told; 0: never. */
static int64_t soonest(const struct storage *g, int64_t tell_in_ms)
{
	int64_t now = trusted_clock_now_ms(g->host->clock);
	int64_t end = storage_next_end_ms(&g->rules, now), next = tell_in_ms;
	bool waits = g->failed;

	if (end)
		next = MIN(next ? next : HOUR_MS, MIN(end - now, HOUR_MS));
	for (size_t i = 0; i < STAYS_MAX; i++) {
		const struct stay *y = &g->stays.list[i];

		waits |= y->here && y->failed;
		if (y->here && y->enforced && y->verdict.access == STORAGE_READ)
			next = MIN(next ? next : WATCH_MS,
				   y->device.authorized ? WATCH_MS : REPLUG_MS);
	}
	return waits ? MIN(next ? next : RETRY_MS, RETRY_MS) : next;
}

static void look(void *arg)
{
	struct storage *g = arg;
	int64_t next;
	bool changed, failed = g->failed;

	if (enforces(g))
		hold_hubs(g);
	changed = scan(g);
	if (!enforces(g) && g->held)
		release(g);
	next = soonest(g, stays_tell(&g->stays));
	if (next)
		loop_timer_arm(g->tick, next);
	else
		loop_timer_disarm(g->tick);
	if (changed || failed != g->failed)
		g->host->look(g->host->arg);
}

static void on_notice(void *arg, int fd, uint32_t events)
{
	(void)events;
	if (usb_drain(fd))
		look(arg);
}

/* ---- the guard ---- */

static const struct stay *find_bad(const struct storage *g)
{
	for (size_t i = 0; i < STAYS_MAX; i++) {
		const struct stay *y = &g->stays.list[i];

		if (y->here && y->verdict.access == STORAGE_NONE && (!y->enforced || y->failed))
			return y;
	}
	return NULL;
}

static void check(const struct guard_context *c, struct finding *ret)
{
	const struct storage *g = c->state;
	const struct stay *bad = g ? find_bad(g) : NULL;
	struct finding f = {.state = FINDING_GOOD};

	if (!g)
		f = (struct finding){FINDING_UNKNOWN, &reasons[NOT_WATCHED], ""};
	else if (g->failed)
		f = (struct finding){FINDING_BAD, &reasons[NOT_HELD], ""};
	else if (bad && (bad->enforced || g->has_rules))
		f = (struct finding){FINDING_BAD, &reasons[bad->enforced ? NOT_HELD : UNREGISTERED],
				     ""};
	else if (g->unread[0])
		f = (struct finding){FINDING_BAD, &reasons[RULES], ""};
	if (f.reason == &reasons[RULES])
		text_fit(f.detail, sizeof(f.detail), g->unread);
	else if (bad && f.state == FINDING_BAD)
		text_fit(f.detail, sizeof(f.detail),
			 bad->device.name[0] ? bad->device.name : bad->device.place);
	*ret = f;
}

static json_t *explain(const void *state)
{
	const struct storage *g = state;
	json_t *list = json_array();

	for (size_t i = 0; i < STAYS_MAX; i++)
		if (g->stays.list[i].here)
			json_array_append_new(list, stays_describe(&g->stays, &g->stays.list[i]));
	return list;
}

static void follow(void *state, enum guard_mode mode, const json_t *settings)
{
	struct storage *g = state;
	char where[STORAGE_WHERE_SIZE];
	struct storage_rules rules;
	int err = storage_rules_parse(settings, &rules, where);

	g->mode = mode;
	text_fit(g->unread, sizeof(g->unread), !err ? "" : *where ? where : "entries");
	if (err) {
		log_error("the policy's words for storage are not understood at \"%s\": %s; the "
			  "rules before stay",
			  g->unread, strerror(-err));
	} else {
		storage_rules_done(&g->rules);
		g->rules = rules;
		g->has_rules = settings != NULL;
	}
	look(g);
}

static void resume(void *state)
{
	struct storage *g = state;
	int64_t next = soonest(g, stays_tell(&g->stays));

	if (next)
		loop_timer_arm(g->tick, next);
}

static void stop(void *state)
{
	struct storage *g = state;

	if (!g)
		return;
	loop_watch_remove(g->watch);
	loop_timer_free(g->tick);
	close_cleanup(&g->fd);
	storage_rules_done(&g->rules);
	free(g);
}

static int start(const struct guard_host *h, void **ret_state)
{
	struct storage *g = calloc(1, sizeof(*g));
	int err, word;

	if (!g)
		return -ENOMEM;
	g->host = h;
	g->held = read_mark(g, &word) == 0;
	stays_load(&g->stays, h);
	g->fd = usb_watch();
	err = MIN(g->fd, 0);
	if (!err)
		err = loop_timer_new(h->loop, look, g, &g->tick);
	if (!err)
		err = loop_watch_fd(h->loop, g->fd, EPOLLIN, on_notice, g, &g->watch);
	if (err)
		stop(g);
	else
		*ret_state = g;
	return err;
}

static const struct guard_acts acts = {
	.start = start,
	.follow = follow,
	.resume = resume,
	.explain = explain,
	.stop = stop,
};

const struct guard guard_storage = {
	.name = "storage",
	.clause = "D16",
	.zh = "移动存储",
	.en = "removable storage",
	.unnamed = GUARD_WARN,
	.reasons = reasons,
	.reason_count = ARRAY_SIZE(reasons),
	.check = check,
	.acts = &acts,
};
