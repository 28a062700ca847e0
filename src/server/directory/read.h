/*
 * People out of the bank's directory over LDAP (RFC 4511), always under TLS, in pages (RFC 2696),
 * so that neither side holds more than a page. Blocks.
 */
#pragma once

#include "base/config.h"

struct directory_settings {
	char server[256], server2[256]; /* ldap:// with StartTLS, or ldaps://; "none" */
	char base[256], filter[256];
	char bind_dn[256], password_file[256]; /* "none": anonymously */
	char ca[256];
	char staff_no[64], name[64], unit[64], account[64]; /* attributes */
};

/* The file's one section is [directory]; `error` says file, line and what was expected. */
int directory_settings_load(const char *path, struct directory_settings *ret,
			    char error[static CONFIG_ERROR_SIZE]) MUST_CHECK;

/* One person; "" where the entry has no such attribute. */
struct directory_person {
	const char *dn, *staff_no, *name, *unit, *account;
};

/* What it returns other than 0 ends the reading and is passed on. */
typedef int directory_take_fn(void *arg, const struct directory_person *p);

/*
 * Gives each person to `take`, from the first server that answers. 0 means that the directory said
 * all it has: an answer that breaks off, or is cut by a limit, is -EIO with the word in `error`,
 * and so is an empty one, because a wrong filter must not look like a bank without people.
 */
int directory_read(const struct directory_settings *s, directory_take_fn *take, void *arg,
		   char error[static CONFIG_ERROR_SIZE]) MUST_CHECK;
