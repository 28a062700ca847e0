#define _GNU_SOURCE
#include "gate/settings.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/config_rows.h"
#include "base/text.h"

/* Two words, of which the second is true. */
static int parse_choice(const char *text, const char *no, const char *yes, void *field)
{
	if (!text_equal(text, no) && !text_equal(text, yes))
		return -EINVAL;
	*(bool *)field = text_equal(text, yes);
	return 0;
}

static int parse_peer(const char *text, size_t len, struct peer_gate *ret)
{
	char word[sizeof(ret->name) + ADDR_TEXT_SIZE];
	char *address;

	if (text_copy_n(word, sizeof(word), text, len))
		return -EINVAL;
	address = strchr(word, '=');
	if (!address || address == word)
		return -EINVAL;
	*address++ = 0;
	if (text_copy(ret->name, sizeof(ret->name), word))
		return -EINVAL;
	return addr_parse(address, PEER_PORT, &ret->address);
}

static int parse_peers(const char *text, void *field)
{
	static const char between[] = " ,\t";
	struct peer_gates peers = {0};
	int err = 0;

	if (text_equal(text, "none"))
		return 0;
	for (text += strspn(text, between); !err && *text; text += strspn(text, between)) {
		size_t len = strcspn(text, between);

		err = peers.count == GATE_PEERS_MAX
			      ? -EINVAL
			      : parse_peer(text, len, &peers.list[peers.count++]);
		text += len;
	}
	if (!err)
		memcpy(field, &peers, sizeof(peers));
	return err;
}

static int parse_unit_numbers(const char *text, unsigned long max, struct unit_numbers *ret)
{
	static const char between[] = " ,\t";
	struct unit_numbers kept = {0};

	if (text_equal(text, "none"))
		return 0;
	for (text += strspn(text, between); *text; text += strspn(text, between)) {
		size_t len = strcspn(text, between), code = strcspn(text, ":");
		unsigned long number;
		char *end;

		if (code >= len || kept.count == UNIT_NUMBERS_MAX ||
		    text_copy_n(kept.list[kept.count].unit, sizeof(kept.list[0].unit), text, code))
			return -EINVAL;
		number = strtoul(text + code + 1, &end, 10);
		if (end != text + len || len == code + 1 || number > max)
			return -EINVAL;
		kept.list[kept.count++].number = (unsigned)number;
		text += len;
	}
	*ret = kept;
	return 0;
}

static int parse_last_known(const char *text, void *field)
{
	return parse_unit_numbers(text, LAST_KNOWN_DAYS_MAX, field);
}

static int parse_posture_grace(const char *text, void *field)
{
	return parse_unit_numbers(text, POSTURE_GRACE_HOURS_MAX, field);
}

static int parse_give_back(const char *text, void *field)
{
	static const char between[] = " ,\t";
	struct give_back given = {0};
	char day[32];

	if (text_equal(text, "none"))
		return 0;
	for (text += strspn(text, between); *text; text += strspn(text, between)) {
		size_t len = strcspn(text, between), name = strcspn(text, ":");
		int64_t until_ms;

		if (name >= len || len - name != sizeof(":2026-12-01") - 1 ||
		    given.count == GIVE_BACK_MAX ||
		    text_copy_n(given.list[given.count].name, sizeof(given.list[0].name), text,
				name))
			return -EINVAL;
		snprintf(day, sizeof(day), "%.10sT00:00:00+08:00", text + name + 1);
		if (clock_parse(day, &until_ms) ||
		    until_ms > clock_wall_ms() + GIVE_BACK_DAYS_MAX * DAY_MS)
			return -EINVAL;
		given.list[given.count++].until_ms = until_ms;
		text += len;
	}
	memcpy(field, &given, sizeof(given));
	return 0;
}

static int parse_certificate_name(const char *text, void *field)
{
	return parse_choice(text, "dns", "common-name", field);
}

static int parse_terminal_name(const char *text, void *field)
{
	return parse_choice(text, "host-name", "asset-no", field);
}

/* As many as there are processors for this process. */
static int parse_lanes(const char *text, void *field)
{
	uint64_t *lanes = field;
	cpu_set_t own;

	if (!text_equal(text, "auto"))
		return text_to_u64(text, 1, LANES_MAX, lanes);
	*lanes = 1;
	if (sched_getaffinity(0, sizeof(own), &own) == 0)
		*lanes = (uint64_t)MIN(MAX(CPU_COUNT(&own), 1), LANES_AUTO_MAX);
	return 0;
}

