#include <hpdf.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>

#include "server/report/report.h"

#define MARGIN 36.0F
#define TITLE_SIZE 16.0F
#define TEXT_SIZE 7.0F
#define LATIN 0.6F /* of Courier, of its size */
#define LINE (TEXT_SIZE * 1.45F)
#define CELL_LINES 3
#define CELL_SIZE 512

/* SimSun is not part of the file: every reader of a Chinese bank has it or one in its place. */
struct sheet {
	HPDF_Doc doc;
	HPDF_Font chinese, latin;
	HPDF_Page page;
	float y, width;
	unsigned number;
	iconv_t gbk;
};

static bool failed(const struct sheet *s)
{
	return HPDF_GetError(s->doc) != HPDF_OK;
}

/* What GBK lacks is a question mark. */
static void to_gbk(const struct sheet *s, const char *text, size_t len, char dst[static CELL_SIZE])
{
	char *in = (char *)(uintptr_t)text, *out = dst;
	size_t in_left = len, out_left = CELL_SIZE - 1;

	while (in_left && iconv(s->gbk, &in, &in_left, &out, &out_left) == (size_t)-1) {
		if (errno != EILSEQ || !out_left)
			break;
		*out++ = '?';
		out_left--;
		do {
			in++;
			in_left--;
		} while (in_left && ((unsigned char)*in & 0xc0) == 0x80);
	}
	*out = 0;
	iconv(s->gbk, NULL, NULL, NULL, NULL);
}

static bool is_latin(char c)
{
	return (unsigned char)c < 0x80;
}

/* Latin letters have a font of their own, so that what is copied out of the file is what it says.
 */
static void write_at(struct sheet *s, float x, float y, float size, const char *text, size_t len)
{
	char gbk[CELL_SIZE];

	HPDF_Page_BeginText(s->page);
	for (size_t at = 0, run; at < len; at += run) {
		bool latin = is_latin(text[at]);
		float wide = 0;

		for (run = 0; at + run < len && is_latin(text[at + run]) == latin; run++)
			wide += latin ? LATIN : ((unsigned char)text[at + run] & 0xc0) != 0x80;
		to_gbk(s, text + at, run, gbk);
		HPDF_Page_SetFontAndSize(s->page, latin ? s->latin : s->chinese, size);
		HPDF_Page_TextOut(s->page, x, y, gbk);
		x += wide * size;
	}
	HPDF_Page_EndText(s->page);
}

/* How many bytes of the text go into so many points: a Chinese character is as wide as high. */
static size_t fitting(const char *text, float width)
{
	float used = 0;
	size_t at = 0;

	while (text[at]) {
		bool wide = (unsigned char)text[at] >= 0x80;
		size_t len = 1;

		while (wide && ((unsigned char)text[at + len] & 0xc0) == 0x80)
			len++;
		used += wide ? TEXT_SIZE : TEXT_SIZE * LATIN;
		if (used > width && at)
			break;
		at += len;
	}
	return at;
}

static unsigned lines_of(const char *text, float width)
{
	unsigned lines = 1;

	for (size_t n = fitting(text, width); text[n] && lines < CELL_LINES;
	     n = fitting(text, width)) {
		text += n;
		lines++;
	}
	return lines;
}

static void write_cell(struct sheet *s, float x, float width, const char *text)
{
	float y = s->y;

	for (unsigned line = 0; *text && line < CELL_LINES; line++) {
		size_t n = fitting(text, width);

		write_at(s, x, y, TEXT_SIZE, text, n);
		text += n;
		y -= LINE;
	}
}

static void new_page(struct sheet *s)
{
	char number[16];

	s->page = HPDF_AddPage(s->doc);
	HPDF_Page_SetSize(s->page, HPDF_PAGE_SIZE_A4, HPDF_PAGE_LANDSCAPE);
	s->width = HPDF_Page_GetWidth(s->page) - 2 * MARGIN;
	s->y = HPDF_Page_GetHeight(s->page) - MARGIN - TITLE_SIZE;
	snprintf(number, sizeof(number), "%u", ++s->number);
	write_at(s, s->width + MARGIN - TEXT_SIZE, MARGIN / 2, TEXT_SIZE, number, strlen(number));
}

