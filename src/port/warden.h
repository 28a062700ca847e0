/*
 * The warden of the ports: joins the kernel's bridge, the 802.1X engine, the gates and the
 *sessions.
 *
 *	bridge  ── knock, carrier ──▶ ┌─────────┐ ──▶ bridge, isolation   (open, lock)
 *	hostapd ── success, gone ───▶ │ session │ ──▶ hostapd             (invite, dismiss)
 *	proxy   ── EAP answers ─────▶ │ per port│ ──▶ gates               (MAC authentication)
 *	gates   ── answers ─────────▶ └─────────┘ ──▶ accounting
 *	das     ── Disconnect ──────────▲
 *
 * Start: every port is taken out of whatever bridge it was in, locked in its own, before anything
 * else listens. Stop: every port is locked, sessions get their Stop, then Accounting-Off.
 */
#pragma once

#include "base/loop.h"
#include "port/settings.h"

#define WARDEN_STATUS_MAX (1U << 20) /* bytes that the box says of itself, at most */

struct warden;

/* `settings` outlives the warden. A failure is told in the log. */
int warden_new(struct loop *loop, const struct settings *settings, struct warden **ret) MUST_CHECK;
/* Locks every port and queues the last accounting; the loop then runs until warden_is_done(). */
void warden_close(struct warden *w);
/* Nothing waits for a gate any more. */
bool warden_is_done(const struct warden *w);
void warden_free(struct warden *w);
