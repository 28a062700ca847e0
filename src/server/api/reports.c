/* The standing reports of admission (clauses D07, D31) as files. Reading one is an act of its own.
 */
#include "server/report/report.h"

#include <stdio.h>
#include <string.h>

#include "base/oui.h"
#include "base/text.h"
#include "policy/finding.h"
#include "policy/reason.h"
#include "server/api/nouns.h"

#define ROWS_MOST 5000

static const char *const kind_choices[] = {"illegal-access", "admission", NULL};
static const char *const format_choices[] = {"xlsx", "pdf", NULL};

static const struct value_rule path_rules[] = {{RULE_CHOICE("kind", kind_choices)}};

static const struct value_rule query[] = {
	{RULE_CHOICE("format", format_choices), .required = true},
	{RULE_ID("unit")},
	{.name = NULL},
};

/* ---- what they hold ---- */

static const struct report_column strangers[] = {
	{"what", "类别", 18, REPORT_TEXT},	   {"switch", "交换机", 12, REPORT_TEXT},
	{"port", "端口", 16, REPORT_TEXT},	   {"mac", "MAC地址", 18, REPORT_TEXT},
	{"vendor", "网卡厂商", 14, REPORT_TEXT},   {"address", "最近IP地址", 16, REPORT_TEXT},
	{"asset_no", "资产编号", 18, REPORT_TEXT}, {"unit", "机构", 13, REPORT_TEXT},
	{"verdict", "准入结果", 9, REPORT_TEXT},   {"first_at", "首次出现", 17, REPORT_TIME},
	{"last_at", "最近出现", 17, REPORT_TIME},  {NULL, NULL, 0, REPORT_TEXT},
};

static const struct report_column findings[] = {
	{"finding", "发现", 24, REPORT_TEXT},
	{"switch", "交换机", 11, REPORT_TEXT},
	{"port", "端口", 14, REPORT_TEXT},
	{"mac", "MAC地址", 18, REPORT_TEXT},
	{"vendor", "网卡厂商", 13, REPORT_TEXT},
	{"address", "IP地址", 16, REPORT_TEXT},
	{"asset_no", "资产编号", 16, REPORT_TEXT},
	{"unit", "机构", 11, REPORT_TEXT},
	{"first_at", "首次发现", 17, REPORT_TIME},
	{"last_at", "最近发现", 17, REPORT_TIME},
	{"state", "状态", 9, REPORT_TEXT},
	{"done", "处置说明", 14, REPORT_TEXT},
	{NULL, NULL, 0, REPORT_TEXT},
};

static const struct report_column units[] = {
	{"unit", "机构", 24, REPORT_TEXT},
	{"mode", "准入模式", 12, REPORT_TEXT},
	{"terminals", "登记终端", 10, REPORT_NUMBER},
	{"online", "在线", 10, REPORT_NUMBER},
	{"isolated", "隔离", 10, REPORT_NUMBER},
	{"rejected", "近30天拒绝设备", 16, REPORT_NUMBER},
	{"unknown", "近30天未登记设备", 18, REPORT_NUMBER},
	{"findings", "未处置发现", 12, REPORT_NUMBER},
	{"permits", "有效入网许可", 14, REPORT_NUMBER},
	{"ending", "30天内到期许可", 16, REPORT_NUMBER},
	{NULL, NULL, 0, REPORT_TEXT},
};

static const struct report_column refusals[] = {
	{"reason", "原因", 60, REPORT_TEXT},
	{"clause", "条款", 10, REPORT_TEXT},
	{"devices", "设备数", 10, REPORT_NUMBER},
	{"knocks", "接入请求次数", 14, REPORT_NUMBER},
	{NULL, NULL, 0, REPORT_TEXT},
};

static const struct kind {
	const char *id, *title, *clause;
	struct {
		const char *title;
		enum store_stmt stmt;
		const struct report_column *columns;
	} tables[REPORT_TABLES_MAX];
	size_t count;
} kinds[] = {
	{"illegal-access",
	 "非法接入及未装客户端终端报表",
	 "D07",
	 {{"未装客户端的设备", STMT_REPORT_STRANGERS, strangers},
	  {"监听发现", STMT_REPORT_FINDINGS, findings}},
	 2},
	{"admission",
	 "准入情况报表",
	 "D31",
	 {{"各机构准入情况", STMT_REPORT_ADMISSION, units},
	  {"隔离和拒绝的原因", STMT_REPORT_REFUSALS, refusals}},
	 2},
};

static const struct kind *find_kind(const char *id)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].id, id))
			return &kinds[i];
	return NULL;
}

/* ---- words for codes ---- */

static const char *text_in(const json_t *row, const char *name)
{
	const char *s = json_string_value(json_object_get(row, name));

	return s ? s : "";
}

static void name_mac(const struct oui *oui, json_t *row)
{
	char text[MAC_TEXT_SIZE];
	struct mac mac;

	if (mac_parse(text_in(row, "mac"), &mac))
		return;
	mac_format(text, &mac);
	json_object_set_new(row, "mac", json_string(text));
	json_object_set_new(row, "vendor",
			    json_string(mac_is_local(&mac) ? "随机地址" : oui_vendor(oui, &mac)));
}

