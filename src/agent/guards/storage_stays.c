#include "agent/guards/storage_stays.h"

#include <stdio.h>
#include <string.h>

#include "agent/core/identity.h"
#include "agent/linux/collect.h"
#include "agent/linux/machine.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

#define FLUTTER_MS 1500
#define KEPT_MAX (64 << 10)
#define BOOT_SIZE 40
#define TOLD_FILE "storage.told"

/* ---- events ---- */

static json_t *class_list(const struct usb_device *d)
{
	json_t *list = json_array();
	char text[7];

	for (size_t i = 0; i < d->class_count; i++) {
		snprintf(text, sizeof(text), "%02x%02x%02x", d->classes[i].class,
			 d->classes[i].subclass, d->classes[i].protocol);
		json_array_append_new(list, json_string(text));
	}
	return list;
}

json_t *stays_describe(const struct stays *s, const struct stay *y)
{
	const struct usb_device *d = &y->device;
	char vendor[5], product[5], since[CLOCK_TEXT_SIZE], user[64];

	snprintf(vendor, sizeof(vendor), "%04x", d->vendor);
	snprintf(product, sizeof(product), "%04x", d->product);
	clock_format_cst(since, y->since_ms);
	machine_user(s->host->root, user, sizeof(user));
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:s, s:b, s:b, s:s}",
			 "user", user, "place", d->place, "kind", usb_kind_name(d->kind), "vendor",
			 vendor, "product", product, "serial", d->serial, "maker", d->maker, "name",
			 d->name, "classes", class_list(d), "access",
			 storage_access_name(y->verdict.access), "entry", y->verdict.entry,
			 "enforced", y->enforced, "barred", y->barred, "since", since);
}

static json_t *describe_undone(const struct stays *s, const struct stay *y)
{
	json_t *body = stays_describe(s, y);

	if (body && json_object_set_new(body, "times", json_integer(y->undone)))
		json_decref(TAKE_PTR(body));
	return body;
}

/* ---- what was told, over restarts ---- */

static void boot_name(const struct guard_host *h, char dst[static BOOT_SIZE])
{
	collect_line(h->root, "/proc/sys/kernel/random/boot_id", dst, BOOT_SIZE);
}

/* What its end will say; the rest is read from the device again. */
static json_t *save_one(const struct stay *y)
{
	const struct usb_device *d = &y->device;

	return json_pack("{s:s, s:i, s:i, s:i, s:i, s:s, s:s, s:s, s:I, s:i, s:s, s:b}", "place",
			 d->place, "number", d->number, "vendor", d->vendor, "product", d->product,
			 "kind", d->kind, "serial", d->serial, "maker", d->maker, "name", d->name,
			 "since_ms", (json_int_t)y->since_ms, "access", y->verdict.access, "entry",
			 y->verdict.entry, "enforced", y->enforced);
}

static void keep(const struct stays *s)
{
	json_t *list = json_array(), *all;
	char path[STATE_PATH_SIZE], boot[BOOT_SIZE];
	CLEANUP_FREE char *text = NULL;
	int err;

	for (size_t i = 0; i < STAYS_MAX; i++)
		if (s->list[i].owes_end)
			json_array_append_new(list, save_one(&s->list[i]));
	boot_name(s->host, boot);
	all = json_pack("{s:s, s:o}", "boot", boot, "stays", list);
	text = all ? json_dumps(all, JSON_COMPACT) : NULL;
	json_decref(all);
	state_path(s->host->state_dir, TOLD_FILE, path);
	err = text ? file_replace(path, text, strlen(text), 0600) : -ENOMEM;
	if (err)
		log_error("what was told of storage could not be kept: %s", strerror(-err));
}

static void load_text(const json_t *o, const char *word, char *dst, size_t size)
{
	const char *text = json_string_value(json_object_get(o, word));

	text_fit(dst, size, text ? text : "");
}

static int64_t load_number(const json_t *o, const char *word)
{
	return json_integer_value(json_object_get(o, word));
}

