#include "server/directory/read.h"

#include <ldap.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"
#include "crypto/secret.h"

#define PAGE_PEOPLE 500
#define TIMEOUT_S 10
#define PASSWORD_MAX 256

#define FIELD(member) CONFIG_FIELD(struct directory_settings, member)
#define TEXT(name, member, fallback)                                                               \
	{                                                                                          \
		"directory", name, CONFIG_TEXT, FIELD(member), 0, 0, fallback                      \
	}

static const struct config_key keys[] = {
	TEXT("server", server, NULL),
	TEXT("server2", server2, "none"),
	TEXT("base", base, NULL),
	TEXT("filter", filter, "(objectClass=inetOrgPerson)"),
	TEXT("bind_dn", bind_dn, "none"),
	TEXT("password_file", password_file, "none"),
	TEXT("ca", ca, "/etc/ssl/certs/ca-certificates.crt"),
	TEXT("staff_no", staff_no, "employeeNumber"),
	TEXT("name", name, "cn"),
	TEXT("unit", unit, "departmentNumber"),
	TEXT("account", account, "uid"),
};

struct reading {
	const struct directory_settings *settings;
	LDAP *ldap;
	struct buf password;
	directory_take_fn *take;
	void *arg;
	size_t people;
	char *error;
};

static int say(char *error, const char *what, int code)
{
	snprintf(error, CONFIG_ERROR_SIZE, "%s: %s", what, ldap_err2string(code));
	return -EIO;
}

int directory_settings_load(const char *path, struct directory_settings *ret,
			    char error[static CONFIG_ERROR_SIZE])
{
	struct directory_settings s = {0};
	int err = config_load(path, keys, ARRAY_SIZE(keys), &s, error);

	if (err)
		return err;
	if ((!text_starts(s.server, "ldap://") && !text_starts(s.server, "ldaps://")) ||
	    (!text_equal(s.server2, "none") && !text_starts(s.server2, "ldap://") &&
	     !text_starts(s.server2, "ldaps://"))) {
		snprintf(error, CONFIG_ERROR_SIZE,
			 "%s: 'server' and 'server2' want ldap://HOST or ldaps://HOST", path);
		return -EINVAL;
	}
	*ret = s;
	return 0;
}

/* The first line of a file that nobody but its owner may read. */
static int read_password(struct reading *r)
{
	const char *path = r->settings->password_file;
	struct stat st;
	int err;

	if (text_equal(r->settings->bind_dn, "none"))
		return 0;
	if (stat(path, &st) < 0)
		err = -errno;
	else
		err = st.st_mode & 077 ? -EACCES : file_read(path, PASSWORD_MAX, &r->password);
	if (err) {
		snprintf(r->error, CONFIG_ERROR_SIZE, "%s: %s", path,
			 err == -EACCES ? "others than its owner may read it: chmod 600 it"
					: strerror(-err));
		return err;
	}
	r->password.len = strcspn(buf_str(&r->password), "\r\n");
	return 0;
}

static int set_options(LDAP *ldap, const struct directory_settings *s)
{
	const struct timeval timeout = {.tv_sec = TIMEOUT_S};
	int version = LDAP_VERSION3, demand = LDAP_OPT_X_TLS_DEMAND, fresh = 0;

	if (ldap_set_option(ldap, LDAP_OPT_PROTOCOL_VERSION, &version) ||
	    ldap_set_option(ldap, LDAP_OPT_NETWORK_TIMEOUT, &timeout) ||
	    ldap_set_option(ldap, LDAP_OPT_TIMEOUT, &timeout) ||
	    ldap_set_option(ldap, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) ||
	    ldap_set_option(ldap, LDAP_OPT_X_TLS_CACERTFILE, s->ca) ||
	    ldap_set_option(ldap, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand) ||
	    ldap_set_option(ldap, LDAP_OPT_X_TLS_NEWCTX, &fresh))
		return LDAP_LOCAL_ERROR;
	return LDAP_SUCCESS;
}

static int open_server(struct reading *r, const char *server)
{
	bool anonymous = text_equal(r->settings->bind_dn, "none");
	struct berval password = {.bv_len = r->password.len, .bv_val = (char *)r->password.data};
	int code = ldap_initialize(&r->ldap, server);

	if (code == LDAP_SUCCESS)
		code = set_options(r->ldap, r->settings);
	if (code == LDAP_SUCCESS && text_starts(server, "ldap:"))
		code = ldap_start_tls_s(r->ldap, NULL, NULL);
	if (code == LDAP_SUCCESS && !anonymous)
		code = ldap_sasl_bind_s(r->ldap, r->settings->bind_dn, LDAP_SASL_SIMPLE, &password,
					NULL, NULL, NULL);
	if (code == LDAP_SUCCESS)
		return 0;
	ldap_unbind_ext_s(r->ldap, NULL, NULL);
	r->ldap = NULL;
	return say(r->error, server, code);
}

