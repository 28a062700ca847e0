/* Units and people out of CSV. */
#include "server/engine/import.h"

static bool is_code(const char *s)
{
	static const char alphabet[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ._-";
	size_t len = strlen(s);

	return len && len < UNIT_CODE_SIZE && strspn(s, alphabet) == len && !strchr("._-", s[0]);
}

/* Characters of UTF-8. */
static bool is_name(const char *s)
{
	size_t n = 0;

	for (const char *p = s; *p; p++)
		n += ((unsigned char)*p & 0xc0) != 0x80;
	return n && n <= 64 && strlen(s) < ACCOUNT_PERSON_SIZE;
}

/* ---- units ---- */

static const struct import_column unit_columns[] = {
	{"code", "机构代码", true, "B03"},
	{"name", "机构名称", true, "城南支行"},
	{"kind", "机构类型", true, "branch"},
	{"parent_code", "上级机构代码", true, "HQ"},
	{NULL, NULL, false, NULL},
};

/* Words of the screen stand for those of the store. */
static const char *const unit_kinds[][2] = {
	{"branch", "支行"}, {"outlet", "网点"}, {"department", "部门"}};

static const char *unit_kind(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(unit_kinds); i++)
		if (!strcmp(text, unit_kinds[i][0]) || !strcmp(text, unit_kinds[i][1]))
			return unit_kinds[i][0];
	return NULL;
}

static int change_unit(struct import_row *row, const struct unit *old, const struct unit *parent,
		       const char *kind)
{
	int r;

	if (old->parent_id != parent->id)
		return refuse(row->why, REFUSAL_STATE, "parent_code");
	if (strcmp(old->kind, kind) != 0)
		return refuse(row->why, REFUSAL_STATE, "kind");
	r = unit_rename(row->store, row->now_ms, row->who, old->id, import_value(row, "name"));
	if (!r)
		row->change = IMPORT_UPDATED;
	return r == -EALREADY ? 0 : r;
}

static int apply_unit(struct import_row *row)
{
	struct unit_spec spec = {.code = import_value(row, "code"),
				 .name = import_value(row, "name"),
				 .kind = unit_kind(import_value(row, "kind"))};
	struct unit parent, old;
	int64_t id;
	int r;

	if (!is_code(spec.code))
		return refuse(row->why, REFUSAL_VALUE_WRONG, "code");
	if (!is_name(spec.name))
		return refuse(row->why, REFUSAL_VALUE_WRONG, "name");
	if (!spec.kind)
		return refuse(row->why, REFUSAL_VALUE_WRONG, "kind");
	r = import_unit(row, "parent_code", &parent);
	if (!r)
		r = unit_load_by_code(store_writer(row->store), spec.code, &old);
	if (r)
		return r < 0 ? r : change_unit(row, &old, &parent, spec.kind);
	spec.parent_id = parent.id;
	row->change = IMPORT_CREATED;
	return unit_create(row->store, row->now_ms, row->who, &spec, &id, row->why);
}

const struct import_kind import_units = {
	.id = "units", .roles = ROLE_SYSTEM, .columns = unit_columns, .apply = apply_unit};

/* ---- people ---- */

static const struct import_column person_columns[] = {
	{"staff_no", "工号", true, "N1001"},	  {"name", "姓名", true, "张三"},
	{"unit_code", "机构代码", true, "B03"},	  {"post", "岗位", false, "部门负责人"},
	{"phone", "电话", false, "010-12345678"}, {"account", "OA账号", false, "zhangsan"},
	{"source", "认证来源", false, "本地"},	  {NULL, NULL, false, NULL},
};

static const char *const posts[][2] = {
	{"", ""}, {"department-head", "部门负责人"}, {"device-officer", "设备负责人"}};

static const char *person_post(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(posts); i++)
		if (!strcmp(text, posts[i][0]) || !strcmp(text, posts[i][1]))
			return posts[i][0];
	return NULL;
}

