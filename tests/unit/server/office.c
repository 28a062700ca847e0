#define _GNU_SOURCE
#include "office.h"

#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "crypto/secret.h"
#include "journal/verify.h"
#include "server/engine/certificate.h"
#include "server/engine/enrol.h"
#include "server/engine/gate.h"
#include "server/engine/org.h"

static void make_keys(struct office *o)
{
	int64_t now = clock_wall_ms();
	const struct cert_spec server = {.common_name = "menshend",
					 .server = true,
					 .sans = {"menshend", "127.0.0.1"},
					 .not_before_ms = now - HOUR_MS,
					 .not_after_ms = now + DAY_MS};
	char path[128];

	o->keys = (struct keys){.server_pem = BUF_INIT,
				.server_key_pem = BUF_INIT,
				.log_pub = BUF_INIT,
				.policy_pub = BUF_INIT};
	assert_int_equal(ca_make("Test root", now, 30, &o->keys.ca), 0);
	assert_int_equal(
		ca_issue_pair(o->keys.ca, &server, &o->keys.server_key_pem, &o->keys.server_pem),
		0);
	assert_int_equal(sign_key_make(SIGN_ED25519, &o->keys.log), 0);
	assert_int_equal(sign_key_make(SIGN_ED25519, &o->keys.policy), 0);
	assert_int_equal(sign_key_public_pem(o->keys.log, &o->keys.log_pub), 0);
	assert_int_equal(sign_key_public_pem(o->keys.policy, &o->keys.policy_pub), 0);
	snprintf(path, sizeof(path), "%s/seal.key", o->dir);
	assert_int_equal(seal_key_load_or_make(path, &o->keys.seal), 0);
	assert_int_equal(seal_pair_make(&o->gate_pair), 0);
	assert_int_equal(seal_pair_make(&o->keys.gates), 0);
	assert_int_equal(sign_key_make(SIGN_ED25519, &o->cosign), 0);
}

static void open_store(struct office *o)
{
	const struct store_options so = {
		.dir = o->dir, .log_key = o->keys.log, .hash = HASH_SHA256, .epoch = 1};
	char error[STORE_ERROR_SIZE] = "";

	if (store_open(&so, &o->store, error))
		fail_msg("%s", error);
	assert_int_equal(store_reader_new(o->store, &o->reader), 0);
}

void office_start(struct office *o)
{

	if (!o->store)
		open_store(o);
	assert_int_equal(engine_start(&(struct engine_options){.store = o->store}, &o->engine), 0);
	assert_int_equal(presence_new(90000, &o->presence), 0);
}

static int add_unit(struct store *s, int64_t now_ms, void *arg)
{
	struct office *o = arg;
	const struct unit_spec spec = {.kind = "head-office", .code = "HO", .name = "总行"};
	struct refused why = {0};

	return unit_create(s, now_ms, &actor_system, &spec, &o->unit_id, &why);
}

void office_open(struct office *o)
{
	*o = (struct office){0};
	signal(SIGPIPE, SIG_IGN);
	snprintf(o->dir, sizeof(o->dir), "/tmp/menshen-office-XXXXXX");
	assert_non_null(mkdtemp(o->dir));
	make_keys(o);
	office_start(o);
	assert_int_equal(office_act(o, add_unit, o, TOPIC_UNIT), 0);
}

void office_start_gateway(struct office *o, const struct gateway_options *options)
{
	struct gateway_options g = options ? *options : (struct gateway_options){0};

	g.engine = o->engine;
	g.store = o->store;
	g.keys = &o->keys;
	g.presence = o->presence;
	if (!g.loops)
		g.loops = 2;
	assert_int_equal(addr_parse("127.0.0.1", 0, &g.listen), 0);
	assert_int_equal(gateway_start(&g, &o->gateway), 0);
}

