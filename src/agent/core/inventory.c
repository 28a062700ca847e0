#define _GNU_SOURCE
#include "agent/core/inventory.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/core/identity.h"
#include "agent/core/segment.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

#define SOON_MS 2000
#define SOURCES_MAX 3

const struct collector *const collectors[COLLECTOR_COUNT] = {
	&collector_hardware, &collector_system,	  &collector_nics,
	&collector_users,    &collector_packages,
};

/* ---- telling a difference ---- */

struct chunk {
	struct buf add, remove; /* items with commas between */
	bool reset;
};

static void chunk_add(struct chunk *c, const struct lines_change *change)
{
	struct buf *to = change->added ? &c->add : &c->remove;

	if (to->len)
		buf_puts(to, ",");
	buf_puts(to, change->item);
}

static bool chunk_holds(const struct chunk *c, const struct lines_change *more)
{
	static const char frame[] = "{\"reset\":true,\"add\":[],\"remove\":[]},";

	return c->add.len + c->remove.len + strlen(more->item) + sizeof(frame) <= EVENT_BODY_MAX;
}

static int chunk_send(const struct chunk *c, const char *kind, const struct outbox *outbox)
{
	CLEANUP_BUF struct buf body = BUF_INIT;

	buf_puts(&body, c->reset ? "{\"reset\":true" : "{");
	if (c->add.len)
		buf_printf(&body, "%s\"add\":[%s]", body.len > 1 ? "," : "", buf_str(&c->add));
	if (c->remove.len)
		buf_printf(&body, "%s\"remove\":[%s]", body.len > 1 ? "," : "",
			   buf_str(&c->remove));
	buf_puts(&body, "}");
	if (body.error || c->add.error || c->remove.error)
		return -ENOMEM;
	return outbox->event(outbox->arg, kind, buf_str(&body), body.len);
}

/* One event out of the next changes; `w` moves over what it took. -ENODATA: there is no change. */
static int tell_chunk(const char *kind, const struct lines *old, const struct lines *now,
		      bool reset, struct lines_walk *w, const struct outbox *outbox)
{
	struct chunk c = {.add = BUF_INIT, .remove = BUF_INIT, .reset = reset};
	struct lines_walk ahead = *w, fits = *w;
	struct lines_change change;
	int err = -ENODATA;

	while (lines_next_change(old, now, &ahead, &change) && chunk_holds(&c, &change)) {
		chunk_add(&c, &change);
		fits = ahead;
	}
	if (c.add.len || c.remove.len || reset)
		err = chunk_send(&c, kind, outbox);
	if (!err)
		*w = fits;
	buf_done(&c.add);
	buf_done(&c.remove);
	return err;
}

static int tell_set(const char *kind, const struct lines *old, const struct lines *now, bool first,
		    struct lines_walk *w, const struct outbox *outbox)
{
	int err = tell_chunk(kind, old, now, first, w, outbox);

	while (!err)
		err = tell_chunk(kind, old, now, false, w, outbox);
	return err == -ENODATA ? 0 : err;
}

/* The one object, whole. */
static int tell_object(const char *kind, const struct lines *old, const struct lines *now,
		       struct lines_walk *w, const struct outbox *outbox)
{
	int err;

	if (now->count != 1)
		return -EINVAL;
	if (old->count == 1 && strcmp(old->item[0], now->item[0]) == 0)
		return 0;
	err = outbox->event(outbox->arg, kind, now->item[0], strlen(now->item[0]));
	if (!err)
		*w = (struct lines_walk){old->count, now->count};
	return err;
}

static int keep(const char *path, const struct lines *old, const struct lines *now,
		const struct lines_walk *w)
{
	CLEANUP_BUF struct buf text = BUF_INIT;

	lines_encode_at(old, now, w, &text);
	return text.error ? text.error : file_replace(path, buf_str(&text), text.len, 0600);
}

static bool has_changed(const struct lines *old, const struct lines *now)
{
	struct lines_walk w = {0};
	struct lines_change change;

	return lines_next_change(old, now, &w, &change);
}

/* `first`: what the server holds is void. `ret_told`: something was told and is kept. */
static int tell(const struct collector *c, const char *kept_path, const struct lines *old,
		const struct lines *now, bool first, const struct outbox *outbox, bool *ret_told)
{
	struct lines_walk w = {0};
	char kind[EVENT_KIND_SIZE];
	int err, keep_err = 0;

	snprintf(kind, sizeof(kind), "inventory.%s", c->section);
	err = c->kind == SECTION_SET ? tell_set(kind, old, now, first, &w, outbox)
				     : tell_object(kind, old, now, &w, outbox);
	*ret_told = w.old_at || w.now_at || (first && !err);
	if (*ret_told)
		keep_err = keep(kept_path, old, now, &w);
	return keep_err ? keep_err : err;
}

