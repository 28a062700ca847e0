/* One check of `menshen doctor` is one line of the table in doctor.c. */
#pragma once

#include "server/keys.h"
#include "server/settings.h"
#include "store/store.h"

#define FINDING_SIZE 640
#define FINDING_NOTE 1 /* worth knowing, not wrong */

struct examined {
	struct settings settings;
	struct keys keys;
	bool has_keys;
	struct store *store;
	struct store_db *db; /* NULL: the store cannot be read */
	int64_t now_ms;
};

/* 0: fine, `finding` says what was seen; FINDING_NOTE; negative: it says what is wrong and what to
 * do. */
typedef int check_fn(struct examined *x, char finding[static FINDING_SIZE]);

/* doctor_store.c: what stands in the store. */
check_fn check_exceptions, check_gate_certificates, check_terminal_certificates, check_gates,
	check_breaker, check_clock;
