/*
 * Many desks from one thread, for the server's scenario and for benchmarks.
 *
 *	desk_load prepare SERVER_DIR COUNT FOLDER   (server stopped) enrols COUNT desks into FOLDER
 *	desk_load run FOLDER ADDRESS SECONDS        sends events as fast as they are acknowledged
 *	desk_load check SERVER_DIR FOLDER           what was acknowledged is there, once
 *	desk_load age SERVER_DIR GATE GATE_DIR      (server stopped) makes it as when nobody looks:
 *		certificates of server and gate end in ten days, a switch need not sign
 *
 * `run` keeps what was acknowledged in FOLDER/acked after each second and at the end, and survives
 * the server's death: it connects again and goes on behind the Welcome's through_seq.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/addr.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/text.h"
#include "crypto/tls.h"
#include "server/engine/certificate.h"
#include "server/engine/gate.h"
#include "server/engine/switch.h"
#include "server/engine/terminal.h"
#include "server/keys.h"
#include "wire/frame.h"

#define WINDOW 16 /* events in flight per desk */
#define AGAIN_MS 200

static _Noreturn void fail(const char *what, int err)
{
	fprintf(stderr, "desk_load: %s: %s\n", what, strerror(-err));
	exit(1);
}

static void check(const char *what, int err)
{
	if (err)
		fail(what, err);
}

static char *path_in(const char *folder, const char *name)
{
	char *path = NULL;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		fail("memory", -ENOMEM);
	return path;
}

/* ---- prepare ---- */

static void make_desk(struct store *s, const struct keys *keys, const struct buf *csr,
		      struct buf *certs)
{
	int64_t now = clock_wall_ms(), unit = 1;
	const struct terminal_spec spec = {
		.kind = TERMINAL_PC, .unit_id = unit, .status = TERMINAL_IN_USE};
	struct cert_spec cert = {.common_name = "desk",
				 .holder = CERT_TERMINAL,
				 .client = true,
				 .not_before_ms = now - HOUR_MS,
				 .not_after_ms = now + DAY_MS};
	size_t before = certs->len;
	struct cert_info info;
	struct terminal t;

	check("mark", store_mark(s));
	check("terminal", terminal_create(s, now, &actor_system, &spec, &t));
	cert.terminal = t.uuid;
	check("issue", ca_issue_csr(keys->ca, csr->data, csr->len, &cert, certs));
	check("certificate", cert_parse(certs->data + before, certs->len - before, &info));
	check("certificate", certificate_add(s, &info, t.id, 0));
	check("act", act_log(s, now, &actor_system, "test.desk", unit, "", json_object()));
}

static void prepare(const char *server, const char *count, const char *folder)
{
	CLEANUP_FREE char *keys_dir = path_in(server, "keys"), *data = path_in(server, "data");
	CLEANUP_FREE char *key_path = path_in(folder, "key.pem");
	CLEANUP_FREE char *certs_path = path_in(folder, "certs.pem"),
			  *ca = path_in(folder, "ca.pem");
	struct buf key = BUF_INIT, csr = BUF_INIT, certs = BUF_INIT;
	char why[MAX(KEYS_ERROR_SIZE, STORE_ERROR_SIZE)];
	struct store_options o = {.dir = data, .hash = HASH_SM3, .epoch = 1};
	struct keys keys;
	struct store *s;
	struct head head;
	uint64_t n;

	check("count", text_to_u64(count, 1, 100000, &n));
	check("folder", file_make_dirs(folder, 0700));
	check("keys", keys_load(keys_dir, &keys, why));
	o.log_key = keys.log;
	check("store", store_open(&o, &s, why));
	check("key", csr_make("desk", &key, &csr));
	buf_init(&certs, 1U << 30);
	check("begin", store_begin(s));
	for (uint64_t i = 0; i < n; i++)
		make_desk(s, &keys, &csr, &certs);
	check("commit", store_commit(s, clock_wall_ms(), &head));
	check("key", file_replace(key_path, key.data, key.len, 0600));
	check("certs", file_replace(certs_path, certs.data, certs.len, 0600));
	check("ca", ca_save(keys.ca, ca, NULL));
	store_close(s);
	keys_done(&keys);
	buf_done(&key);
	buf_done(&csr);
	buf_done(&certs);
}