static void load_one(struct stay *y, const json_t *o)
{
	struct usb_device *d = &y->device;

	load_text(o, "place", d->place, sizeof(d->place));
	load_text(o, "serial", d->serial, sizeof(d->serial));
	load_text(o, "maker", d->maker, sizeof(d->maker));
	load_text(o, "name", d->name, sizeof(d->name));
	load_text(o, "entry", y->verdict.entry, sizeof(y->verdict.entry));
	d->number = (int)load_number(o, "number");
	d->vendor = (uint16_t)load_number(o, "vendor");
	d->product = (uint16_t)load_number(o, "product");
	d->kind = (enum usb_kind)MIN((uint64_t)load_number(o, "kind"), USB_UNREADABLE);
	y->since_ms = load_number(o, "since_ms");
	y->verdict.access =
		(enum storage_access)MIN((uint64_t)load_number(o, "access"), STORAGE_WRITE);
	y->enforced = json_is_true(json_object_get(o, "enforced"));
	y->told = y->owes_end = true;
	y->gone_at_ms = clock_mono_ms();
}

void stays_load(struct stays *s, const struct guard_host *host)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	char path[STATE_PATH_SIZE], boot[BOOT_SIZE];
	json_t *kept = NULL;
	const json_t *list;

	*s = (struct stays){.host = host};
	boot_name(host, boot);
	state_path(host->state_dir, TOLD_FILE, path);
	if (file_read(path, KEPT_MAX, &text) == 0)
		kept = json_loadb(buf_str(&text), text.len, 0, NULL);
	list = json_object_get(kept, "stays");
	if (text_equal(json_string_value(json_object_get(kept, "boot")), boot))
		for (size_t i = 0; i < STAYS_MAX && i < json_array_size(list); i++)
			load_one(&s->list[i], json_array_get(list, i));
	json_decref(kept);
}

/* ---- finding ---- */

struct stay *stays_find(struct stays *s, const char *place, int number)
{
	for (size_t i = 0; i < STAYS_MAX; i++)
		if (text_equal(s->list[i].device.place, place) &&
		    s->list[i].device.number == number)
			return &s->list[i];
	return NULL;
}

static bool flutters(const struct stay *y, const struct usb_device *d)
{
	return text_equal(y->device.place, d->place) && !y->here && y->device.vendor == d->vendor &&
	       y->device.product == d->product && text_equal(y->device.serial, d->serial) &&
	       clock_mono_ms() - y->gone_at_ms < FLUTTER_MS;
}

struct stay *stays_begin(struct stays *s, const struct usb_device *d)
{
	struct stay *empty = NULL;

	for (size_t i = 0; i < STAYS_MAX; i++) {
		struct stay *y = &s->list[i];

		if (flutters(y, d)) {
			y->device = *d;
			y->here = true;
			y->put_off = false;
			memset(y->held, 0, sizeof(y->held));
			return y;
		}
		if (!empty && !y->device.place[0])
			empty = y;
	}
	if (empty)
		*empty = (struct stay){.device = *d,
				       .here = true,
				       .since_ms = trusted_clock_now_ms(s->host->clock)};
	return empty;
}

/* ---- telling ---- */

/* Rule 1: in order; the first that has no room holds up the rest. */
static int tell_stay(const struct stays *s, struct stay *y, bool over)
{
	const struct outbox *o = s->host->outbox;
	int err = 0;

	if (!y->told && y->verdict.audit) {
		err = outbox_event(o, "storage.plugged", stays_describe(s, y));
		y->owes_end |= !err;
	}
	y->told |= !err;
	if (!err && y->undone > y->undone_told) {
		err = outbox_event(o, "storage.undone", describe_undone(s, y));
		if (!err)
			y->undone_told = y->undone;
	}
	if (!err && over && y->owes_end)
		err = outbox_event(o, "storage.unplugged", stays_describe(s, y));
	if (!err && over)
		*y = (struct stay){.here = false};
	if (err && err != -ENOBUFS)
		log_error("what is plugged in could not be told: %s", strerror(-err));
	return err;
}

int64_t stays_tell(struct stays *s)
{
	int64_t now = clock_mono_ms(), soonest = 0;
	bool changed = false;

	for (size_t i = 0; i < STAYS_MAX; i++) {
		struct stay *y = &s->list[i];
		bool had = y->owes_end, was_told = y->told;
		int64_t left = y->here ? 0 : y->gone_at_ms + FLUTTER_MS - now;

		if (!y->device.place[0])
			continue;
		if (left > 0)
			soonest = soonest ? MIN(soonest, left) : left;
		if (tell_stay(s, y, !y->here && left <= 0))
			break;
		changed |= y->owes_end != had || (y->owes_end && y->told != was_told);
	}
	if (changed)
		keep(s);
	return soonest;
}
