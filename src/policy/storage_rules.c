#include "policy/storage_rules.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

#define ANY -1

struct storage_mark {
	int32_t vendor, product, class; /* ANY */
	unsigned kinds;			/* 1 << enum usb_kind; 0: any */
	char serial[USB_TEXT_SIZE];	/* "": any */
};

struct storage_entry {
	char name[STORAGE_NAME_SIZE];
	struct storage_mark mark;
	bool grouped;
	size_t first_member, member_count;
	enum storage_access access;
	bool audit;
	int64_t until_ms; /* 0: for ever */
};

static const char *const access_names[] = {"none", "read", "write"};

const char *storage_access_name(enum storage_access a)
{
	return access_names[a];
}

/* ---- the policy's words ---- */

struct parsing {
	struct storage_rules *rules;
	const json_t *groups;
	char at[STORAGE_NAME_SIZE + 32]; /* "entries[2]" */
	char *where;
};

static int wrong(const struct parsing *p, const char *word)
{
	snprintf(p->where, STORAGE_WHERE_SIZE, "%s%s%.30s", p->at, *p->at && *word ? "." : "",
		 word);
	return -EINVAL;
}

/* jansson walks without changing, but asks for a mutable value. */
static json_t *walkable(const json_t *v)
{
	return (json_t *)(uintptr_t)v;
}

static int check_words(const struct parsing *p, const json_t *o, const char *const *known)
{
	const char *name;
	json_t *value;

	if (!json_is_object(o))
		return wrong(p, "");
	json_object_foreach(walkable(o), name, value)
	{
		const char *const *k = known;

		while (*k && !text_equal(*k, name))
			k++;
		if (!*k)
			return wrong(p, name);
	}
	return 0;
}

/* As many hexadecimal digits as `size` bytes have; the word may be missing. */
static int parse_hex(const struct parsing *p, const json_t *o, const char *word, size_t size,
		     int32_t *ret)
{
	const json_t *v = json_object_get(o, word);
	uint8_t bytes[2];

	if (!v)
		return 0;
	if (!json_is_string(v) || hex_decode(bytes, size, json_string_value(v)))
		return wrong(p, word);
	*ret = size == 2 ? bytes[0] << 8 | bytes[1] : bytes[0];
	return 0;
}

static int parse_access(const struct parsing *p, const json_t *o, const char *word,
			enum storage_access *ret)
{
	const char *name = json_string_value(json_object_get(o, word));

	for (unsigned a = 0; a < ARRAY_SIZE(access_names); a++)
		if (text_equal(name, access_names[a])) {
			*ret = (enum storage_access)a;
			return 0;
		}
	return wrong(p, word);
}

/* A word, or a list of them. */
static int parse_kinds(const struct parsing *p, const json_t *o, unsigned *ret)
{
	const json_t *v = json_object_get(o, "kind");
	size_t count = json_is_array(v) ? json_array_size(v) : v ? 1 : 0;

	if (v && count == 0)
		return wrong(p, "kind");
	for (size_t i = 0; i < count; i++) {
		const json_t *one = json_is_array(v) ? json_array_get(v, i) : v;
		enum usb_kind k;

		if (usb_kind_parse(json_string_value(one), &k))
			return wrong(p, "kind");
		*ret |= 1U << k;
	}
	return 0;
}

/* Rule 3. */
static int parse_serial(const struct parsing *p, const json_t *o, struct storage_mark *m)
{
	const json_t *v = json_object_get(o, "serial");
	const char *text = json_string_value(v);

	if (!v)
		return 0;
	if (!text || !*text || text_copy(m->serial, sizeof(m->serial), text))
		return wrong(p, "serial");
	if (m->vendor == ANY)
		return wrong(p, "vendor");
	return m->product == ANY ? wrong(p, "product") : 0;
}