/* ---- age ---- */

static void age_gate(struct store *s, const struct keys *keys, const char *name, const char *dir)
{
	int64_t now = clock_wall_ms();
	const struct cert_spec spec = {.common_name = name,
				       .holder = CERT_GATE,
				       .gate = name,
				       .client = true,
				       .not_before_ms = now - 355 * DAY_MS,
				       .not_after_ms = now + 10 * DAY_MS};
	CLEANUP_FREE char *key_path = path_in(dir, "gate.key"), *path = path_in(dir, "gate.pem");
	struct buf key = BUF_INIT, cert = BUF_INIT;
	struct cert_info info;
	struct gate g;

	check("gate", gate_load(store_writer(s), name, &g) == 1 ? 0 : -ENOENT);
	check("issue", ca_issue_pair(keys->ca, &spec, &key, &cert));
	check("certificate", cert_parse(cert.data, cert.len, &info));
	check("revoke", store_exec(s, STMT_CERTIFICATE_REVOKE_OF_GATE,
				   STORE_ARGS(v_int(g.id), v_int(now), v_text("aged")), NULL));
	check("certificate", certificate_add(s, &info, 0, g.id));
	check("act", act_log(s, now, &actor_system, "test.age", 0, "", json_object()));
	check("key", file_replace(key_path, key.data, key.len, 0600));
	check("certificate", file_replace(path, cert.data, cert.len, 0600));
	buf_done(&key);
	buf_done(&cert);
}

static void except_switch(struct store *s, const struct keys *keys)
{
	int64_t now = clock_wall_ms(), id;
	const struct switch_spec spec = {.unit_id = 1,
					 .name = "sw-old",
					 .address = "10.0.0.9",
					 .vendor = "other",
					 .secret = "a secret of switches",
					 .coa_port = 3799,
					 .vlan_normal = "10",
					 .vlan_isolation = "900",
					 .acl_isolation = ""};

	check("switch", switch_create(s, now, &actor_system, keys->gates, &spec, &id));
	check("exception",
	      switch_set_mab_exception(s, now, &actor_system, id, now + HOUR_MS, "an old switch"));
}

static void age(const char *server, const char *gate, const char *gate_dir)
{
	CLEANUP_FREE char *keys_dir = path_in(server, "keys"), *data = path_in(server, "data");
	CLEANUP_FREE char *path = path_in(keys_dir, "server.pem");
	char why[MAX(KEYS_ERROR_SIZE, STORE_ERROR_SIZE)];
	struct store_options o = {.dir = data, .hash = HASH_SM3, .epoch = 1};
	struct buf cert = BUF_INIT;
	struct keys keys;
	struct store *s;
	struct head head;

	check("keys", keys_load(keys_dir, &keys, why));
	o.log_key = keys.log;
	check("store", store_open(&o, &s, why));
	check("begin", store_begin(s));
	age_gate(s, &keys, gate, gate_dir);
	except_switch(s, &keys);
	check("commit", store_commit(s, clock_wall_ms(), &head));
	check("server", ca_reissue(keys.ca, keys.server_pem.data, keys.server_pem.len,
				   clock_wall_ms(), 10, &cert));
	check("server", file_replace(path, cert.data, cert.len, 0644));
	store_close(s);
	keys_done(&keys);
	buf_done(&cert);
}

/* ---- run ---- */

struct load;

struct desk {
	struct load *load;
	struct tls_ctx *ctx;
	struct tls_conn *conn;
	struct loop_watch *watch;
	struct loop_timer *again;
	int fd;
	bool shaken, welcomed;
	uint64_t sent, acked; /* sequence numbers */
	uint8_t epoch[16];
	struct buf in, out;
};

