#include "radius/password.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "crypto/md5_lanes.h"
#include "crypto/secret.h"

#define BLOCK MD5_SIZE
#define SALT_SIZE 2

/*
 * The chain that RFC 2865 (5.2) and RFC 2548 (2.4.2) share: b1 = MD5(secret, start),
 * b(i) = MD5(secret, c(i-1)); each block is XORed with its b. `start` is one or two pieces.
 */
struct chain {
	const struct radius_secret *secret;
	const uint8_t *authenticator;
	struct piece salt;
};

static void chain_pad(const struct chain *c, const uint8_t *previous, uint8_t pad[static BLOCK])
{
	struct piece first[] = {
		{c->secret->text, c->secret->len}, {c->authenticator, BLOCK}, c->salt};
	struct piece later[] = {{c->secret->text, c->secret->len}, {previous, BLOCK}};

	if (previous)
		md5_pieces(later, 2, pad);
	else
		md5_pieces(first, 3, pad);
}

static void hide(const struct chain *c, uint8_t *text, size_t len)
{
	uint8_t pad[BLOCK];

	for (size_t at = 0; at < len; at += BLOCK) {
		chain_pad(c, at ? text + at - BLOCK : NULL, pad);
		for (size_t i = 0; i < BLOCK; i++)
			text[at + i] ^= pad[i];
	}
	secret_wipe(pad, sizeof(pad));
}

static void apply(const uint8_t pad[static BLOCK], const uint8_t *hidden, uint8_t *dst)
{
	for (size_t i = 0; i < BLOCK; i++)
		dst[i] = hidden[i] ^ pad[i];
}

/* Behind the first block. */
static void unhide_rest(const struct chain *c, const uint8_t *hidden, uint8_t *dst, size_t len)
{
	uint8_t pad[BLOCK];

	for (size_t at = BLOCK; at < len; at += BLOCK) {
		chain_pad(c, hidden + at - BLOCK, pad);
		apply(pad, hidden + at, dst + at);
	}
	secret_wipe(pad, sizeof(pad));
}

static void unhide(const struct chain *c, const uint8_t *hidden, uint8_t *dst, size_t len)
{
	uint8_t pad[BLOCK];

	chain_pad(c, NULL, pad);
	apply(pad, hidden, dst);
	unhide_rest(c, hidden, dst, len);
	secret_wipe(pad, sizeof(pad));
}

static size_t round_up(size_t len)
{
	return (len + BLOCK - 1) / BLOCK * BLOCK;
}

void radius_put_password(struct radius_out *out, const struct radius_secret *s, const char *text)
{
	struct chain c = {.secret = s, .authenticator = out->data + 4};
	uint8_t bytes[RADIUS_PASSWORD_MAX] = {0};
	size_t len = strlen(text);

	if (len > sizeof(bytes)) {
		out->error = -EMSGSIZE;
		return;
	}
	memcpy(bytes, text, len);
	len = len ? round_up(len) : BLOCK;
	hide(&c, bytes, len);
	radius_put(out, RADIUS_USER_PASSWORD, bytes, len);
}

/* 0: one is there that may be of this length. */
static int find_password(const struct radius_packet *p, struct radius_attr *ret)
{
	*ret = (struct radius_attr){0};
	if (!radius_find(p, RADIUS_USER_PASSWORD, ret))
		return -ENOENT;
	return ret->len == 0 || ret->len % BLOCK != 0 || ret->len > RADIUS_PASSWORD_MAX ? -EBADMSG
											: 0;
}

static void read_password(struct radius_hidden *h, const struct radius_attr *a,
			  const uint8_t first_pad[static BLOCK])
{
	const struct chain c = {.secret = h->secret, .authenticator = h->packet->authenticator};

	apply(first_pad, a->value, (uint8_t *)h->text);
	unhide_rest(&c, a->value, (uint8_t *)h->text, a->len);
	h->text[a->len] = 0;
}