#define CHOICE(section, name, member, fallback, parse, wanted)                                     \
	{                                                                                          \
		section, name, CONFIG_PARSED, FIELD(member), 0, 0, fallback, parse, wanted         \
	}

/* clang-format off: one setting, one line */
static const struct config_key keys[] = {
	TEXT("gate", "name", name, NULL),
	TEXT("gate", "user", user, "menshen-gate"),
	TEXT("gate", "state_dir", state_dir, "/var/lib/menshen-gate"),
	TEXT("gate", "run_dir", run_dir, "/run/menshen-gate"),
	TEXT("gate", "sealing_key", sealing_key, "/etc/menshen/gate-sealing.key"),
	TEXT("gate", "vendors_dir", vendors_dir, "/usr/share/menshen/vendors"),
	CHOICE("gate", "posture_grace", posture_grace, "none", parse_posture_grace,
	       "CODE:HOURS of units with spaces between, at most 720 hours, or none"),
	YES_NO("gate", "debug", debug, "no"),
	YES_NO("gate", "seccomp", seccomp, "yes"),
	TEXT("radius", "auth", listen[0], "0.0.0.0:1812"),
	TEXT("radius", "acct", listen[1], "0.0.0.0:1813"),
	TEXT("radius", "auth6", listen[2], "[::]:1812"),
	TEXT("radius", "acct6", listen[3], "[::]:1813"),
	CHOICE("radius", "lanes", lanes, "1", parse_lanes, "a number from 1 to 8, or auto"),
	NUMBER("radius", "per_switch_per_second", per_switch_per_second, 10, 10000000, "5000"),
	NUMBER("radius", "session_seconds", session_seconds, 60, 604800, "28800"),
	NUMBER("radius", "isolation_seconds", isolation_seconds, 30, 86400, "600"),
	NUMBER("radius", "interim_seconds", interim_seconds, 10, 86400, "300"),
	NUMBER("radius", "strangers_per_port", strangers_per_port, 1, 4096, "16"),
	NUMBER("radius", "strangers_total", strangers_total, 16, 500000, "65536"),
	TEXT("radius", "radsec", radsec, "none"),
	TEXT("radius", "radsec_ca", radsec_ca, "/etc/menshen/ca.pem"),
	NUMBER("radius", "radsec_idle_seconds", radsec_idle_seconds, 5, 86400, "600"),
	YES_NO("radius", "reason_with_eap", reason_with_eap, "yes"),
	YES_NO("engine", "enabled", engine, "yes"),
	NUMBER("engine", "workers", workers, 1, 4, "2"),
	NUMBER("engine", "port", engine_port, 1024, 65000, "18120"),
	TEXT("engine", "user", engine_user, "freerad"),
	TEXT("engine", "radiusd", radiusd, "/usr/sbin/freeradius"),
	TEXT("engine", "certificate", engine_certificate, "/etc/menshen/eap.pem"),
	TEXT("engine", "key", engine_key, "/etc/menshen/eap.key"),
	TEXT("engine", "client_ca", client_ca, "/etc/menshen/ca.pem"),
	TEXT("eap", "bank_ca", bank_ca, "none"),
	TEXT("eap", "bank_crl", bank_crl, "none"),
	CHOICE("eap", "bank_name", bank_by_common_name, "dns", parse_certificate_name,
	       "dns or common-name"),
	CHOICE("eap", "bank_terminal", bank_by_asset_no, "host-name", parse_terminal_name,
	       "host-name or asset-no"),
	TEXT("legacy", "vlan", legacy_vlan, "none"),
	TEXT("legacy", "certificate", legacy_certificate, "none"),
	TEXT("legacy", "key", legacy_key, "none"),
	TEXT("ldap", "server", ldap_server, "none"),
	TEXT("ldap", "server2", ldap_server2, "none"),
	TEXT("ldap", "base", ldap_base, "none"),
	TEXT("ldap", "bind_dn", ldap_bind_dn, "none"),
	TEXT("ldap", "password_file", ldap_password_file, "none"),
	TEXT("ldap", "ca", ldap_ca, "/etc/ssl/certs/ca-certificates.crt"),
	TEXT("ldap", "user_filter", ldap_filter, "(uid=%u)"),
	TEXT("ldap", "nt_hash", ldap_nt_hash, "sambaNTPassword"),
	TEXT("ldap", "group", ldap_group, "none"),
	CHOICE("ldap", "last_known", last_known, "none", parse_last_known,
	       "UNIT:DAYS with spaces between, at most 30 days, or none"),
	TEXT("ad", "ntlm_auth", ad_ntlm_auth, "none"),
	TEXT("ad", "domain", ad_domain, "none"),
	TEXT("old", "server", old_server, "none"),
	TEXT("old", "accounting", old_accounting, "next"),
	TEXT("old", "secret_file", old_secret_file, "none"),
	TEXT("old", "realms", old_realms, "none"),
	CHOICE("old", "give_back", give_back, "none", parse_give_back,
	       "SWITCH:2026-12-01 with spaces between, no day over 31 days ahead, or none"),
	TEXT("server", "address", server, "none"),
	TEXT("server", "name", server_name, "menshend"),
	TEXT("server", "ca", ca, "/etc/menshen/ca.pem"),
	TEXT("server", "certificate", certificate, "/etc/menshen/gate.pem"),
	TEXT("server", "key", key, "/etc/menshen/gate.key"),
	TEXT("server", "cosign_key", cosign_key, "none"),
	TEXT("peers", "listen", peer_listen, "none"),
	CHOICE("peers", "gates", peers, "none", parse_peers,
	       "NAME=ADDRESS of at most 32 gates, or none"),
	TEXT("listener", "user", listener_user, "menshen-listener"),
	TEXT("survey", "user", survey_user, "menshen-survey"),
	TEXT("metrics", "listen", metrics, "none"),
	NUMBER("spool", "max_mib", spool_mib, 1, 1048576, "2048"),
};
/* clang-format on */