struct load {
	struct loop *loop;
	struct addr to;
	const char *folder;
	struct desk *desks;
	size_t count;
	uint64_t connections;
	int64_t until_ms;
	struct loop_timer *tick;
};

static void on_socket(void *arg, int fd, uint32_t events);

static void hang_up(struct desk *d)
{
	loop_watch_remove(d->watch);
	d->watch = NULL;
	tls_conn_free(d->conn);
	d->conn = NULL;
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
	d->shaken = d->welcomed = false;
	buf_done(&d->in);
	buf_done(&d->out);
	buf_init(&d->in, 1U << 20);
	buf_init(&d->out, 1U << 20);
	loop_timer_arm(d->again, AGAIN_MS);
}

static void flush(struct desk *d)
{
	size_t done = 0, n;

	while (done < d->out.len &&
	       tls_conn_write(d->conn, d->out.data + done, d->out.len - done, &n) == TLS_DONE)
		done += n;
	buf_consume(&d->out, done);
	if (loop_watch_change(d->watch, EPOLLIN | (d->out.len ? EPOLLOUT : 0U)))
		hang_up(d);
}

static void send_events(struct desk *d)
{
	while (d->welcomed && d->sent < d->acked + WINDOW) {
		menshen_Event e = {
			.seq = ++d->sent, .kind = "guard.test", .at_ms = clock_wall_ms()};

		e.body.size = (pb_size_t)snprintf((char *)e.body.bytes, sizeof(e.body.bytes),
						  "{\"n\":%llu}", (unsigned long long)e.seq);
		check("event", FRAME_ENCODE(&d->out, FRAME_EVENT, &e));
	}
}

static void on_frame(struct desk *d, const struct frame *f)
{
	menshen_Welcome w;
	menshen_Ack ack;

	if (f->type == FRAME_WELCOME && FRAME_DECODE(f, &w) == 0) {
		if (w.through_seq < d->acked) {
			printf("LOST: acknowledged %llu, the server knows %llu\n",
			       (unsigned long long)d->acked, (unsigned long long)w.through_seq);
			exit(1);
		}
		d->welcomed = true;
		d->sent = d->acked = w.through_seq;
	} else if (f->type == FRAME_ACK && FRAME_DECODE(f, &ack) == 0) {
		d->acked = MAX(d->acked, ack.through_seq);
	}
	send_events(d);
}

static void read_all(struct desk *d)
{
	uint8_t chunk[8192];
	struct frame f;
	enum tls_result r;
	size_t n, used;

	while ((r = tls_conn_read(d->conn, chunk, sizeof(chunk), &n)) == TLS_DONE)
		buf_append(&d->in, chunk, n);
	while (frame_parse(d->in.data, d->in.len, &f, &used) == 0) {
		on_frame(d, &f);
		buf_consume(&d->in, used);
	}
	if (r == TLS_CLOSED || r == TLS_FAILED)
		hang_up(d);
	else
		flush(d);
}

static void say_hello(struct desk *d)
{
	menshen_AgentHello hello = {
		.protocol = 1, .version = "load", .os = "Linux", .next_seq = d->sent + 1};

	memcpy(hello.epoch, d->epoch, sizeof(hello.epoch));
	d->shaken = true;
	d->load->connections++;
	check("hello", FRAME_ENCODE(&d->out, FRAME_AGENT_HELLO, &hello));
}

static void on_socket(void *arg, int fd, uint32_t events)
{
	struct desk *d = arg;
	enum tls_result r;

	(void)fd;
	(void)events;
	if (!d->shaken) {
		r = tls_conn_handshake(d->conn);
		if (r == TLS_CLOSED || r == TLS_FAILED) {
			hang_up(d);
			return;
		}
		if (r != TLS_DONE) {
			if (loop_watch_change(d->watch, r == TLS_WANT_WRITE ? EPOLLOUT : EPOLLIN))
				hang_up(d);
			return;
		}
		say_hello(d);
	}
	read_all(d);
}

