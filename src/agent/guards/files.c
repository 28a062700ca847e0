/*
 * Clause D19: what is done with files on removable disks and shares is told, so that a leak finds
 * its way back to a person.
 *
 * 1. Each deed (create, write, delete, move, and read where the policy says so) is one item of a
 *    "files" event: who, by what program, the path, and of what was written its size, SHA-256 and
 *    SM3. Items wait SETTLE_MS for company, so that a copied tree is few events.
 * 2. While the queue is full nothing is taken from the kernel, whose own queue has no end; what was
 *    taken waits here. Should the kernel lose something, that is told ("files.lost").
 * 3. What waits when the agent stops lies on the disk until it starts again.
 * 4. Nobody is kept from anything, whatever the mode.
 */
#include <string.h>
#include <sys/epoll.h>

#include "agent/core/identity.h"
#include "agent/core/segment.h"
#include "agent/guards/file_watch.h"
#include "agent/guards/guard.h"
#include "agent/linux/mounts.h"
#include "agent/linux/process.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

#define SETTLE_MS 500
#define ROUND_MAX 256 /* items at a time, so that others have their turn */
#define KEPT_MAX 2048
#define WAITING "files.waiting"
#define BODY_MAX (EVENT_BODY_MAX - 64)

enum { NOT_WATCHED };

static const struct guard_reason reasons[] = {
	[NOT_WATCHED] = {"not-watched", "无法审计移动存储或共享上的文件操作",
			 "what is done with files on a removable disk or share cannot be watched",
			 "请联系本机构桌面管理员检查系统内核和挂载方式",
			 "ask your desktop administrator to look at the kernel and the mount"},
};

struct files {
	const struct guard_host *host;
	bool on;
	json_t *settings;
	struct file_watch *watch; /* NULL: not on, or the kernel cannot */
	size_t missing;		  /* mounts that cannot be watched */
	json_t *items;		  /* that wait to be told; NULL: none */
	size_t size;		  /* of their text */
	json_t *kept;		  /* those of before the start; NULL: none */
	json_t *next;		  /* an item that did not fit any more */
	unsigned lost;
	bool full; /* the queue */
	int mounts_fd;
	struct loop_watch *file_watch, *mounts_watch;
	struct loop_timer *settle;
};

/* ---- telling ---- */

static int send_items(struct files *f)
{
	int err = f->items ? outbox_event(f->host->outbox, "files",
					  json_pack("{s:O}", "items", f->items))
			   : 0;

	if (err)
		return err;
	json_decref(f->items);
	f->items = NULL;
	f->size = 0;
	return 0;
}

static int send_lost(struct files *f)
{
	int err = f->lost ? outbox_event(f->host->outbox, "files.lost",
					 json_pack("{s:i}", "times", (int)f->lost))
			  : 0;

	if (!err)
		f->lost = 0;
	return err;
}

static json_t *deeds_json(unsigned deeds)
{
	static const char *const names[] = {"create",	 "write",   "delete",
					    "move-from", "move-to", "read"};
	json_t *list = json_array();

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (deeds & 1U << i)
			json_array_append_new(list, json_string(names[i]));
	return list;
}

/* Names on a stick may be any bytes. */
static void clean(char *text)
{
	for (char *p = text; !text_is_clean(text, strlen(text)) && *p; p++)
		if (*p & 0x80 || (unsigned char)*p < 0x20)
			*p = '?';
}

static json_t *describe(const struct files *f, struct file_act *act)
{
	char user[64] = "", hash[2 * FILE_HASH_SIZE + 1], at[CLOCK_TEXT_SIZE];
	json_t *item;

	if (act->uid != UINT32_MAX)
		process_user_name(f->host->root, act->uid, user, sizeof(user));
	clean(act->path);
	clean(act->program);
	clock_format_cst(at, trusted_clock_now_ms(f->host->clock));
	item = json_pack("{s:o, s:s, s:b, s:s, s:i, s:s, s:s}", "did", deeds_json(act->deeds),
			 "path", act->path, "folder", act->is_folder, "user", user, "pid", act->pid,
			 "program", act->program, "at", at);
	if (act->deeds & FILE_WRITTEN)
		json_object_set_new(item, "size", json_integer((json_int_t)act->size));
	if (act->hashed) {
		hex_encode(hash, act->sha256, FILE_HASH_SIZE);
		json_object_set_new(item, "sha256", json_string(hash));
		hex_encode(hash, act->sm3, FILE_HASH_SIZE);
		json_object_set_new(item, "sm3", json_string(hash));
	}
	return item;
}

