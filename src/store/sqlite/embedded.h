/* The SQL texts that scripts/embed-sql puts into the binary. */
#pragma once

#include "store/statements.h"

struct sqlite_statement {
	const char *name;
	const char *sql;
};

extern const struct sqlite_statement sqlite_statements[STMT_COUNT];
/* In order, ended by NULL; the n-th brings a database from user_version n - 1 to n. */
extern const char *const sqlite_main_migrations[];
extern const char *const sqlite_records_migrations[];
