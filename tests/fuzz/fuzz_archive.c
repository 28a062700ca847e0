/* What stands before each file of an opened archive; the sealing around it is not in the way. */
#include <string.h>

#include "crypto/archive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct archive_entry e;
	size_t name_len;

	if (size < ARCHIVE_HEADER || archive_parse_header(data, &e, &name_len))
		return 0;
	if (name_len >= sizeof(e.name))
		abort();
	if (name_len <= size - ARCHIVE_HEADER &&
	    archive_name_ok((const char *)data + ARCHIVE_HEADER, name_len) &&
	    (memchr(data + ARCHIVE_HEADER, 0, name_len) || data[ARCHIVE_HEADER] == '/'))
		abort();
	return 0;
}
