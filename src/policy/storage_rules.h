/*
 * Clause D16, judged: what may be done with a device that is plugged in. Pure.
 *
 * The policy's object, beside "mode":
 *
 *	{"default": "none",
 *	 "groups": {"audit-sticks": [{"vendor": "0951", "product": "1666", "serial": "E0D55E"}]},
 *	 "entries": [{"name": "auditors", "group": "audit-sticks", "access": "read",
 *		      "until": "2026-12-31T16:00:00Z"},
 *		     {"name": "no-adapters", "kind": "network", "access": "none", "audit": false}]}
 *
 * 1. The first entry decides whose marks are all the device's: "vendor", "product", "serial",
 *    "kind" (usb_kind_name()), "class" (one of its interfaces), and "group" (one of its members,
 *    which have the same marks). One with "until" decides no more from then on.
 * 2. When none does, what could carry files away (usb_kind_is_media()) gets the default's access,
 *    none if the policy does not say; a keyboard, a hub, a printer pass.
 * 3. A serial counts only within its maker's product: an entry that has one names all three.
 * 4. Read holds for disks. What shows none, a telephone, cannot be held to it, and gets none.
 * 5. "audit" says whether it is told, whatever its access; true when missing.
 */
#pragma once

#include <jansson.h>

#include "policy/usb_device.h"

enum storage_access { STORAGE_NONE, STORAGE_READ, STORAGE_WRITE };

const char *storage_access_name(enum storage_access a); /* "read" */

#define STORAGE_NAME_SIZE 64
#define STORAGE_ENTRIES_MAX 512 /* of the list, and members of all groups together */

struct storage_mark; /* which devices are meant */
struct storage_entry;

struct storage_rules {
	enum storage_access media; /* the default */
	struct storage_entry *entries;
	struct storage_mark *members; /* of the groups */
	size_t entry_count, member_count;
};

#define STORAGE_WHERE_SIZE 128

/*
 * NULL settings are the defaults. `ret` is overwritten on success, and to be given to
 * storage_rules_done(). -EINVAL with the place of the first wrong word: "entries[2].until"; a word
 * that is not known is wrong too, since it would narrow an entry. -E2BIG, -ENOMEM.
 */
int storage_rules_parse(const json_t *settings, struct storage_rules *ret,
			char where[static STORAGE_WHERE_SIZE]) MUST_CHECK;
void storage_rules_done(struct storage_rules *r);

/* What decided, when no entry did. No entry may be called so. */
#define STORAGE_BY_SYSTEM "system"   /* the running system lies on it: always writable */
#define STORAGE_BY_DEFAULT "default" /* it is media */
#define STORAGE_BY_KIND "kind"	     /* it is none */

struct storage_verdict {
	enum storage_access access;
	bool audit;
	char entry[STORAGE_NAME_SIZE];
};

void storage_decide(const struct storage_rules *r, const struct usb_device *d, int64_t now_ms,
		    struct storage_verdict *ret);
/* When an entry ends next, after `now_ms`; 0: none does. */
int64_t storage_next_end_ms(const struct storage_rules *r, int64_t now_ms);