/* The addresses are text so that "none" can switch one off; they are checked here all the same. */
static int check_addresses(const char *path, const struct settings *s, char *error)
{
	static const char *const names[] = {"auth", "acct", "auth6", "acct6", "radsec"};
	struct addr a;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *text = i < LISTEN_COUNT ? s->listen[i] : s->radsec;

		if (text_equal(text, "none") || addr_parse(text, 1812, &a) == 0)
			continue;
		snprintf(error, CONFIG_ERROR_SIZE,
			 "%s: '%s' in [radius] wants a numeric address with a port, or none", path,
			 names[i]);
		return -EINVAL;
	}
	if (!text_equal(s->metrics, "none") && addr_parse(s->metrics, 0, &a)) {
		snprintf(error, CONFIG_ERROR_SIZE,
			 "%s: 'listen' in [metrics] wants a numeric address with a port, or none",
			 path);
		return -EINVAL;
	}
	if (!text_equal(s->old_accounting, "next") && addr_parse(s->old_accounting, 1813, &a)) {
		snprintf(error, CONFIG_ERROR_SIZE,
			 "%s: 'accounting' in [old] wants an address, or next", path);
		return -EINVAL;
	}
	if (!text_equal(s->old_server, "none") && addr_parse(s->old_server, 1812, &a)) {
		snprintf(error, CONFIG_ERROR_SIZE,
			 "%s: 'server' in [old] wants a numeric address with a port, or none",
			 path);
		return -EINVAL;
	}
	if (!text_equal(s->peer_listen, "none") && addr_parse(s->peer_listen, PEER_PORT, &a)) {
		snprintf(error, CONFIG_ERROR_SIZE,
			 "%s: 'listen' in [peers] wants a numeric address with a port, or none",
			 path);
		return -EINVAL;
	}
	if (s->peers.count && text_equal(s->peer_listen, "none")) {
		snprintf(error, CONFIG_ERROR_SIZE,
			 "%s: 'listen' in [peers] is missing: who has peers is heard by them, too",
			 path);
		return -EINVAL;
	}
	if (!text_equal(s->server, "none") && addr_parse(s->server, GATEWAY_PORT, &a)) {
		snprintf(error, CONFIG_ERROR_SIZE,
			 "%s: 'address' in [server] wants a numeric address, or none", path);
		return -EINVAL;
	}
	return 0;
}