static int open_any(struct reading *r)
{
	int err = open_server(r, r->settings->server);

	return err && !text_equal(r->settings->server2, "none")
		       ? open_server(r, r->settings->server2)
		       : err;
}

/* The attribute's first value, on the heap; "" when there is none, or no clean text. */
static char *value_of(LDAP *ldap, LDAPMessage *entry, const char *attribute)
{
	struct berval **values = ldap_get_values_len(ldap, entry, attribute);
	char *text = NULL;

	if (values && values[0] && text_is_clean(values[0]->bv_val, values[0]->bv_len))
		text = strndup(values[0]->bv_val, values[0]->bv_len);
	else
		text = strdup("");
	ldap_value_free_len(values);
	return text;
}

static int take_entry(struct reading *r, LDAPMessage *entry)
{
	const struct directory_settings *s = r->settings;
	CLEANUP_FREE char *staff_no = value_of(r->ldap, entry, s->staff_no);
	CLEANUP_FREE char *name = value_of(r->ldap, entry, s->name);
	CLEANUP_FREE char *unit = value_of(r->ldap, entry, s->unit);
	CLEANUP_FREE char *account = value_of(r->ldap, entry, s->account);
	char *dn = ldap_get_dn(r->ldap, entry);
	int err = -ENOMEM;

	if (staff_no && name && unit && account && dn) {
		const struct directory_person p = {dn, staff_no, name, unit, account};

		text_lower(account);
		err = r->take(r->arg, &p);
		r->people++;
	}
	ldap_memfree(dn);
	return err;
}

/* One page; `cookie` says where the next begins, and is empty behind the last. */
static int read_page(struct reading *r, struct berval *cookie)
{
	const struct directory_settings *s = r->settings;
	char *attributes[] = {(char *)(uintptr_t)s->staff_no, (char *)(uintptr_t)s->name,
			      (char *)(uintptr_t)s->unit, (char *)(uintptr_t)s->account, NULL};
	LDAPControl *page = NULL, **answered = NULL, *controls[2] = {0};
	LDAPMessage *found = NULL;
	ber_int_t estimate;
	int err = 0, result = 0;
	int code = ldap_create_page_control(r->ldap, PAGE_PEOPLE, cookie, 1, &page);

	controls[0] = page;
	if (code == LDAP_SUCCESS)
		code = ldap_search_ext_s(r->ldap, s->base, LDAP_SCOPE_SUBTREE, s->filter,
					 attributes, 0, controls, NULL, NULL, 0, &found);
	for (LDAPMessage *m = ldap_first_entry(r->ldap, found); code == LDAP_SUCCESS && !err && m;
	     m = ldap_next_entry(r->ldap, m))
		err = take_entry(r, m);
	if (code == LDAP_SUCCESS && !err)
		code = ldap_parse_result(r->ldap, found, &result, NULL, NULL, NULL, &answered, 0);
	ber_memfree(cookie->bv_val);
	*cookie = (struct berval){0};
	page = code == LDAP_SUCCESS && !err
		       ? ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, answered, NULL)
		       : NULL;
	if (page)
		code = ldap_parse_pageresponse_control(r->ldap, page, &estimate, cookie);
	ldap_control_free(controls[0]);
	ldap_controls_free(answered);
	ldap_msgfree(found);
	if (!err && code == LDAP_SUCCESS)
		code = result;
	return err || code == LDAP_SUCCESS ? err : say(r->error, s->base, code);
}

int directory_read(const struct directory_settings *s, directory_take_fn *take, void *arg,
		   char error[static CONFIG_ERROR_SIZE])
{
	struct reading r = {
		.settings = s, .password = BUF_INIT, .take = take, .arg = arg, .error = error};
	struct berval cookie = {0};
	int err = read_password(&r);

	if (!err)
		err = open_any(&r);
	if (!err)
		do
			err = read_page(&r, &cookie);
		while (!err && cookie.bv_len > 0);
	if (!err && r.people == 0) {
		snprintf(error, CONFIG_ERROR_SIZE, "nobody fits %s", s->filter);
		err = -EIO;
	}
	ber_memfree(cookie.bv_val);
	if (r.ldap)
		ldap_unbind_ext_s(r.ldap, NULL, NULL);
	secret_wipe(r.password.data, r.password.len);
	buf_done(&r.password);
	return err;
}
