/* Access switches that may ask a gate. Errors as in terminal.h. */
#pragma once

#include "crypto/seal.h"
#include "server/engine/act.h"

#define SWITCH_SEAL_CONTEXT "switch"
#define SWITCH_SECRET_MIN 12 /* characters */
#define SWITCH_SESSION_MOST_S 604800

struct switch_spec {
	int64_t unit_id;
	const char *name, *address; /* address without port */
	const char *vendor;
	const char *secret; /* plain; NULL in switch_change(): stays. -EINVAL under the minimum */
	int64_t coa_port;
	const char *vlan_normal, *vlan_isolation, *acl_isolation;
	int64_t mab_unsigned_until_ms; /* 0: no exception */
	/* Below: NULL is "". */
	const char *acl_normal, *voice_vlan;
	const char *reach;	  /* vendor/say.h: of a downloaded ACL; -EINVAL when malformed */
	const char *visitor_vlan; /* "": visitors find no place here */
	const char *coa_address;  /* without port; "": as `address` */
	int64_t session_seconds;  /* 0: the gate's setting */
};

/* "switch.create"; the secret is sealed to the gates at once. */
int switch_create(struct store *s, int64_t now_ms, const struct entry_actor *who,
		  const struct seal_pair *gates, const struct switch_spec *spec,
		  int64_t *ret_id) MUST_CHECK;
/* "switch.change": all fields as given */
int switch_change(struct store *s, int64_t now_ms, const struct entry_actor *who,
		  const struct seal_pair *gates, int64_t id,
		  const struct switch_spec *spec) MUST_CHECK;
/* "switch.mab-exception": MAC authentication without Message-Authenticator until then; 0 ends it.
 */
int switch_set_mab_exception(struct store *s, int64_t now_ms, const struct entry_actor *who,
			     int64_t id, int64_t until_ms, const char *why) MUST_CHECK;
/* "switch.end" */
int switch_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
	       const char *why) MUST_CHECK;
