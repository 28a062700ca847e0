#include "listener/names.h"

#define HEAD_SIZE 12
#define ENCODED_SIZE 32
#define NAME_SIZE 16 /* 15 characters and what it is the name of */

enum {
	OPCODE_REGISTRATION = 5,
	OPCODE_REFRESH = 8,
	OPCODE_REFRESH_OLD = 9,
	OPCODE_MULTIHOMED = 15
};
enum { SUFFIX_WORKSTATION = 0x00, SUFFIX_SERVER = 0x20 };
#define FLAG_GROUP 0x80 /* a workgroup's name, not a host's */

static bool registers(const uint8_t *head)
{
	unsigned opcode = (head[2] >> 3) & 0xf;

	return !(head[2] & 0x80) && get_be16(head + 4) == 1 && get_be16(head + 10) == 1 &&
	       (opcode == OPCODE_REGISTRATION || opcode == OPCODE_REFRESH ||
		opcode == OPCODE_REFRESH_OLD || opcode == OPCODE_MULTIHOMED);
}

/* Half a byte a letter, from 'A' on (RFC 1001, section 14.1). */
static int decode(const uint8_t *encoded, uint8_t name[static NAME_SIZE])
{
	for (size_t i = 0; i < NAME_SIZE; i++) {
		uint8_t high = (uint8_t)(encoded[2 * i] - 'A');
		uint8_t low = (uint8_t)(encoded[2 * i + 1] - 'A');

		if (high > 15 || low > 15)
			return -EBADMSG;
		name[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

int netbios_host_name(const uint8_t *payload, size_t len, char ret[static HOST_NAME_SIZE])
{
	struct reader r = {payload, len};
	const uint8_t *head, *question, *record;
	uint8_t name[NAME_SIZE];

	if (reader_bytes(&r, HEAD_SIZE, &head))
		return -EBADMSG;
	if (!registers(head))
		return -ENOENT;
	/* The length, the letters, no scope; then the record: a pointer to that name, type, class,
	 * life, size, flags, address. */
	if (reader_bytes(&r, 1 + ENCODED_SIZE + 1 + 4, &question) || question[0] != ENCODED_SIZE ||
	    question[1 + ENCODED_SIZE] != 0 || reader_bytes(&r, 2 + 10 + 6, &record) ||
	    decode(question + 1, name))
		return -EBADMSG;
	if ((record[12] & FLAG_GROUP) ||
	    (name[NAME_SIZE - 1] != SUFFIX_WORKSTATION && name[NAME_SIZE - 1] != SUFFIX_SERVER))
		return -ENOENT;
	return host_name_take(ret, name, NAME_SIZE - 1) ? -ENOENT : 0;
}
