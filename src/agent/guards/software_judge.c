#include "agent/guards/software_judge.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "agent/guards/package_files.h"
#include "agent/linux/process.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mix.h"
#include "base/text.h"

#define LEARNT_MAX 2048
#define FILES_MAX 65536
#define SEEN_MAX 256
#define SEEN_AGAIN_MS MINUTE_MS
#define UNKNOWN_AGAIN_MS DAY_MS

struct package_list {
	struct software_package **packages;
	char **paths; /* owned */
	size_t package_count, path_count, path_size;
};

struct seen {
	uint64_t key;
	int64_t until_ms; /* monotonic */
	unsigned times;
};

struct software_judge {
	void (*wake)(void *arg);
	void *arg;
	pthread_mutex_t lock;
	struct software_rules rules;
	struct map files; /* path -> its package */
	struct package_list packages;
	struct software_learnt learnt[LEARNT_MAX];
	size_t learnt_count;
	uint32_t generation;
	bool enforce;
	int64_t skew_ms; /* trusted time less monotonic */
	struct software_note notes[NOTES_MAX];
	size_t first, count;
	unsigned missed, this_minute;
	int64_t minute;
	uint64_t seed;
	struct seen seen[SEEN_MAX];
};

/* ---- the packages' files ---- */

struct gathering {
	const struct software_rules *rules;
	struct package_list list;
	struct map files;
};

static void drop_packages(struct package_list *l)
{
	for (size_t i = 0; i < l->package_count; i++)
		free(l->packages[i]);
	for (size_t i = 0; i < l->path_count; i++)
		free(l->paths[i]);
	free(l->packages);
	free(l->paths);
	*l = (struct package_list){.path_count = 0};
}

static bool wants(void *arg, const struct software_package *p)
{
	const struct gathering *g = arg;

	return software_wants_package(g->rules, p);
}

static struct software_package *keep_package(struct package_list *l,
					     const struct software_package *p)
{
	size_t n = l->package_count;
	struct software_package **more, *copy;

	if (n && text_equal(l->packages[n - 1]->name, p->name))
		return l->packages[n - 1];
	more = realloc(l->packages, (n + 1) * sizeof(struct software_package *));
	if (!more)
		return NULL;
	l->packages = more;
	copy = malloc(sizeof(*copy));
	if (!copy)
		return NULL;
	*copy = *p;
	l->packages[l->package_count++] = copy;
	return copy;
}

static int found(void *arg, const struct software_package *p, const char *path)
{
	struct gathering *g = arg;
	struct package_list *l = &g->list;
	struct software_package *kept = keep_package(l, p);
	void *old;

	if (l->path_count == FILES_MAX)
		return -E2BIG;
	if (kept && l->path_count == l->path_size) {
		size_t size = MAX(l->path_size * 2, (size_t)64);
		char **more = realloc(l->paths, size * sizeof(*more));

		if (!more)
			return -ENOMEM;
		l->paths = more;
		l->path_size = size;
	}
	l->paths[l->path_count] = kept ? strdup(path) : NULL;
	if (!kept || !l->paths[l->path_count])
		return -ENOMEM;
	l->path_count++;
	return map_put(&g->files, l->paths[l->path_count - 1], kept, &old);
}

static int gather(struct gathering *g, const char *root)
{
	const struct package_files_options o = {
		.root = root, .wants = wants, .found = found, .arg = g};

	if (!software_rules_have(g->rules, SOFTWARE_PACKAGE) &&
	    !software_rules_have(g->rules, SOFTWARE_PUBLISHER))
		return 0;
	return package_files_load(&o);
}

int software_judge_follow(struct software_judge *j, struct software_rules *rules, bool enforce,
			  const char *root)
{
	struct gathering g = {.rules = rules};
	struct software_rules old_rules;
	struct package_list old_list;
	struct map old_files;
	int err;

	map_init(&g.files, 0);
	err = gather(&g, root);
	pthread_mutex_lock(&j->lock);
	old_rules = j->rules;
	old_list = j->packages;
	old_files = j->files;
	j->rules = *rules;
	j->packages = g.list;
	j->files = g.files;
	j->enforce = enforce;
	j->learnt_count = 0;
	j->generation++;
	pthread_mutex_unlock(&j->lock);
	software_rules_done(&old_rules);
	drop_packages(&old_list);
	map_done(&old_files);
	*rules = (struct software_rules){.count = 0};
	return err;
}

