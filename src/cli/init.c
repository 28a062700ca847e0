/* menshen init: keys, first store, first administrators, one gate's bundle. Refuses to overwrite.
 */
#define _GNU_SOURCE
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/init_files.h"
#include "crypto/secret.h"
#include "server/engine/gate.h"
#include "server/engine/org.h"
#include "server/engine/publish.h"
#include "server/keys.h"

#define FIRST_EPOCH 1

struct first_account {
	const char *name, *person_name, *staff_no;
	unsigned role;
	char plain[PASSWORD_FIRST_SIZE];
	struct password password;
};

struct init {
	struct init_options o;
	struct keys keys;
	struct store *store;
	struct cert_info gate_cert;
	struct buf cosign_pub;
	int64_t unit_id;
	struct first_account accounts[3];
};

/* Three powers, three people (invariant 8): super, system, audit. */
static const struct first_account first_accounts[] = {
	{.name = "admin",
	 .person_name = "安全管理员",
	 .staff_no = "ADMIN-1",
	 .role = ROLE_SECURITY},
	{.name = "sysadmin",
	 .person_name = "系统管理员",
	 .staff_no = "ADMIN-2",
	 .role = ROLE_SYSTEM},
	{.name = "auditor",
	 .person_name = "审计管理员",
	 .staff_no = "ADMIN-3",
	 .role = ROLE_AUDITOR},
};

/* ---- the first state ---- */

static int make_passwords(struct init *in)
{
	int err = 0;

	memcpy(in->accounts, first_accounts, sizeof(in->accounts));
	for (size_t i = 0; !err && i < ARRAY_SIZE(in->accounts); i++) {
		struct first_account *a = &in->accounts[i];

		password_make_first(a->plain);
		err = password_derive(in->keys.gates, a->name, a->plain, &a->password);
	}
	return err;
}

static int add_unit(struct init *in, struct store *s, int64_t now_ms)
{
	const struct unit_spec spec = {
		.kind = "head-office", .code = in->o.unit_code, .name = in->o.unit_name};
	struct refused why = {0};

	return unit_create(s, now_ms, &actor_system, &spec, &in->unit_id, &why);
}

static int add_account(struct init *in, struct store *s, int64_t now_ms,
		       const struct first_account *a)
{
	const struct account_first first = {.unit_id = in->unit_id,
					    .name = a->name,
					    .person_name = a->person_name,
					    .staff_no = a->staff_no,
					    .role = a->role,
					    .password = &a->password};
	struct refused why = {0};
	int64_t id;

	return account_create_first(s, now_ms, &actor_system, &first, &id, &why);
}

static int add_gate(struct init *in, struct store *s, int64_t now_ms)
{
	int64_t id;

	return gate_create(s, now_ms, &actor_system, in->o.gate, in->unit_id,
			   buf_str(&in->cosign_pub), &in->gate_cert, &id);
}

static int add_policy(struct init *in, struct store *s, int64_t now_ms)
{
	struct policy_version version;
	json_t *body = json_pack("{s:{s:{s:s}}}", "guards", "antivirus", "mode", "observe");
	int err = body ? policy_publish(s, now_ms, &actor_system, in->keys.policy, FIRST_EPOCH,
					body, 0, &version)
		       : -ENOMEM;

	json_decref(body);
	return err;
}

static int fill(struct init *in, struct store *s, int64_t now_ms)
{
	int err = store_mark(s);

	if (!err)
		err = add_unit(in, s, now_ms);
	for (size_t i = 0; !err && i < ARRAY_SIZE(in->accounts); i++)
		err = add_account(in, s, now_ms, &in->accounts[i]);
	if (!err)
		err = add_gate(in, s, now_ms);
	if (!err)
		err = add_policy(in, s, now_ms);
	return err;
}

static int first_commit(struct init *in)
{
	int64_t now_ms = clock_wall_ms();
	struct head head;
	int err = store_begin(in->store);

	if (err)
		return err;
	err = fill(in, in->store, now_ms);
	if (err)
		store_abort(in->store);
	else
		err = store_commit(in->store, now_ms, &head);
	return err;
}

static int make_store(struct init *in, char *error, size_t size)
{
	char path[INIT_PATH_SIZE], why[MAX(STORE_ERROR_SIZE, KEYS_ERROR_SIZE)] = "";
	struct store_options o = {.dir = path, .hash = in->o.hash, .epoch = FIRST_EPOCH};
	int err = init_path(path, "%s/keys", in->o.dir);

	if (!err)
		err = keys_load(path, &in->keys, why);
	o.log_key = in->keys.log;
	if (!err)
		err = init_path(path, "%s/data", in->o.dir);
	if (!err)
		err = store_open(&o, &in->store, why);
	if (!err)
		err = make_passwords(in);
	if (!err)
		err = first_commit(in);
	if (err)
		snprintf(error, size, "the first store cannot be made: %s",
			 why[0] ? why : strerror(-err));
	return err;
}

/* ---- the command ---- */

static void tell(const struct init *in)
{
	printf("server  %s/menshend.conf\n", in->o.dir);
	printf("gate    %s/gate.conf (take this folder to the gate %s)\n", in->o.gate_dir,
	       in->o.gate);
	puts("\nfirst passwords, shown this once; each is changed at the first login:");
	for (size_t i = 0; i < ARRAY_SIZE(in->accounts); i++)
		printf("account %-10s password %s  role %s\n", in->accounts[i].name,
		       in->accounts[i].plain, role_name(in->accounts[i].role));
}

static int carry_out(struct init *in)
{
	char error[1024] = "";
	int err = init_make_files(&in->o, &in->gate_cert, &in->cosign_pub, error, sizeof(error));

	if (!err)
		err = make_store(in, error, sizeof(error));
	if (err)
		return command_fail("%s", error[0] ? error : strerror(-err));
	tell(in);
	return 0;
}