void radius_get_passwords(struct radius_hidden *hidden, size_t count)
{
	struct radius_attr found[RADIUS_BATCH_MAX];
	struct md5_task tasks[RADIUS_BATCH_MAX];
	size_t task_count = 0;

	for (size_t i = 0; i < count; i++) {
		struct radius_hidden *h = &hidden[i];

		h->text[0] = 0;
		h->result = find_password(h->packet, &found[i]);
		if (h->result)
			continue;
		tasks[task_count++] = (struct md5_task){
			.pieces = {{h->secret->text, h->secret->len},
				   {h->packet->authenticator, RADIUS_AUTHENTICATOR_SIZE}},
			.count = 2,
		};
	}
	md5_many(tasks, task_count);
	task_count = 0;
	for (size_t i = 0; i < count; i++)
		if (hidden[i].result == 0)
			read_password(&hidden[i], &found[i], tasks[task_count++].sum);
	secret_wipe(tasks, sizeof(tasks[0]) * task_count);
}

int radius_get_password(const struct radius_packet *p, const struct radius_secret *s, char *dst,
			size_t size)
{
	struct radius_hidden h = {.packet = p, .secret = s};
	int err;

	radius_get_passwords(&h, 1);
	err = h.result ? h.result : text_copy(dst, size, h.text);
	secret_wipe(h.text, sizeof(h.text));
	return err;
}

void radius_chap_response(uint8_t id, const char *password, const uint8_t *challenge, size_t len,
			  uint8_t ret[static 16])
{
	md5_pieces((struct piece[]){{&id, 1}, {password, strlen(password)}, {challenge, len}}, 3,
		   ret);
}

int radius_check_chap(const struct radius_packet *p, const char *password)
{
	struct radius_attr response = {0}, challenge = {0};
	uint8_t sum[MD5_SIZE];

	if (!radius_find(p, RADIUS_CHAP_PASSWORD, &response))
		return -ENOENT;
	if (response.len != 1 + MD5_SIZE)
		return -EBADMSG;
	if (!radius_find(p, RADIUS_CHAP_CHALLENGE, &challenge)) {
		challenge.value = p->authenticator;
		challenge.len = RADIUS_AUTHENTICATOR_SIZE;
	}
	radius_chap_response(response.value[0], password, challenge.value, challenge.len, sum);
	return secret_equal(sum, response.value + 1, sizeof(sum)) ? 0 : -EACCES;
}

int radius_get_mppe(const struct radius_packet *p, uint8_t type, const struct radius_secret *s,
		    const uint8_t request_authenticator[static RADIUS_AUTHENTICATOR_SIZE],
		    uint8_t dst[static RADIUS_MPPE_KEY_MAX], size_t *ret_len)
{
	uint8_t plain[RADIUS_VALUE_MAX + BLOCK];
	struct radius_attr a = {0};
	struct chain c;
	size_t len;
	int err = 0;

	if (!radius_find_vendor(p, RADIUS_VENDOR_MICROSOFT, type, &a))
		return -ENOENT;
	if (a.len < SALT_SIZE + BLOCK || (a.len - SALT_SIZE) % BLOCK != 0)
		return -EBADMSG;
	len = a.len - SALT_SIZE;
	c = (struct chain){s, request_authenticator, {a.value, SALT_SIZE}};
	unhide(&c, a.value + SALT_SIZE, plain, len);
	if (plain[0] > len - 1 || plain[0] > RADIUS_MPPE_KEY_MAX) {
		err = -EBADMSG;
	} else {
		memcpy(dst, plain + 1, plain[0]);
		*ret_len = plain[0];
	}
	secret_wipe(plain, sizeof(plain));
	return err;
}

void radius_put_mppe(struct radius_out *out, uint8_t type, const struct radius_secret *s,
		     const uint8_t request_authenticator[static RADIUS_AUTHENTICATOR_SIZE],
		     uint16_t salt, const uint8_t *key, size_t len)
{
	uint8_t value[SALT_SIZE + RADIUS_MPPE_KEY_MAX + BLOCK] = {0};
	struct chain c = {s, request_authenticator, {value, SALT_SIZE}};

	if (len > RADIUS_MPPE_KEY_MAX) {
		out->error = -EMSGSIZE;
		return;
	}
	set_be16(value, salt | 0x8000);
	value[SALT_SIZE] = (uint8_t)len;
	memcpy(value + SALT_SIZE + 1, key, len);
	len = round_up(len + 1);
	hide(&c, value + SALT_SIZE, len);
	radius_put_vendor(out, RADIUS_VENDOR_MICROSOFT, type, value, SALT_SIZE + len);
}
