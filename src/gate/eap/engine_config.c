#define _GNU_SOURCE
#include "gate/eap/engine_config.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"
#include "crypto/nthash.h"
#include "crypto/secret.h"
#include "gate/eap/engine.h"
#include "gate/eap/engine_directory.h"
#include "gate/facts/unit_number.h"
#include "gate/radiusd_conf.h"

#define FILE_MODE 0640 /* the folder hands its group, the engine's, to what is written in it */
#define DAY_S 86400U
#define ACCOUNTS_MAX ((size_t)256 << 20)

/* The numbers are those of radius/attribute.h. */
static const char dictionary[] = "VENDOR Menshen 32473\n"
				 "BEGIN-VENDOR Menshen\n"
				 "ATTRIBUTE Menshen-Inner-Identity 1 string\n"
				 "ATTRIBUTE Menshen-Failure-Cause 2 string\n"
				 "ATTRIBUTE Menshen-Method 3 string\n"
				 "ATTRIBUTE Menshen-Certificate-Issuer 4 string\n"
				 "ATTRIBUTE Menshen-Certificate-Name 5 string\n"
				 "ATTRIBUTE Menshen-Source 6 string\n"
				 "ATTRIBUTE Menshen-Last-Known 7 integer\n"
				 "ATTRIBUTE Menshen-Proven-At 8 integer\n"
				 "END-VENDOR Menshen\n";

void engine_fill(struct buf *to, const char *template, const char *const names[][2], size_t count)
{
	while (*template) {
		const char *at = strchr(template, '@');
		size_t i = 0;

		if (!at) {
			buf_puts(to, template);
			return;
		}
		buf_append(to, template, (size_t)(at - template));
		while (i < count && strncmp(at, names[i][0], strlen(names[i][0])) != 0)
			i++;
		buf_puts(to, i < count ? names[i][1] : "@");
		template = at + (i < count ? strlen(names[i][0]) : 1);
	}
}

static int write_file(const char *dir, const char *name, const void *data, size_t len)
{
	CLEANUP_FREE char *path = NULL;
	int err = file_path(dir, name, &path);

	return err ? err : file_replace(path, data, len, FILE_MODE);
}

static int copy_file(const char *from, const char *dir, const char *name)
{
	CLEANUP_SECRET_BUF struct buf bytes = BUF_INIT;
	int err = file_read(from, 1U << 20, &bytes);

	return err ? err : write_file(dir, name, bytes.data, bytes.len);
}

static int write_directory(const struct settings *s, const char *dir)
{
	CLEANUP_SECRET_BUF struct buf text = BUF_INIT;
	int err;

	if (!engine_directory_wanted(s))
		return 0;
	err = engine_directory_config(s, dir, &text);
	if (!err)
		err = write_file(dir, "directory.conf", text.data, text.len);
	return err ? err : copy_file(s->ldap_ca, dir, "directory-ca.pem");
}

/* Who may have issued a terminal's certificate. */
static int write_trusted(const struct settings *s, const char *dir)
{
	CLEANUP_BUF struct buf pem = BUF_INIT;
	int err = file_read(s->client_ca, 1U << 20, &pem);

	if (!err && !text_equal(s->bank_ca, "none")) {
		buf_puts(&pem, "\n");
		err = file_read(s->bank_ca, 1U << 20, &pem);
	}
	if (!err)
		err = pem.error;
	return err ? err : write_file(dir, "ca.pem", pem.data, pem.len);
}

/* Beside its radiusd.conf. */
static int write_companions(const struct settings *s, const char *dir, bool legacy)
{
	bool own = legacy && !text_equal(s->legacy_certificate, "none");
	int err = write_file(dir, "dictionary", dictionary, sizeof(dictionary) - 1);

	if (!err)
		err = write_directory(s, dir);
	if (!err)
		err = copy_file(own ? s->legacy_certificate : s->engine_certificate, dir,
				"eap.pem");
	if (!err)
		err = copy_file(own ? s->legacy_key : s->engine_key, dir, "eap.key");
	return err ? err : write_trusted(s, dir);
}

/* The engine writes its output there, as itself. */
static int make_shared_dir(const char *dir)
{
	mode_t mask = umask(0007);
	int err = file_make_dirs(dir, 0770);

	umask(mask);
	return err;
}

