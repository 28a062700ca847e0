#include "listener/listener.h"

#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "listener/control.h"
#include "listener/memory.h"

#define TICK_MS 1000
#define SAVE_MS (10 * MINUTE_MS)

static int complain(const char *what, const char *where, int err)
{
	if (err)
		log_error("%s %s: %s", what, where, strerror(-err));
	return err;
}

int listener_open(struct listener *l)
{
	const struct interfaces *list = &l->settings.interfaces;
	size_t bytes = (size_t)l->settings.ring_mib << 20;
	int err = 0;

	for (size_t i = 0; !err && i < list->count; i++)
		err = complain("cannot listen at", list->name[i],
			       capture_open(list->name[i], bytes, &l->captures[i]));
	return err;
}

/* ---- to the gate ---- */

static void tell_report(void *arg, const struct report *r)
{
	struct listener *l = arg;
	json_t *message = show_report(l, r);
	char mac[MAC_TEXT_SIZE];

	mac_format(mac, &r->key.mac);
	log_warn("%s %s (%llu times): %s; %s", finding_text(r->key.finding)->code, mac,
		 (unsigned long long)r->count, finding_text(r->key.finding)->en, r->detail);
	json_object_set_new(message, "type", json_string("finding"));
	json_object_set_new(message, "at_ms", json_integer(r->last_ms));
	/* The gate has these words itself. */
	json_object_del(message, "zh");
	json_object_del(message, "en");
	teller_tell(l->teller, message);
}

/* ---- from the gate ---- */

static void on_told(void *arg, const json_t *message)
{
	struct listener *l = arg;
	struct plan *plan = NULL;
	int r = plan_line_take(&l->plan_line, message, &plan);

	if (r < 0)
		log_warn("the gate's address plan is not used: %s", strerror(-r));
	if (r <= 0)
		return;
	plan_free(l->plan);
	l->hear.plan = l->plan = plan;
	log_info("the gate's address plan binds %zu addresses", plan_count(plan));
}

/* ---- devices ---- */

static bool is_due(const struct listener *l, const struct device *d, int64_t now_ms)
{
	if (expected_is_router(&l->expected, &d->mac) || expected_is_gear(&l->expected, &d->mac))
		return false;
	if (d->told_ms)
		return d->last_ms > d->told_ms &&
		       now_ms - d->told_ms >= (int64_t)l->settings.period_s * 1000;
	return now_ms - d->first_ms >= (int64_t)l->settings.settle_s * 1000;
}

/* A flood of made-up MACs waits for its turn, as findings do. */
static void tell_devices(struct listener *l, int64_t now_ms)
{
	for (struct device *d = table_newest(l->table); d; d = d->older) {
		json_t *message;

		if (!is_due(l, d, now_ms))
			continue;
		if (!quota_take(&l->devices, now_ms))
			return;
		message = show_device(l, d);
		json_object_set_new(message, "type", json_string("device"));
		json_object_set_new(message, "at_ms", json_integer(d->last_ms));
		teller_tell(l->teller, message);
		d->told_ms = now_ms;
	}
}

/* ---- the loop ---- */

static void on_found(void *arg, enum finding f, const struct scene *s, const char *detail)
{
	struct listener *l = arg;

	(void)complain("cannot keep a", finding_text(f)->code,
		       reports_add(l->reports, f, s, detail));
}

static void on_frame(void *arg, const uint8_t *frame, size_t len, uint16_t vlan, int64_t at_ms)
{
	struct listener *l = arg;

	hear_frame(&l->hear, frame, len, vlan, at_ms);
}

static void on_capture(void *arg, int fd, uint32_t events)
{
	struct listener *l = arg;

	for (size_t i = 0; i < l->settings.interfaces.count; i++) {
		struct capture *c = l->captures[i];
		int err;

		if (capture_fd(c) != fd)
			continue;
		capture_read(c, on_frame, l);
		if (!(events & (EPOLLERR | EPOLLHUP)))
			continue;
		err = capture_error(c);
		if (err)
			log_warn("%s: %s; it goes on when it is back", capture_interface(c),
				 strerror(-err));
	}
}

static void save(struct listener *l, int64_t now_ms)
{
	const char *path = l->settings.known;

	l->saved_ms = now_ms;
	if (!text_equal(path, "none"))
		(void)complain("cannot keep what is known in", path,
			       memory_save(path, l->table, &l->expected));
}

static void check_captures(struct listener *l)
{
	for (size_t i = 0; !l->failure && i < l->settings.interfaces.count; i++)
		if (capture_is_lost(l->captures[i])) {
			l->failure = complain("lost", capture_interface(l->captures[i]), -ENODEV);
			loop_stop(l->loop);
		}
}