/* ---- notes ---- */

static uint64_t tag_of(const struct software_judge *j, const struct software_item *item)
{
	return item ? (uint64_t)j->generation << 32 | (uint64_t)(item - j->rules.items + 1) : 0;
}

/* Whether it is to be told, and how often it was not since it was. */
static bool is_due(struct software_judge *j, const struct software_note *n, unsigned *ret_again)
{
	uint64_t key =
		mix_key(j->seed ^ n->runner ^ (uint64_t)n->kind << 32, n->path, strlen(n->path));
	struct seen *s = &j->seen[key % SEEN_MAX];
	int64_t now_ms = clock_mono_ms();

	if (s->key == key && now_ms < s->until_ms) {
		s->times++;
		return false;
	}
	*ret_again = s->key == key ? s->times : 0;
	*s = (struct seen){
		.key = key,
		.until_ms = now_ms + (n->kind == NOTE_UNKNOWN ? UNKNOWN_AGAIN_MS : SEEN_AGAIN_MS)};
	if (now_ms / MINUTE_MS != j->minute)
		j->this_minute = 0;
	j->minute = now_ms / MINUTE_MS;
	if (j->count < NOTES_MAX && j->this_minute < NOTES_A_MINUTE)
		return true;
	j->missed++;
	return false;
}

static void write_item(const struct software_item *item, char *dst, size_t size)
{
	if (item)
		snprintf(dst, size, "%s:%s", software_mark_name(item->mark), item->text);
	else
		snprintf(dst, size, "default");
}

/* Under the lock. */
static void note(struct software_judge *j, enum note_kind kind, const struct run *r,
		 const struct software_verdict *v)
{
	struct software_note n = {.kind = kind,
				  .way = r->program.way,
				  .size = r->program.size,
				  .runner = r->program.runner,
				  .enforced = j->enforce,
				  .learnt = v->learnt,
				  .hashed = r->program.sha256 != NULL,
				  .at_ms = clock_mono_ms() + j->skew_ms};
	bool by_place = v->item && v->item->mark <= SOFTWARE_PUBLISHER && !v->learnt;

	text_fit(n.path, sizeof(n.path), r->program.path);
	if (!is_due(j, &n, &n.again))
		return;
	process_program(r->pid, n.from, sizeof(n.from));
	write_item(v->item, n.item, sizeof(n.item));
	n.tag = kind == NOTE_DENIED && by_place ? tag_of(j, v->item) : 0;
	if (r->program.sha256)
		memcpy(n.sha256, r->program.sha256, sizeof(n.sha256));
	j->notes[(j->first + j->count++) % NOTES_MAX] = n;
	j->this_minute++;
	j->wake(j->arg);
}

bool software_judge_take(struct software_judge *j, struct software_note *ret, unsigned *ret_missed)
{
	bool has;

	pthread_mutex_lock(&j->lock);
	has = j->count > 0;
	if (has) {
		*ret = j->notes[j->first];
		j->first = (j->first + 1) % NOTES_MAX;
		j->count--;
	}
	*ret_missed = j->missed;
	j->missed = 0;
	pthread_mutex_unlock(&j->lock);
	return has;
}

/* ---- asked ---- */

static struct software_facts facts_of(const struct software_judge *j)
{
	return (struct software_facts){.files = &j->files,
				       .learnt = j->learnt,
				       .learnt_count = j->learnt_count,
				       .now_ms = clock_mono_ms() + j->skew_ms};
}

enum software_answer software_judge_ask(void *judge, const struct run *r)
{
	struct software_judge *j = judge;
	struct software_facts facts;
	struct software_verdict v;

	pthread_mutex_lock(&j->lock);
	facts = facts_of(j);
	software_decide(&j->rules, &facts, &r->program, &v);
	if (v.answer == SOFTWARE_DENY) {
		note(j, NOTE_DENIED, r, &v);
		v.answer = j->enforce ? SOFTWARE_DENY : SOFTWARE_RUN;
	} else if (v.answer == SOFTWARE_RUN && !v.item &&
		   program_is_of_unknown_origin(&facts, &r->program)) {
		note(j, NOTE_UNKNOWN, r, &v);
	}
	pthread_mutex_unlock(&j->lock);
	return v.answer;
}