int engine_write_config(const struct settings *s, unsigned worker, uint16_t port,
			const char *secret)
{
	CLEANUP_SECRET_BUF struct buf text = BUF_INIT;
	struct engine_directory directory;
	bool legacy = worker == ENGINE_LEGACY;
	int err = engine_directory_prepare(s, &directory);
	char dir[PATH_SIZE + 32], port_text[8];
	const char *const names[][2] = {
		{"@DIR@", dir},
		{"@PORT@", port_text},
		{"@SECRET@", secret},
		{"@CERTIFICATE_NAME@", s->bank_by_common_name
					       ? "TLS-Client-Cert-Common-Name"
					       : "TLS-Client-Cert-Subject-Alt-Name-Dns"},
		{"@M@", legacy ? "#" : ""},
		{"@TLS_MIN@", legacy ? "1.0" : "1.2"},
		{"@CIPHERS@", legacy ? "DEFAULT@SECLEVEL=0" : "DEFAULT"},
		{"@L@", directory.lines},
		{"@L2@", directory.lines2},
		{"@G@", directory.lines_group},
		{"@A@", directory.lines_ad},
		{"@A1@", directory.lines_ad_alone},
		{"@N@", directory.lines_none},
		{"@NTLM_AUTH@", s->ad_ntlm_auth},
		{"@DOMAIN@", s->ad_domain},
		{"@THREADS@", directory.threads},
		{"@SERVER1@", directory.server},
		{"@SERVER2@", directory.server2},
		{"@GROUP@", directory.group},
	};

	if (err)
		return err;
	snprintf(dir, sizeof(dir), "%s/engine/worker%u", s->run_dir, worker);
	snprintf(port_text, sizeof(port_text), "%u", port);
	err = make_shared_dir(dir);
	if (!err) {
		engine_fill(&text, radiusd_conf, names, ARRAY_SIZE(names));
		err = text.error ? text.error
				 : write_file(dir, "radiusd.conf", text.data, text.len);
	}
	return err ? err : write_companions(s, dir, legacy);
}

/* A name that means nothing but itself in a users file. */
static bool is_plain_name(const char *name)
{
	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("._-", *p) && (uint8_t)*p < 0x80)
			return false;
	return *name != 0;
}

static int put_directory_account(struct buf *to, const struct snap_account *a, unsigned days)
{
	buf_printf(to, "\"%s\" Menshen-Source := \"directory\"", a->name);
	if (days)
		buf_printf(to, ", Menshen-Last-Known := %u", days * DAY_S);
	buf_puts(to, "\n");
	return to->error;
}

static int put_account(struct buf *to, const struct snap_account *a, const struct seal_pair *key)
{
	CLEANUP_SECRET_BUF struct buf hash = BUF_INIT;
	char context[ACCOUNT_NAME_SIZE + 4], digits[2 * NT_HASH_SIZE + 1];
	int err;

	snprintf(context, sizeof(context), "nt:%s", a->name);
	err = seal_open_private(key, context, snap_account_sealed(a), a->sealed_len, &hash);
	if (!err && hash.len != NT_HASH_SIZE)
		err = -EBADMSG;
	if (err)
		return err;
	hex_encode(digits, hash.data, NT_HASH_SIZE);
	buf_printf(to, "\"%s\" NT-Password := 0x%s\n", a->name, digits);
	secret_wipe(digits, sizeof(digits));
	return to->error;
}

static int write_account(struct buf *to, const struct settings *s, const struct snapshot *snapshot,
			 const struct snap_account *a, const struct seal_pair *key)
{
	if (!is_plain_name(a->name))
		return -EINVAL;
	return a->directory ? put_directory_account(
				      to, a, unit_last_known(&s->last_known, snapshot, a->unit_id))
			    : put_account(to, a, key);
}

int engine_write_accounts(const struct settings *s, const struct snapshot *snapshot,
			  const struct seal_pair *key, size_t *ret_skipped)
{
	CLEANUP_SECRET_BUF struct buf text = {.limit = ACCOUNTS_MAX};
	char dir[PATH_SIZE + 32];
	const struct snap_account *a;
	size_t at = 0, skipped = 0;

	snprintf(dir, sizeof(dir), "%s/engine", s->run_dir);
	buf_puts(&text, "# Written by menshen-gate. Holds what passwords are made of.\n");
	while ((a = snapshot_next_account(snapshot, &at)))
		if ((a->sealed_len > 0 || a->directory) &&
		    write_account(&text, s, snapshot, a, key))
			skipped++;
	if (text.error)
		return text.error;
	*ret_skipped = skipped;
	return write_file(dir, "accounts", text.data, text.len);
}
