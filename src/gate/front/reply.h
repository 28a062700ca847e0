/*
 * Flow 1, "reply": a decision in the words of the switch's vendor: where (gate/front/place.h), how
 * long, and why.
 */
#pragma once

#include "gate/front/planned.h"
#include "gate/knock/picture.h"
#include "radius/password.h"

/* How an EAP conversation ended, for the answer that carries the end. */
struct reply_eap {
	bool success; /* of the engine; a failure never becomes a success */
	uint8_t id;   /* of the EAP packet that ends it */
	uint8_t send_key[RADIUS_MPPE_KEY_MAX], recv_key[RADIUS_MPPE_KEY_MAX];
	size_t send_len, recv_len; /* 0: the engine gave no key */
};

/*
 * What can be done at this switch: isolation where it can isolate, refusal where it cannot or where
 * an EAP conversation did not succeed.
 */
enum verdict reply_possible(const struct picture *p, enum verdict wanted,
			    const struct reply_eap *eap);
/* Where a decision that lets in puts who knocked, with the addresses that it may use there. */
struct reply_place {
	struct vendor_place place; /* points into the rest, the snapshot and the settings */
	struct planned planned;
};
void reply_place(struct gate *g, const struct picture *p, const struct decision *d,
		 struct reply_place *ret);
/*
 * The Access-Accept or Access-Reject, queued. `place` is not looked at for a refusal. `session` is
 * NULL for a refusal, and when none is kept.
 */
void reply_send(struct gate *g, const struct request *r, const struct picture *p,
		const struct decision *d, const struct reply_place *place,
		const struct session *session, const struct reply_eap *eap);
/* "网卡地址属于另一台终端 / MAC address belongs to another terminal [mac-of-another]" */
#define REPLY_TEXT_SIZE 254
const char *reply_text(enum reason reason);
