#include "gate/beside/learnt.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/map.h"
#include "base/text.h"
#include "gate/line/applog.h"

#define NAME_SAME 15 /* NetBIOS tells no more of a name */
/* An entry: MAC, terminal's number, fingerprint and name, each at its full size. */
#define ENTRY_SIZE (6 + 8 + 80 + 64)
#define SPARE 64 /* so few entries are not worth writing anew */

struct learnt {
	struct map by_mac;
	struct applog log;
	size_t entries; /* in the file, the ones that hold no more included */
	bool failed;	/* told once */
};

/* ---- the file ---- */

static void encode(uint8_t dst[static ENTRY_SIZE], const struct learnt_look *k)
{
	memcpy(dst, k->mac.b, 6);
	set_be64(dst + 6, (uint64_t)k->terminal_id);
	memcpy(dst + 14, k->print, sizeof(k->print));
	memcpy(dst + 94, k->name, sizeof(k->name));
}

static bool is_text(const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	return len < size && text_is_clean(text, len);
}

static int remember(struct learnt *l, const struct learnt_look *k)
{
	struct learnt_look *kept = map_get(&l->by_mac, &k->mac);
	int err;

	if (kept) {
		*kept = *k;
		return 0;
	}
	if (l->by_mac.count >= LEARNT_MAX)
		return -ENOSPC;
	kept = malloc(sizeof(*kept));
	if (!kept)
		return -ENOMEM;
	*kept = *k;
	err = map_put(&l->by_mac, &kept->mac, kept, NULL);
	if (err)
		free(kept);
	return err;
}

/* Without fingerprint and name: forgotten. */
static int take_entry(void *arg, const uint8_t *entry, size_t len)
{
	struct learnt *l = arg;
	struct learnt_look k = {0};

	l->entries++;
	if (len != ENTRY_SIZE)
		return 0;
	memcpy(k.mac.b, entry, 6);
	k.terminal_id = (int64_t)get_be64(entry + 6);
	memcpy(k.print, entry + 14, sizeof(k.print));
	memcpy(k.name, entry + 94, sizeof(k.name));
	if (!is_text(k.print, sizeof(k.print)) || !is_text(k.name, sizeof(k.name)))
		return 0;
	if (!k.print[0] && !k.name[0])
		free(map_remove(&l->by_mac, &k.mac));
	else if (remember(l, &k) == -ENOMEM)
		return -ENOMEM;
	return 0;
}

static void keep(struct learnt *l, const struct learnt_look *k)
{
	uint8_t entry[ENTRY_SIZE];
	int err;

	encode(entry, k);
	err = applog_append(&l->log, entry, sizeof(entry));
	if (!err)
		err = applog_write(&l->log);
	l->entries++;
	if (err && !l->failed)
		log_warn("what terminals look like is not kept: %s", strerror(-err));
	l->failed = err != 0;
}

static int nothing(void *arg, const uint8_t *entry, size_t len)
{
	(void)arg, (void)entry, (void)len;
	return 0;
}

/* Beside the old one, which stays when this fails. */
static int write_anew(struct learnt *l, const char *path)
{
	char beside[PATH_MAX];
	struct applog fresh = {.fd = -1};
	uint8_t entry[ENTRY_SIZE];
	const struct learnt_look *k;
	uint64_t cut;
	size_t at = 0;
	int err;

	if (snprintf(beside, sizeof(beside), "%s.new", path) >= (int)sizeof(beside))
		return -ENAMETOOLONG;
	(void)unlink(beside);
	err = applog_open(beside, nothing, NULL, &fresh, &cut);
	while (!err && (k = map_next(&l->by_mac, &at))) {
		encode(entry, k);
		err = applog_append(&fresh, entry, sizeof(entry));
	}
	if (!err)
		err = applog_write(&fresh);
	if (!err && rename(beside, path) < 0)
		err = -errno;
	if (err) {
		if (fresh.fd >= 0)
			applog_close(&fresh);
		return err;
	}
	applog_close(&l->log);
	l->log = fresh;
	l->entries = l->by_mac.count;
	return 0;
}

int learnt_new(const char *path, struct learnt **ret)
{
	CLEANUP_LEARNT struct learnt *l = calloc(1, sizeof(*l));
	uint64_t cut = 0;
	int err;

	if (!l)
		return -ENOMEM;
	l->log.fd = -1;
	map_init(&l->by_mac, sizeof(struct mac));
	err = applog_open(path, take_entry, l, &l->log, &cut);
	if (!err && l->entries > 2 * l->by_mac.count + SPARE)
		err = write_anew(l, path);
	if (err)
		return err;
	if (cut)
		log_warn("%s: the last entry was torn and is gone", path);
	*ret = TAKE_PTR(l);
	return 0;
}

void learnt_free(struct learnt *l)
{
	struct learnt_look *k;
	size_t at = 0;

	if (!l)
		return;
	while ((k = map_next(&l->by_mac, &at)))
		free(k);
	map_done(&l->by_mac);
	if (l->log.fd >= 0)
		applog_close(&l->log);
	free(l);
}

/* ---- comparing ---- */

/* A computer starts from the network with another system than its own. */
static bool is_boot(const char *print)
{
	return strstr(print, "/PXEClient") != NULL;
}

/* Both are known, and they are not the same. */
static bool is_other(const char *was, const char *is, size_t same)
{
	return was[0] && is[0] && strncmp(was, is, same) != 0;
}

bool learnt_differs(struct learnt *l, const struct learnt_look *look, bool may_learn,
		    char note[static LEARNT_NOTE_SIZE])
{
	const struct learnt_look *kept = map_get(&l->by_mac, &look->mac);
	struct learnt_look now = *look, whole;
	bool has_news;

	if (is_boot(now.print))
		now.print[0] = 0;
	whole = kept && kept->terminal_id == now.terminal_id ? *kept : (struct learnt_look){0};
	if (is_other(whole.print, now.print, sizeof(now.print))) {
		snprintf(note, LEARNT_NOTE_SIZE,
			 "its system asks for its address as '%s', as '%s' when its permit was "
			 "first used",
			 now.print, whole.print);
		return true;
	}
	if (is_other(whole.name, now.name, NAME_SAME)) {
		snprintf(note, LEARNT_NOTE_SIZE,
			 "its host name is '%s', '%s' when its permit was first used", now.name,
			 whole.name);
		return true;
	}
	has_news = (now.print[0] && !whole.print[0]) || (now.name[0] && !whole.name[0]);
	if (!may_learn || !has_news)
		return false;
	whole.mac = now.mac;
	whole.terminal_id = now.terminal_id;
	if (!whole.print[0])
		memcpy(whole.print, now.print, sizeof(whole.print));
	if (!whole.name[0])
		memcpy(whole.name, now.name, sizeof(whole.name));
	if (remember(l, &whole) == 0)
		keep(l, &whole);
	return false;
}

int learnt_forget(struct learnt *l, const struct mac *mac)
{
	struct learnt_look *kept = map_remove(&l->by_mac, mac);
	struct learnt_look none = {.mac = *mac};

	if (!kept)
		return -ENOENT;
	free(kept);
	keep(l, &none);
	return 0;
}

size_t learnt_count(const struct learnt *l)
{
	return l->by_mac.count;
}