static void name_code(json_t *row)
{
	const char *code = text_in(row, "code");
	enum finding f = finding_from_code(code);

	if (!*code)
		return;
	if (f < FINDING_COUNT)
		json_object_set_new(row, "finding", json_string(finding_text(f)->zh));
	for (unsigned r = REASON_OK; r < REASON_COUNT; r++)
		if (!strcmp(reason_text((enum reason)r)->code, code)) {
			json_object_set_new(row, "reason",
					    json_string(reason_text((enum reason)r)->zh));
			json_object_set_new(row, "clause",
					    json_string(reason_text((enum reason)r)->clause));
		}
}

/* ---- making one ---- */

struct making {
	const struct kind *kind;
	json_t *rows[REPORT_TABLES_MAX];
	char unit[96];
};

static void done(struct making *m)
{
	for (size_t i = 0; i < REPORT_TABLES_MAX; i++)
		json_decref(m->rows[i]);
}

static int read_unit(struct call *c, struct store_db *db, struct making *m)
{
	CLEANUP_CURSOR struct store_cursor *cursor = NULL;
	int64_t unit = call_query_int(c, "unit", 0);
	int r;

	snprintf(m->unit, sizeof(m->unit), "%s", "管理范围内全部机构");
	if (!unit)
		return 0;
	r = store_select(db, STMT_REPORT_UNIT, STORE_ARGS(v_int(unit)), &cursor);
	if (!r)
		r = store_next(cursor);
	if (r == 1)
		text_fit(m->unit, sizeof(m->unit), store_text(cursor, 0));
	return MIN(r, 0);
}

static int read_rows(struct call *c, struct making *m)
{
	CLEANUP_FREE char *scope = NULL;
	struct store_db *db;
	json_t *row;
	size_t at;
	int r = call_scope(c, &scope);

	if (!r)
		r = call_reader(c, &db);
	if (!r)
		r = read_unit(c, db, m);
	for (size_t i = 0; !r && i < m->kind->count; i++) {
		r = store_list_json(db, m->kind->tables[i].stmt,
				    STORE_ARGS(v_text(scope),
					       v_int_or_null(call_query_int(c, "unit", 0)),
					       v_int(c->now_ms)),
				    ROWS_MOST, &m->rows[i]);
		if (r)
			m->rows[i] = NULL;
		json_array_foreach(m->rows[i], at, row)
		{
			name_mac(c->api->options.oui, row);
			name_code(row);
		}
	}
	call_drop_reader(c);
	return r;
}

static int write_file(struct call *c, const struct making *m, bool pdf, struct buf *to)
{
	struct report r = {.title = m->kind->title,
			   .clause = m->kind->clause,
			   .unit = m->unit,
			   .by = c->account.name,
			   .at_ms = c->now_ms,
			   .count = m->kind->count};

	for (size_t i = 0; i < r.count; i++)
		r.tables[i] = (struct report_table){m->kind->tables[i].title,
						    m->kind->tables[i].columns, m->rows[i]};
	return pdf ? report_write_pdf(&r, to) : report_write_xlsx(&r, to);
}

static int answer_file(struct call *c, const struct making *m, bool pdf, struct buf *file)
{
	char name[96];

	c->response = MHD_create_response_from_buffer(file->len, file->data, MHD_RESPMEM_MUST_COPY);
	if (!c->response)
		return -ENOMEM;
	snprintf(name, sizeof(name), "attachment; filename=\"%s.%s\"", m->kind->id,
		 pdf ? "pdf" : "xlsx");
	MHD_add_response_header(
		c->response, MHD_HTTP_HEADER_CONTENT_TYPE,
		pdf ? "application/pdf"
		    : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
	MHD_add_response_header(c->response, "Content-Disposition", name);
	c->status = 200;
	return 0;
}

static int tell_act(struct deed *d)
{
	const struct call *c = d->call;
	int r = deed_role(d);

	return r ? r
		 : act_log(d->store, d->now_ms, &d->actor, "report.read", 0, "",
			   json_pack("{s:s, s:s, s:I}", "kind", call_path_text(c, 0), "format",
				     call_query_text(c, "format"), "unit",
				     (json_int_t)call_query_int(c, "unit", 0)));
}

static int run(struct call *c)
{
	CLEANUP_BUF struct buf file = BUF_INIT;
	struct making m = {.kind = find_kind(call_path_text(c, 0))};
	bool pdf = !strcmp(call_query_text(c, "format"), "pdf");
	struct deed d = {0};
	int r = m.kind ? 0 : call_refuse(c, REFUSAL_NOT_FOUND, NULL);

	if (!r)
		r = read_rows(c, &m);
	if (!r)
		r = write_file(c, &m, pdf, &file);
	if (!r)
		r = call_do(c, &d, tell_act, 0);
	if (!r)
		r = answer_file(c, &m, pdf, &file);
	done(&m);
	return r;
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/reports/{kind}",
	 .operation = "report_get",
	 .roles = ROLE_SECURITY | ROLE_REGIONAL | ROLE_AUDITOR,
	 .scope = SCOPE_UNIT,
	 .path_rules = path_rules,
	 .query = query,
	 .unrecorded = true,
	 .run = run},
};

const struct route_noun report_routes = {routes, ARRAY_SIZE(routes)};