static void call(void *arg)
{
	struct desk *d = arg;

	d->fd = addr_tcp_connect(&d->load->to);
	if (d->fd < 0 || tls_connect_new(d->ctx, d->fd, "menshend", 0, &d->conn) ||
	    loop_watch_fd(d->load->loop, d->fd, EPOLLOUT, on_socket, d, &d->watch))
		hang_up(d);
}

static void keep_acked(struct load *l)
{
	CLEANUP_BUF struct buf out = BUF_INIT;
	CLEANUP_FREE char *path = path_in(l->folder, "acked");

	for (size_t i = 0; i < l->count; i++)
		buf_printf(&out, "%llu\n", (unsigned long long)l->desks[i].acked);
	check("acked", file_replace(path, out.data, out.len, 0600));
}

static void on_tick(void *arg)
{
	struct load *l = arg;

	keep_acked(l);
	if (clock_mono_ms() >= l->until_ms)
		loop_stop(l->loop);
	loop_timer_arm(l->tick, MIN(SECOND_MS, MAX(l->until_ms - clock_mono_ms(), 1)));
}

static void open_desk(struct load *l, struct desk *d, const struct tls_client_options *o)
{
	*d = (struct desk){.load = l, .fd = -1};
	buf_init(&d->in, 1U << 20);
	buf_init(&d->out, 1U << 20);
	random_bytes(d->epoch, sizeof(d->epoch));
	check("context", tls_client_new(o, &d->ctx));
	check("timer", loop_timer_new(l->loop, call, d, &d->again));
	loop_timer_arm(d->again, 0);
}

static void open_desks(struct load *l, const char *folder)
{
	static const char end[] = "-----END CERTIFICATE-----\n";
	CLEANUP_FREE char *key_path = path_in(folder, "key.pem"),
			  *ca_path = path_in(folder, "ca.pem");
	CLEANUP_FREE char *certs_path = path_in(folder, "certs.pem");
	struct buf key = BUF_INIT, ca = BUF_INIT, certs = BUF_INIT;
	size_t room = 0;
	char *at, *stop;

	buf_init(&certs, 1U << 30);
	check("key", file_read(key_path, 65536, &key));
	check("ca", file_read(ca_path, 65536, &ca));
	check("certs", file_read(certs_path, 1U << 30, &certs));
	for (at = (char *)certs.data; (stop = strstr(at, end)); at = stop + sizeof(end) - 1)
		room++;
	l->desks = calloc(room + 1, sizeof(*l->desks));
	for (at = (char *)certs.data; (stop = strstr(at, end)); at = stop + sizeof(end) - 1) {
		CLEANUP_FREE char *cert = strndup(at, (size_t)(stop - at) + sizeof(end) - 1);
		const struct tls_client_options o = {buf_str(&ca), cert, buf_str(&key)};

		open_desk(l, &l->desks[l->count++], &o);
	}
	buf_done(&key);
	buf_done(&ca);
	buf_done(&certs);
}

static void run(const char *folder, const char *address, const char *seconds)
{
	struct load l = {.folder = folder};
	uint64_t s, acked = 0;

	check("address", addr_parse(address, 8444, &l.to));
	check("seconds", text_to_u64(seconds, 1, 3600, &s));
	check("loop", loop_new(&l.loop));
	check("timer", loop_timer_new(l.loop, on_tick, &l, &l.tick));
	l.until_ms = clock_mono_ms() + (int64_t)s * SECOND_MS;
	open_desks(&l, folder);
	on_tick(&l);
	check("loop", loop_run(l.loop));
	keep_acked(&l);
	for (size_t i = 0; i < l.count; i++)
		acked += l.desks[i].acked;
	printf("%zu desks, %llu connections, %llu events acknowledged\n", l.count,
	       (unsigned long long)l.connections, (unsigned long long)acked);
	for (size_t i = 0; i < l.count; i++) {
		hang_up(&l.desks[i]);
		loop_timer_free(l.desks[i].again);
		tls_ctx_free(l.desks[i].ctx);
	}
	free(l.desks);
	loop_timer_free(l.tick);
	loop_free(l.loop);
}

