#include "server/server.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "server/api/api.h"
#include "server/api/enrolment.h"
#include "server/api/metrics_page.h"
#include "server/directory/night.h"
#include "server/gateway/gateway.h"
#include "server/jobs/expiry.h"
#include "server/jobs/silence.h"
#include "server/jobs/syslog.h"
#include "server/keys.h"
#include "server/metrics.h"
#include "server/own_certificate.h"

#define EXPIRY_EVERY_MS (2 * SECOND_MS)
#define NIGHT_EVERY_MS (20 * SECOND_MS)

struct server {
	struct settings settings;
	struct loop *loop;
	struct keys keys;
	struct store *store;
	struct engine *engine;
	struct presence *presence;
	struct gateway *gateway;
	struct oui *oui;
	struct vendors *vendors;
	struct api *api;
	struct enrolment *enrolment;
	struct metrics *metrics;
	struct metrics_page *metrics_page;
	struct silence *silence;
	struct syslog *syslog; /* NULL: nobody collects */
	struct expiry *expiry;
	struct directory_night *night;
	struct loop_timer *silence_timer, *expiry_timer, *certificate_timer, *night_timer;
	int expiry_error; /* said once */
};

/* ---- the clock flow ---- */

static int64_t grace_ms(const struct server *s)
{
	return (int64_t)(s->settings.heartbeat_s * s->settings.grace_heartbeats) * SECOND_MS;
}

static void on_silence_timer(void *arg)
{
	struct server *s = arg;

	silence_round(s->silence, clock_mono_ms());
	loop_timer_arm(s->silence_timer,
		       MAX((int64_t)s->settings.heartbeat_s * SECOND_MS / 3, SECOND_MS));
}

static void on_expiry_timer(void *arg)
{
	struct server *s = arg;
	int err = expiry_round(s->expiry, clock_wall_ms());

	if (err && err != s->expiry_error)
		log_error("what is due cannot be read: %s; trying again", strerror(-err));
	s->expiry_error = err;
	loop_timer_arm(s->expiry_timer, EXPIRY_EVERY_MS);
}

static void on_night_timer(void *arg)
{
	struct server *s = arg;

	directory_night_tick(s->night, clock_wall_ms());
	loop_timer_arm(s->night_timer, NIGHT_EVERY_MS);
}

static int start_pages(struct server *s, char *error);
static void stop_pages(struct server *s);

/* The pages' library keeps the certificate it began with: it begins anew. */
static void on_certificate_timer(void *arg)
{
	struct server *s = arg;
	char error[SERVER_ERROR_SIZE];

	loop_timer_arm(s->certificate_timer, DAY_MS);
	if (own_certificate_renew(s->engine, &s->keys, s->settings.keys_dir, clock_wall_ms()) != 1)
		return;
	if (gateway_use_certificate(s->gateway))
		log_error("the gateway does not take the new certificate; start menshend anew");
	stop_pages(s);
	if (start_pages(s, error)) {
		log_error("%s", error);
		loop_stop(s->loop);
	}
}

/* ---- start ---- */

static int fail(char *error, int err, const char *what)
{
	snprintf(error, SERVER_ERROR_SIZE, "%s: %s", what, strerror(-err));
	return err;
}

static int open_store(struct server *s, char *error)
{
	char why[MAX(STORE_ERROR_SIZE, KEYS_ERROR_SIZE)] = "";
	struct store_options o = {.dir = s->settings.data_dir, .epoch = s->settings.epoch};
	int err = keys_load(s->settings.keys_dir, &s->keys, why);

	if (!err)
		err = hash_kind_parse(s->settings.hash, &o.hash);
	o.log_key = s->keys.log;
	if (!err)
		err = store_open(&o, &s->store, why);
	if (err)
		snprintf(error, SERVER_ERROR_SIZE, "%s", why);
	return err;
}

static int expect_known(struct server *s)
{
	struct store_db *db;
	int err = store_reader_new(s->store, &db);

	if (err)
		return err;
	err = silence_expect_known(db, s->presence, clock_mono_ms());
	store_reader_free(db);
	return err;
}

static int start_engine(struct server *s, char *error)
{
	const struct engine_options o = {.store = s->store};
	int err = engine_start(&o, &s->engine);

	if (!err)
		err = presence_new(grace_ms(s), &s->presence);
	if (!err)
		err = expect_known(s);
	return err ? fail(error, err, "the engine cannot start") : 0;
}

static int start_syslog(struct server *s, char *error)
{
	struct syslog_options o = {.loop = s->loop,
				   .store = s->store,
				   .collector = s->settings.syslog_collector,
				   .tcp = s->settings.syslog_tcp,
				   .kinds = s->settings.syslog_kinds};
	int err = o.collector.len ? syslog_new(&o, &s->syslog) : 0;

	return err ? fail(error, err, "syslog cannot start") : 0;
}