static int parse_kinds(struct init_options *o, const char *hash, const char *sign)
{
	if (hash_kind_parse(hash, &o->hash))
		return command_fail("--hash wants sm3 or sha256, not '%s'", hash);
	if (sign_kind_parse(sign, &o->sign))
		return command_fail("--sign wants sm2 or ed25519, not '%s'", sign);
	return 0;
}

static int parse_addresses(struct init_options *o, const char *gateway, const char *console,
			   const char *enrolment)
{
	struct addr a;
	bool none = text_equal(enrolment, "none");

	if (addr_parse(gateway, 8444, &a))
		return command_fail("--gateway wants a numeric address and port, not '%s'",
				    gateway);
	addr_format(o->gateway, &a);
	if (addr_parse(console, 8443, &a))
		return command_fail("--console wants a numeric address and port, not '%s'",
				    console);
	addr_format(o->console, &a);
	if (!none && addr_parse(enrolment, 8445, &a))
		return command_fail(
			"--enrolment wants a numeric address and port, or none, not '%s'",
			enrolment);
	addr_format(o->enrolment, &a);
	if (none)
		(void)!text_copy(o->enrolment, sizeof(o->enrolment), enrolment);
	return 0;
}

/* Who could not make the package's folders tries things out. */
static int parse_runs(struct init_options *o, const char *runs)
{
	const struct passwd *pw = getpwuid(geteuid());

	if (!runs)
		o->gate_here = geteuid() != 0 && !(pw && text_equal(pw->pw_name, "menshen"));
	else if (text_equal(runs, "here") || text_equal(runs, "installed"))
		o->gate_here = text_equal(runs, "here");
	else
		return command_fail("--gate-runs wants here or installed, not '%s'", runs);
	return 0;
}

static int make_absolute(const char *path, char ret[static INIT_PATH_SIZE])
{
	CLEANUP_FREE char *cwd = getcwd(NULL, 0);

	if (path[0] == '/')
		return init_path(ret, "%s", path);
	return cwd ? init_path(ret, "%s/%s", cwd, path) : -errno;
}

/* What the command line says and settles more than one option, or one in another form. */
struct words {
	const char *dir, *gate_dir, *runs, *hash, *sign, *gateway, *console, *enrolment;
};

static int read_words(int argc, char **argv, struct init_options *o, struct words *w)
{
	const struct command_option options[] = {
		{"--dir", &w->dir, 1},
		{"--gate-dir", &w->gate_dir, 1},
		{"--gate", &o->gate, 1},
		{"--gate-runs", &w->runs, 1},
		{"--unit-code", &o->unit_code, 1},
		{"--unit-name", &o->unit_name, 1},
		{"--san", o->sans, INIT_SANS_MAX},
		{"--gateway", &w->gateway, 1},
		{"--console", &w->console, 1},
		{"--enrolment", &w->enrolment, 1},
		{"--console-dir", &o->console_dir, 1},
		{"--server", &o->server, 1},
		{"--heartbeat-s", &o->heartbeat_s, 1},
		{"--hash", &w->hash, 1},
		{"--sign", &w->sign, 1},
	};
	int rest;

	if (command_options(argc, argv, options, ARRAY_SIZE(options), &rest))
		return EXIT_NOT_DONE;
	if (rest < argc || !w->dir)
		return command_fail("usage: menshen init %s", command_init.usage);
	return 0;
}

static int take_words(struct init_options *o, const struct words *w)
{
	/* Who puts the console elsewhere says where the page goes, too. */
	const char *enrolment = w->console ? "none" : "[::]:8445";
	char beside[INIT_PATH_SIZE];
	int status;

	if (make_absolute(w->dir, o->dir) || init_path(beside, "%s/gates/%s", o->dir, o->gate) ||
	    make_absolute(w->gate_dir ? w->gate_dir : beside, o->gate_dir))
		return command_fail("the path is too long");
	status = parse_kinds(o, w->hash, w->sign);
	if (!status)
		status = parse_addresses(o, w->gateway, w->console ? w->console : "[::]:8443",
					 w->enrolment ? w->enrolment : enrolment);
	return status ? status : parse_runs(o, w->runs);
}

static int run(int argc, char **argv)
{
	struct init in = {.cosign_pub = BUF_INIT,
			  .o = {.unit_code = "HO",
				.unit_name = "总行",
				.gate = "north",
				.console_dir = "",
				.heartbeat_s = "30"}};
	struct words words = {.hash = "sm3", .sign = "sm2", .gateway = "[::]:8444"};
	int status = read_words(argc, argv, &in.o, &words);

	if (!status)
		status = take_words(&in.o, &words);
	if (status)
		return status;
	status = carry_out(&in);
	store_close(in.store);
	keys_done(&in.keys);
	buf_done(&in.cosign_pub);
	secret_wipe(in.accounts, sizeof(in.accounts));
	return status;
}

const struct command command_init = {
	.name = "init",
	.usage = "--dir DIR [--gate-dir DIR] [--gate NAME] [--gate-runs here|installed] [--server "
		 "ADDRESS] [--san "
		 "NAME-OR-ADDRESS]... "
		 "[--gateway ADDRESS] [--console ADDRESS] [--enrolment ADDRESS|none] "
		 "[--console-dir DIR] [--heartbeat-s N] "
		 "[--unit-code CODE] [--unit-name NAME] [--hash sm3|sha256] [--sign sm2|ed25519]",
	.help = "makes a server's keys, store and first administrators, and a gate's bundle",
	.run = run,
};
