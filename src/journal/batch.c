#include "journal/batch.h"

#include "base/text.h"
#include "journal/json_text.h"

#define MONTH_MIN 197001
#define MONTH_MAX 999912

void batch_builder_init(struct batch_builder *b, struct hasher *h)
{
	*b = (struct batch_builder){.hasher = h};
}

int batch_builder_add(struct batch_builder *b, const void *record, size_t len)
{
	struct merkle_digest leaf;
	int r = merkle_leaf(b->hasher, record, len, &leaf);

	return r ? r : merkle_append(&b->frontier, b->hasher, &leaf, NULL, NULL);
}

int batch_builder_root(const struct batch_builder *b, struct merkle_digest *ret,
		       uint64_t *ret_count)
{
	int r;

	if (!b->frontier.size)
		return -ENODATA;
	r = merkle_root(&b->frontier, b->hasher, ret);
	if (!r)
		*ret_count = b->frontier.size;
	return r;
}

static json_t *batch_json(const struct batch *b)
{
	char root[HASH_TEXT_SIZE];

	hex_encode(root, b->root.b, HASH_SIZE);
	return json_pack("{sIsIsissss}", "count", (json_int_t)b->count, "first",
			 (json_int_t)b->first, "month", b->month, "root", root, "source",
			 b->source);
}

int batch_detail(const struct batch *batches, size_t count, json_t **ret)
{
	json_t *list, *detail;
	int r = 0;

	if (!count || count > BATCHES_PER_ENTRY_MAX)
		return -EINVAL;
	list = json_array();
	if (!list)
		return -ENOMEM;
	for (size_t i = 0; !r && i < count; i++)
		if (json_array_append_new(list, batch_json(&batches[i])))
			r = -ENOMEM;
	if (r) {
		json_decref(list);
		return r;
	}
	detail = json_pack("{so}", "batches", list);
	if (!detail)
		return -ENOMEM;
	*ret = detail;
	return 0;
}

static int read_batch(const json_t *value, struct batch *ret)
{
	struct json_fields f = {.object = value};
	struct batch b = {
		.count = (uint64_t)json_take_int(&f, "count", 1, INT64_MAX),
		.first = (uint64_t)json_take_int(&f, "first", 0, INT64_MAX),
		.month = (int)json_take_int(&f, "month", MONTH_MIN, MONTH_MAX),
	};

	json_take_hex(&f, "root", b.root.b, HASH_SIZE);
	if (text_copy(b.source, sizeof(b.source), json_take_text(&f, "source")))
		f.error = -EBADMSG;
	*ret = b;
	return json_fields_end(&f);
}

int batch_parse_detail(const json_t *detail, struct batch *ret, size_t max, size_t *ret_count)
{
	const json_t *list = json_object_get(detail, "batches");
	size_t count = json_array_size(list);
	int r = count ? 0 : -EBADMSG;

	if (count > max)
		return -ENOSPC;
	for (size_t i = 0; !r && i < count; i++)
		r = read_batch(json_array_get(list, i), &ret[i]);
	if (!r)
		*ret_count = count;
	return r;
}

int batch_parse_drop(const json_t *detail, int *ret_month)
{
	const json_t *month = json_object_get(detail, "month");
	json_int_t n = json_integer_value(month);

	if (!json_is_integer(month) || n < MONTH_MIN || n > MONTH_MAX)
		return -EBADMSG;
	*ret_month = (int)n;
	return 0;
}
