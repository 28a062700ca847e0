/* Private to the backend: the part of log_source that only it can judge. */
#pragma once

#include "store/sqlite/connection.h"

/* As log_source.form of journal/source.h: the schema is what the migrations make, indexes agree
 * with their tables, columns for searching say what the entries' bytes say, the monthly files hold
 * nothing beside their batches, co-signatures are their gates'. */
int source_form(void *arg, char *ret_sentence, size_t size) MUST_CHECK;