/* ---- check ---- */

struct counted {
	uint64_t missing, doubled, found;
};

/* Marks each sequence number that the terminal's records carry. */
static void mark_seqs(struct store_db *db, int64_t terminal_id, uint8_t *seen, uint64_t size,
		      struct counted *c)
{
	struct store_record_filter f = {
		.terminal_id = terminal_id, .kind = "guard.test", .limit = 1000};
	json_t *rows, *row;
	size_t i, n;

	do {
		check("records", store_record_page(db, &f, &rows));
		n = json_array_size(rows);
		json_array_foreach(rows, i, row)
		{
			uint64_t seq = (uint64_t)json_integer_value(json_object_get(row, "seq"));

			c->found++;
			c->doubled += seq < size && seen[seq];
			if (seq < size)
				seen[seq] = 1;
			f.before_month = (int)json_integer_value(json_object_get(row, "month"));
			f.before_at = json_integer_value(json_object_get(row, "at"));
			f.before_id = json_integer_value(json_object_get(row, "id"));
		}
		json_decref(rows);
	} while (n == f.limit);
}

static void check_desk(struct store_db *db, int64_t terminal_id, uint64_t acked, struct counted *c)
{
	uint64_t size = acked + 100000;
	uint8_t *seen = calloc(1, size);

	mark_seqs(db, terminal_id, seen, size, c);
	for (uint64_t seq = 1; seq <= acked; seq++)
		c->missing += !seen[seq];
	free(seen);
}

static void check_all(const char *server, const char *folder)
{
	CLEANUP_FREE char *data = path_in(server, "data"), *acked_path = path_in(folder, "acked");
	CLEANUP_FREE char *certs_path = path_in(folder, "certs.pem");
	struct buf acked = BUF_INIT, certs = BUF_INIT;
	char why[STORE_ERROR_SIZE], *numbers, *line;
	const struct store_options o = {.dir = data};
	const char *cert;
	struct counted c = {0};
	struct store_db *db;
	struct store *s;

	buf_init(&certs, 1U << 30);
	check("store", store_open(&o, &s, why));
	check("reader", store_reader_new(s, &db));
	check("acked", file_read(acked_path, 1U << 24, &acked));
	check("certs", file_read(certs_path, 1U << 30, &certs));
	cert = buf_str(&certs);
	for (numbers = (char *)acked.data; (line = strsep(&numbers, "\n")) && *line;
	     cert = strstr(cert + 1, "-----BEGIN")) {
		struct cert_info info;
		struct terminal t;
		uint64_t through;

		check("number", text_to_u64(line, 0, UINT32_MAX, &through));
		check("certificate", cert_parse(cert, MIN(strlen(cert), 4096U), &info));
		if (terminal_load_by_uuid(db, &info.terminal, &t) != 1)
			fail("terminal", -ENOENT);
		check_desk(db, t.id, through, &c);
	}
	printf("found %llu, missing %llu, doubled %llu\n", (unsigned long long)c.found,
	       (unsigned long long)c.missing, (unsigned long long)c.doubled);
	store_reader_free(db);
	store_close(s);
	buf_done(&acked);
	buf_done(&certs);
	if (c.missing || c.doubled)
		exit(1);
}

int main(int argc, char **argv)
{
	(void)signal(SIGPIPE, SIG_IGN);
	if (argc == 5 && text_equal(argv[1], "prepare"))
		prepare(argv[2], argv[3], argv[4]);
	else if (argc == 5 && text_equal(argv[1], "run"))
		run(argv[2], argv[3], argv[4]);
	else if (argc == 5 && text_equal(argv[1], "age"))
		age(argv[2], argv[3], argv[4]);
	else if (argc == 4 && text_equal(argv[1], "check"))
		check_all(argv[2], argv[3]);
	else
		return 2;
	return 0;
}
