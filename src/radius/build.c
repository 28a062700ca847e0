#include "radius/build.h"

#include <string.h>

#include "base/buf.h"
#include "base/nonce.h"
#include "crypto/md5_lanes.h"

#define ATTR_HEADER 2
#define MESSAGE_AT (RADIUS_HEADER_SIZE + ATTR_HEADER)

void radius_begin_bare_request(struct radius_out *out, uint8_t code, uint8_t id)
{
	out->error = 0;
	out->len = RADIUS_HEADER_SIZE;
	out->data[0] = code;
	out->data[1] = id;
	memset(out->data + 2, 0, RADIUS_HEADER_SIZE - 2);
}

static void begin(struct radius_out *out, uint8_t code, uint8_t id)
{
	static const uint8_t zeros[RADIUS_AUTHENTICATOR_SIZE];

	radius_begin_bare_request(out, code, id);
	radius_put(out, RADIUS_MESSAGE_AUTHENTICATOR, zeros, sizeof(zeros));
}

void radius_begin_answer(struct radius_out *out, uint8_t code, const struct radius_packet *request)
{
	begin(out, code, request->id);
	radius_copy(out, request, RADIUS_PROXY_STATE);
}

void radius_begin_request(struct radius_out *out, uint8_t code, uint8_t id)
{
	begin(out, code, id);
	if (code == RADIUS_ACCESS_REQUEST || code == RADIUS_STATUS_SERVER)
		nonce_bytes(out->data + 4, RADIUS_AUTHENTICATOR_SIZE);
}

void radius_put(struct radius_out *out, uint8_t type, const void *value, size_t len)
{
	uint8_t *to = out->data + out->len;

	if (out->error)
		return;
	if (len > RADIUS_VALUE_MAX || len + ATTR_HEADER > sizeof(out->data) - out->len) {
		out->error = -EMSGSIZE;
		return;
	}
	to[0] = type;
	to[1] = (uint8_t)(len + ATTR_HEADER);
	if (len)
		memcpy(to + ATTR_HEADER, value, len);
	out->len += len + ATTR_HEADER;
}

void radius_put_text(struct radius_out *out, uint8_t type, const char *text)
{
	radius_put(out, type, text, strlen(text));
}

void radius_put_u32(struct radius_out *out, uint8_t type, uint32_t value)
{
	uint8_t bytes[4];

	set_be32(bytes, value);
	radius_put(out, type, bytes, sizeof(bytes));
}

void radius_put_tagged_u24(struct radius_out *out, uint8_t type, uint32_t value)
{
	radius_put_u32(out, type, value & 0xffffff);
}

void radius_put_vendor(struct radius_out *out, uint32_t vendor, uint8_t type, const void *value,
		       size_t len)
{
	uint8_t bytes[RADIUS_VALUE_MAX];

	if (len > sizeof(bytes) - 6) {
		out->error = -EMSGSIZE;
		return;
	}
	set_be32(bytes, vendor);
	bytes[4] = type;
	bytes[5] = (uint8_t)(len + ATTR_HEADER);
	if (len)
		memcpy(bytes + 6, value, len);
	radius_put(out, RADIUS_VENDOR_SPECIFIC, bytes, len + 6);
}

void radius_put_eap(struct radius_out *out, const uint8_t *eap, size_t len)
{
	while (len > 0 && !out->error) {
		size_t n = MIN(len, RADIUS_VALUE_MAX);

		radius_put(out, RADIUS_EAP_MESSAGE, eap, n);
		eap += n;
		len -= n;
	}
}

void radius_copy(struct radius_out *out, const struct radius_packet *from, uint8_t type)
{
	struct radius_attr a = {0};

	while (radius_find(from, type, &a))
		radius_put(out, type, a.value, a.len);
}

void radius_put_vlan(struct radius_out *out, const char *vlan)
{
	radius_put_tagged_u24(out, RADIUS_TUNNEL_TYPE, RADIUS_TUNNEL_VLAN);
	radius_put_tagged_u24(out, RADIUS_TUNNEL_MEDIUM_TYPE, RADIUS_TUNNEL_IEEE_802);
	radius_put_text(out, RADIUS_TUNNEL_PRIVATE_GROUP_ID, vlan);
}

/* It is the first attribute, or there is none. */
static bool has_message_authenticator(const struct radius_out *out)
{
	return out->len >= MESSAGE_AT + RADIUS_AUTHENTICATOR_SIZE &&
	       out->data[RADIUS_HEADER_SIZE] == RADIUS_MESSAGE_AUTHENTICATOR;
}

static void put_header(const struct radius_draft *d)
{
	struct radius_out *out = d->out;

	set_be16(out->data + 2, (uint16_t)out->len);
	if (d->request_authenticator)
		memcpy(out->data + 4, d->request_authenticator, RADIUS_AUTHENTICATOR_SIZE);
}

static bool wants_message_authenticator(const struct radius_draft *d)
{
	return !d->out->error && has_message_authenticator(d->out);
}

/* What stands in the authenticator field now enters the sum. */
static struct md5_task message_authenticator(const struct radius_draft *d)
{
	return (struct md5_task){
		.key = &d->secret->keyed, .pieces = {{d->out->data, d->out->len}}, .count = 1};
}

static bool wants_authenticator(const struct radius_draft *d)
{
	uint8_t code = d->out->data[0];

	return !d->out->error && (d->request_authenticator ||
				  (code != RADIUS_ACCESS_REQUEST && code != RADIUS_STATUS_SERVER));
}

static struct md5_task authenticator(const struct radius_draft *d)
{
	return (struct md5_task){
		.pieces = {{d->out->data, d->out->len}, {d->secret->text, d->secret->len}},
		.count = 2};
}

/* One of the two sums of each draft that wants it, into its place. */
static void put_sums(const struct radius_draft *drafts, size_t count,
		     bool (*wants)(const struct radius_draft *d),
		     struct md5_task (*task_of)(const struct radius_draft *d), size_t at)
{
	struct md5_task tasks[RADIUS_BATCH_MAX];
	size_t task_count = 0;

	for (size_t i = 0; i < count; i++)
		if (wants(&drafts[i]))
			tasks[task_count++] = task_of(&drafts[i]);
	md5_many(tasks, task_count);
	task_count = 0;
	for (size_t i = 0; i < count; i++)
		if (wants(&drafts[i]))
			memcpy(drafts[i].out->data + at, tasks[task_count++].sum, MD5_SIZE);
}

void radius_finish_many(const struct radius_draft *drafts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!drafts[i].out->error)
			put_header(&drafts[i]);
	put_sums(drafts, count, wants_message_authenticator, message_authenticator, MESSAGE_AT);
	put_sums(drafts, count, wants_authenticator, authenticator, 4);
}

int radius_finish_answer(struct radius_out *out, const struct radius_secret *secret,
			 const uint8_t request_authenticator[static RADIUS_AUTHENTICATOR_SIZE])
{
	radius_finish_many(&(struct radius_draft){out, secret, request_authenticator}, 1);
	return out->error;
}

int radius_finish_request(struct radius_out *out, const struct radius_secret *secret)
{
	radius_finish_many(&(struct radius_draft){out, secret, NULL}, 1);
	return out->error;
}

struct radius_packet radius_out_packet(const struct radius_out *out)
{
	return (struct radius_packet){
		.data = out->data,
		.len = out->len,
		.code = out->data[0],
		.id = out->data[1],
		.message_at = has_message_authenticator(out) ? MESSAGE_AT : 0,
		.authenticator = out->data + 4,
	};
}
