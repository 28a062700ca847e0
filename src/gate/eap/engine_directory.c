#include "gate/eap/engine_directory.h"

#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/secret.h"
#include "gate/directory_conf.h"
#include "gate/eap/engine_config.h"

#define PASSWORD_MAX 256

bool engine_directory_wanted(const struct settings *s)
{
	return !text_equal(s->ldap_server, "none");
}

/*
 * For a text in single quotes of the engine's configuration, where a backslash means itself, but
 * not before a quote: -EINVAL. -ENAMETOOLONG.
 */
static int quote(char *dst, size_t size, const char *src)
{
	size_t n = 0;

	for (; *src; src++) {
		if (*src == '\\' && (src[1] == '\'' || !src[1]))
			return -EINVAL;
		if (n + 3 > size)
			return -ENAMETOOLONG;
		if (*src == '\'')
			dst[n++] = '\\';
		dst[n++] = *src;
	}
	dst[n] = 0;
	return 0;
}

#define QUOTE(dst, src) quote((dst), sizeof(dst), (src))

int engine_directory_prepare(const struct settings *s, struct engine_directory *ret)
{
	bool wanted = engine_directory_wanted(s), ad = !text_equal(s->ad_ntlm_auth, "none");
	struct engine_directory d = {
		.lines = wanted ? "" : "#",
		.lines2 = wanted && !text_equal(s->ldap_server2, "none") ? "" : "#",
		.lines_group = wanted && !text_equal(s->ldap_group, "none") ? "" : "#",
		.lines_ad = ad ? "" : "#",
		.lines_ad_alone = ad && !wanted ? "" : "#",
		.lines_none = ad || wanted ? "#" : "",
		.threads = ad || wanted ? "16" : "4",
	};
	int err = QUOTE(d.server, s->ldap_server);

	if (!err)
		err = QUOTE(d.server2, s->ldap_server2);
	if (!err)
		err = QUOTE(d.group, s->ldap_group);
	if (!err)
		*ret = d;
	return err;
}

/* The first line of a file that nobody else may read. */
static int read_password(const char *path, char *dst, size_t size)
{
	CLEANUP_SECRET_BUF struct buf text = BUF_INIT;
	struct stat st;
	size_t len;
	int err;

	if (stat(path, &st) < 0)
		return -errno;
	if (st.st_mode & 077) {
		log_error("%s may be read by others than its owner: chmod 600 it", path);
		return -EACCES;
	}
	err = file_read(path, PASSWORD_MAX, &text);
	if (err)
		return err;
	len = strcspn((const char *)text.data, "\r\n");
	if (!text_is_clean((const char *)text.data, len))
		return -EINVAL;
	text.data[len] = 0;
	return quote(dst, size, (const char *)text.data);
}

/* For double quotes, with %u as the account that knocks, which the engine itself escapes. */
static int make_filter(struct buf *to, const char *filter)
{
	for (; *filter; filter++) {
		if (*filter == '%') {
			buf_puts(to, "%{Stripped-User-Name}");
			filter++; /* settings.c saw to the u */
		} else {
			if (*filter == '"' || *filter == '\\')
				buf_put_u8(to, '\\');
			buf_put_u8(to, (uint8_t)*filter);
		}
	}
	return to->error;
}

int engine_directory_config(const struct settings *s, const char *dir, struct buf *to)
{
	char bind[2 * PATH_SIZE], base[2 * PATH_SIZE], hash[128], password[2 * PASSWORD_MAX + 4];
	CLEANUP_BUF struct buf filter = BUF_INIT;
	bool anonymous = text_equal(s->ldap_bind_dn, "none");
	int err = make_filter(&filter, s->ldap_filter);
	const char *const names[][2] = {
		{"@B@", anonymous ? "#" : ""},
		{"@BIND@", bind},
		{"@PASSWORD@", password},
		{"@BASE@", base},
		{"@NT_HASH@", hash},
		{"@FILTER@", (const char *)filter.data},
		{"@G@", text_equal(s->ldap_group, "none") ? "#" : ""},
		{"@START_TLS@", text_starts(s->ldap_server, "ldaps:") ? "no" : "yes"},
		{"@DIR@", dir},
	};

	password[0] = 0;
	if (!err)
		err = QUOTE(bind, s->ldap_bind_dn);
	if (!err)
		err = QUOTE(base, s->ldap_base);
	if (!err)
		err = QUOTE(hash, s->ldap_nt_hash);
	if (!err && !anonymous)
		err = read_password(s->ldap_password_file, password, sizeof(password));
	if (!err) {
		engine_fill(to, directory_conf, names, ARRAY_SIZE(names));
		err = to->error;
	}
	secret_wipe(password, sizeof(password));
	return err;
}
