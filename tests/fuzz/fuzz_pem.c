/* PEM text of a stranger: what decodes encodes to a block that decodes to the same bytes. */
#include <string.h>

#include "base/pem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP_BUF struct buf der = BUF_INIT, text = BUF_INIT, again = BUF_INIT;

	if (pem_decode((const char *)data, len, "CERTIFICATE", &der)) {
		if (der.len)
			abort();
		return 0;
	}
	pem_encode(&text, "CERTIFICATE", der.data, der.len);
	if (text.error || pem_decode(buf_str(&text), text.len, "CERTIFICATE", &again) ||
	    again.len != der.len || memcmp(again.data, der.data, der.len) != 0)
		abort();
	return 0;
}