static int start_gateway(struct server *s, char *error)
{
	const struct gateway_options o = {
		.engine = s->engine,
		.store = s->store,
		.keys = &s->keys,
		.presence = s->presence,
		.listen = s->settings.gateway_listen,
		.loops = (unsigned)s->settings.loops,
		.heartbeat_s = (unsigned)s->settings.heartbeat_s,
		.connections_max = s->settings.connections,
		.per_address_max = s->settings.connections_per_address,
		.enrol_per_minute = s->settings.enrol_per_minute,
		.renew_late_ms = (int64_t)s->settings.renew_late_days * DAY_MS,
		.events_per_s = (unsigned)s->settings.events_per_s,
		.events_burst = (unsigned)s->settings.events_burst,
		.findings = {.isolates = s->settings.findings_isolate,
			     .percent = s->settings.breaker_percent,
			     .least = s->settings.breaker_least,
			     .window_ms = (int64_t)s->settings.breaker_window_s * SECOND_MS},
		.on_records = s->syslog ? syslog_records : NULL,
		.on_records_arg = s->syslog,
	};
	int err = gateway_start(&o, &s->gateway);

	return err ? fail(error, err, "the gateway cannot start; is its address free?") : 0;
}

static void gate_of(void *arg, const char *name, struct api_gate *ret)
{
	struct gateway_gate gate = gateway_gate(arg, name);
	menshen_GatePeers said;

	gateway_gate_peers(arg, name, &said);
	*ret = (struct api_gate){
		.connected = gate.connected, .seen_ms = gate.seen_ms, .rev = gate.rev};
	for (size_t i = 0; i < MIN(said.peers_count, (pb_size_t)API_PEERS_MAX); i++) {
		const menshen_GatePeer *p = &said.peers[i];
		struct api_peer *to = &ret->peers[ret->peers_count++];

		text_fit(to->name, sizeof(to->name), p->name);
		text_fit(to->state, sizeof(to->state), p->state);
		to->since_ms = p->since_ms;
		to->sessions = p->sessions;
		to->told = p->told;
	}
}

static int explain_at(void *arg, const char *name, const struct api_ask *ask,
		      struct api_explained *ret)
{
	const struct gateway_ask to = {ask->mac, ask->account, ask->at, ask->port};
	struct gateway_explained e;
	int err = gateway_explain(arg, name, &to, &e);

	if (err)
		return err;
	*ret = (struct api_explained){.method = e.method,
				      .mode = e.mode,
				      .verdict = e.verdict,
				      .would_be = e.would_be,
				      .standing = e.standing};
	memcpy(ret->port, e.port, sizeof(ret->port));
	memcpy(ret->account, e.account, sizeof(ret->account));
	memcpy(ret->reason, e.reason, sizeof(ret->reason));
	memcpy(ret->would_be_reason, e.would_be_reason, sizeof(ret->would_be_reason));
	return 0;
}

/* Without vendors everything else works. */
static void load_oui(struct server *s)
{
	const char *path = s->settings.findings_oui;
	size_t skipped;
	int err = text_equal(path, "none") ? 0 : oui_load(path, &s->oui, &skipped);

	if (err)
		log_warn("vendors stay unknown: %s: %s", path, strerror(-err));
}

static struct api_directory directory_of(void *arg)
{
	struct server *s = arg;

	return (struct api_directory){directory_night_is_set_up(s->night),
				      directory_night_is_running(s->night),
				      s->settings.directory_at};
}

static int read_directory(void *arg)
{
	struct server *s = arg;

	return directory_night_start(s->night);
}

/* Without their files no configuration is shown, and everything else works. */
static void load_vendors(struct server *s)
{
	const char *dir = s->settings.vendors_dir;
	char error[VENDOR_ERROR_SIZE];

	if (!text_equal(dir, "none") && vendors_load(dir, &s->vendors, error))
		log_warn("switches are configured by hand: %s", error);
}

static int start_api(struct server *s, char *error)
{
	const struct api_options o = {
		.listen = s->settings.console_listen,
		.cert_pem = buf_str(&s->keys.server_pem),
		.key_pem = buf_str(&s->keys.server_key_pem),
		.console_dir = s->settings.console_dir[0] ? s->settings.console_dir : NULL,
		.store = s->store,
		.engine = s->engine,
		.seal = s->keys.seal,
		.gates = s->keys.gates,
		.means = {{s->keys.policy, s->settings.epoch}, s->keys.ca},
		.log_keys_pem = buf_str(&s->keys.log_pub),
		.oui = s->oui,
		.vendors = s->vendors,
		.version = MENSHEN_VERSION,
		.gate = gate_of,
		.explain = explain_at,
		.gate_arg = s->gateway,
		.directory = directory_of,
		.directory_start = read_directory,
		.directory_arg = s,
	};
	int err = api_start(&o, &s->api);

	return err ? fail(error, err, "the console cannot start; is its address free?") : 0;
}

