/*
 * What a switch is asked: columns of SNMPv2-MIB (RFC 3418), IF-MIB (RFC 2863), ENTITY-MIB
 * (RFC 6933), BRIDGE-MIB (RFC 4188), Q-BRIDGE-MIB (RFC 4363) and LLDP-MIB (IEEE 802.1AB), and one
 * answer of theirs as it travels from the process that asked to the one that keeps it.
 */
#pragma once

#include "base/buf.h"

/* In the order in which they are asked: names of ports before what refers to ports. */
enum column {
	COLUMN_DESCRIPTION,
	COLUMN_NAME,
	COLUMN_MODEL,
	COLUMN_SERIAL,
	COLUMN_IF_NAME,
	COLUMN_IF_DESCRIPTION,
	COLUMN_IF_ALIAS,
	COLUMN_IF_ADMIN,
	COLUMN_IF_OPER,
	COLUMN_BRIDGE_ADDRESS,
	COLUMN_BASE_PORT,
	COLUMN_VLAN_FDB_PORT,
	COLUMN_FDB_PORT, /* asked where the one before is empty */
	COLUMN_CHASSIS,
	COLUMN_LLDP_PORT,
	COLUMN_NEIGHBOUR_CHASSIS,
	COLUMN_NEIGHBOUR_PORT,
	COLUMN_NEIGHBOUR_NAME,
	COLUMN_NEIGHBOUR_CAN,
	COLUMN_IF_KIND,
	COLUMN_IF_SPEED,
	COLUMN_NEIGHBOUR_CHASSIS_KIND,
	COLUMN_NEIGHBOUR_PORT_KIND,
	COLUMN_COUNT
};

#define COLUMN_OID_MAX 16
#define CELL_INDEX_MAX 16
#define CELL_BYTES_MAX 512

struct column_oid {
	uint32_t at[COLUMN_OID_MAX];
	size_t len;
};

/* The object without its index. */
const struct column_oid *column_oid(enum column c);

/* One value. `bytes` belongs to whoever filled it in. */
struct cell {
	enum column column;
	uint32_t index[CELL_INDEX_MAX];
	size_t index_len;
	uint32_t number; /* of an integer; 0 for a string */
	const uint8_t *bytes;
	size_t len; /* at most CELL_BYTES_MAX */
};

void cell_put(struct buf *to, const struct cell *c);
/*
 * The first whole cell of `data`; `ret->bytes` points into it. 1, or 0 when more is needed, or
 * -EBADMSG.
 */
int cell_get(const uint8_t *data, size_t len, struct cell *ret, size_t *ret_used) MUST_CHECK;
