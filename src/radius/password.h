/* What is hidden or proven with the shared secret: passwords and session keys. */
#pragma once

#include "radius/build.h"

#define RADIUS_PASSWORD_MAX 128
#define RADIUS_MPPE_KEY_MAX 64

/* User-Password (RFC 2865 section 5.2). `out` must be an Access-Request begun before. */
void radius_put_password(struct radius_out *out, const struct radius_secret *s, const char *text);
/* -ENOENT: absent; -EBADMSG: a length that cannot be; -ENAMETOOLONG. `dst` ends with a NUL. */
int radius_get_password(const struct radius_packet *p, const struct radius_secret *s, char *dst,
			size_t size) MUST_CHECK;

/* As that, of packets that came together: their first blocks are computed beside one another. */
struct radius_hidden {
	const struct radius_packet *packet;
	const struct radius_secret *secret;
	char text[RADIUS_PASSWORD_MAX + 1]; /* the result; wipe it with secret_wipe() */
	int result;			    /* of radius_get_password() */
};

void radius_get_passwords(struct radius_hidden *hidden, size_t count); /* RADIUS_BATCH_MAX */

/* CHAP-Password against the password (RFC 2865 section 5.3): 0, -ENOENT, -EBADMSG, -EACCES. */
int radius_check_chap(const struct radius_packet *p, const char *password) MUST_CHECK;
/* The 16-byte response of CHAP and EAP-MD5: MD5(id, password, challenge) (RFC 1994). */
void radius_chap_response(uint8_t id, const char *password, const uint8_t *challenge, size_t len,
			  uint8_t ret[static 16]);

/*
 * MS-MPPE-Send-Key and MS-MPPE-Recv-Key (RFC 2548 section 2.4). The salts of one packet differ and
 * have their top bit set.
 */
int radius_get_mppe(const struct radius_packet *p, uint8_t type, const struct radius_secret *s,
		    const uint8_t request_authenticator[static RADIUS_AUTHENTICATOR_SIZE],
		    uint8_t dst[static RADIUS_MPPE_KEY_MAX], size_t *ret_len) MUST_CHECK;
void radius_put_mppe(struct radius_out *out, uint8_t type, const struct radius_secret *s,
		     const uint8_t request_authenticator[static RADIUS_AUTHENTICATOR_SIZE],
		     uint16_t salt, const uint8_t *key, size_t len);