/* Who proves the account on the network; an empty column leaves it as it is. */
static int apply_source(struct import_row *row, int64_t account_id)
{
	const char *text = import_value(row, "source");
	bool directory = !strcmp(text, "directory") || !strcmp(text, "目录");
	int r;

	if (!*text)
		return 0;
	if (!directory && strcmp(text, "local") != 0 && strcmp(text, "本地") != 0)
		return refuse(row->why, REFUSAL_VALUE_WRONG, "source");
	r = account_set_directory(row->store, row->now_ms, row->who, account_id, directory);
	if (!r && row->change == IMPORT_UNCHANGED)
		row->change = IMPORT_UPDATED;
	return r == -EALREADY ? 0 : r;
}

/* The account, if the line names one: opened without a password, or the one that is there. */
static int apply_account(struct import_row *row, int64_t person_id)
{
	const char *name = import_value(row, "account");
	struct account account;
	int64_t id;
	int r;

	if (!*name)
		return 0;
	if (!account_name_is_good(name))
		return refuse(row->why, REFUSAL_VALUE_WRONG, "account");
	r = store_get_int(store_writer(row->store), STMT_ACCOUNT_OF_PERSON,
			  STORE_ARGS(v_int(person_id)), 0, &id);
	if (!r && id) {
		r = account_load(store_writer(row->store), id, &account);
		if (r < 0)
			return r;
		return strcmp(account.name, name) != 0
			       ? refuse(row->why, REFUSAL_ACCOUNT_EXISTS, "account")
			       : apply_source(row, id);
	}
	if (r)
		return r;
	if (row->change == IMPORT_UNCHANGED)
		row->change = IMPORT_UPDATED;
	r = account_create(row->store, row->now_ms, row->who, person_id, name, NULL, &id, row->why);
	if (r)
		return r == -ECANCELED ? refuse(row->why, row->why->what, "account") : r;
	return apply_source(row, id);
}

static int apply_person_row(struct import_row *row, const struct person_spec *spec, int64_t *ret_id)
{
	struct person_spec changed = *spec;
	struct person old;
	int r = person_load_by_staff_no(store_writer(row->store), spec->staff_no, &old);

	if (r < 0)
		return r;
	if (!r) {
		row->change = IMPORT_CREATED;
		return person_create(row->store, row->now_ms, row->who, spec, ret_id, row->why);
	}
	*ret_id = old.id;
	if (!import_has(row, "post"))
		changed.post = old.post;
	if (!import_has(row, "phone"))
		changed.phone = old.phone;
	r = person_change(row->store, row->now_ms, row->who, old.id, &changed, row->why);
	if (!r)
		row->change = IMPORT_UPDATED;
	return r == -EALREADY ? 0 : r;
}

static int apply_person(struct import_row *row)
{
	struct person_spec spec = {.name = import_value(row, "name"),
				   .staff_no = import_value(row, "staff_no"),
				   .post = person_post(import_value(row, "post")),
				   .phone = import_value(row, "phone")};
	struct unit unit;
	int64_t id;
	int r;

	if (!is_code(spec.staff_no))
		return refuse(row->why, REFUSAL_VALUE_WRONG, "staff_no");
	if (!is_name(spec.name))
		return refuse(row->why, REFUSAL_VALUE_WRONG, "name");
	if (!spec.post)
		return refuse(row->why, REFUSAL_VALUE_WRONG, "post");
	if (strlen(spec.phone) > 32)
		return refuse(row->why, REFUSAL_VALUE_WRONG, "phone");
	r = import_unit(row, "unit_code", &unit);
	spec.unit_id = unit.id;
	if (!r)
		r = apply_person_row(row, &spec, &id);
	return r ? r : apply_account(row, id);
}

const struct import_kind import_people = {
	.id = "people", .roles = ROLE_SYSTEM, .columns = person_columns, .apply = apply_person};
