#define _GNU_SOURCE
#include "lab.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

void lab_open(struct lab *lab)
{
	struct store_options options = {
		.dir = lab->dir, .log_key = lab->key, .hash = HASH_SM3, .epoch = 1};
	char error[STORE_ERROR_SIZE] = "";

	if (store_open(&options, &lab->store, error))
		fail_msg("%s", error);
}

void lab_close(struct lab *lab)
{
	store_close(lab->store);
	lab->store = NULL;
}

int lab_setup(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));

	if (!lab || sign_key_make(SIGN_SM2, &lab->key))
		return -1;
	snprintf(lab->dir, sizeof(lab->dir), "/tmp/menshen-store-XXXXXX");
	if (!mkdtemp(lab->dir))
		return -1;
	lab_open(lab);
	*state = lab;
	return 0;
}

static void remove_files(const char *dir, const char *ending)
{
	DIR *d = opendir(dir);
	char path[400];

	for (struct dirent *e; d && (e = readdir(d));) {
		size_t len = strlen(e->d_name), end = strlen(ending);

		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (len >= end && strcmp(e->d_name + len - end, ending) == 0)
			unlink(path);
	}
	if (d)
		closedir(d);
}

void lab_empty(struct lab *lab)
{
	remove_files(lab->dir, "");
}

void lab_drop_shared_memory(struct lab *lab)
{
	remove_files(lab->dir, "-shm");
}

int lab_teardown(void **state)
{
	struct lab *lab = *state;

	lab_close(lab);
	lab_empty(lab);
	rmdir(lab->dir);
	sign_key_free(lab->key);
	free(lab);
	return 0;
}

int lab_put(struct store *s, const char *name, const char *value)
{
	struct entry act = {
		.at_ms = clock_wall_ms(),
		.act = "setting.set",
		.actor = {.account = 1, .name = "wang", .role = "system", .from = "::1"},
		.subject = name};
	int err = store_exec(s, STMT_SETTING_SET, STORE_ARGS(v_text(name), v_text(value)), NULL);

	return err ? err : store_log(s, &act);
}

void lab_commit_setting(struct lab *lab, const char *name, const char *value)
{
	struct head head;

	assert_int_equal(store_begin(lab->store), 0);
	assert_int_equal(lab_put(lab->store, name, value), 0);
	assert_int_equal(store_commit(lab->store, clock_wall_ms(), &head), 0);
}

int lab_count(struct store *s)
{
	struct store_db *db;
	json_t *rows;
	int count;

	assert_int_equal(store_reader_new(s, &db), 0);
	assert_int_equal(store_list_json(db, STMT_SETTING_LIST, STORE_NO_ARGS, 1000000, &rows), 0);
	count = (int)json_array_size(rows);
	json_decref(rows);
	store_reader_free(db);
	return count;
}

int lab_try_verify(struct lab *lab, const struct head_file *kept, struct verify_report *ret)
{
	struct store_options options = {.dir = lab->dir};
	CLEANUP_BUF struct buf pem = BUF_INIT;
	struct sign_keyring keys = {0};
	char error[STORE_ERROR_SIZE];
	struct store_db *db = NULL;
	struct store *s = NULL;
	int err;

	assert_int_equal(sign_key_public_pem(lab->key, &pem), 0);
	assert_int_equal(sign_keyring_add_pem(&keys, pem.data, pem.len), 0);
	err = store_open(&options, &s, error);
	if (!err)
		err = store_reader_new(s, &db);
	if (!err)
		err = store_reader_begin(db);
	if (!err) {
		struct log_source source = store_log_source(db);

		err = log_verify(&source, kept, &keys, ret);
		store_reader_end(db);
	}
	store_reader_free(db);
	store_close(s);
	sign_keyring_done(&keys);
	return err;
}

enum verify_fault lab_verify(struct lab *lab, const struct head_file *kept,
			     struct verify_report *ret)
{
	assert_int_equal(lab_try_verify(lab, kept, ret), 0);
	return ret->fault;
}