static int start_enrolment(struct server *s, char *error)
{
	const struct enrolment_options o = {
		.listen = s->settings.enrolment_listen,
		.cert_pem = buf_str(&s->keys.server_pem),
		.key_pem = buf_str(&s->keys.server_key_pem),
		.dir = s->settings.enrolment_dir[0] ? s->settings.enrolment_dir : NULL,
		.connections = (unsigned)s->settings.enrolment_connections,
		.connections_per_address = (unsigned)s->settings.enrolment_per_address,
	};
	int err = o.listen.len ? enrolment_start(&o, &s->enrolment) : 0;

	return err ? fail(error, err, "the enrolment page cannot start; is its address free?") : 0;
}

static int start_pages(struct server *s, char *error)
{
	int err;

	load_oui(s);
	load_vendors(s);
	err = start_api(s, error);
	return err ? err : start_enrolment(s, error);
}

static void stop_pages(struct server *s)
{
	api_stop(s->api);
	s->api = NULL;
	enrolment_stop(s->enrolment);
	s->enrolment = NULL;
}

static int start_metrics(struct server *s, char *error)
{
	struct metrics_page_options o = {.listen = s->settings.metrics_listen,
					 .write = metrics_write};
	int err;

	if (!o.listen.len)
		return 0;
	err = metrics_new(s->store, s->engine, s->gateway, &s->metrics);
	o.arg = s->metrics;
	if (!err)
		err = metrics_page_start(&o, &s->metrics_page);
	return err ? fail(error, err, "the metrics cannot be read; is their address free?") : 0;
}

static struct breaker_options breaker_of(const struct server *s)
{
	return (struct breaker_options){(unsigned)s->settings.breaker_percent,
					(unsigned)s->settings.breaker_least,
					(int64_t)s->settings.breaker_window_s * SECOND_MS};
}

static int start_night(struct server *s, char *error)
{
	const struct directory_night_options o = {.engine = s->engine,
						  .store = s->store,
						  .file = s->settings.directory_file,
						  .at_minute = s->settings.directory_at,
						  .breaker = breaker_of(s)};
	int err = directory_night_new(&o, &s->night);

	return err ? fail(error, err, "the directory cannot be read at night") : 0;
}

static int start_jobs(struct server *s, char *error)
{
	const struct silence_options o = {
		.engine = s->engine,
		.presence = s->presence,
		.grace_ms = grace_ms(s),
		.breaker = breaker_of(s),
	};
	int err = silence_new(&o, &s->silence);

	if (!err)
		err = expiry_new(s->engine, s->store,
				 (int64_t)s->settings.sessions_keep_days * DAY_MS, &s->expiry);
	if (!err)
		err = loop_timer_new(s->loop, on_silence_timer, s, &s->silence_timer);
	if (!err)
		err = loop_timer_new(s->loop, on_expiry_timer, s, &s->expiry_timer);
	if (!err)
		err = loop_timer_new(s->loop, on_certificate_timer, s, &s->certificate_timer);
	if (!err)
		err = loop_timer_new(s->loop, on_night_timer, s, &s->night_timer);
	if (err)
		return fail(error, err, "the clock's jobs cannot start");
	on_silence_timer(s);
	on_expiry_timer(s);
	on_night_timer(s);
	loop_timer_arm(s->certificate_timer, DAY_MS);
	return 0;
}

int server_start(const struct settings *settings, struct loop *loop, struct server **ret,
		 char error[static SERVER_ERROR_SIZE])
{
	struct server *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return fail(error, -ENOMEM, "the server cannot start");
	s->settings = *settings;
	s->loop = loop;
	err = open_store(s, error);
	if (!err)
		err = start_engine(s, error);
	if (!err) /* it serves with an old one, too: that is told, and agents judge it */
		(void)!own_certificate_renew(s->engine, &s->keys, s->settings.keys_dir,
					     clock_wall_ms());
	if (!err)
		err = start_syslog(s, error);
	if (!err)
		err = start_gateway(s, error);
	if (!err)
		err = start_night(s, error);
	if (!err)
		err = start_pages(s, error);
	if (!err)
		err = start_metrics(s, error);
	if (!err)
		err = start_jobs(s, error);
	if (err)
		server_stop(s);
	else
		*ret = s;
	return err;
}

void server_stop(struct server *s)
{
	if (!s)
		return;
	loop_timer_free(s->silence_timer);
	loop_timer_free(s->expiry_timer);
	loop_timer_free(s->certificate_timer);
	loop_timer_free(s->night_timer);
	silence_free(s->silence);
	expiry_free(s->expiry);
	stop_pages(s);
	metrics_page_stop(s->metrics_page);
	metrics_free(s->metrics);
	gateway_stop(s->gateway);
	syslog_free(s->syslog);
	directory_night_free(s->night);
	engine_stop(s->engine);
	presence_free(s->presence);
	store_close(s->store);
	keys_done(&s->keys);
	oui_free(s->oui);
	vendors_free(s->vendors);
	free(s);
}
