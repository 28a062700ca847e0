#include "gate/live/session_entry.h"

#include <string.h>

#include "base/text.h"

#define ENTRY_VERSION 4 /* 1 ends before said_at_s, 2 before begun, 3 before planned */

static void put_text(struct buf *b, const char *text)
{
	size_t len = strlen(text);

	buf_put_u8(b, (uint8_t)len);
	buf_append(b, text, len);
}

void session_encode(const struct session *n, const char *origin, struct buf *b)
{
	const int64_t times[] = {n->switch_id,		n->terminal_id,	       n->granted_at_ms,
				 n->started_at_ms,	n->proven_at_ms,       n->ended_at_ms,
				 (int64_t)n->octets_in, (int64_t)n->octets_out};

	buf_clear(b);
	buf_put_u8(b, ENTRY_VERSION);
	buf_append(b, n->class_id, CLASS_SIZE);
	buf_append(b, n->mac.b, sizeof(n->mac.b));
	buf_put_u8(b, (uint8_t)n->state);
	buf_put_u8(b, (uint8_t)n->method);
	buf_put_u8(b, (uint8_t)n->decision.verdict);
	buf_put_u8(b, (uint8_t)n->decision.reason);
	buf_put_u8(b, (uint8_t)n->decision.would_be);
	buf_put_u8(b, (uint8_t)n->decision.would_be_reason);
	buf_put_u8(b, (uint8_t)(n->held | n->was_admitted << 1 | n->is_lost << 2));
	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		buf_put_be64(b, (uint64_t)times[i]);
	buf_put_be32(b, n->nas_port);
	put_text(b, n->port);
	put_text(b, n->account);
	put_text(b, n->calling);
	put_text(b, n->acct_id);
	put_text(b, n->address);
	buf_put_be32(b, n->said_at_s);
	buf_put_be32(b, n->lasted_s);
	buf_put_u8(b, n->is_stopped);
	put_text(b, n->acct_before);
	buf_put_be64(b, n->begun);
	buf_put_be64(b, n->version);
	buf_append(b, n->over, CLASS_SIZE);
	put_text(b, origin);
	buf_put_be32(b, n->planned);
}

static int get_text(struct reader *r, char *dst, size_t size)
{
	const uint8_t *p;
	uint8_t len;

	if (reader_u8(r, &len) || reader_bytes(r, len, &p))
		return -EBADMSG;
	if (!text_is_clean((const char *)p, len))
		return -EBADMSG;
	return text_copy_n(dst, size, (const char *)p, len) ? -EBADMSG : 0;
}

static int decode_verdict(struct reader *r, struct session *n)
{
	uint8_t v[7];

	for (size_t i = 0; i < sizeof(v); i++)
		if (reader_u8(r, &v[i]))
			return -EBADMSG;
	if (v[0] > SESSION_ENDED || v[1] > KNOCK_EAP_TLS || v[2] > VERDICT_ADMIT ||
	    v[3] >= REASON_COUNT || v[4] > VERDICT_ADMIT || v[5] >= REASON_COUNT || v[6] > 7)
		return -EBADMSG;
	n->state = (enum session_state)v[0];
	n->method = (enum knock_method)v[1];
	n->decision = (struct decision){(enum verdict)v[2], (enum reason)v[3], (enum verdict)v[4],
					(enum reason)v[5]};
	n->held = v[6] & 1;
	n->was_admitted = v[6] & 2;
	n->is_lost = v[6] & 4;
	return 0;
}

static int decode_words(struct reader *r, struct session *n)
{
	uint8_t is_stopped;

	if (reader_be32(r, &n->said_at_s) || reader_be32(r, &n->lasted_s) ||
	    reader_u8(r, &is_stopped) || is_stopped > 1 ||
	    get_text(r, n->acct_before, sizeof(n->acct_before)))
		return -EBADMSG;
	n->is_stopped = is_stopped;
	return 0;
}

static int decode_version(struct reader *r, struct session *n, char origin[static GATE_NAME_SIZE])
{
	const uint8_t *over;

	if (reader_be64(r, &n->begun) || reader_be64(r, &n->version) ||
	    reader_bytes(r, CLASS_SIZE, &over) || get_text(r, origin, GATE_NAME_SIZE))
		return -EBADMSG;
	memcpy(n->over, over, CLASS_SIZE);
	return 0;
}

static int decode_numbers(struct reader *r, struct session *n)
{
	const uint8_t *class_id, *mac;
	uint64_t v[8];

	if (reader_bytes(r, CLASS_SIZE, &class_id) || reader_bytes(r, sizeof(n->mac), &mac) ||
	    decode_verdict(r, n))
		return -EBADMSG;
	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		if (reader_be64(r, &v[i]))
			return -EBADMSG;
	memcpy(n->class_id, class_id, CLASS_SIZE);
	memcpy(n->mac.b, mac, sizeof(n->mac));
	n->switch_id = (int64_t)v[0];
	n->terminal_id = (int64_t)v[1];
	n->granted_at_ms = (int64_t)v[2];
	n->started_at_ms = (int64_t)v[3];
	n->proven_at_ms = (int64_t)v[4];
	n->ended_at_ms = (int64_t)v[5];
	n->octets_in = v[6];
	n->octets_out = v[7];
	return reader_be32(r, &n->nas_port);
}

int session_decode(const uint8_t *entry, size_t len, struct session *ret,
		   char ret_origin[static GATE_NAME_SIZE])
{
	struct reader r = {entry, len};
	struct session n = {0};
	char origin[GATE_NAME_SIZE] = "";
	uint8_t version;

	if (reader_u8(&r, &version) || version < 1 || decode_numbers(&r, &n) ||
	    get_text(&r, n.port, sizeof(n.port)) || get_text(&r, n.account, sizeof(n.account)) ||
	    get_text(&r, n.calling, sizeof(n.calling)) ||
	    get_text(&r, n.acct_id, sizeof(n.acct_id)) ||
	    get_text(&r, n.address, sizeof(n.address)) || (version > 1 && decode_words(&r, &n)) ||
	    (version > 2 && decode_version(&r, &n, origin)) ||
	    (version > 3 && reader_be32(&r, &n.planned)) || (version <= ENTRY_VERSION && r.left))
		return -EBADMSG;
	*ret = n;
	memcpy(ret_origin, origin, sizeof(origin));
	return 0;
}
