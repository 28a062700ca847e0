/* menshen switch-config: what to type into an access switch so that it asks the gates, from the
 * same vendor's file that says how the gates answer it. */
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/command.h"
#include "crypto/seal.h"
#include "crypto/secret.h"
#include "server/engine/switch.h"
#include "store/store.h"
#include "vendor/configuration.h"
#include "vendor/vendor.h"

#define VENDORS_DIR "/usr/share/menshen/vendors"
#define SECRET_PLACEHOLDER "<secret-of-this-switch>"
#define COMMUNITY_PLACEHOLDER "<snmp-community>"
#define SECRET_MAX 128

struct asked {
	const char *vendor, *vendors_dir, *dir, *secret_from, *coa_port;
	const char *gates[3];
	struct configuration c;
	struct buf secret, row[10];
	char port[8];
};

/* ---- the switch of a store ---- */

enum { NAME, ADDRESS, VENDOR, SEALED, PORT, VLAN, ISOLATION_VLAN, ISOLATION_ACL, VOICE, REACH };

static void take_row(struct asked *a, const struct store_cursor *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(a->row); i++) {
		size_t len;
		const void *sealed;

		if (i == PORT) {
			buf_printf(&a->row[i], "%lld", (long long)store_int(c, i));
		} else if (i == SEALED) {
			sealed = store_blob(c, i, &len);
			buf_append(&a->row[i], sealed, len);
		} else {
			buf_puts(&a->row[i], store_text(c, i));
		}
	}
}

/* What a flag says stands above what the store has. */
static void prefer_flags(struct asked *a)
{
	const struct {
		const char **flag;
		unsigned column;
	} fields[] = {
		{&a->c.name, NAME},
		{&a->c.address, ADDRESS},
		{&a->vendor, VENDOR},
		{&a->coa_port, PORT},
		{&a->c.vlan, VLAN},
		{&a->c.isolation_vlan, ISOLATION_VLAN},
		{&a->c.isolation_acl, ISOLATION_ACL},
		{&a->c.voice_vlan, VOICE},
		{&a->c.reach, REACH},
	};

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (!*fields[i].flag)
			*fields[i].flag = buf_str(&a->row[fields[i].column]);
}

static int find_row(struct asked *a, struct store *s, const char *name)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	struct store_db *db = NULL;
	int r = store_reader_new(s, &db);

	if (!r)
		r = store_select(db, STMT_SWITCH_CONFIGURATION, STORE_ARGS(v_text(name)), &c);
	if (!r)
		r = store_next(c);
	if (r == 1)
		take_row(a, c);
	store_cursor_free(TAKE_PTR(c));
	store_reader_free(db);
	return r;
}

static int load_switch(struct asked *a, const char *name)
{
	char path[4096], error[STORE_ERROR_SIZE] = "";
	const struct store_options o = {.dir = path};
	struct store *s = NULL;
	int r;

	if (!a->dir)
		return command_fail(
			"switch-config: a switch's name wants --dir, the server's folder");
	if (snprintf(path, sizeof(path), "%s/data", a->dir) >= (int)sizeof(path))
		return command_fail("the path is too long");
	r = store_open(&o, &s, error);
	if (r)
		return command_fail("%s", error);
	r = find_row(a, s, name);
	store_close(s);
	if (r < 0)
		return command_fail("%s", strerror(-r));
	if (r == 0)
		return command_fail("no switch that is in use is called '%s'", name);
	prefer_flags(a);
	return 0;
}

/* ---- the secret ---- */

/* Head office cannot open a switch's secret: only the key of its gates can. */
static int open_secret(struct asked *a)
{
	const struct buf *sealed = &a->row[SEALED];
	struct seal_pair *key = NULL;
	int err = seal_pair_load(a->secret_from, &key);

	if (!err)
		err = seal_open_private(key, SWITCH_SEAL_CONTEXT, sealed->data, sealed->len,
					&a->secret);
	seal_pair_free(key);
	return err ? command_fail("%s does not open the secret: %s", a->secret_from, strerror(-err))
		   : 0;
}

static int read_secret(struct asked *a)
{
	int err = file_read(a->secret_from, SECRET_MAX + 2, &a->secret);

	if (err)
		return command_fail("%s: %s", a->secret_from, strerror(-err));
	if (memchr(a->secret.data, 0, a->secret.len) || a->secret.len == 0)
		return command_fail("%s: holds no secret", a->secret_from);
	return 0;
}

static int take_secret(struct asked *a)
{
	int status;

	a->c.secret = SECRET_PLACEHOLDER;
	if (!a->secret_from)
		return 0;
	status = a->row[SEALED].len ? open_secret(a) : read_secret(a);
	if (status)
		return status;
	a->c.secret = text_trim((char *)a->secret.data);
	return 0;
}

/* ---- writing ---- */

