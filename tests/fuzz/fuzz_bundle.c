/* A bundle from anywhere: opened, verified with its own keys, its records walked. */
#include "journal/bundle.h"
#include "journal/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP_BUNDLE struct bundle *b = NULL;
	struct verify_report report;
	size_t offset = 0;

	if (bundle_open(data, len, &b, &offset)) {
		if (offset > len)
			abort();
		return 0;
	}
	if (!log_verify(bundle_source(b), NULL, bundle_keys(b), &report) &&
	    (!report.sentence[0] || report.from > report.to))
		abort();
	return 0;
}
