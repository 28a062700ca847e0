#include "server/metrics.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/exposition.h"

struct metrics {
	struct store_db *reader;
	struct engine *engine;
	struct gateway *gateway;
};

int metrics_new(struct store *store, struct engine *engine, struct gateway *gateway,
		struct metrics **ret)
{
	struct metrics *m = calloc(1, sizeof(*m));
	int err = m ? store_reader_new(store, &m->reader) : -ENOMEM;

	if (err) {
		free(m);
		return err;
	}
	m->engine = engine;
	m->gateway = gateway;
	*ret = m;
	return 0;
}

void metrics_free(struct metrics *m)
{
	if (!m)
		return;
	store_reader_free(m->reader);
	free(m);
}

static void write_gateway(const struct metrics *m, struct buf *to)
{
	struct gateway_stats s;

	gateway_get_stats(m->gateway, &s);
	exposition_single(to, "menshen_connections", "gauge", "Connections open at the gateway",
			  (double)s.connections);
	exposition_single(to, "menshen_agents_connected", "gauge", "Terminals connected",
			  (double)s.terminals);
	exposition_single(to, "menshen_gates_connected", "gauge", "Gates connected",
			  (double)s.gates);
	exposition_single(to, "menshen_handshakes_total", "counter", "TLS handshakes",
			  (double)s.handshakes);
	exposition_single(to, "menshen_handshakes_resumed_total", "counter",
			  "TLS handshakes that resumed a session", (double)s.resumed);
	exposition_single(to, "menshen_refused_total", "counter", "Connections refused",
			  (double)s.refused);
	exposition_single(to, "menshen_records_total", "counter",
			  "Records of desks and gates acknowledged", (double)s.records);
}

static void write_commit_times(const struct engine_stats *s, struct buf *to)
{
	static const char name[] = "menshen_commit_seconds";
	uint64_t count = 0;
	char bound[32];

	exposition_family(to, name, "histogram", "How long a commit of the engine takes");
	for (size_t i = 0; i < ENGINE_TIMES; i++) {
		count += s->times[i];
		if (engine_time_bounds_ms[i])
			snprintf(bound, sizeof(bound), "%g",
				 (double)engine_time_bounds_ms[i] / 1000);
		else
			snprintf(bound, sizeof(bound), "+Inf");
		exposition_sample(to, "menshen_commit_seconds_bucket",
				  &(struct exposition_label){"le", bound}, 1, (double)count);
	}
	exposition_sample(to, "menshen_commit_seconds_sum", NULL, 0, s->seconds);
	exposition_sample(to, "menshen_commit_seconds_count", NULL, 0, (double)count);
}

static void write_engine(const struct metrics *m, struct buf *to)
{
	struct engine_stats s;

	engine_get_stats(m->engine, &s);
	exposition_single(to, "menshen_works_total", "counter", "Works of the engine",
			  (double)s.works);
	exposition_single(to, "menshen_works_failed_total", "counter",
			  "Works that changed nothing, for they were refused or the store failed",
			  (double)s.failed);
	exposition_single(to, "menshen_works_waiting", "gauge", "Works that wait for the engine",
			  (double)s.waiting);
	exposition_single(to, "menshen_store_refuses", "gauge", "1: the store takes no commits",
			  s.store_error != 0);
	write_commit_times(&s, to);
}

static void write_breakers(const struct metrics *m, struct buf *to)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	double tripped = 0, reset = 0;
	int r = store_select(m->reader, STMT_TRIPPED_ALL, STORE_ARGS(v_null()), &c);

	while (!r && (r = store_next(c)) == 1) {
		*(store_int(c, 1) > clock_wall_ms() ? &reset : &tripped) += 1;
		r = 0;
	}
	if (r)
		return;
	exposition_family(to, "menshen_breakers", "gauge", "Units whose breaker has tripped");
	exposition_sample(to, "menshen_breakers", &(struct exposition_label){"state", "tripped"}, 1,
			  tripped);
	exposition_sample(to, "menshen_breakers", &(struct exposition_label){"state", "reset"}, 1,
			  reset);
}

/* Column 0 is the name, 1 its beginning, 2 when a head came back from it (0: never). */
static double last_seen_s(const struct metrics *m, const struct store_cursor *c)
{
	struct gateway_gate gate = gateway_gate(m->gateway, store_text(c, 0));

	if (gate.connected)
		return (double)clock_wall_ms() / SECOND_MS;
	return (double)MAX(gate.seen_ms, store_int(c, 2)) / SECOND_MS;
}

static int write_gate_family(const struct metrics *m, struct buf *to, bool seen)
{
	const char *name = seen ? "menshen_gate_last_seen_seconds" : "menshen_gate_connected";
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(m->reader, STMT_DOCTOR_GATES, STORE_NO_ARGS, &c);

	if (r)
		return r;
	exposition_family(to, name, "gauge",
			  seen ? "When a gate was heard last, in seconds since 1970; 0: never"
			       : "1: the gate is connected");
	while ((r = store_next(c)) == 1)
		exposition_sample(to, name, &(struct exposition_label){"gate", store_text(c, 0)}, 1,
				  seen ? last_seen_s(m, c)
				       : gateway_gate(m->gateway, store_text(c, 0)).connected);
	return r;
}

void metrics_write(void *metrics, struct buf *to)
{
	const struct metrics *m = metrics;

	write_gateway(m, to);
	write_engine(m, to);
	write_breakers(m, to);
	if (write_gate_family(m, to, false) == 0)
		(void)!write_gate_family(m, to, true);
}
