#include "server/directory/people.h"

#include "base/text.h"
#include "store/store.h"

#define HEADER "staff_no,name,unit_code,account,source\n"
#define SOURCE "directory\n" /* the last value of each line */

struct directory_name {
	char text[ACCOUNT_NAME_SIZE];
	struct directory_name *next;
};

void directory_people_init(struct directory_people *p)
{
	*p = (struct directory_people){.lines = BUF_INIT};
	map_init(&p->names, 0);
}

void directory_people_done(struct directory_people *p)
{
	struct directory_name *next;

	for (; p->first; p->first = next) {
		next = p->first->next;
		free(p->first);
	}
	map_done(&p->names);
	buf_done(&p->lines);
	free(p->ends);
}

static void put_value(struct buf *to, const char *value)
{
	buf_put_u8(to, '"');
	for (; *value; value++) {
		if (*value == '"')
			buf_put_u8(to, '"');
		buf_put_u8(to, (uint8_t)*value);
	}
	buf_puts(to, "\",");
}

static int remember(struct directory_people *p, const char *account)
{
	struct directory_name *n = map_get(&p->names, account);

	if (n || strlen(account) >= sizeof(n->text))
		return 0; /* too long for an account: the import says so */
	n = calloc(1, sizeof(*n));
	if (!n)
		return -ENOMEM;
	text_fit(n->text, sizeof(n->text), account);
	n->next = p->first;
	p->first = n;
	return map_put(&p->names, n->text, n, NULL);
}

static int take_person(void *arg, const struct directory_person *person)
{
	struct directory_people *p = arg;
	int err = remember(p, person->account);

	if (!err && p->count == p->size) {
		size_t size = p->size ? p->size * 2 : 1024;
		size_t *grown = reallocarray(p->ends, size, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		p->ends = grown;
		p->size = size;
	}
	if (err)
		return err;
	put_value(&p->lines, person->staff_no);
	put_value(&p->lines, person->name);
	put_value(&p->lines, person->unit);
	put_value(&p->lines, person->account);
	buf_puts(&p->lines, SOURCE);
	p->ends[p->count++] = p->lines.len;
	return p->lines.error;
}

int directory_people_read(struct directory_people *p, const struct directory_settings *settings,
			  char error[static CONFIG_ERROR_SIZE])
{
	return directory_read(settings, take_person, p, error);
}

bool directory_people_has(const struct directory_people *p, const char *account)
{
	return map_get(&p->names, account) != NULL;
}

static void put_person(const struct directory_people *p, size_t i, struct buf *to)
{
	size_t start = i ? p->ends[i - 1] : 0;

	buf_append(to, p->lines.data + start, p->ends[i] - start);
}

json_t *directory_people_shown(const struct directory_people *p, size_t i)
{
	size_t start = i ? p->ends[i - 1] : 0, len = p->ends[i] - start - strlen("," SOURCE);

	return json_stringn((const char *)p->lines.data + start, len);
}

int directory_people_import(const struct directory_people *p, size_t from, size_t count,
			    const bool *skip, struct store *s, int64_t now_ms,
			    const struct entry_actor *who, const struct account *importer,
			    json_t **ret_report)
{
	CLEANUP_BUF struct buf csv = BUF_INIT;
	struct refused why = {0};
	int r;

	buf_puts(&csv, HEADER);
	for (size_t i = from; i < from + count; i++)
		if (!skip || !skip[i])
			put_person(p, i, &csv);
	if (csv.error)
		return csv.error;
	*ret_report = NULL;
	r = import_file(s, now_ms, who, importer, &import_people, buf_str(&csv), csv.len, true,
			ret_report, &why);
	return r == -ECANCELED && *ret_report ? 0 : r;
}

int directory_people_gone(const struct directory_people *p, struct store *s,
			  struct directory_gone **ret, size_t *ret_count)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	CLEANUP_FREE struct directory_gone *gone = NULL;
	size_t n = 0;
	int64_t all;
	int r = store_get_int(store_writer(s), STMT_ACCOUNT_DIRECTORY_COUNT, STORE_NO_ARGS, 0,
			      &all);

	if (r)
		return r;
	gone = calloc((size_t)all + 1, sizeof(*gone));
	if (!gone)
		return -ENOMEM;
	r = store_select(store_writer(s), STMT_ACCOUNT_DIRECTORY_LIST, STORE_NO_ARGS, &c);
	while (!r && n < (size_t)all && (r = store_next(c)) == 1) {
		r = 0;
		if (directory_people_has(p, store_text(c, 1)))
			continue;
		gone[n].id = store_int(c, 0);
		r = text_copy(gone[n++].path, sizeof(gone->path), store_text(c, 2));
	}
	if (r)
		return r;
	*ret = TAKE_PTR(gone);
	*ret_count = n;
	return 0;
}
