#include "wire/record.h"

#define VARINT 0 /* wire types of protocol buffers */
#define BYTES 2

static uint8_t *put_varint(uint8_t *p, uint64_t v)
{
	while (v >= 0x80) {
		*p++ = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	*p++ = (uint8_t)v;
	return p;
}

static uint8_t *put_number(uint8_t *p, unsigned field, uint64_t v)
{
	if (v == 0)
		return p; /* proto3: a default is not written */
	p = put_varint(p, field << 3 | VARINT);
	return put_varint(p, v);
}

static uint8_t *put_bytes(uint8_t *p, unsigned field, const void *data, size_t len)
{
	if (len == 0)
		return p;
	p = put_varint(p, field << 3 | BYTES);
	p = put_varint(p, len);
	memcpy(p, data, len);
	return p + len;
}

#define TEXT(p, field, text) put_bytes((p), (field), (text), strnlen((text), sizeof(text) - 1))

int frame_encode_record(struct buf *to, const menshen_Record *r)
{
	uint8_t *start = buf_reserve(to, FRAME_HEADER + menshen_Record_size), *p;

	if (!start)
		return to->error;
	p = start + FRAME_HEADER;
	p = put_number(p, 1, r->seq);
	p = TEXT(p, 2, r->kind);
	p = put_number(p, 3, (uint64_t)r->at_ms);
	p = put_bytes(p, 4, r->mac.bytes, MIN(r->mac.size, sizeof(r->mac.bytes)));
	p = TEXT(p, 5, r->account);
	p = put_number(p, 6, (uint64_t)r->switch_id);
	p = TEXT(p, 7, r->port);
	p = put_number(p, 8, (uint64_t)r->terminal_id);
	p = put_number(p, 9, r->verdict);
	p = TEXT(p, 10, r->reason);
	p = put_number(p, 11, r->would_be);
	p = TEXT(p, 12, r->would_be_reason);
	p = TEXT(p, 13, r->session);
	p = TEXT(p, 14, r->address);
	p = put_number(p, 15, r->method);
	p = put_number(p, 16, r->octets_in);
	p = put_number(p, 17, r->octets_out);
	p = TEXT(p, 18, r->note);
	p = TEXT(p, 19, r->unknown_switch);
	p = put_number(p, 20, (uint64_t)r->began_at_ms);
	p = put_number(p, 21, (uint64_t)r->heard_at_ms);
	p = put_number(p, 22, (uint64_t)r->ended_at_ms);
	p = TEXT(p, 23, r->address_source);
	p = TEXT(p, 24, r->vlan);
	p = put_number(p, 25, (uint64_t)r->enforce_from_ms);
	p = put_number(p, 26, r->last_known);
	set_be32(start, (uint32_t)(p - start - 4));
	set_be16(start + 4, FRAME_RECORD);
	to->len += (size_t)(p - start);
	to->data[to->len] = 0;
	return 0;
}
