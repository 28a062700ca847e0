#include "listener/gear.h"

#define LLC_SIZE 3
#define CONFIG_SIZE 35 /* a rapid one is longer, and the same up to there */

int stp_parse(const uint8_t *payload, size_t len, struct stp *ret)
{
	static const uint8_t llc[LLC_SIZE] = {0x42, 0x42, 0x03};
	struct reader r = {payload, len};
	const uint8_t *head, *b;
	struct stp s = {0};

	if (reader_bytes(&r, LLC_SIZE, &head) || memcmp(head, llc, LLC_SIZE) != 0)
		return -ENOENT;
	if (reader_bytes(&r, 4, &b) || get_be16(b) != 0)
		return -EBADMSG;
	s.version = b[2];
	s.type = b[3];
	if (s.type != STP_CONFIG && s.type != STP_RAPID && s.type != STP_CHANGE)
		return -EBADMSG;
	if (s.type != STP_CHANGE) {
		if (reader_bytes(&r, CONFIG_SIZE - 4, &b))
			return -EBADMSG;
		s.root_priority = get_be16(b + 1);
		memcpy(s.root.b, b + 3, 6);
		s.bridge_priority = get_be16(b + 13);
		memcpy(s.bridge.b, b + 15, 6);
		s.claims_root = memcmp(b + 1, b + 13, 8) == 0;
	}
	*ret = s;
	return 0;
}
