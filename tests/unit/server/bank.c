#include "bank.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "crypto/ca.h"
#include "server/engine/org.h"
#include "server/engine/switch.h"

static void must(int r, const char *what)
{
	if (!r)
		return;
	fprintf(stderr, "bank: %s: %s\n", what, strerror(-r));
	exit(2);
}

static struct bank *the_bank; /* the clock has no argument */

static int64_t bank_now(void)
{
	return clock_wall_ms() + __atomic_load_n(&the_bank->clock_offset_ms, __ATOMIC_RELAXED);
}

static void make_keys(struct bank *b)
{
	char path[128];
	struct cert_spec spec = {.common_name = "localhost",
				 .sans = {"localhost", "127.0.0.1"},
				 .server = true,
				 .not_before_ms = clock_wall_ms() - DAY_MS,
				 .not_after_ms = clock_wall_ms() + 300 * DAY_MS};

	must(ca_make("Test bank", clock_wall_ms(), 3650, &b->ca), "ca");
	must(ca_issue_pair(b->ca, &spec, &b->key_pem, &b->cert_pem), "certificate");
	buf_puts(&b->ca_pem, ca_pem(b->ca));
	snprintf(path, sizeof(path), "%s/ca.pem", b->dir);
	must(file_replace(path, b->ca_pem.data, b->ca_pem.len, 0644), path);
	must(sign_key_make(SIGN_ED25519, &b->log_key), "log key");
	must(sign_key_public_pem(b->log_key, &b->log_pem), "log key");
	snprintf(path, sizeof(path), "%s/seal.key", b->dir);
	must(seal_key_load_or_make(path, &b->seal), path);
	must(seal_pair_make(&b->gates), "gates' pair");
	snprintf(path, sizeof(path), "%s/gate-sealing.key", b->dir);
	must(seal_pair_save(b->gates, path), path);
}

struct unit_line {
	const char *parent, *kind, *code, *name;
};

static const struct unit_line units[] = {
	{NULL, "head-office", "HQ", "总行"},   {"HQ", "department", "TECH", "科技部"},
	{"HQ", "department", "FIN", "财务部"}, {"HQ", "branch", "B1", "城东支行"},
	{"B1", "outlet", "O1", "东门网点"},    {"HQ", "branch", "B2", "城西支行"},
};

static const struct {
	const char *name, *person, *unit;
	unsigned role;
	const char *over;
} people[] = {
	{"sys", "孙系统", "TECH", ROLE_SYSTEM, "HQ"},
	{"sys2", "孙备用", "TECH", ROLE_SYSTEM, "HQ"},
	{"sec", "安全", "TECH", ROLE_SECURITY, "HQ"},
	{"sec2", "安备用", "TECH", ROLE_SECURITY, "HQ"},
	{"audit", "沈审计", "HQ", ROLE_AUDITOR, "HQ"},
	{"tech", "郑科技", "TECH", ROLE_REGIONAL, "HQ"},
	{"finhead", "钱主任", "FIN", ROLE_APPROVER, "FIN"},
	{"officer", "李设备", "FIN", ROLE_DEVICE_OFFICER, "FIN"},
	{"staff", "王小明", "FIN", 0, NULL},
	{"b1admin", "吴支行", "B1", ROLE_REGIONAL, "B1"},
	{"o1head", "赵网点", "O1", ROLE_APPROVER, "O1"},
};

struct founding {
	struct engine_work work;
	struct bank *bank;
	struct password passwords[ARRAY_SIZE(people)];
};

static int64_t unit_id(struct store *s, const char *code)
{
	struct unit unit;

	must(unit_load_by_code(store_writer(s), code, &unit) == 1 ? 0 : -ENOENT, code);
	return unit.id;
}

static void found_people(struct store *s, int64_t now_ms, const struct founding *f)
{
	struct refused why = {0};

	for (size_t i = 0; i < ARRAY_SIZE(people); i++) {
		char staff_no[16];
		struct account_first first = {.unit_id = unit_id(s, people[i].unit),
					      .name = people[i].name,
					      .person_name = people[i].person,
					      .staff_no = staff_no,
					      .password = &f->passwords[i]};
		int64_t id;

		snprintf(staff_no, sizeof(staff_no), "N%04zu", i + 1);
		must(account_create_first(s, now_ms, &actor_system, &first, &id, &why),
		     people[i].name);
		if (people[i].role)
			must(account_grant(s, now_ms, &actor_system, id, people[i].role,
					   unit_id(s, people[i].over), "founding", &why),
			     people[i].name);
	}
}

