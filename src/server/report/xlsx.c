#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "server/report/report.h"

#define HEAD_ROW 3

static void put_cell(lxw_worksheet *sheet, uint32_t row, uint16_t col,
		     const struct report_column *c, const json_t *values)
{
	const json_t *v = json_object_get(values, c->name);
	char text[REPORT_TEXT_SIZE];

	report_text(text, c, values);
	if (c->kind == REPORT_NUMBER && json_is_integer(v))
		worksheet_write_number(sheet, row, col, (double)json_integer_value(v), NULL);
	else
		worksheet_write_string(sheet, row, col, text, NULL);
}

static void put_heads(lxw_worksheet *sheet, const struct report *r, const struct report_table *t,
		      lxw_format *bold)
{
	char line[REPORT_TEXT_SIZE];

	report_heading(line, r);
	worksheet_write_string(sheet, 0, 0, r->title, bold);
	worksheet_write_string(sheet, 1, 0, line, NULL);
	for (uint16_t i = 0; t->columns[i].name; i++) {
		worksheet_set_column(sheet, i, i, t->columns[i].width, NULL);
		worksheet_write_string(sheet, HEAD_ROW, i, t->columns[i].title, bold);
	}
	worksheet_freeze_panes(sheet, HEAD_ROW + 1, 0);
}

static int put_table(lxw_workbook *book, const struct report *r, const struct report_table *t,
		     lxw_format *bold)
{
	lxw_worksheet *sheet = workbook_add_worksheet(book, t->title);
	const json_t *row;
	size_t i;

	if (!sheet)
		return -EIO;
	put_heads(sheet, r, t, bold);
	json_array_foreach(t->rows, i, row)
	{
		for (uint16_t c = 0; t->columns[c].name; c++)
			put_cell(sheet, (uint32_t)i + HEAD_ROW + 1, c, &t->columns[c], row);
	}
	return 0;
}

static int read_back(int fd, struct buf *to)
{
	struct stat st;
	uint8_t *room;

	if (fstat(fd, &st) < 0)
		return -errno;
	room = buf_reserve(to, (size_t)st.st_size);
	if (!room)
		return to->error;
	for (off_t at = 0; at < st.st_size;) {
		ssize_t got = pread(fd, room + at, (size_t)(st.st_size - at), at);

		if (got <= 0)
			return got ? -errno : -EIO;
		at += got;
	}
	to->len += (size_t)st.st_size;
	return 0;
}

/* The library writes to a name alone: the name of a file that is in memory. */
int report_write_xlsx(const struct report *r, struct buf *to)
{
	CLEANUP_FD int fd = memfd_create("report", MFD_CLOEXEC);
	char path[64];
	lxw_workbook *book;
	lxw_format *bold;
	int err = 0;

	if (fd < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	book = workbook_new(path);
	if (!book)
		return -ENOMEM;
	bold = workbook_add_format(book);
	if (bold)
		format_set_bold(bold);
	for (size_t i = 0; !err && i < r->count; i++)
		err = put_table(book, r, &r->tables[i], bold);
	if (workbook_close(book) != LXW_NO_ERROR)
		err = err ? err : -EIO;
	return err ? err : read_back(fd, to);
}
