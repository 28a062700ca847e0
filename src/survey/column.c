#include "survey/column.h"

#define HEAD_SIZE 8 /* column, length of the index, length of the bytes, number */

/* clang-format off: one object, one line */
#define OID(...)                                                                                   \
	{                                                                                          \
		{__VA_ARGS__}, sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t)                \
	}

static const struct column_oid oids[COLUMN_COUNT] = {
	[COLUMN_DESCRIPTION] = OID(1, 3, 6, 1, 2, 1, 1, 1),
	[COLUMN_NAME] = OID(1, 3, 6, 1, 2, 1, 1, 5),
	[COLUMN_MODEL] = OID(1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 13),
	[COLUMN_SERIAL] = OID(1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 11),
	[COLUMN_IF_NAME] = OID(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1),
	[COLUMN_IF_DESCRIPTION] = OID(1, 3, 6, 1, 2, 1, 2, 2, 1, 2),
	[COLUMN_IF_ALIAS] = OID(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 18),
	[COLUMN_IF_ADMIN] = OID(1, 3, 6, 1, 2, 1, 2, 2, 1, 7),
	[COLUMN_IF_OPER] = OID(1, 3, 6, 1, 2, 1, 2, 2, 1, 8),
	[COLUMN_BRIDGE_ADDRESS] = OID(1, 3, 6, 1, 2, 1, 17, 1, 1),
	[COLUMN_BASE_PORT] = OID(1, 3, 6, 1, 2, 1, 17, 1, 4, 1, 2),
	[COLUMN_FDB_PORT] = OID(1, 3, 6, 1, 2, 1, 17, 4, 3, 1, 2),
	[COLUMN_VLAN_FDB_PORT] = OID(1, 3, 6, 1, 2, 1, 17, 7, 1, 2, 2, 1, 2),
	[COLUMN_CHASSIS] = OID(1, 0, 8802, 1, 1, 2, 1, 3, 2),
	[COLUMN_LLDP_PORT] = OID(1, 0, 8802, 1, 1, 2, 1, 3, 7, 1, 3),
	[COLUMN_NEIGHBOUR_CHASSIS_KIND] = OID(1, 0, 8802, 1, 1, 2, 1, 4, 1, 1, 4),
	[COLUMN_NEIGHBOUR_CHASSIS] = OID(1, 0, 8802, 1, 1, 2, 1, 4, 1, 1, 5),
	[COLUMN_NEIGHBOUR_PORT_KIND] = OID(1, 0, 8802, 1, 1, 2, 1, 4, 1, 1, 6),
	[COLUMN_NEIGHBOUR_PORT] = OID(1, 0, 8802, 1, 1, 2, 1, 4, 1, 1, 7),
	[COLUMN_NEIGHBOUR_NAME] = OID(1, 0, 8802, 1, 1, 2, 1, 4, 1, 1, 9),
	[COLUMN_NEIGHBOUR_CAN] = OID(1, 0, 8802, 1, 1, 2, 1, 4, 1, 1, 12),
	[COLUMN_IF_KIND] = OID(1, 3, 6, 1, 2, 1, 2, 2, 1, 3),
	[COLUMN_IF_SPEED] = OID(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 15),
};
/* clang-format on */

const struct column_oid *column_oid(enum column c)
{
	return &oids[c];
}

void cell_put(struct buf *to, const struct cell *c)
{
	buf_put_u8(to, (uint8_t)c->column);
	buf_put_u8(to, (uint8_t)c->index_len);
	buf_put_be16(to, (uint16_t)c->len);
	buf_put_be32(to, c->number);
	for (size_t i = 0; i < c->index_len; i++)
		buf_put_be32(to, c->index[i]);
	buf_append(to, c->bytes, c->len);
}

int cell_get(const uint8_t *data, size_t len, struct cell *ret, size_t *ret_used)
{
	struct cell c = {.column = COLUMN_COUNT};
	size_t whole;

	if (len < HEAD_SIZE)
		return 0;
	c.column = data[0];
	c.index_len = data[1];
	c.len = get_be16(data + 2);
	c.number = get_be32(data + 4);
	if (c.column >= COLUMN_COUNT || c.index_len > CELL_INDEX_MAX || c.len > CELL_BYTES_MAX)
		return -EBADMSG;
	whole = HEAD_SIZE + c.index_len * 4 + c.len;
	if (len < whole)
		return 0;
	for (size_t i = 0; i < c.index_len; i++)
		c.index[i] = get_be32(data + HEAD_SIZE + i * 4);
	c.bytes = data + whole - c.len;
	*ret = c;
	*ret_used = whole;
	return 1;
}
