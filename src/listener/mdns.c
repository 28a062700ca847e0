#include "listener/names.h"

#define HEAD_SIZE 12
#define RECORDS_MAX 64
#define JUMPS_MAX 16
#define LABEL_MAX 63

enum { TYPE_A = 1, TYPE_AAAA = 28 };

struct name {
	const uint8_t *label; /* the first one, inside the message */
	size_t len;
	bool local; /* two labels, the second "local" */
};

struct message {
	const uint8_t *data;
	size_t len;
	size_t at;
};

static bool is_local(const uint8_t *label, size_t len)
{
	return len == 5 && (label[0] | 0x20) == 'l' && (label[1] | 0x20) == 'o' &&
	       (label[2] | 0x20) == 'c' && (label[3] | 0x20) == 'a' && (label[4] | 0x20) == 'l';
}

/* Where the pointer at `at` leads: backwards only, so that it ends. */
static int follow(const struct message *m, size_t at, size_t floor, size_t *ret_to)
{
	size_t to;

	if (at + 2 > m->len)
		return -EBADMSG;
	to = get_be16(m->data + at) & 0x3fff;
	if (to >= floor)
		return -EBADMSG;
	*ret_to = to;
	return 0;
}

/* With compression (RFC 1035, section 4.1.4). */
static int read_name(struct message *m, struct name *ret)
{
	size_t at = m->at, floor = m->at, count = 0, jumps = 0;
	struct name n = {0};
	bool moved = false;

	for (;;) {
		uint8_t len;

		if (at >= m->len)
			return -EBADMSG;
		len = m->data[at];
		if ((len & 0xc0) == 0xc0) {
			size_t to;

			if (++jumps > JUMPS_MAX || follow(m, at, floor, &to))
				return -EBADMSG;
			if (!moved)
				m->at = at + 2;
			moved = true;
			at = floor = to;
			continue;
		}
		if (len > LABEL_MAX || at + 1 + len > m->len)
			return -EBADMSG;
		if (len == 0)
			break;
		if (count == 0) {
			n.label = m->data + at + 1;
			n.len = len;
		}
		n.local = count == 1 && is_local(m->data + at + 1, len);
		count++;
		at += 1 + (size_t)len;
	}
	if (!moved)
		m->at = at + 1;
	*ret = n;
	return 0;
}

static int skip_question(struct message *m)
{
	struct name n;
	int err = read_name(m, &n);

	if (!err && m->len - m->at < 4)
		err = -EBADMSG;
	if (!err)
		m->at += 4;
	return err;
}

/* 1: an address of a host of this link, `ret` is its name. */
static int read_record(struct message *m, char ret[static HOST_NAME_SIZE])
{
	struct name n;
	uint16_t type, size;
	int err = read_name(m, &n);

	if (err || m->len - m->at < 10)
		return -EBADMSG;
	type = get_be16(m->data + m->at);
	size = get_be16(m->data + m->at + 8);
	m->at += 10;
	if (size > m->len - m->at)
		return -EBADMSG;
	m->at += size;
	if ((type != TYPE_A && type != TYPE_AAAA) || !n.local)
		return 0;
	return host_name_take(ret, n.label, n.len) == 0;
}

int mdns_host_name(const uint8_t *payload, size_t len, char ret[static HOST_NAME_SIZE])
{
	struct message m = {payload, len, HEAD_SIZE};
	unsigned questions, records;
	int err = 0, found = 0;

	if (len < HEAD_SIZE || (payload[2] & 0x78)) /* another opcode than a query */
		return -EBADMSG;
	questions = get_be16(payload + 4);
	/* Answers, authority (where a host proposes its name) and additional records. */
	records = (unsigned)get_be16(payload + 6) + get_be16(payload + 8) + get_be16(payload + 10);
	if (questions > RECORDS_MAX || records > RECORDS_MAX)
		return -EBADMSG;
	while (!err && questions--)
		err = skip_question(&m);
	while (!err && !found && records--) {
		found = read_record(&m, ret);
		err = MIN(found, 0);
	}
	return err ? err : found ? 0 : -ENOENT;
}