static int check_gates(struct asked *a)
{
	if (!a->gates[0])
		return command_fail("switch-config: --gate ADDRESS is missing, the gate that the "
				    "switch asks");
	for (size_t i = 0; a->gates[i]; i++)
		if (!addr_is_host(a->gates[i]))
			return command_fail("--gate wants a numeric address without port, not '%s'",
					    a->gates[i]);
	a->c.gate = a->gates[0];
	a->c.gate2 = a->gates[1];
	return 0;
}

/* No value may begin a line of its own in what somebody pastes into a switch. */
static int check_values(const struct asked *a)
{
	const char *const values[] = {a->c.name,       a->c.address,	    a->coa_port,
				      a->c.vlan,       a->c.isolation_vlan, a->c.critical_vlan,
				      a->c.voice_vlan, a->c.isolation_acl,  a->c.ports,
				      a->c.community,  a->c.reach,	    a->c.secret};

	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		if (values[i] &&
		    (strpbrk(values[i], "\r\n") || !text_is_clean(values[i], strlen(values[i]))))
			return command_fail("a value has a control character in it");
	return 0;
}

static int write_out(struct asked *a, const struct vendor *v)
{
	CLEANUP_SECRET_BUF struct buf text = BUF_INIT;

	if (!v->configuration[0])
		return command_fail("the file of vendor '%s' has no configuration", v->name);
	snprintf(a->port, sizeof(a->port), "%u", v->port);
	a->c.coa_port = a->coa_port ? a->coa_port : a->port;
	if (!a->c.community)
		a->c.community = COMMUNITY_PLACEHOLDER;
	configuration_write(v->configuration, &a->c, &text);
	if (text.error || fwrite(text.data, 1, text.len, stdout) != text.len || fflush(stdout))
		return command_fail("the configuration could not be written");
	return 0;
}

static int carry_out(struct asked *a, const char *name)
{
	CLEANUP_VENDORS struct vendors *vendors = NULL;
	char error[VENDOR_ERROR_SIZE];
	const struct vendor *v;
	int status = name ? load_switch(a, name) : 0;

	if (status)
		return status;
	if (!a->vendor)
		return command_fail("usage: menshen switch-config %s", command_switch_config.usage);
	if (vendors_load(a->vendors_dir, &vendors, error))
		return command_fail("%s", error);
	v = vendors_find(vendors, a->vendor);
	if (!v)
		return command_fail("%s has no file %s.conf", a->vendors_dir, a->vendor);
	status = check_gates(a);
	if (!status)
		status = take_secret(a);
	if (!status)
		status = check_values(a);
	return status ? status : write_out(a, v);
}

static int run(int argc, char **argv)
{
	struct asked a = {.vendors_dir = VENDORS_DIR, .secret = BUF_INIT};
	const struct command_option options[] = {
		{"--dir", &a.dir, 1},
		{"--vendors", &a.vendors_dir, 1},
		{"--vendor", &a.vendor, 1},
		{"--gate", a.gates, 2},
		{"--with-secret", &a.secret_from, 1},
		{"--name", &a.c.name, 1},
		{"--address", &a.c.address, 1},
		{"--coa-port", &a.coa_port, 1},
		{"--vlan", &a.c.vlan, 1},
		{"--isolation-vlan", &a.c.isolation_vlan, 1},
		{"--isolation-acl", &a.c.isolation_acl, 1},
		{"--critical-vlan", &a.c.critical_vlan, 1},
		{"--voice-vlan", &a.c.voice_vlan, 1},
		{"--ports", &a.c.ports, 1},
		{"--reach", &a.c.reach, 1},
		{"--community", &a.c.community, 1},
	};
	int rest, status;

	for (size_t i = 0; i < ARRAY_SIZE(a.row); i++)
		buf_init(&a.row[i], BUF_LIMIT_DEFAULT);
	if (command_options(argc, argv, options, ARRAY_SIZE(options), &rest) || argc - rest > 1)
		return command_fail("usage: menshen switch-config %s", command_switch_config.usage);
	status = carry_out(&a, rest < argc ? argv[rest] : NULL);
	if (a.secret.data)
		secret_wipe(a.secret.data, a.secret.len);
	buf_done(&a.secret);
	for (size_t i = 0; i < ARRAY_SIZE(a.row); i++)
		buf_done(&a.row[i]);
	return status;
}

const struct command command_switch_config = {
	.name = "switch-config",
	.usage = "--gate ADDRESS [--gate ADDRESS] [--critical-vlan VLAN] [--ports PORTS] "
		 "[--community NAME]\n"
		 "      [--with-secret FILE] [--vendors DIR]\n"
		 "      --dir DIR NAME | --vendor VENDOR [--name NAME] [--address ADDRESS] "
		 "[--coa-port PORT]\n"
		 "      [--vlan VLAN] [--isolation-vlan VLAN] [--isolation-acl ACL] [--voice-vlan "
		 "VLAN] [--reach LIST]",
	.help = "writes what a switch needs to ask the gates; its secret only with the gates' "
		"sealing key "
		"(for --vendor: a file with the secret) as FILE",
	.run = run,
};