void office_stop(struct office *o)
{
	gateway_stop(o->gateway);
	o->gateway = NULL;
	engine_stop(o->engine);
	o->engine = NULL;
	presence_free(o->presence);
	o->presence = NULL;
	store_reader_free(o->reader);
	o->reader = NULL;
	store_close(o->store);
	o->store = NULL;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

void office_close(struct office *o)
{
	office_stop(o);
	keys_done(&o->keys);
	seal_pair_free(o->gate_pair);
	sign_key_free(o->cosign);
	assert_int_equal(nftw(o->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* ---- acts ---- */

struct act_work {
	struct engine_work work;
	office_fn *fn;
	void *arg;
};

static int apply(struct engine_work *work, struct store *s, int64_t now_ms)
{
	struct act_work *a = CONTAINER_OF(work, struct act_work, work);

	return a->fn(s, now_ms, a->arg);
}

int office_act(struct office *o, office_fn *fn, void *arg, uint32_t topics)
{
	struct act_work a = {.work = {.apply = apply, .topics = topics}, .fn = fn, .arg = arg};

	return engine_run(o->engine, &a.work);
}

int64_t office_count(struct office *o, enum store_stmt stmt, const struct store_value *args,
		     size_t count)
{
	int64_t n = -1;

	assert_int_equal(store_get_int(o->reader, stmt, args, count, 0, &n), 0);
	return n;
}

void office_verify(struct office *o)
{
	struct log_source source = store_log_source(o->reader);
	struct sign_keyring keys = {0};
	struct verify_report report;

	assert_int_equal(sign_keyring_add_pem(&keys, o->keys.log_pub.data, o->keys.log_pub.len), 0);
	assert_int_equal(store_reader_begin(o->reader), 0);
	assert_int_equal(log_verify(&source, NULL, &keys, &report), 0);
	store_reader_end(o->reader);
	if (report.fault != VERIFY_GOOD)
		fail_msg("%s", report.sentence);
	sign_keyring_done(&keys);
}

size_t office_acts(struct office *o, const char *act)
{
	struct log_source source = store_log_source(o->reader);
	uint64_t size = 0;
	size_t found = 0;

	assert_int_equal(source.size(source.arg, &size), 0);
	for (uint64_t seq = 0; seq < size; seq++) {
		CLEANUP_BUF struct buf bytes = BUF_INIT;
		CLEANUP_ENTRY struct entry e = {0};
		struct merkle_digest leaf;

		assert_int_equal(source.entry(source.arg, seq, &bytes, &leaf), 0);
		assert_int_equal(entry_parse(bytes.data, bytes.len, &e), 0);
		found += !strcmp(e.act, act);
	}
	return found;
}

/* ---- terminals and gates ---- */

struct making {
	struct office *o;
	struct terminal terminal;
	char code[ENROL_CODE_SIZE];
	struct enrol_result result;
	const char *csr;
};

static int add_terminal(struct store *s, int64_t now_ms, void *arg)
{
	struct making *m = arg;
	const struct terminal_spec spec = {.kind = TERMINAL_PC,
					   .unit_id = m->o->unit_id,
					   .status = TERMINAL_APPROVED,
					   .name = "desk"};
	int err = terminal_create(s, now_ms, &actor_system, &spec, &m->terminal);

	return err ? err
		   : enrol_code_issue(s, now_ms, &actor_system, m->terminal.id, now_ms + HOUR_MS,
				      m->code);
}

void office_add_terminal(struct office *o, struct terminal *ret, char *ret_code)
{
	struct making m = {.o = o};

	assert_int_equal(office_act(o, add_terminal, &m, TOPIC_TERMINAL), 0);
	*ret = m.terminal;
	memcpy(ret_code, m.code, sizeof(m.code));
}

static int enrol(struct store *s, int64_t now_ms, void *arg)
{
	struct making *m = arg;
	const struct enrol_ask ask = {.code = m->code,
				      .csr_pem = m->csr,
				      .host_name = "desk",
				      .serial = "S1",
				      .os = "Linux",
				      .from = "127.0.0.1"};

	return enrol_terminal(s, now_ms, m->o->keys.ca, &ask, &m->result);
}

void office_enrolled(struct office *o, struct terminal *ret, struct buf *key_pem,
		     struct buf *cert_pem)
{
	CLEANUP_BUF struct buf csr = BUF_INIT;
	struct making m = {.o = o};

	office_add_terminal(o, &m.terminal, m.code);
	assert_int_equal(csr_make("desk", key_pem, &csr), 0);
	m.csr = buf_str(&csr);
	assert_int_equal(office_act(o, enrol, &m, TOPIC_TERMINAL), 0);
	assert_int_equal(m.result.refusal, ENROL_ACCEPTED);
	*ret = m.result.terminal;
	buf_append(cert_pem, m.result.cert_pem.data, m.result.cert_pem.len);
	buf_done(&m.result.cert_pem);
}

struct making_gate {
	struct office *o;
	const char *name;
	struct cert_info cert;
	struct buf cosign_pub;
};

static int add_gate(struct store *s, int64_t now_ms, void *arg)
{
	struct making_gate *m = arg;
	int64_t id;

	return gate_create(s, now_ms, &actor_system, m->name, m->o->unit_id,
			   buf_str(&m->cosign_pub), &m->cert, &id);
}

void office_add_gate(struct office *o, const char *name, struct buf *key_pem, struct buf *cert_pem)
{
	int64_t now = clock_wall_ms();
	const struct cert_spec spec = {.common_name = name,
				       .holder = CERT_GATE,
				       .gate = name,
				       .client = true,
				       .not_before_ms = now - HOUR_MS,
				       .not_after_ms = now + DAY_MS};
	struct making_gate m = {.o = o, .name = name, .cosign_pub = BUF_INIT};

	assert_int_equal(ca_issue_pair(o->keys.ca, &spec, key_pem, cert_pem), 0);
	assert_int_equal(cert_parse(cert_pem->data, cert_pem->len, &m.cert), 0);
	assert_int_equal(sign_key_public_pem(o->cosign, &m.cosign_pub), 0);
	assert_int_equal(office_act(o, add_gate, &m, TOPIC_GATE), 0);
	buf_done(&m.cosign_pub);
}
