#include "server/gateway/gateway.h"

#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "server/gateway/gate_link.h"

#define HEARTBEAT_S_DEFAULT 30
#define CONNECTIONS_DEFAULT 20000
#define PER_ADDRESS_DEFAULT 512
#define ENROL_DEFAULT 30
#define HANDSHAKE_MS_DEFAULT (10 * SECOND_MS)
#define RENEW_LATE_MS_DEFAULT (90 * DAY_MS)
#define EVENTS_PER_S_DEFAULT 20
#define EVENTS_BURST_DEFAULT 20000
#define BACKLOG 4096
#define LOOPS_MAX 64

static void on_commit(void *arg, const struct engine_commit *commit)
{
	struct gateway *g = arg;

	for (unsigned i = 0; i < g->worker_count; i++)
		worker_committed(g->workers[i], commit);
}

static void fill_defaults(struct gateway_options *o)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (!o->loops)
		o->loops = cores > 0 ? (unsigned)cores : 1;
	o->loops = MIN(o->loops, (unsigned)LOOPS_MAX);
	if (!o->heartbeat_s)
		o->heartbeat_s = HEARTBEAT_S_DEFAULT;
	if (!o->connections_max)
		o->connections_max = CONNECTIONS_DEFAULT;
	if (!o->per_address_max)
		o->per_address_max = PER_ADDRESS_DEFAULT;
	if (!o->enrol_per_minute)
		o->enrol_per_minute = ENROL_DEFAULT;
	if (!o->renew_late_ms)
		o->renew_late_ms = RENEW_LATE_MS_DEFAULT;
	if (!o->events_per_s)
		o->events_per_s = EVENTS_PER_S_DEFAULT;
	if (!o->events_burst)
		o->events_burst = EVENTS_BURST_DEFAULT;
	if (!o->handshake_ms)
		o->handshake_ms = HANDSHAKE_MS_DEFAULT;
}

/* What connections inherit: a peer that lost power is noticed within two minutes. */
static int tune(int fd)
{
	static const struct {
		int level, name, value;
	} options[] = {
		{IPPROTO_TCP, TCP_NODELAY, 1},	 {SOL_SOCKET, SO_KEEPALIVE, 1},
		{IPPROTO_TCP, TCP_KEEPIDLE, 60}, {IPPROTO_TCP, TCP_KEEPINTVL, 15},
		{IPPROTO_TCP, TCP_KEEPCNT, 4},	 {IPPROTO_TCP, TCP_USER_TIMEOUT, 60000},
	};

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (setsockopt(fd, options[i].level, options[i].name, &options[i].value,
			       sizeof(options[i].value)) < 0)
			return -errno;
	return 0;
}

static int listen_at(struct gateway *g)
{
	int err;

	g->fd = addr_tcp_listen(&g->o.listen, BACKLOG);
	err = g->fd < 0 ? g->fd : tune(g->fd);
	if (err)
		return err;
	g->address = (struct addr){.len = sizeof(g->address.in6)};
	return getsockname(g->fd, &g->address.sa, &g->address.len) < 0 ? -errno : 0;
}

static int prepare_tls(struct gateway *g)
{
	const struct tls_server_options o = {
		.cert_pem = buf_str(&g->o.keys->server_pem),
		.key_pem = buf_str(&g->o.keys->server_key_pem),
		.ca_pem = ca_pem(g->o.keys->ca),
	};

	return tls_server_new(&o, &g->tls);
}

static int prepare_limits(struct gateway *g)
{
	const struct limits_options o = {g->o.connections_max, g->o.per_address_max,
					 g->o.enrol_per_minute};

	return limits_new(&o, &g->limits);
}

static int make_workers(struct gateway *g)
{
	int err = 0;

	g->workers = calloc(g->o.loops, sizeof(struct worker *));
	if (!g->workers)
		return -ENOMEM;
	while (!err && g->worker_count < g->o.loops) {
		err = worker_new(g, &g->workers[g->worker_count]);
		g->worker_count += !err;
	}
	if (!err)
		err = revoked_reload(g, g->workers[0]->reader, clock_wall_ms());
	if (!err)
		err = engine_listen(g->o.engine, on_commit, g);
	for (unsigned i = 0; !err && i < g->worker_count; i++)
		err = worker_start(g->workers[i]);
	return err;
}

int gateway_start(const struct gateway_options *options, struct gateway **ret)
{
	struct gateway *g = calloc(1, sizeof(*g));
	int err;

	if (!g)
		return -ENOMEM;
	g->o = *options;
	g->fd = -1;
	fill_defaults(&g->o);
	pthread_mutex_init(&g->lock, NULL);
	map_init(&g->revoked, 0);
	map_init(&g->gate_names, 0);
	err = prepare_tls(g);
	if (!err)
		err = prepare_limits(g);
	if (!err)
		err = listen_at(g);
	if (!err)
		err = make_workers(g);
	if (err) {
		gateway_stop(g);
		return err;
	}
	*ret = g;
	return 0;
}