static int parse_mark(const struct parsing *p, const json_t *o, struct storage_mark *ret)
{
	struct storage_mark m = {.vendor = ANY, .product = ANY, .class = ANY};
	int err = parse_hex(p, o, "vendor", 2, &m.vendor);

	if (!err)
		err = parse_hex(p, o, "product", 2, &m.product);
	if (!err)
		err = parse_hex(p, o, "class", 1, &m.class);
	if (!err)
		err = parse_kinds(p, o, &m.kinds);
	if (!err)
		err = parse_serial(p, o, &m);
	if (!err && m.product != ANY && m.vendor == ANY)
		err = wrong(p, "vendor");
	if (!err)
		*ret = m;
	return err;
}

static int parse_until(const struct parsing *p, const json_t *o, int64_t *ret)
{
	const json_t *v = json_object_get(o, "until");

	if (v && (!json_is_string(v) || clock_parse(json_string_value(v), ret)))
		return wrong(p, "until");
	return 0;
}

static int parse_audit(const struct parsing *p, const json_t *o, bool *ret)
{
	const json_t *v = json_object_get(o, "audit");

	if (v && !json_is_boolean(v))
		return wrong(p, "audit");
	*ret = !json_is_false(v);
	return 0;
}

static bool is_taken(const struct storage_rules *r, const char *name)
{
	for (size_t i = 0; i < r->entry_count; i++)
		if (text_equal(r->entries[i].name, name))
			return true;
	return text_equal(name, STORAGE_BY_SYSTEM) || text_equal(name, STORAGE_BY_DEFAULT) ||
	       text_equal(name, STORAGE_BY_KIND);
}

static int parse_name(const struct parsing *p, const json_t *o, struct storage_entry *e)
{
	const char *name = json_string_value(json_object_get(o, "name"));

	if (!name || !*name || text_copy(e->name, sizeof(e->name), name) ||
	    is_taken(p->rules, name))
		return wrong(p, "name");
	return 0;
}

/* A group that two entries name is kept twice. */
static int parse_group(struct parsing *p, const json_t *o, struct storage_entry *e)
{
	static const char *const words[] = {"vendor", "product", "serial", "kind", "class", NULL};
	const json_t *v = json_object_get(o, "group"), *list;
	struct storage_rules *r = p->rules;
	struct parsing member = *p;
	int err = 0;

	if (!v)
		return 0;
	list = json_object_get(p->groups, json_is_string(v) ? json_string_value(v) : "");
	if (!json_is_array(list))
		return wrong(p, "group");
	if (json_array_size(list) > STORAGE_ENTRIES_MAX - r->member_count)
		return -E2BIG;
	e->grouped = true;
	e->first_member = r->member_count;
	e->member_count = json_array_size(list);
	for (size_t i = 0; !err && i < e->member_count; i++) {
		const json_t *one = json_array_get(list, i);

		snprintf(member.at, sizeof(member.at), "groups.%.60s[%zu]", json_string_value(v),
			 i);
		err = check_words(&member, one, words);
		if (!err && json_object_size(one) == 0)
			err = wrong(&member, "");
		if (!err)
			err = parse_mark(&member, one, &r->members[r->member_count]);
		r->member_count += !err;
	}
	return err;
}

static int parse_entry(struct parsing *p, const json_t *o)
{
	static const char *const words[] = {"name",  "vendor", "product", "serial", "kind", "class",
					    "group", "access", "audit",	  "until",  NULL};
	struct storage_entry e = {.until_ms = 0};
	int err = check_words(p, o, words);

	if (!err)
		err = parse_name(p, o, &e);
	if (!err)
		err = parse_access(p, o, "access", &e.access);
	if (!err)
		err = parse_audit(p, o, &e.audit);
	if (!err)
		err = parse_until(p, o, &e.until_ms);
	if (!err)
		err = parse_mark(p, o, &e.mark);
	if (!err)
		err = parse_group(p, o, &e);
	if (!err)
		p->rules->entries[p->rules->entry_count++] = e;
	return err;
}