static void on_tick(void *arg)
{
	struct listener *l = arg;
	int64_t now_ms = clock_wall_ms();

	check_captures(l);

	if (now_ms - l->saved_ms >= SAVE_MS || now_ms < l->saved_ms)
		save(l, now_ms);

	reports_tell(l->reports, now_ms, tell_report, l);
	tell_devices(l, now_ms);
	loop_timer_arm(l->tick, TICK_MS);
}

/* ---- start ---- */

static int load_expected(struct listener *l)
{
	const char *path = l->settings.expected;
	char error[EXPECTED_ERROR_SIZE] = "no memory";
	int err = text_equal(path, "none") ? expected_init(&l->expected)
					   : expected_load(path, &l->expected, error);

	if (err)
		log_error("%s", error);
	return err;
}

static int load_plan(struct listener *l)
{
	const char *path = l->settings.plan;
	size_t skipped = 0;
	int err;

	if (text_equal(path, "none") || text_equal(path, "gate"))
		return 0;
	err = complain("cannot read the address plan", path, plan_load(path, &l->plan, &skipped));
	if (!err)
		log_info("%s binds %zu addresses; %zu lines bind none", path, plan_count(l->plan),
			 skipped);
	return err;
}

/* Without vendors everything else works. */
static void load_oui(struct listener *l)
{
	const char *path = l->settings.oui;
	size_t skipped = 0;
	int err;

	if (text_equal(path, "none"))
		return;
	err = oui_load(path, &l->oui, &skipped);
	if (err)
		log_warn("vendors stay unknown: %s: %s", path, strerror(-err));
	else
		log_info("%s names %zu vendors; %zu lines name none", path, oui_count(l->oui),
			 skipped);
}

/* Without it the devices are new, and everything else works. */
static void load_known(struct listener *l)
{
	const char *path = l->settings.known;
	size_t skipped = 0;
	int err;

	l->saved_ms = l->started_ms;
	if (text_equal(path, "none"))
		return;
	err = memory_load(path, l->table, &l->expected, &skipped);
	if (err && err != -ENOENT)
		log_warn("what was known is not: %s: %s", path, strerror(-err));
	else if (!err)
		log_info("%s knows %zu devices; %zu lines tell of none", path,
			 table_count(l->table), skipped);
}

static int watch_captures(struct listener *l)
{
	int err = 0;

	for (size_t i = 0; !err && i < l->settings.interfaces.count; i++)
		err = loop_watch_fd(l->loop, capture_fd(l->captures[i]), EPOLLIN, on_capture, l,
				    &l->watches[i]);
	return err;
}

int listener_start(struct listener *l)
{
	const struct settings *s = &l->settings;
	int err = load_expected(l);

	if (!err)
		err = load_plan(l);
	if (err)
		return err;
	load_oui(l);
	plan_line_init(&l->plan_line);
	l->devices.per_minute = (unsigned)s->per_minute;
	l->started_ms = clock_wall_ms();
	err = table_new(s->max_devices, &l->table);
	if (err)
		return complain("cannot remember", "devices", err);
	load_known(l);
	if (!err)
		err = reports_new((int64_t)s->period_s * 1000, (unsigned)s->per_minute,
				  &l->reports);
	if (!err)
		err = teller_new(l->loop, s->gate, &l->teller);
	if (!err && text_equal(s->plan, "gate"))
		teller_hear(l->teller, on_told, l);
	if (!err)
		err = loop_timer_new(l->loop, on_tick, l, &l->tick);
	if (!err)
		err = control_new(l, &l->control);
	if (!err)
		err = watch_captures(l);
	if (err)
		return complain("cannot start under", s->run_dir, err);
	l->hear = (struct hear){.table = l->table,
				.expected = &l->expected,
				.plan = l->plan,
				.found = on_found,
				.arg = l};
	loop_timer_arm(l->tick, TICK_MS);
	return 0;
}

void listener_stop(struct listener *l)
{
	if (l->table)
		save(l, clock_wall_ms());
	inquiry_free(l->control);
	loop_timer_free(l->tick);
	teller_free(l->teller);
	for (size_t i = 0; i < INTERFACES_MAX; i++)
		loop_watch_remove(l->watches[i]);
	loop_free(l->loop);
	for (size_t i = 0; i < INTERFACES_MAX; i++)
		capture_close(l->captures[i]);
	reports_free(l->reports);
	table_free(l->table);
	plan_free(l->plan);
	plan_line_done(&l->plan_line);
	oui_free(l->oui);
	expected_done(&l->expected);
}
