/*
 * Stays that are over, in the monthly file of the record that told their end. They carry that
 * record's id, so what undoes records undoes them.
 */
#pragma once

#include "store/sqlite/connection.h"

struct stay_writer {
	sqlite3_stmt *insert_stay, *insert_address;
};

int stay_writer_prepare(struct stay_writer *w, sqlite3 *db) MUST_CHECK;
void stay_writer_done(struct stay_writer *w);
int stay_add(struct stay_writer *w, int64_t record_id, const struct store_record *r) MUST_CHECK;
/* Deletes those of the records from `record_id` on. */
int stay_delete_from(sqlite3 *db, int64_t record_id) MUST_CHECK;
