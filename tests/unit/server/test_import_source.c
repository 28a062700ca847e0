#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "office.h"
#include "server/engine/import.h"
#include "server/gateway/snapshot_reader.h"

static struct office office;

struct file {
	const char *text;
	json_t *report;
	int err;
};

static int grant(struct store *s, int64_t now_ms, void *arg)
{
	struct account_first first = {.unit_id = office.unit_id,
				      .name = "sysadmin",
				      .person_name = "管理员",
				      .staff_no = "S1",
				      .role = ROLE_SYSTEM};
	struct refused why = {0};

	return account_create_first(s, now_ms, &actor_system, &first, arg, &why);
}

static int import(struct store *s, int64_t now_ms, void *arg)
{
	struct file *f = arg;
	struct account importer;
	struct refused why = {0};

	assert_int_equal(account_load_by_name(store_writer(s), "sysadmin", &importer), 1);
	json_decref(f->report);
	f->report = NULL;
	return import_file(s, now_ms, &actor_system, &importer, &import_people, f->text,
			   strlen(f->text), true, &f->report, &why);
}

static int64_t number(const struct file *f, const char *name)
{
	return json_integer_value(json_object_get(f->report, name));
}

/* What the gates are told of the account. */
static menshen_SnapAccount at_the_gates(const char *name)
{
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	menshen_SnapAccount m = {0}, found = {0};
	struct snapshot_reader *r;
	size_t at = 0, used;
	struct frame f;

	assert_int_equal(snapshot_reader_new(office.store, 0, &r), 0);
	assert_int_equal(snapshot_reader_begin(r, &bytes), 0);
	while (snapshot_reader_is_reading(r))
		assert_int_equal(snapshot_reader_next(r, &bytes), 0);
	snapshot_reader_free(r);
	for (; at < bytes.len; at += used) {
		assert_int_equal(frame_parse(bytes.data + at, bytes.len - at, &f, &used), 0);
		if (f.type != FRAME_SNAP_ACCOUNT)
			continue;
		assert_int_equal(frame_decode(&f, &m, sizeof(m)), 0);
		if (!strcmp(m.name, name))
			found = m;
	}
	return found;
}

#define HEADER "staff_no,name,unit_code,account,source\n"

static void accounts_come_from_the_directory_and_back(void **state)
{
	struct file f = {.text = HEADER
			 "N1,王,HO,wang,directory\nN2,李,HO,li,本地\nN3,赵,HO,zhao,\n"};
	int64_t id;

	(void)state;
	office_open(&office);
	assert_int_equal(office_act(&office, grant, &id, TOPIC_ACCOUNT), 0);
	assert_int_equal(office_act(&office, import, &f, TOPIC_ACCOUNT), 0);
	assert_int_equal(number(&f, "creates"), 3);
	assert_true(at_the_gates("wang").directory);
	assert_int_equal(at_the_gates("wang").nt_sealed.size, 0);
	assert_false(at_the_gates("li").directory);
	assert_true(at_the_gates("zhao").enabled && !at_the_gates("zhao").directory);
	/* Twice is once; an empty column changes nothing. */
	f.text = HEADER "N1,王,HO,wang,目录\nN1,王,HO,wang,\n";
	assert_int_equal(office_act(&office, import, &f, TOPIC_ACCOUNT), 0);
	assert_int_equal(number(&f, "unchanged"), 2);
	assert_int_equal(office_acts(&office, "account.source"), 1);
	f.text = HEADER "N1,王,HO,wang,local\n";
	assert_int_equal(office_act(&office, import, &f, TOPIC_ACCOUNT), 0);
	assert_int_equal(number(&f, "updates"), 1);
	assert_false(at_the_gates("wang").directory);
	/* Another word is a bad row, and the file is undone. */
	f.text = HEADER "N2,李,HO,li,directory\nN3,赵,HO,zhao,kerberos\n";
	assert_int_equal(office_act(&office, import, &f, TOPIC_ACCOUNT), -ECANCELED);
	assert_int_equal(number(&f, "bad_count"), 1);
	assert_false(at_the_gates("li").directory);
	json_decref(f.report);
	office_verify(&office);
	office_close(&office);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accounts_come_from_the_directory_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
