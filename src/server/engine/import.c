#include "server/engine/import.h"

#include <iconv.h>
#include <stdio.h>

#include "base/text.h"

#define VALUE_SHOWN 150 /* bytes of a bad value */

static const struct import_kind *const kinds[] = {&import_units, &import_people, &import_terminals,
						  &import_macs, &import_addresses};

const struct import_kind *import_kind_find(const char *id)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i]->id, id))
			return kinds[i];
	return NULL;
}

const char *import_value(const struct import_row *row, const char *column)
{
	for (size_t i = 0; row->kind->columns[i].name; i++)
		if (!strcmp(row->kind->columns[i].name, column))
			return row->values[i];
	return "";
}

bool import_has(const struct import_row *row, const char *column)
{
	for (size_t i = 0; row->kind->columns[i].name; i++)
		if (!strcmp(row->kind->columns[i].name, column))
			return row->given & (1U << i);
	return false;
}

int import_unit(struct import_row *row, const char *column, struct unit *ret)
{
	const char *code = import_value(row, column);
	int r = unit_load_by_code(store_writer(row->store), code, ret);

	if (r < 0)
		return r;
	if (!r)
		return refuse(row->why, REFUSAL_NOT_FOUND, column);
	if (ret->ended)
		return refuse(row->why, REFUSAL_ENDED, column);
	return account_role_over(row->importer, row->roles, ret->path)
		       ? 0
		       : refuse(row->why, REFUSAL_OUT_OF_SCOPE, column);
}

int import_person(struct import_row *row, const char *column, int64_t *ret_id)
{
	const char *staff_no = import_value(row, column);
	struct person person;
	int r;

	*ret_id = 0;
	if (!*staff_no)
		return 0;
	r = person_load_by_staff_no(store_writer(row->store), staff_no, &person);
	if (r < 0)
		return r;
	if (!r || person.ended)
		return refuse(row->why, REFUSAL_NOT_FOUND, column);
	*ret_id = person.id;
	return 0;
}

int import_template(const struct import_kind *kind, struct buf *ret)
{
	buf_puts(ret, "\xef\xbb\xbf");
	for (const struct import_column *c = kind->columns; c->name; c++)
		buf_printf(ret, "%s%s", c == kind->columns ? "" : ",", c->zh);
	buf_puts(ret, "\r\n");
	for (const struct import_column *c = kind->columns; c->name; c++)
		buf_printf(ret, "%s%s", c == kind->columns ? "" : ",", c->example);
	buf_puts(ret, "\r\n");
	return ret->error;
}

static bool is_utf8(const char *s, size_t len)
{
	/* Control characters are the CSV reader's business: it names their line. */
	while (len) {
		size_t plain = 0;

		while (plain < len && (unsigned char)s[plain] >= 0x20)
			plain++;
		if (!text_is_clean(s, plain))
			return false;
		plain += plain < len;
		s += plain;
		len -= plain;
	}
	return true;
}

int import_decode(const void *bytes, size_t len, struct buf *ret)
{
	char *in = (char *)(uintptr_t)bytes, *out;
	size_t in_left = len, out_left = len * 2;
	iconv_t from;
	bool whole;

	if (is_utf8(bytes, len)) {
		buf_append(ret, bytes, len);
		return ret->error;
	}
	from = iconv_open("UTF-8", "GB18030");
	if (from == (iconv_t)-1)
		return -EILSEQ;
	out = (char *)buf_reserve(ret, out_left);
	whole = out && iconv(from, &in, &in_left, &out, &out_left) != (size_t)-1 && !in_left;
	iconv_close(from);
	if (!out)
		return ret->error;
	if (!whole)
		return -EILSEQ;
	ret->len += len * 2 - out_left;
	ret->data[ret->len] = 0;
	return 0;
}

/* ---- one file ---- */

struct importing {
	struct import_row row;
	struct csv_reader reader;
	int column_of[CSV_FIELDS_MAX]; /* place in the file to place in the kind's table */
	size_t columns;
	json_t *bad;
	int64_t lines, created, updated, unchanged;
};

static int find_column(const struct import_kind *kind, const char *name)
{
	for (int i = 0; kind->columns[i].name; i++)
		if (!strcmp(kind->columns[i].name, name) || !strcmp(kind->columns[i].zh, name))
			return i;
	return -1;
}

static int read_header(struct importing *im, struct refused *why)
{
	CLEANUP_FREE struct csv_row *header = malloc(sizeof(*header));
	uint32_t seen = 0;

	if (!header)
		return -ENOMEM;
	if (csv_next(&im->reader, header) != 1)
		return refuse(why, REFUSAL_IMPORT_HEADER, NULL);
	for (size_t i = 0; i < header->count; i++) {
		int column = find_column(im->row.kind, header->fields[i]);

		if (column < 0 || (seen & (1U << column)))
			return refuse(why, REFUSAL_IMPORT_HEADER, header->fields[i]);
		seen |= 1U << column;
		im->column_of[i] = column;
	}
	im->columns = header->count;
	im->row.given = seen;
	for (int i = 0; im->row.kind->columns[i].name; i++)
		if (im->row.kind->columns[i].required && !(seen & (1U << i)))
			return refuse(why, REFUSAL_IMPORT_HEADER, im->row.kind->columns[i].name);
	return 0;
}

