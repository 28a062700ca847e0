#include "radius/stream.h"

#include "base/buf.h"

#define LENGTH_END 4 /* code, id and length */

int radius_stream_next(const uint8_t *data, size_t len, size_t *ret_len)
{
	size_t said;

	if (len < LENGTH_END)
		return -EAGAIN;
	said = get_be16(data + 2);
	if (said < RADIUS_HEADER_SIZE || said > RADIUS_PACKET_MAX)
		return -EBADMSG;
	if (len < said)
		return -EAGAIN;
	*ret_len = said;
	return 0;
}