static int found(struct engine_work *w, struct store *s, int64_t now_ms)
{
	struct founding *f = CONTAINER_OF(w, struct founding, work);
	struct refused why = {0};
	struct switch_spec spec = {.name = "sw-fin",
				   .address = "192.0.2.10",
				   .vendor = "huawei",
				   .secret = "a-long-enough-secret",
				   .coa_port = 3799,
				   .vlan_normal = "100",
				   .vlan_isolation = "999",
				   .acl_isolation = ""};
	int64_t id;

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		struct unit_spec unit = {
			.kind = units[i].kind, .code = units[i].code, .name = units[i].name};

		unit.parent_id = units[i].parent ? unit_id(s, units[i].parent) : 0;
		must(unit_create(s, now_ms, &actor_system, &unit, &id, &why), units[i].code);
	}
	found_people(s, now_ms, f);
	spec.unit_id = unit_id(s, "FIN");
	must(switch_create(s, now_ms, &actor_system, f->bank->gates, &spec, &id), "switch");
	return 0;
}

static void found_bank(struct bank *b)
{
	struct founding *f = calloc(1, sizeof(*f));

	f->bank = b;
	f->work.apply = found;
	/* One derivation is slow; the NT hash is sealed to each name, so each is its own. */
	for (size_t i = 0; i < ARRAY_SIZE(people); i++)
		must(password_derive(b->gates, people[i].name, BANK_PASSWORD, &f->passwords[i]),
		     "password");
	must(engine_run(b->engine, &f->work), "founding");
	free(f);
}

void bank_open(struct bank *b, const char *dir, uint16_t port, const char *console_dir)
{
	static const char vendors[] = "00163E,Xensource\n001B44,SanDisk\n";
	char wrong[VENDOR_ERROR_SIZE] = "";
	size_t skipped;
	char error[STORE_ERROR_SIZE];
	struct store_options store = {.hash = HASH_SM3, .epoch = 1};
	struct engine_options engine = {.now_ms = bank_now};
	struct api_options api = {.now_ms = bank_now,
				  .console_dir = console_dir,
				  .version = "test",
				  .connections_per_address = 400};
	int r;

	*b = (struct bank){
		.cert_pem = BUF_INIT, .key_pem = BUF_INIT, .ca_pem = BUF_INIT, .log_pem = BUF_INIT};
	the_bank = b;
	if (dir)
		snprintf(b->dir, sizeof(b->dir), "%s", dir);
	else
		snprintf(b->dir, sizeof(b->dir), "/tmp/menshen-bank-XXXXXX");
	if (dir)
		must(file_make_dirs(dir, 0700), dir);
	else if (!mkdtemp(b->dir))
		must(-errno, b->dir);
	make_keys(b);
	store.dir = b->dir;
	store.log_key = b->log_key;
	r = store_open(&store, &b->store, error);
	must(r, r ? error : "store");
	engine.store = b->store;
	must(engine_start(&engine, &b->engine), "engine");
	found_bank(b);
	api.store = b->store;
	api.engine = b->engine;
	api.seal = b->seal;
	api.gates = b->gates;
	api.means = (struct proposal_means){{b->log_key, 1}, b->ca};
	api.cert_pem = buf_str(&b->cert_pem);
	api.key_pem = buf_str(&b->key_pem);
	api.log_keys_pem = buf_str(&b->log_pem);
	must(oui_parse(vendors, sizeof(vendors) - 1, &b->oui, &skipped), "vendors");
	api.oui = b->oui;
	must(vendors_load(SOURCE_ROOT "/vendors", &b->vendors, wrong), wrong);
	api.vendors = b->vendors;
	must(addr_parse("127.0.0.1", port, &api.listen), "address");
	must(api_start(&api, &b->api), "api");
}

void bank_close(struct bank *b)
{
	char command[128];

	api_stop(b->api);
	engine_stop(b->engine);
	store_close(b->store);
	ca_free(b->ca);
	sign_key_free(b->log_key);
	seal_key_free(b->seal);
	seal_pair_free(b->gates);
	oui_free(b->oui);
	vendors_free(b->vendors);
	buf_done(&b->cert_pem);
	buf_done(&b->key_pem);
	buf_done(&b->ca_pem);
	buf_done(&b->log_pem);
	snprintf(command, sizeof(command), "rm -rf '%s'", b->dir);
	/* NOLINTNEXTLINE(cert-env33-c): the folder's name is our own */
	if (system(command)) /* allow system: a test clears its own folder */
		fprintf(stderr, "bank: %s stays behind\n", b->dir);
}