/* Takes `item` over; it waits in `next` when there is no room for it yet. */
static int add(struct files *f, json_t *item)
{
	CLEANUP_FREE char *text = item ? json_dumps(item, JSON_COMPACT) : NULL;
	size_t size = text ? strlen(text) + 1 : 0;
	int err = 0;

	if (!text) {
		json_decref(item);
		f->lost++; /* no memory */
		return 0;
	}
	if (f->size + size > BODY_MAX)
		err = send_items(f);
	if (err) {
		f->next = item;
		return err;
	}
	if (!f->items)
		f->items = json_array();
	json_array_append_new(f->items, item);
	f->size += size;
	return 0;
}

/* Rule 2. */
static void pause_reading(struct files *f, bool full)
{
	if (f->full != full && f->file_watch &&
	    loop_watch_change(f->file_watch, full ? 0 : EPOLLIN))
		log_error("the watch of files cannot be changed");
	f->full = full;
}

static int take_kept(struct files *f)
{
	char path[STATE_PATH_SIZE];
	int err = 0;

	while (!err && json_array_size(f->kept)) {
		json_t *item = json_incref(json_array_get(f->kept, 0));

		json_array_remove(f->kept, 0);
		err = add(f, item);
	}
	if (!err)
		err = send_items(f);
	if (err)
		return err;
	json_decref(f->kept);
	f->kept = NULL;
	state_path(f->host->state_dir, WAITING, path);
	return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

static void take(struct files *f)
{
	struct file_act act;
	int err = f->next ? add(f, TAKE_PTR(f->next)) : 0;

	if (!err && f->kept)
		err = take_kept(f);
	for (size_t i = 0; !err && f->watch && i < ROUND_MAX; i++) {
		int none = file_watch_next(f->watch, &act);

		if (none == -EOVERFLOW)
			f->lost++;
		else if (none)
			break;
		else
			err = add(f, describe(f, &act));
	}
	if (!err && f->items && !loop_timer_is_armed(f->settle))
		loop_timer_arm(f->settle, SETTLE_MS);
	pause_reading(f, err != 0);
}

static void on_files(void *arg, int fd, uint32_t events)
{
	(void)fd;
	(void)events;
	take(arg);
}

static void on_settle(void *arg)
{
	struct files *f = arg;

	if (f->kept)
		take(f);
	if (send_items(f) || send_lost(f))
		pause_reading(f, true);
}

static void resume(void *state)
{
	struct files *f = state;

	if (send_items(f) == 0 && send_lost(f) == 0)
		take(f);
}

/* ---- following ---- */

static void look_at_mounts(struct files *f)
{
	const json_t *s = f->settings;
	size_t missing = 0;
	int err = f->watch ? file_watch_follow(f->watch, json_object_get(s, "places"),
					       json_is_true(json_object_get(s, "reads")), &missing)
			   : 0;

	if (err)
		log_error("the mounts cannot be read: %s", strerror(-err));
	else if (f->missing != missing)
		f->host->look(f->host->arg);
	if (!err)
		f->missing = missing;
}

static void on_mount(void *arg, int fd, uint32_t events)
{
	(void)fd;
	(void)events;
	look_at_mounts(arg);
}

static void switch_on(struct files *f)
{
	int err = f->watch ? 0 : file_watch_new(f->host->root, &f->watch);

	if (!err && !f->file_watch)
		err = loop_watch_fd(f->host->loop, file_watch_fd(f->watch), EPOLLIN, on_files, f,
				    &f->file_watch);
	if (!err && !f->mounts_watch)
		err = loop_watch_fd(f->host->loop, f->mounts_fd, EPOLLPRI, on_mount, f,
				    &f->mounts_watch);
	if (err)
		log_warn("what is done with files is not watched: %s", strerror(-err));
}

static void follow(void *state, enum guard_mode mode, const json_t *settings)
{
	struct files *f = state;
	bool on = mode != GUARD_OFF;

	if (f->on == on && json_equal(f->settings, settings))
		return;
	f->on = on;
	json_decref(f->settings);
	f->settings = settings ? json_deep_copy(settings) : NULL;
	if (f->watch)
		file_watch_stop(f->watch); /* of what is not to be watched any more */
	f->missing = 0;
	if (!on)
		return;
	switch_on(f);
	look_at_mounts(f);
	f->host->look(f->host->arg);
}

/* ---- the guard ---- */

static void check(const struct guard_context *c, struct finding *ret)
{
	const struct files *f = c->state;
	bool asked = c->settings != NULL;
	struct finding r = {.state = FINDING_GOOD};

	if (asked && (!f || (f->on && (!f->watch || f->missing))))
		r = (struct finding){FINDING_BAD, &reasons[NOT_WATCHED], ""};
	*ret = r;
}

/* Rule 3. Nothing can be told any more: the line is gone. */
static void keep(struct files *f)
{
	json_t *all = f->items ? f->items : json_array();
	CLEANUP_FREE char *text = NULL;
	char path[STATE_PATH_SIZE];
	struct file_act act;
	int err = 0;

	f->items = NULL;
	if (f->next)
		json_array_append_new(all, TAKE_PTR(f->next));
	json_array_extend(all, f->kept);
	while (f->watch && json_array_size(all) < KEPT_MAX && !err)
		if (!(err = file_watch_next(f->watch, &act)))
			json_array_append_new(all, describe(f, &act));
	state_path(f->host->state_dir, WAITING, path);
	if (json_array_size(all)) {
		text = json_dumps(all, JSON_COMPACT);
		err = text ? file_replace(path, text, strlen(text), 0600) : -ENOMEM;
		if (err)
			log_error("what was done with files could not be kept: %s", strerror(-err));
	}
	json_decref(all);
}

/* They are told with the next, then the file goes. */
static void load_kept(struct files *f)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	char path[STATE_PATH_SIZE];

	state_path(f->host->state_dir, WAITING, path);
	if (file_read(path, KEPT_MAX * 2048, &text) == 0)
		f->kept = json_loadb((const char *)text.data, text.len, 0, NULL);
	if (!json_is_array(f->kept)) {
		json_decref(f->kept);
		f->kept = NULL;
	}
}

