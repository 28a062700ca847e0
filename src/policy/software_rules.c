#define _GNU_SOURCE
#include "policy/software_rules.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

static const char *const mark_names[SOFTWARE_MARKS] = {
	[SOFTWARE_PATH] = "path",     [SOFTWARE_PACKAGE] = "package",
	[SOFTWARE_SHA256] = "sha256", [SOFTWARE_PUBLISHER] = "publisher",
	[SOFTWARE_SM3] = "sm3",
};

/* Where packages and the system itself put programs; a place of the administrators' own is none. */
static const char *const system_places[] = {"/usr/",   "/bin/",	  "/sbin/", "/lib/",
					    "/lib32/", "/lib64/", "/etc/"};
static const char local_place[] = "/usr/local/";
/* What root puts here comes from elsewhere: sticks are root's to look at. */
static const char *const foreign_places[] = {"/media/", "/run/", "/mnt/",     "/home/",
					     "/tmp/",	"/dev/", "/var/tmp/", "/srv/"};

const char *software_mark_name(enum software_mark m)
{
	return mark_names[m];
}

static bool is_below(const char *path, const char *const *places, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (text_starts(path, places[i]))
			return true;
	return false;
}

/* ---- the policy's words ---- */

/* A denied folder that has one of the system's in it would leave no desk to work at. */
static bool holds_the_system(const char *folder)
{
	for (size_t i = 0; i < ARRAY_SIZE(system_places); i++)
		if (text_starts(system_places[i], folder))
			return true;
	return text_equal(folder, "/usr/bin/") || text_equal(folder, "/usr/sbin/") ||
	       text_equal(folder, "/usr/lib/");
}

static bool parse_path(const char *text, enum software_list list)
{
	bool folder = *text && text[strlen(text) - 1] == '/';

	return *text == '/' && !strstr(text, "//") && !strstr(text, "/../") &&
	       !(folder && list == SOFTWARE_DENIED && holds_the_system(text));
}

static bool parse_hash(const char *text, struct software_item *item)
{
	char digits[2 * PROGRAM_HASH_SIZE + 1];
	const char *size = strchr(text, ':');
	size_t len = size ? (size_t)(size - text) : strlen(text);

	return text_copy_n(digits, sizeof(digits), text, len) == 0 &&
	       hex_decode(item->hash, sizeof(item->hash), digits) == 0 &&
	       (!size || text_to_u64(size + 1, 1, INT64_MAX, &item->size) == 0);
}

/* "package:game"; the item's text is a copy. */
static int parse_item(const char *text, struct software_item *item)
{
	const char *colon = text ? strchr(text, ':') : NULL, *rest;
	unsigned m = 0;
	bool good;

	if (!colon || strlen(text) > SOFTWARE_TEXT_MAX || !text_is_clean(text, strlen(text)))
		return -EINVAL;
	while (m < SOFTWARE_MARKS && (strlen(mark_names[m]) != (size_t)(colon - text) ||
				      !text_starts(text, mark_names[m])))
		m++;
	rest = colon + 1;
	item->mark = (enum software_mark)m;
	good = m == SOFTWARE_PATH	 ? parse_path(rest, item->list)
	       : m == SOFTWARE_PACKAGE	 ? *rest != 0
	       : m == SOFTWARE_PUBLISHER ? strlen(rest) >= 3
	       : m < SOFTWARE_MARKS	 ? parse_hash(rest, item)
					 : false;
	if (!good)
		return -EINVAL;
	item->text = strdup(rest);
	return item->text ? 0 : -ENOMEM;
}

static int parse_one(const json_t *one, struct software_item *item)
{
	const char *until = json_string_value(json_object_get(one, "until"));

	if (item->list != SOFTWARE_EXCEPTED)
		return parse_item(json_string_value(one), item);
	if (!until || clock_parse(until, &item->until_ms))
		return -EINVAL;
	return parse_item(json_string_value(json_object_get(one, "program")), item);
}

static int parse_list(const json_t *settings, enum software_list list, struct software_rules *r,
		      char *where)
{
	static const char *const words[] = {"except", "denied", "allowed"};
	const json_t *v = json_object_get(settings, words[list]);
	size_t count = json_array_size(v);
	int err = v && !json_is_array(v)		  ? -EINVAL
		  : count > SOFTWARE_ITEMS_MAX - r->count ? -E2BIG
							  : 0;

	snprintf(where, SOFTWARE_WHERE_SIZE, "%s", words[list]);
	for (size_t i = 0; !err && i < count; i++) {
		struct software_item item = {.list = list};

		err = parse_one(json_array_get(v, i), &item);
		if (err)
			snprintf(where, SOFTWARE_WHERE_SIZE, "%s[%zu]", words[list], i);
		else
			r->items[r->count++] = item;
	}
	return err;
}

int software_rules_parse(const json_t *settings, struct software_rules *ret,
			 char where[static SOFTWARE_WHERE_SIZE])
{
	const json_t *rest = json_object_get(settings, "default");
	struct software_rules r = {.deny_rest = text_equal(json_string_value(rest), "deny")};
	int err = 0;

	if (rest && !r.deny_rest && !text_equal(json_string_value(rest), "run")) {
		snprintf(where, SOFTWARE_WHERE_SIZE, "default");
		return -EINVAL;
	}
	r.items = calloc(SOFTWARE_ITEMS_MAX, sizeof(*r.items));
	if (!r.items)
		return -ENOMEM;
	for (unsigned list = 0; !err && list <= SOFTWARE_ALLOWED; list++)
		err = parse_list(settings, list, &r, where);
	if (err)
		software_rules_done(&r);
	else
		*ret = r;
	return err;
}

