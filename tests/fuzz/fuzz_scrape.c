/* What somebody sends to the gate's metrics listener: judged in one piece and byte by byte. Once a
 * head is whole, what follows it changes nothing. */
#include "gate/tend/scrape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	size_t max = MIN(len, SCRAPE_HEAD_MAX);
	int first = 0;

	for (size_t n = 0; n <= max; n++) {
		int status = scrape_judge(data, n);

		if (status && status != 200 && status != 400 && status != 404 && status != 405 &&
		    status != 431)
			abort();
		if (first && status != first)
			abort();
		if (status && n < SCRAPE_HEAD_MAX)
			first = status;
	}
	return 0;
}
