/* Bytes of a log: what is accepted as an entry must be exactly what encoding it writes. */
#include "journal/batch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct batch batches[BATCHES_PER_ENTRY_MAX];
	CLEANUP_BUF struct buf again = BUF_INIT;
	CLEANUP_ENTRY struct entry e = {0};
	size_t count;
	int month;

	if (entry_parse(data, len, &e))
		return 0;
	if (entry_encode(&e, &again) || again.len != len || memcmp(again.data, data, len) != 0)
		abort();
	if (!batch_parse_detail(e.detail, batches, ARRAY_SIZE(batches), &count) &&
	    (!count || !batches[0].count))
		abort();
	if (!batch_parse_drop(e.detail, &month) && month < 197001)
		abort();
	return 0;
}
