/*
 * A RadSec connection's bytes: cut into packets as the gate does, in pieces as the network brings
 * them, and each packet read as a request. How the bytes are cut into pieces changes nothing.
 */
#include <string.h>

#include "gate/front/request.h"
#include "radius/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Takes the bytes in pieces of `piece`; returns how many packets there were and how it ended. */
static size_t take_all(const uint8_t *data, size_t len, size_t piece, int *ret_err)
{
	uint8_t in[RADIUS_PACKET_MAX];
	size_t in_len = 0, count = 0, at = 0, one = 0;
	int err = -EAGAIN;

	while (at < len && err == -EAGAIN) {
		size_t n = MIN(MIN(piece, len - at), sizeof(in) - in_len), used = 0;

		if (n == 0)
			abort(); /* a packet that never becomes whole would fill the buffer */
		memcpy(in + in_len, data + at, n);
		in_len += n;
		at += n;
		while ((err = radius_stream_next(in + used, in_len - used, &one)) == 0) {
			static const struct vendor_ports none;
			struct request r = {.ports = &none};

			if (one > in_len - used)
				abort();
			if (radius_parse(in + used, one, &r.packet) == 0)
				(void)!request_read(&r);
			used += one;
			count++;
		}
		in_len -= used;
		memmove(in, in + used, in_len);
	}
	*ret_err = err;
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	int whole_err, err;
	size_t whole = take_all(data, len, RADIUS_PACKET_MAX, &whole_err);
	static const size_t pieces[] = {1, 3, 19, 100, 1400};

	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++)
		if (take_all(data, len, pieces[i], &err) != whole || err != whole_err)
			abort();
	return 0;
}
