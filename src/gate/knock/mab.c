#include "gate/knock/mab.h"

#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "crypto/secret.h"
#include "radius/password.h"

#define CHALLENGE_LIFE_MS 30000
#define STATE_MARK "mb" /* tells it from the relay's State */

/* State: mark, time, a sum over both and the MAC. The challenge is another sum: nothing is kept. */
static void sum(const struct mab_key *k, const struct request *r, char purpose,
		const uint8_t at[static 8], uint8_t ret[static MD5_SIZE])
{
	hmac_md5(&k->key,
		 (struct piece[]){
			 {&purpose, 1},
			 {at, 8},
			 {r->mac.b, sizeof(r->mac.b)},
			 {&r->switch_id, sizeof(r->switch_id)},
		 },
		 4, ret);
}

void mab_key_init(struct mab_key *k)
{
	uint8_t secret[32];

	random_bytes(secret, sizeof(secret));
	hmac_md5_key_init(&k->key, secret, sizeof(secret));
	secret_wipe(secret, sizeof(secret));
}

static enum mab_result judge(const struct request *r, const struct radius_hidden *password)
{
	struct mac named;
	int err = password->result;

	if (err == 0)
		return mac_parse(password->text, &named) == 0 && mac_equal(&named, &r->mac)
			       ? MAB_PROVEN
			       : MAB_WRONG;
	if (err != -ENOENT)
		return MAB_WRONG;
	err = radius_check_chap(&r->packet, r->user_name);
	if (err == -ENOENT)
		return r->is_signed ? MAB_PROVEN : MAB_WRONG;
	return err == 0 ? MAB_PROVEN : MAB_WRONG;
}

/* The password is the MAC, which is no secret: nothing is to be wiped. */
void mab_check_all(const struct mab_ask *asks, size_t count)
{
	struct radius_hidden passwords[RADIUS_BATCH_MAX];

	for (size_t i = 0; i < count; i++) {
		passwords[i].packet = &asks[i].request->packet;
		passwords[i].secret = asks[i].secret;
	}
	radius_get_passwords(passwords, count);
	for (size_t i = 0; i < count; i++)
		asks[i].request->mab = (uint8_t)judge(asks[i].request, &passwords[i]);
}

enum mab_result mab_check(const struct request *r, const struct radius_secret *secret)
{
	struct radius_hidden password = {.packet = &r->packet, .secret = secret};

	radius_get_passwords(&password, 1);
	return judge(r, &password);
}

/* The EAP id of the challenge follows the one of the identity. */
static uint8_t challenge_id(uint8_t identity_id)
{
	return (uint8_t)(identity_id + 1);
}

void mab_put_challenge(const struct mab_key *k, const struct request *r,
		       const struct eap_packet *identity, struct radius_out *out)
{
	uint8_t state[MAB_STATE_SIZE], challenge[MD5_SIZE];

	memcpy(state, STATE_MARK, 2);
	set_be64(state + 2, (uint64_t)r->now_ms);
	sum(k, r, 's', state + 2, state + 10);
	sum(k, r, 'c', state + 2, challenge);
	radius_put(out, RADIUS_STATE, state, sizeof(state));
	eap_put_md5_challenge(out, challenge_id(identity->id), challenge);
}

enum mab_result mab_check_eap(const struct mab_key *k, const struct request *r,
			      const struct eap_packet *eap)
{
	uint8_t expected[MD5_SIZE], challenge[MD5_SIZE];
	struct radius_attr state = {0};
	int64_t at_ms;

	if (eap->type == EAP_TYPE_IDENTITY)
		return MAB_CHALLENGE;
	if (!radius_find(&r->packet, RADIUS_STATE, &state) || state.len != MAB_STATE_SIZE ||
	    memcmp(state.value, STATE_MARK, 2) != 0)
		return MAB_WRONG;
	sum(k, r, 's', state.value + 2, expected);
	at_ms = (int64_t)get_be64(state.value + 2);
	if (!secret_equal(expected, state.value + 10, sizeof(expected)) ||
	    r->now_ms - at_ms > CHALLENGE_LIFE_MS)
		return MAB_WRONG;
	sum(k, r, 'c', state.value + 2, challenge);
	return eap_check_md5(eap, eap->id, r->user_name, challenge) == 0 ? MAB_PROVEN : MAB_WRONG;
}
