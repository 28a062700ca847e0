#include "journal/batch.h"

#include <string.h>

#include "base/text.h"
#include "journal/json_text.h"

#define MONTH_MIN 197001
#define MONTH_MAX 999912

#define LEAF_SIZE (1 + BATCH_RUN)

void batch_builder_init(struct batch_builder *b, struct hasher *h)
{
	b->hasher = h;
	b->frontier.size = 0;
	b->count = 0;
	b->held = 0;
}

/* The leaves that are whole. */
static int flush(struct batch_builder *b)
{
	struct merkle_digest leaves[BATCH_RUNS_HELD];
	size_t count = b->held / LEAF_SIZE;
	int r = merkle_leaves(b->hasher, b->leaves[0], LEAF_SIZE, count, leaves);

	for (size_t i = 0; !r && i < count; i++)
		r = merkle_append(&b->frontier, b->hasher, &leaves[i], NULL, NULL);
	return r;
}

static int add_bytes(struct batch_builder *b, const uint8_t *data, size_t len)
{
	uint8_t *leaves = b->leaves[0];
	int r = 0;

	while (!r && len > 0) {
		size_t part;

		if (b->held == sizeof(b->leaves)) {
			r = flush(b);
			b->held = 0;
		}
		if (b->held % LEAF_SIZE == 0)
			leaves[b->held++] = MERKLE_LEAF_PREFIX;
		part = MIN(len, LEAF_SIZE - b->held % LEAF_SIZE);
		memcpy(leaves + b->held, data, part);
		b->held += part;
		data += part;
		len -= part;
	}
	return r;
}

int batch_builder_add(struct batch_builder *b, const void *record, size_t len)
{
	uint8_t prefix[4];
	int r;

	if (len > UINT32_MAX)
		return -EMSGSIZE;
	set_be32(prefix, (uint32_t)len);
	r = add_bytes(b, prefix, sizeof(prefix));
	if (!r)
		r = add_bytes(b, record, len);
	b->count += !r;
	return r;
}

int batch_builder_root(struct batch_builder *b, struct merkle_digest *ret, uint64_t *ret_count)
{
	size_t rest = b->held % LEAF_SIZE;
	struct merkle_digest leaf;
	int r;

	if (!b->count)
		return -ENODATA;
	r = flush(b);
	if (!r && rest > 0) {
		r = merkle_leaves(b->hasher, b->leaves[0] + b->held - rest, rest, 1, &leaf);
		if (!r)
			r = merkle_append(&b->frontier, b->hasher, &leaf, NULL, NULL);
	}
	b->held = 0;
	if (!r)
		r = merkle_root(&b->frontier, b->hasher, ret);
	if (!r)
		*ret_count = b->count;
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