static void gates_done(struct gateway *g);

void gateway_stop(struct gateway *g)
{
	if (!g)
		return;
	engine_unlisten(g->o.engine, on_commit, g);
	for (unsigned i = 0; i < g->worker_count; i++)
		worker_stop(g->workers[i]);
	for (unsigned i = 0; i < g->worker_count; i++)
		worker_free(g->workers[i]);
	free(g->workers);
	if (g->fd >= 0)
		close(g->fd);
	tls_ctx_free(g->tls);
	limits_free(g->limits);
	revoked_done(g);
	gates_done(g);
	pthread_mutex_destroy(&g->lock);
	free(g);
}

int gateway_use_certificate(struct gateway *g)
{
	return tls_server_use_pair(g->tls, buf_str(&g->o.keys->server_pem),
				   buf_str(&g->o.keys->server_key_pem));
}

struct addr gateway_address(const struct gateway *g)
{
	return g->address;
}

/* ---- which gates are connected ---- */

struct gate_presence {
	char name[CERT_NAME_SIZE];
	unsigned links; /* an old one may linger beside its successor */
	int64_t seen_ms, rev;
	struct gate_line line; /* the newest */
	menshen_GatePeers peers;
};

/* Best effort: without memory a connected gate is shown as not connected. */
void gates_add(struct gateway *g, const char *name, const struct gate_line *line)
{
	struct gate_presence *p;

	pthread_mutex_lock(&g->lock);
	p = map_get(&g->gate_names, name);
	if (!p && (p = calloc(1, sizeof(*p)))) {
		memcpy(p->name, name, strnlen(name, sizeof(p->name) - 1));
		if (map_put(&g->gate_names, p->name, p, NULL)) {
			free(p);
			p = NULL;
		}
	}
	if (p) {
		p->links++;
		p->line = *line;
		p->peers.peers_count = 0;
	}
	pthread_mutex_unlock(&g->lock);
}

int gates_line(struct gateway *g, const char *name, struct gate_line *ret)
{
	const struct gate_presence *p;
	int err = -ENOTCONN;

	pthread_mutex_lock(&g->lock);
	p = map_get(&g->gate_names, name);
	if (p && p->links > 0) {
		*ret = p->line;
		err = 0;
	}
	pthread_mutex_unlock(&g->lock);
	return err;
}

void gates_remove(struct gateway *g, const char *name)
{
	struct gate_presence *p;

	pthread_mutex_lock(&g->lock);
	p = map_get(&g->gate_names, name);
	if (p && p->links > 0)
		p->links--;
	if (p)
		p->seen_ms = clock_wall_ms();
	pthread_mutex_unlock(&g->lock);
}

void gates_have(struct gateway *g, const char *name, int64_t rev)
{
	struct gate_presence *p;

	pthread_mutex_lock(&g->lock);
	p = map_get(&g->gate_names, name);
	if (p)
		p->rev = rev;
	pthread_mutex_unlock(&g->lock);
}

void gates_peers(struct gateway *g, const char *name, const menshen_GatePeers *peers)
{
	struct gate_presence *p;

	pthread_mutex_lock(&g->lock);
	p = map_get(&g->gate_names, name);
	if (p)
		p->peers = *peers;
	pthread_mutex_unlock(&g->lock);
}

void gateway_gate_peers(struct gateway *g, const char *gate, menshen_GatePeers *ret)
{
	const struct gate_presence *p;

	ret->peers_count = 0;
	pthread_mutex_lock(&g->lock);
	p = map_get(&g->gate_names, gate);
	if (p && p->links > 0)
		*ret = p->peers;
	pthread_mutex_unlock(&g->lock);
}

struct gateway_gate gateway_gate(struct gateway *g, const char *gate)
{
	struct gateway_gate view = {0};
	const struct gate_presence *p;

	pthread_mutex_lock(&g->lock);
	p = map_get(&g->gate_names, gate);
	if (p)
		view = (struct gateway_gate){.connected = p->links > 0,
					     .seen_ms = p->links > 0 ? 0 : p->seen_ms,
					     .rev = p->rev};
	pthread_mutex_unlock(&g->lock);
	return view;
}

bool gateway_gate_connected(struct gateway *g, const char *gate)
{
	return gateway_gate(g, gate).connected;
}

static void gates_done(struct gateway *g)
{
	struct gate_presence *p;
	size_t at = 0;

	while ((p = map_next(&g->gate_names, &at)))
		free(p);
	map_done(&g->gate_names);
}

void gateway_get_stats(struct gateway *g, struct gateway_stats *ret)
{
	*ret = (struct gateway_stats){.terminals = atomic_load(&g->terminals),
				      .gates = atomic_load(&g->gates),
				      .handshakes = atomic_load(&g->handshakes),
				      .resumed = atomic_load(&g->resumed),
				      .refused = atomic_load(&g->refused),
				      .records = atomic_load(&g->records)};
	ret->connections = limits_count(g->limits);
}
