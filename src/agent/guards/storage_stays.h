/*
 * Who is plugged in, from the plug to the end, and what was told of each.
 *
 * 1. A stay is told once when it begins and again when its access changes (storage.plugged), once
 *    when it is over (storage.unplugged), and each time that somebody undid the hold on it
 *    (storage.undone); over restarts of the agent too, since what was told is kept on disk until
 *    the system starts anew. What the queue has no room for waits here.
 * 2. A device that comes back at its place within a moment never left: a driver that binds, a
 *    loose plug.
 */
#pragma once

#include "agent/guards/guard.h"
#include "agent/guards/usb.h"
#include "policy/storage_rules.h"

#define STAYS_MAX USB_DEVICES_MAX

struct stay {
	struct usb_device device; /* its place is "": no stay */
	struct storage_verdict verdict;
	int64_t since_ms, gone_at_ms; /* the latter on the monotonic clock */
	bool here;
	bool fresh;		      /* read from the device since it was plugged */
	bool enforced;		      /* the verdict is carried out */
	bool failed;		      /* it could not be */
	bool barred;		      /* not to be held as decided: nothing until it is unplugged */
	bool put_off;		      /* by us, or by its hub for us */
	bool told;		      /* that it is here, with this access */
	bool owes_end;		      /* it was told before, so its end is too */
	unsigned undone, undone_told; /* how often */
	unsigned replugs;
	char held[USB_DISKS_MAX][32]; /* the disks that were made read-only; "": none */
};

struct stays {
	const struct guard_host *host;
	struct stay list[STAYS_MAX];
};

/* Takes over what was told before a restart. */
void stays_load(struct stays *s, const struct guard_host *host);
/* The stay of the device at this place with this number; NULL: it is new. */
struct stay *stays_find(struct stays *s, const char *place, int number);
/* A new one, or the one that it flutters on with. NULL: too many; such a device is never let in. */
struct stay *stays_begin(struct stays *s, const struct usb_device *d);
/* What is told of one, for people and events; NULL: no memory. */
json_t *stays_describe(const struct stays *s, const struct stay *y);
/* Tells what is to be told. Milliseconds until the next call is needed; 0: none is. */
int64_t stays_tell(struct stays *s);