/* Beside the configuration file, wherever that lies. -errno, -ENAMETOOLONG. */
static int resolve(const char *path, char field[static PATH_SIZE])
{
	CLEANUP_FREE char *real = NULL;
	char relative[PATH_SIZE];
	int n;

	if (field[0] == '/' || !field[0] || text_equal(field, "none"))
		return 0;
	real = realpath(path, NULL);
	if (!real)
		return -errno;
	memcpy(relative, field, sizeof(relative));
	n = snprintf(field, PATH_SIZE, "%.*s/%s", (int)(strrchr(real, '/') - real), real, relative);
	return n > 0 && n < PATH_SIZE ? 0 : -ENAMETOOLONG;
}

/* They become words of a command line in the engine's configuration. */
static int check_active_directory(const char *path, const struct settings *s, char *error)
{
	static const char plain[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ._-";
	const char *program = s->ad_ntlm_auth;
	bool wanted = !text_equal(program, "none");

	if (wanted && program[0] != '/') {
		snprintf(error, CONFIG_ERROR_SIZE,
			 "%s: 'ntlm_auth' in [ad] wants an absolute path, or none", path);
		return -EINVAL;
	}
	for (; wanted && *program; program++)
		if (*program != '/' && !strchr(plain, *program)) {
			snprintf(error, CONFIG_ERROR_SIZE,
				 "%s: 'ntlm_auth' in [ad] wants a path of letters, digits and ._-",
				 path);
			return -EINVAL;
		}
	if (wanted && (text_equal(s->ad_domain, "none") || !s->ad_domain[0] ||
		       s->ad_domain[strspn(s->ad_domain, plain)])) {
		snprintf(error, CONFIG_ERROR_SIZE,
			 "%s: 'domain' in [ad] wants the domain's short name", path);
		return -EINVAL;
	}
	return 0;
}

/* LDAP always speaks TLS, so that no password and no hash crosses a network in the clear. */
static int check_directory(const char *path, const struct settings *s, char *error)
{
	const char *const servers[] = {s->ldap_server, s->ldap_server2};
	const char *percent = strchr(s->ldap_filter, '%');

	for (size_t i = 0; i < ARRAY_SIZE(servers); i++)
		if (!text_equal(servers[i], "none") && !text_starts(servers[i], "ldap://") &&
		    !text_starts(servers[i], "ldaps://")) {
			snprintf(error, CONFIG_ERROR_SIZE,
				 "%s: '%s' in [ldap] wants ldap://HOST or ldaps://HOST, or none",
				 path, i ? "server2" : "server");
			return -EINVAL;
		}
	if (!text_equal(servers[0], "none") && text_equal(s->ldap_base, "none")) {
		snprintf(error, CONFIG_ERROR_SIZE, "%s: 'base' in [ldap] is missing", path);
		return -EINVAL;
	}
	if (!percent || percent[1] != 'u' || strchr(percent + 1, '%')) {
		snprintf(error, CONFIG_ERROR_SIZE,
			 "%s: 'user_filter' in [ldap] wants one %%u for the account, and no other "
			 "%%",
			 path);
		return -EINVAL;
	}
	return 0;
}

static int resolve_identity_paths(const char *path, struct settings *s)
{
	char *const fields[] = {s->bank_ca,	   s->bank_crl,		  s->ldap_password_file,
				s->ldap_ca,	   s->legacy_certificate, s->legacy_key,
				s->old_secret_file};
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(fields); i++)
		err = resolve(path, fields[i]);
	return err;
}

static int resolve_paths(const char *path, struct settings *s, char *error)
{
	char *const fields[] = {
		s->state_dir,	       s->run_dir,    s->sealing_key, s->vendors_dir,
		s->engine_certificate, s->engine_key, s->client_ca,   s->ca,
		s->certificate,	       s->key,	      s->cosign_key,  s->radsec_ca};
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(fields); i++)
		err = resolve(path, fields[i]);
	if (!err)
		err = resolve_identity_paths(path, s);
	if (err)
		snprintf(error, CONFIG_ERROR_SIZE, "%s: its paths: %s", path, strerror(-err));
	return err;
}

int settings_load(const char *path, struct settings *ret, char error[static CONFIG_ERROR_SIZE])
{
	struct settings s;
	int err;

	memset(&s, 0, sizeof(s));
	err = config_load(path, keys, ARRAY_SIZE(keys), &s, error);
	if (!err)
		err = check_addresses(path, &s, error);
	if (!err)
		err = check_directory(path, &s, error);
	if (!err)
		err = check_active_directory(path, &s, error);
	if (!err)
		err = resolve_paths(path, &s, error);
	if (!err)
		*ret = s;
	return err;
}