/* A black list that cannot be looked at lets run, a white one does not. */
enum software_answer software_judge_late(void *judge, const struct run *r)
{
	static const struct software_verdict late = {.answer = SOFTWARE_HASH};
	bool runs = r->program.way == PROGRAM_RUN || r->program.way == PROGRAM_LOADED;
	struct software_judge *j = judge;
	bool denies;

	pthread_mutex_lock(&j->lock);
	note(j, NOTE_LATE, r, &late);
	denies = j->enforce && j->rules.deny_rest && runs;
	pthread_mutex_unlock(&j->lock);
	return denies ? SOFTWARE_DENY : SOFTWARE_RUN;
}

static bool is_learnt(const struct software_judge *j, uint64_t size, const uint8_t *sha256)
{
	for (size_t i = 0; i < j->learnt_count; i++)
		if (j->learnt[i].size == size &&
		    memcmp(j->learnt[i].sha256, sha256, PROGRAM_HASH_SIZE) == 0)
			return true;
	return false;
}

void software_judge_learnt(void *judge, uint64_t tag, uint64_t size,
			   const uint8_t sha256[static PROGRAM_HASH_SIZE])
{
	struct software_judge *j = judge;
	size_t item = (size_t)(tag & UINT32_MAX) - 1;

	pthread_mutex_lock(&j->lock);
	if (tag >> 32 == j->generation && item < j->rules.count && j->learnt_count < LEARNT_MAX &&
	    !is_learnt(j, size, sha256)) {
		struct software_learnt *l = &j->learnt[j->learnt_count++];

		*l = (struct software_learnt){.size = size, .item = &j->rules.items[item]};
		memcpy(l->sha256, sha256, sizeof(l->sha256));
	}
	pthread_mutex_unlock(&j->lock);
}

/* ---- the main thread's ---- */

void software_judge_set_clock(struct software_judge *j, int64_t now_ms)
{
	pthread_mutex_lock(&j->lock);
	j->skew_ms = now_ms - clock_mono_ms();
	pthread_mutex_unlock(&j->lock);
}

int64_t software_judge_next_end_ms(struct software_judge *j)
{
	int64_t next = 0, now_ms = clock_mono_ms() + j->skew_ms;

	for (size_t i = 0; i < j->rules.count; i++) {
		int64_t end = j->rules.items[i].until_ms;

		if (end > now_ms && (!next || end < next))
			next = end;
	}
	return next;
}

static const struct software_item *item_of(const struct software_judge *j,
					   const struct software_package *p)
{
	for (size_t i = 0; i < j->rules.count; i++) {
		const struct software_item *item = &j->rules.items[i];

		if (item->list == SOFTWARE_DENIED && software_item_names(item, p))
			return item;
	}
	return NULL;
}

/* The rules are exchanged by this thread alone, so that they are read without the lock. */
void software_judge_each_denied(struct software_judge *j,
				void (*fn)(void *arg, const char *path, uint64_t tag), void *arg)
{
	for (size_t i = 0; i < j->rules.count; i++) {
		const struct software_item *item = &j->rules.items[i];

		if (item->list == SOFTWARE_DENIED && item->mark == SOFTWARE_PATH)
			fn(arg, item->text, tag_of(j, item));
	}
	for (size_t i = 0; i < j->packages.path_count; i++) {
		const char *path = j->packages.paths[i];
		const struct software_item *item = item_of(j, map_get(&j->files, path));

		if (item)
			fn(arg, path, tag_of(j, item));
	}
}

int software_judge_new(void (*wake)(void *arg), void *arg, struct software_judge **ret)
{
	struct software_judge *j = calloc(1, sizeof(*j));

	if (!j)
		return -ENOMEM;
	j->wake = wake;
	j->arg = arg;
	pthread_mutex_init(&j->lock, NULL);
	map_init(&j->files, 0);
	random_bytes(&j->seed, sizeof(j->seed));
	*ret = j;
	return 0;
}

void software_judge_free(struct software_judge *j)
{
	if (!j)
		return;
	software_rules_done(&j->rules);
	drop_packages(&j->packages);
	map_done(&j->files);
	pthread_mutex_destroy(&j->lock);
	free(j);
}