/*
 * While a difference is being told a mark lies beside the kept file. Whoever finds one died between
 * an event and the kept file: the terminal may be another by now, and what the server holds nobody
 * knows, so that all is told anew.
 */
int inventory_tell(const struct collector *c, const char *kept_path, const struct lines *now,
		   const struct outbox *outbox)
{
	CLEANUP_LINES struct lines old = LINES_INIT;
	char mark[STATE_PATH_SIZE + 16];
	bool interrupted, first, told;
	int err;

	snprintf(mark, sizeof(mark), "%.*s.telling", STATE_PATH_SIZE, kept_path);
	interrupted = access(mark, F_OK) == 0;
	err = interrupted ? -ENOENT : lines_read(kept_path, &old);
	first = err == -ENOENT || err == -EBADMSG;
	if (err && !first)
		return err;
	if (!first && !has_changed(&old, now))
		return 0;
	err = interrupted ? 0 : file_replace(mark, "", 0, 0600);
	if (err)
		return err;
	err = tell(c, kept_path, &old, now, first, outbox, &told);
	if ((!err || err == -ENOBUFS) && (told || !interrupted) && unlink(mark) < 0)
		err = -errno;
	return err;
}

/* ---- looking ---- */

struct source_stamp {
	bool known;
	int64_t changed_ns[SOURCES_MAX], bytes[SOURCES_MAX];
};

struct inventory {
	struct inventory_options o;
	struct loop_timer *timer;
	struct source_stamp stamps[COLLECTOR_COUNT];
	bool complained[COLLECTOR_COUNT];
};

static void stamp_sources(const struct inventory *i, const struct collector *c,
			  struct source_stamp *ret)
{
	char path[512];
	struct stat st;

	*ret = (struct source_stamp){0};
	for (size_t k = 0; k < SOURCES_MAX && c->sources[k]; k++) {
		snprintf(path, sizeof(path), "%s%s", i->o.root, c->sources[k]);
		if (stat(path, &st) < 0)
			continue;
		ret->known = true;
		ret->changed_ns[k] = st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
		ret->bytes[k] = st.st_size;
	}
}

/* Unknown sources are looked at every time. */
static bool is_unchanged(const struct source_stamp *was, const struct source_stamp *is)
{
	bool same = was->known && is->known;

	for (size_t k = 0; k < SOURCES_MAX; k++)
		same &= was->changed_ns[k] == is->changed_ns[k] && was->bytes[k] == is->bytes[k];
	return same;
}

static int look_at(struct inventory *i, const struct collector *c)
{
	const struct collect_context context = {i->o.root, i->o.interface};
	CLEANUP_LINES struct lines now = LINES_INIT;
	char path[STATE_PATH_SIZE], name[32];
	int err = c->collect(&context, &now);

	if (!err)
		err = lines_sort(&now);
	if (err)
		return err;
	snprintf(name, sizeof(name), "inventory/%s", c->section);
	state_path(i->o.state_dir, name, path);
	return inventory_tell(c, path, &now, i->o.outbox);
}

static void look(void *arg)
{
	struct inventory *i = arg;

	for (size_t k = 0; k < COLLECTOR_COUNT; k++) {
		struct source_stamp stamp;
		int err;

		stamp_sources(i, collectors[k], &stamp);
		if (is_unchanged(&i->stamps[k], &stamp))
			continue;
		err = look_at(i, collectors[k]);
		if (!err)
			i->stamps[k] = stamp;
		else if (err != -ENOBUFS && !i->complained[k])
			log_warn("the inventory of %s could not be taken: %s",
				 collectors[k]->section, strerror(-err));
		i->complained[k] = err && err != -ENOBUFS;
	}
	malloc_trim(0); /* the lists were the largest thing in memory */
	loop_timer_arm(i->timer, i->o.period_ms);
}

int inventory_new(const struct inventory_options *o, struct inventory **ret)
{
	struct inventory *i = calloc(1, sizeof(*i));
	char path[STATE_PATH_SIZE];
	int err;

	if (!i)
		return -ENOMEM;
	i->o = *o;
	state_path(o->state_dir, "inventory", path);
	err = file_make_dirs(path, 0700);
	if (!err)
		err = loop_timer_new(o->loop, look, i, &i->timer);
	if (err)
		inventory_free(i);
	else
		*ret = i;
	return err;
}

void inventory_free(struct inventory *i)
{
	if (!i)
		return;
	loop_timer_free(i->timer);
	free(i);
}

void inventory_start(struct inventory *i)
{
	loop_timer_arm(i->timer, SOON_MS);
}

void inventory_resume(struct inventory *i)
{
	loop_timer_arm(i->timer, SOON_MS);
}
