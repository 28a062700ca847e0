/*
 * menshen-listener as a whole: the captures feed hear.h, findings go through reports.h to the gate,
 * devices too once they have settled. A person asks it over a socket.
 *
 *	interface ── capture ── hear ── table
 *	                          └─ rules ── reports ── teller ── gate
 *
 * One thread, that of the loop.
 */
#pragma once

#include "base/inquiry.h"
#include "base/loop.h"
#include "base/oui.h"
#include "listener/capture.h"
#include "listener/hear.h"
#include "listener/plan_line.h"
#include "listener/quota.h"
#include "listener/reports.h"
#include "listener/settings.h"
#include "listener/teller.h"

struct listener {
	struct settings settings;
	struct loop *loop;
	struct capture *captures[INTERFACES_MAX];
	struct loop_watch *watches[INTERFACES_MAX];
	struct table *table;
	struct expected expected;
	struct plan *plan; /* NULL: there is none */
	struct plan_line plan_line;
	struct oui *oui; /* NULL: vendors are not known */
	struct reports *reports;
	struct quota devices; /* that are told */
	struct teller *teller;
	struct inquiry *control;
	struct loop_timer *tick;
	struct hear hear;
	int64_t started_ms, saved_ms;
	int failure; /* why the loop ended, 0: it was asked to */
};

/* Opens the interfaces: what needs privileges. Says what is wrong. */
int listener_open(struct listener *l) MUST_CHECK;
/* Everything else, with the privileges gone. */
int listener_start(struct listener *l) MUST_CHECK;
void listener_stop(struct listener *l);

/* Words for the outside. */
json_t *show_device(const struct listener *l, const struct device *d);
json_t *show_report(const struct listener *l, const struct report *r);
json_t *show_status(const struct listener *l);
