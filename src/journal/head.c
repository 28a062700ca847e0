#include "journal/head.h"

#include "base/text.h"
#include "journal/json_text.h"

#define GATE_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"

int head_signed_bytes(const struct head *h, struct buf *ret)
{
	char root[HASH_TEXT_SIZE];

	hex_encode(root, h->root.b, HASH_SIZE);
	buf_printf(ret, "menshen head 1\n%llu\n%s\n%lld\n%llu\n%s\n", (unsigned long long)h->size,
		   root, (long long)h->at_ms, (unsigned long long)h->epoch,
		   hash_kind_name(h->hash));
	return ret->error;
}

static int cosigned_bytes(const struct cosign *c, const struct head *h, struct buf *ret)
{
	buf_printf(ret, "menshen cosign 1\n%s\n%lld\n", c->gate, (long long)c->at_ms);
	return head_signed_bytes(h, ret);
}

static int sign_text(const struct buf *text, const struct sign_key *key, struct head_signature *ret)
{
	struct head_signature s = {.kind = sign_key_kind(key)};
	int r = sign_bytes(key, text->data, text->len, s.bytes, &s.len);

	if (r)
		return r;
	memcpy(s.key_id, sign_key_id(key), SIGN_KEY_ID_SIZE);
	*ret = s;
	return 0;
}

static int verify_text(const struct buf *text, const struct head_signature *s,
		       const struct sign_keyring *keys)
{
	const struct sign_key *key = sign_keyring_find(keys, s->key_id);

	if (!key)
		return -ENOKEY;
	if (sign_key_kind(key) != s->kind)
		return -EBADMSG;
	return sign_verify(key, text->data, text->len, s->bytes, s->len);
}

int head_sign(struct head *h, const struct sign_key *key)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	int r = head_signed_bytes(h, &text);

	return r ? r : sign_text(&text, key, &h->signature);
}

int head_verify(const struct head *h, const struct sign_keyring *keys)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	int r = head_signed_bytes(h, &text);

	return r ? r : verify_text(&text, &h->signature, keys);
}

int head_follows(const struct head *next, const struct head *kept, const struct merkle_proof *proof,
		 const struct sign_keyring *keys, struct hasher *hasher)
{
	int r = head_verify(next, keys);

	if (r)
		return r;
	if (next->hash != kept->hash || next->hash != hasher_kind(hasher) ||
	    next->size < kept->size || next->epoch < kept->epoch)
		return -EBADMSG;
	return merkle_verify_consistency(hasher, kept->size, next->size, proof, &kept->root,
					 &next->root);
}

static bool gate_name_ok(const char *name)
{
	size_t len = strlen(name);

	return len && len < HEAD_GATE_SIZE && strspn(name, GATE_CHARACTERS) == len;
}

int cosign_make(const struct head *h, const char *gate, int64_t at_ms, const struct sign_key *key,
		struct cosign *ret)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	struct cosign c = {.size = h->size, .root = h->root, .at_ms = at_ms};
	int r;

	if (!gate_name_ok(gate))
		return -EINVAL;
	memcpy(c.gate, gate, strlen(gate) + 1);
	r = cosigned_bytes(&c, h, &text);
	if (!r)
		r = sign_text(&text, key, &c.signature);
	if (!r)
		*ret = c;
	return r;
}

int cosign_verify(const struct cosign *c, const struct head *h, const struct sign_keyring *keys)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	int r;

	if (c->size != h->size || memcmp(&c->root, &h->root, sizeof(c->root)))
		return -EINVAL;
	r = cosigned_bytes(c, h, &text);
	return r ? r : verify_text(&text, &c->signature, keys);
}

static void put_size_root(struct buf *b, const char *what, uint64_t size,
			  const struct merkle_digest *root)
{
	char hex[HASH_TEXT_SIZE];

	hex_encode(hex, root->b, HASH_SIZE);
	buf_printf(b, "{\"%s\":1,\"size\":%llu,\"root\":\"%s\"", what, (unsigned long long)size,
		   hex);
}

static int put_signature(struct buf *b, const struct head_signature *s)
{
	char hex[2 * SIGN_SIZE_MAX + 1];

	hex_encode(hex, s->bytes, s->len);
	buf_printf(b, ",\"sign\":\"%s\",\"key\":\"%s\",\"signature\":\"%s\"}\n",
		   sign_kind_name(s->kind), s->key_id, hex);
	return b->error;
}

int head_encode(const struct head *h, struct buf *ret)
{
	put_size_root(ret, "head", h->size, &h->root);
	buf_printf(ret, ",\"at\":%lld,\"epoch\":%llu,\"hash\":\"%s\"", (long long)h->at_ms,
		   (unsigned long long)h->epoch, hash_kind_name(h->hash));
	return put_signature(ret, &h->signature);
}

int cosign_encode(const struct cosign *c, struct buf *ret)
{
	put_size_root(ret, "cosign", c->size, &c->root);
	buf_printf(ret, ",\"gate\":\"%s\",\"at\":%lld", c->gate, (long long)c->at_ms);
	return put_signature(ret, &c->signature);
}

static void take_signature(struct json_fields *f, struct head_signature *ret)
{
	const char *kind = json_take_text(f, "sign");
	const char *key = json_take_text(f, "key");
	const char *hex = json_take_text(f, "signature");
	uint8_t id[(SIGN_KEY_ID_SIZE - 1) / 2];

	ret->len = strlen(hex) / 2;
	if (sign_kind_parse(kind, &ret->kind) || hex_decode(id, sizeof(id), key) ||
	    ret->len > SIGN_SIZE_MAX || hex_decode(ret->bytes, ret->len, hex)) {
		f->error = -EBADMSG;
		return;
	}
	hex_encode(ret->key_id, id, sizeof(id));
}

int head_parse(const void *text, size_t len, struct head *ret)
{
	struct head h = {0};
	struct json_fields f = {0};
	json_t *line;
	int r = len > HEAD_TEXT_MAX ? -EBADMSG : json_text_load(text, len, &line);

	if (r)
		return r;
	f.object = line;
	(void)json_take_int(&f, "head", 1, 1);
	h.size = (uint64_t)json_take_int(&f, "size", 0, INT64_MAX);
	json_take_hex(&f, "root", h.root.b, HASH_SIZE);
	h.at_ms = json_take_int(&f, "at", 0, INT64_MAX);
	h.epoch = (uint64_t)json_take_int(&f, "epoch", 0, INT64_MAX);
	if (hash_kind_parse(json_take_text(&f, "hash"), &h.hash))
		f.error = -EBADMSG;
	take_signature(&f, &h.signature);
	r = json_fields_end(&f);
	json_decref(line);
	if (!r)
		*ret = h;
	return r;
}

int cosign_parse(const void *text, size_t len, struct cosign *ret)
{
	struct cosign c = {0};
	struct json_fields f = {0};
	json_t *line;
	int r = len > HEAD_TEXT_MAX ? -EBADMSG : json_text_load(text, len, &line);

	if (r)
		return r;
	f.object = line;
	(void)json_take_int(&f, "cosign", 1, 1);
	c.size = (uint64_t)json_take_int(&f, "size", 0, INT64_MAX);
	json_take_hex(&f, "root", c.root.b, HASH_SIZE);
	if (text_copy(c.gate, sizeof(c.gate), json_take_text(&f, "gate")) || !gate_name_ok(c.gate))
		f.error = -EBADMSG;
	c.at_ms = json_take_int(&f, "at", 0, INT64_MAX);
	take_signature(&f, &c.signature);
	r = json_fields_end(&f);
	json_decref(line);
	if (!r)
		*ret = c;
	return r;
}
