/* The address plan of clause D22: which MAC an address is bound to. Errors as in terminal.h. */
#pragma once

#include "base/addr.h"
#include "server/engine/act.h"

struct address_spec {
	const char *ip; /* as address_parse() writes it */
	struct mac mac;
	int64_t unit_id;
	int64_t request_id; /* 0: none */
	const char *note;
};

/* One way of writing each address; -EINVAL: it is none. */
int address_parse(const char *text, char ret[static ADDR_TEXT_SIZE]) MUST_CHECK;
/* Who has it: 1 and the pair, 0 nobody. */
int address_bound(struct store_db *db, const char *ip, int64_t *ret_id, struct mac *ret,
		  int64_t *ret_unit) MUST_CHECK;
/* "address.bind"; -EEXIST: it is bound to another MAC, -EALREADY: to this one. */
int address_bind(struct store *s, int64_t now_ms, const struct entry_actor *who,
		 const struct address_spec *spec, int64_t *ret_id) MUST_CHECK;
/* "address.release" */
int address_release(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		    const char *why) MUST_CHECK;
/* All addresses of a MAC of the same family as `ip`, but not itself. */
int address_release_others(struct store *s, int64_t now_ms, const struct entry_actor *who,
			   const struct mac *mac, const char *ip, const char *why) MUST_CHECK;