static int parse_entries(struct parsing *p, const json_t *list)
{
	size_t count = json_array_size(list);
	int err = 0;

	if (list && !json_is_array(list))
		return wrong(p, "entries");
	if (count > STORAGE_ENTRIES_MAX)
		return -E2BIG;
	p->rules->entries = calloc(count + 1, sizeof(*p->rules->entries));
	p->rules->members = calloc(STORAGE_ENTRIES_MAX, sizeof(*p->rules->members));
	if (!p->rules->entries || !p->rules->members)
		return -ENOMEM;
	for (size_t i = 0; !err && i < count; i++) {
		snprintf(p->at, sizeof(p->at), "entries[%zu]", i);
		err = parse_entry(p, json_array_get(list, i));
	}
	return err;
}

int storage_rules_parse(const json_t *settings, struct storage_rules *ret,
			char where[static STORAGE_WHERE_SIZE])
{
	struct storage_rules r = {.media = STORAGE_NONE};
	struct parsing p = {
		.rules = &r, .groups = json_object_get(settings, "groups"), .where = where};
	int err = 0;

	where[0] = 0;
	if (json_object_get(settings, "default"))
		err = parse_access(&p, settings, "default", &r.media);
	if (!err && p.groups && !json_is_object(p.groups))
		err = wrong(&p, "groups");
	if (!err)
		err = parse_entries(&p, json_object_get(settings, "entries"));
	if (err)
		storage_rules_done(&r);
	else
		*ret = r;
	return err;
}

void storage_rules_done(struct storage_rules *r)
{
	free(r->entries);
	free(r->members);
	*r = (struct storage_rules){.media = STORAGE_NONE};
}

/* ---- deciding ---- */

static bool has_class(const struct usb_device *d, int32_t class)
{
	for (size_t i = 0; i < d->class_count; i++)
		if (d->classes[i].class == class)
			return true;
	return false;
}

static bool fits(const struct storage_mark *m, const struct usb_device *d)
{
	return (m->vendor == ANY || m->vendor == d->vendor) &&
	       (m->product == ANY || m->product == d->product) &&
	       (!*m->serial || text_equal(m->serial, d->serial)) &&
	       (!m->kinds || m->kinds & 1U << d->kind) &&
	       (m->class == ANY || has_class(d, m->class));
}

static bool fits_group(const struct storage_rules *r, const struct storage_entry *e,
		       const struct usb_device *d)
{
	for (size_t i = 0; i < e->member_count; i++)
		if (fits(&r->members[e->first_member + i], d))
			return true;
	return !e->grouped;
}

static const struct storage_entry *find_entry(const struct storage_rules *r,
					      const struct usb_device *d, int64_t now_ms)
{
	for (size_t i = 0; i < r->entry_count; i++) {
		const struct storage_entry *e = &r->entries[i];

		if ((!e->until_ms || now_ms < e->until_ms) && fits(&e->mark, d) &&
		    fits_group(r, e, d))
			return e;
	}
	return NULL;
}

/* Rule 4. */
static bool shows_disks(enum usb_kind k)
{
	return k == USB_OPTICAL || k == USB_CARD_READER || k == USB_STORAGE;
}

void storage_decide(const struct storage_rules *r, const struct usb_device *d, int64_t now_ms,
		    struct storage_verdict *ret)
{
	const struct storage_entry *e = d->is_system ? NULL : find_entry(r, d, now_ms);
	bool media = usb_kind_is_media(d->kind);
	bool passes = d->is_system || !media;
	struct storage_verdict v = {.access = passes ? STORAGE_WRITE : r->media, .audit = media};

	text_fit(v.entry, sizeof(v.entry),
		 e		? e->name
		 : d->is_system ? STORAGE_BY_SYSTEM
		 : media	? STORAGE_BY_DEFAULT
				: STORAGE_BY_KIND);
	if (e) {
		v.access = e->access;
		v.audit = e->audit;
	}
	if (v.access == STORAGE_READ && !shows_disks(d->kind))
		v.access = STORAGE_NONE;
	*ret = v;
}

int64_t storage_next_end_ms(const struct storage_rules *r, int64_t now_ms)
{
	int64_t next = 0;

	for (size_t i = 0; i < r->entry_count; i++) {
		int64_t end = r->entries[i].until_ms;

		if (end > now_ms && (!next || end < next))
			next = end;
	}
	return next;
}