static void stop(void *state)
{
	struct files *f = state;

	if (!f)
		return;
	keep(f);
	loop_watch_remove(f->file_watch);
	loop_watch_remove(f->mounts_watch);
	loop_timer_free(f->settle);
	file_watch_free(f->watch);
	close_cleanup(&f->mounts_fd);
	json_decref(f->items);
	json_decref(f->next);
	json_decref(f->kept);
	json_decref(f->settings);
	free(f);
}

static int start(const struct guard_host *h, void **ret_state)
{
	struct files *f = calloc(1, sizeof(*f));
	int err;

	if (!f)
		return -ENOMEM;
	f->host = h;
	load_kept(f);
	f->mounts_fd = mounts_watch();
	err = f->mounts_fd < 0 ? f->mounts_fd : loop_timer_new(h->loop, on_settle, f, &f->settle);
	if (!err && f->kept)
		loop_timer_arm(f->settle, SETTLE_MS);
	if (err)
		stop(f);
	else
		*ret_state = f;
	return err;
}

static const struct guard_acts acts = {
	.start = start,
	.follow = follow,
	.resume = resume,
	.stop = stop,
};

const struct guard guard_files = {
	.name = "files",
	.clause = "D19",
	.zh = "文件操作审计",
	.en = "file audit",
	.reasons = reasons,
	.reason_count = ARRAY_SIZE(reasons),
	.check = check,
	.acts = &acts,
};
