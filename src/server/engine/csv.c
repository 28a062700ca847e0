#include "server/engine/csv.h"

#include <string.h>

#include "base/text.h"

void csv_reader_init(struct csv_reader *r, const char *text, size_t len)
{
	static const char mark[] = "\xef\xbb\xbf";

	if (len >= 3 && !memcmp(text, mark, 3)) {
		text += 3;
		len -= 3;
	}
	*r = (struct csv_reader){.p = text, .end = text + len, .next_line = 1};
}

struct filling {
	struct csv_row *row;
	size_t used;
	int error;
};

static void put(struct filling *f, char c)
{
	if (f->used - f->row->count >= CSV_ROW_MAX)
		f->error = -E2BIG;
	else if ((unsigned char)c < 0x20 && c != '\t' && c != '\n')
		f->error = -EBADMSG;
	else
		f->row->storage[f->used++] = c;
}

/* A quoted field, from behind its first quote to behind its last. */
static const char *take_quoted(struct csv_reader *r, const char *p, struct filling *f)
{
	while (p < r->end) {
		if (*p == '"' && p + 1 < r->end && p[1] == '"') {
			put(f, '"');
			p += 2;
		} else if (*p == '"') {
			return p + 1;
		} else {
			r->next_line += *p == '\n';
			if (*p != '\r')
				put(f, *p);
			p++;
		}
	}
	f->error = -EBADMSG;
	return p;
}

static bool at_field_end(const struct csv_reader *r, const char *p)
{
	return p >= r->end || *p == ',' || *p == '\n' ||
	       (*p == '\r' && (p + 1 >= r->end || p[1] == '\n'));
}

static const char *take_field(struct csv_reader *r, const char *p, struct filling *f)
{
	if (p < r->end && *p == '"') {
		p = take_quoted(r, p + 1, f);
		if (!at_field_end(r, p))
			f->error = -EBADMSG;
	}
	while (!at_field_end(r, p)) {
		if (*p == '"')
			f->error = -EBADMSG;
		put(f, *p++);
	}
	return p;
}

static void end_field(struct filling *f, size_t start)
{
	struct csv_row *row = f->row;

	if (row->count >= CSV_FIELDS_MAX) {
		f->error = -E2BIG;
		return;
	}
	row->storage[f->used++] = '\0'; /* the fields' ends are counted beside CSV_ROW_MAX */
	row->fields[row->count++] = text_trim(row->storage + start);
}

/* Over the end of the line. */
static const char *skip_line_end(struct csv_reader *r, const char *p)
{
	if (p < r->end && *p == '\r')
		p++;
	if (p < r->end && *p == '\n') {
		p++;
		r->next_line++;
	}
	return p;
}

static bool is_empty(const struct csv_row *row)
{
	return row->count == 1 && !row->fields[0][0];
}

static int read_row(struct csv_reader *r, struct csv_row *ret)
{
	struct filling f = {.row = ret};
	const char *p = r->p;

	ret->count = 0;
	r->line = r->next_line;
	for (;;) {
		size_t start = f.used;

		p = take_field(r, p, &f);
		if (!f.error)
			end_field(&f, start);
		if (p >= r->end || *p != ',')
			break;
		p++;
	}
	r->p = skip_line_end(r, p);
	return f.error ? f.error : 1;
}

int csv_next(struct csv_reader *r, struct csv_row *ret)
{
	while (r->p < r->end) {
		int got = read_row(r, ret);

		if (got < 0 || !is_empty(ret))
			return got;
	}
	return 0;
}