void software_rules_done(struct software_rules *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->items[i].text);
	free(r->items);
	*r = (struct software_rules){.count = 0};
}

bool software_rules_have(const struct software_rules *r, enum software_mark m)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->items[i].mark == m)
			return true;
	return false;
}

bool software_rules_are_idle(const struct software_rules *r)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->items[i].list == SOFTWARE_DENIED)
			return false;
	return !r->deny_rest;
}

bool software_item_names(const struct software_item *item, const struct software_package *p)
{
	return item->mark == SOFTWARE_PACKAGE
		       ? text_equal(item->text, p->name)
		       : item->mark == SOFTWARE_PUBLISHER && strcasestr(p->publisher, item->text);
}

bool software_wants_package(const struct software_rules *r, const struct software_package *p)
{
	for (size_t i = 0; i < r->count; i++)
		if (software_item_names(&r->items[i], p))
			return true;
	return false;
}

/* ---- deciding ---- */

static bool only_root_writes(const struct program *p)
{
	return p->owner == 0 && !(p->mode & 022);
}

enum fit { FITS_NOT, FITS, FITS_PERHAPS };

static enum fit fits_hash(const struct software_item *item, const struct program *p)
{
	const uint8_t *hash = item->mark == SOFTWARE_SHA256 ? p->sha256 : p->sm3;

	if (item->size ? item->size != p->size : p->way == PROGRAM_DATA)
		return FITS_NOT;
	if (!hash)
		return FITS_PERHAPS;
	return memcmp(hash, item->hash, PROGRAM_HASH_SIZE) == 0 ? FITS : FITS_NOT;
}

static bool fits_path(const char *wanted, const char *path)
{
	bool folder = wanted[strlen(wanted) - 1] == '/';

	return folder ? text_starts(path, wanted) : text_equal(path, wanted);
}

static enum fit fits(const struct software_item *item, const struct software_package *package,
		     const struct program *p)
{
	bool fit;

	if (item->mark == SOFTWARE_SHA256 || item->mark == SOFTWARE_SM3)
		return fits_hash(item, p);
	fit = item->mark == SOFTWARE_PATH ? fits_path(item->text, p->path)
					  : package && software_item_names(item, package);
	return fit && p->way != PROGRAM_DATA ? FITS : FITS_NOT;
}

/* The first item of a list that fits, or may. */
static enum fit find(const struct software_rules *r, enum software_list list,
		     const struct software_facts *f, const struct program *p,
		     const struct software_item **ret)
{
	const struct software_package *package = map_get(f->files, p->path);

	for (size_t i = 0; i < r->count; i++) {
		const struct software_item *item = &r->items[i];
		bool ended = list == SOFTWARE_EXCEPTED && f->now_ms >= item->until_ms;
		enum fit fit = item->list == list && !ended ? fits(item, package, p) : FITS_NOT;

		if (fit != FITS_NOT) {
			*ret = item;
			return fit;
		}
	}
	return FITS_NOT;
}

/* Rule 4. */
static enum fit find_learnt(const struct software_facts *f, const struct program *p,
			    const struct software_item **ret)
{
	for (size_t i = 0; i < f->learnt_count && !program_is_systems(p); i++) {
		const struct software_learnt *l = &f->learnt[i];

		if (l->size != p->size)
			continue;
		if (!p->sha256)
			return FITS_PERHAPS;
		if (memcmp(l->sha256, p->sha256, PROGRAM_HASH_SIZE) == 0) {
			*ret = l->item;
			return FITS;
		}
	}
	return FITS_NOT;
}

/* Rule 1's last. */
static enum software_answer decide_rest(const struct software_rules *r, const struct program *p)
{
	bool runs = p->way == PROGRAM_RUN || p->way == PROGRAM_LOADED;
	bool roots = p->runner == 0 && only_root_writes(p);

	return r->deny_rest && runs && !roots && !program_is_systems(p) ? SOFTWARE_DENY
									: SOFTWARE_RUN;
}

void software_decide(const struct software_rules *r, const struct software_facts *f,
		     const struct program *p, struct software_verdict *ret)
{
	struct software_verdict v = {.answer = SOFTWARE_RUN};
	enum fit fit = find(r, SOFTWARE_EXCEPTED, f, p, &v.item);

	if (fit == FITS_NOT) {
		fit = find(r, SOFTWARE_DENIED, f, p, &v.item);
		if (fit == FITS_NOT) {
			fit = find_learnt(f, p, &v.item);
			v.learnt = fit == FITS;
		}
		if (fit == FITS)
			v.answer = SOFTWARE_DENY;
	}
	/* What is allowed counts only where the rest is denied. */
	if (fit == FITS_NOT && decide_rest(r, p) == SOFTWARE_DENY) {
		fit = find(r, SOFTWARE_ALLOWED, f, p, &v.item);
		if (fit == FITS_NOT)
			v.answer = SOFTWARE_DENY;
	}
	if (fit == FITS_PERHAPS)
		v = (struct software_verdict){.answer = SOFTWARE_HASH};
	*ret = v;
}

bool program_is_systems(const struct program *p)
{
	return only_root_writes(p) && !text_starts(p->path, local_place) &&
	       is_below(p->path, system_places, ARRAY_SIZE(system_places));
}

bool program_is_of_unknown_origin(const struct software_facts *f, const struct program *p)
{
	bool by_root = only_root_writes(p) &&
		       !is_below(p->path, foreign_places, ARRAY_SIZE(foreign_places));

	return p->way == PROGRAM_RUN && p->runner != 0 && !by_root && !map_get(f->files, p->path);
}