static float width_of(const struct sheet *s, const struct report_table *t, size_t i)
{
	unsigned all = 0;

	for (size_t k = 0; t->columns[k].name; k++)
		all += t->columns[k].width;
	return s->width * (float)t->columns[i].width / (float)all;
}

/* `row` NULL: the titles of the columns. */
static void write_row(struct sheet *s, const struct report_table *t, const json_t *row)
{
	char text[REPORT_TEXT_SIZE];
	float x = MARGIN, width;
	unsigned lines = 1;

	for (size_t i = 0; t->columns[i].name; i++) {
		width = width_of(s, t, i) - TEXT_SIZE / 2;
		if (row)
			report_text(text, &t->columns[i], row);
		else
			snprintf(text, sizeof(text), "%s", t->columns[i].title);
		write_cell(s, x, width, text);
		lines = MAX(lines, lines_of(text, width));
		x += width_of(s, t, i);
	}
	s->y -= LINE * (float)lines;
	HPDF_Page_SetLineWidth(s->page, row ? 0.2F : 0.8F);
	HPDF_Page_MoveTo(s->page, MARGIN, s->y + LINE - 2);
	HPDF_Page_LineTo(s->page, MARGIN + s->width, s->y + LINE - 2);
	HPDF_Page_Stroke(s->page);
}

static void write_table(struct sheet *s, const struct report_table *t)
{
	const json_t *row;
	size_t i;

	if (s->y < MARGIN + 6 * LINE)
		new_page(s);
	s->y -= LINE;
	write_at(s, MARGIN, s->y, TEXT_SIZE + 3, t->title, strlen(t->title));
	s->y -= 2 * LINE;
	write_row(s, t, NULL);
	json_array_foreach(t->rows, i, row)
	{
		if (failed(s))
			return;
		if (s->y < MARGIN + CELL_LINES * LINE) {
			new_page(s);
			write_row(s, t, NULL);
		}
		write_row(s, t, row);
	}
	if (!json_array_size(t->rows))
		write_at(s, MARGIN, s->y, TEXT_SIZE, "（无）", strlen("（无）"));
}

static void write_head(struct sheet *s, const struct report *r)
{
	char line[REPORT_TEXT_SIZE];

	report_heading(line, r);
	write_at(s, MARGIN, s->y, TITLE_SIZE, r->title, strlen(r->title));
	s->y -= TITLE_SIZE * 1.5F;
	write_at(s, MARGIN, s->y, TEXT_SIZE, line, strlen(line));
	s->y -= LINE;
}

static int take_out(struct sheet *s, struct buf *to)
{
	HPDF_UINT32 len;
	uint8_t *room;

	if (failed(s) || HPDF_SaveToStream(s->doc) != HPDF_OK)
		return -EIO;
	len = HPDF_GetStreamSize(s->doc);
	room = buf_reserve(to, len);
	if (!room)
		return to->error;
	if (HPDF_ReadFromStream(s->doc, room, &len) != HPDF_OK && len == 0)
		return -EIO;
	to->len += len;
	return 0;
}

static void on_error(HPDF_STATUS error, HPDF_STATUS detail, void *arg)
{
	(void)error;
	(void)detail;
	(void)arg;
}

int report_write_pdf(const struct report *r, struct buf *to)
{
	struct sheet s = {.gbk = iconv_open("GBK", "UTF-8")};
	int err;

	if (s.gbk == (iconv_t)-1)
		return -errno;
	s.doc = HPDF_New(on_error, NULL);
	if (!s.doc) {
		iconv_close(s.gbk);
		return -ENOMEM;
	}
	HPDF_UseCNSFonts(s.doc);
	HPDF_UseCNSEncodings(s.doc);
	HPDF_SetCompressionMode(s.doc, HPDF_COMP_ALL);
	s.chinese = HPDF_GetFont(s.doc, "SimSun", "GBK-EUC-H");
	s.latin = HPDF_GetFont(s.doc, "Courier", NULL);
	if (s.chinese && s.latin) {
		new_page(&s);
		write_head(&s, r);
		for (size_t i = 0; i < r->count; i++)
			write_table(&s, &r->tables[i]);
	}
	err = s.page ? take_out(&s, to) : -EIO;
	HPDF_Free(s.doc);
	iconv_close(s.gbk);
	return err;
}