/* At most VALUE_SHOWN bytes, not through a character. */
static json_t *shown_value(const char *value)
{
	size_t len = strlen(value);

	if (len > VALUE_SHOWN) {
		len = VALUE_SHOWN;
		while (len && ((unsigned char)value[len] & 0xc0) == 0x80)
			len--;
	}
	return json_stringn(value, len);
}

static int add_bad(struct importing *im, const struct refused *why)
{
	const struct refusal_text *text = refusal_text(why->what);
	int column = find_column(im->row.kind, why->field);
	json_t *one =
		json_pack("{s:I, s:s, s:o, s:s, s:s, s:s}", "line", (json_int_t)im->reader.line,
			  "column", column < 0 ? "" : im->row.kind->columns[column].name, "value",
			  column < 0 ? json_string("") : shown_value(im->row.values[column]),
			  "code", text->code, "message_zh", text->zh, "message_en", text->en);

	return json_array_append_new(im->bad, one) ? -ENOMEM : 0;
}

static int check_required(const struct import_row *row)
{
	for (size_t i = 0; row->kind->columns[i].name; i++)
		if (row->kind->columns[i].required && !row->values[i][0])
			return refuse(row->why, REFUSAL_VALUE_MISSING, row->kind->columns[i].name);
	return 0;
}

static int check_clean(const struct import_row *row)
{
	for (size_t i = 0; row->kind->columns[i].name; i++)
		if (strlen(row->values[i]) > 255 || strpbrk(row->values[i], "\t\n") ||
		    !text_is_clean(row->values[i], strlen(row->values[i])))
			return refuse(row->why, REFUSAL_VALUE_WRONG, row->kind->columns[i].name);
	return 0;
}

static void fill_values(struct importing *im, const struct csv_row *csv)
{
	for (size_t i = 0; i < IMPORT_COLUMNS_MAX; i++)
		im->row.values[i] = "";
	for (size_t i = 0; i < csv->count && i < im->columns; i++)
		im->row.values[im->column_of[i]] = csv->fields[i];
}

static int apply_row(struct importing *im, const struct csv_row *csv)
{
	struct import_row *row = &im->row;
	int r;

	if (csv->count > im->columns)
		return refuse(row->why, REFUSAL_MALFORMED, NULL);
	r = check_required(row);
	if (!r)
		r = check_clean(row);
	row->change = IMPORT_UNCHANGED;
	if (!r)
		r = row->kind->apply(row);
	if (r == -ENOENT || r == -EEXIST || r == -EINVAL || r == -EPERM)
		r = refuse_errno(row->why, r);
	if (r)
		return r;
	im->created += row->change == IMPORT_CREATED;
	im->updated += row->change == IMPORT_UPDATED;
	im->unchanged += row->change == IMPORT_UNCHANGED;
	return 0;
}

static int apply_rows(struct importing *im, struct refused *why)
{
	CLEANUP_FREE struct csv_row *csv = malloc(sizeof(*csv));
	int got, r = csv ? 0 : -ENOMEM;

	while (!r && (got = csv_next(&im->reader, csv)) != 0) {
		struct refused bad = {0};

		if (++im->lines > IMPORT_ROWS_MAX)
			return refuse(why, REFUSAL_IMPORT_SIZE, NULL);
		im->row.why = &bad;
		if (got < 0)
			csv->count = 0;
		fill_values(im, csv);
		r = got < 0 ? refuse(&bad, REFUSAL_MALFORMED, NULL) : apply_row(im, csv);
		if (r == -ECANCELED)
			r = add_bad(im, &bad);
	}
	return r;
}

static int log_import(struct importing *im)
{
	char act[64];

	snprintf(act, sizeof(act), "import.%s", im->row.kind->id);
	return act_log(im->row.store, im->row.now_ms, im->row.who, act, im->row.importer->unit_id,
		       "",
		       json_pack("{s:I, s:I, s:I}", "lines", (json_int_t)im->lines, "created",
				 (json_int_t)im->created, "updated", (json_int_t)im->updated));
}

int import_file(struct store *s, int64_t now_ms, const struct entry_actor *who,
		const struct account *importer, const struct import_kind *kind, const char *text,
		size_t len, bool commit, json_t **ret_report, struct refused *why)
{
	struct importing im = {.row = {.store = s,
				       .now_ms = now_ms,
				       .who = who,
				       .importer = importer,
				       .roles = kind->roles,
				       .kind = kind},
			       .bad = json_array()};
	bool undo;
	int r;

	csv_reader_init(&im.reader, text, len);
	r = im.bad ? read_header(&im, why) : -ENOMEM;
	if (!r)
		r = apply_rows(&im, why);
	undo = !commit || json_array_size(im.bad) > 0;
	if (!r && !undo)
		r = log_import(&im);
	if (r) {
		json_decref(im.bad);
		return r;
	}
	*ret_report =
		json_pack("{s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:o}", "kind", kind->id, "committed",
			  !undo, "lines", (json_int_t)im.lines, "creates", (json_int_t)im.created,
			  "updates", (json_int_t)im.updated, "unchanged", (json_int_t)im.unchanged,
			  "bad_count", (json_int_t)json_array_size(im.bad), "bad", im.bad);
	if (!*ret_report)
		return -ENOMEM;
	return undo ? -ECANCELED : 0;
}
