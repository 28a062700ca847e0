#include "server/api/known.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"

#define NAME_SIZE 16
#define PLAIN_SIZE (NAME_SIZE + 8)
#define SEALED_SIZE (PLAIN_SIZE + SEAL_OVERHEAD)

static void cookie_name(char dst[static 48], int64_t account)
{
	snprintf(dst, 48, KNOWN_COOKIE "%" PRId64, account);
}

static void context_of(char dst[static ACCOUNT_NAME_SIZE + 8], const struct call *c)
{
	snprintf(dst, ACCOUNT_NAME_SIZE + 8, "device:%s", c->account.name);
}

/* The name of the browser; -ENOENT: it is not known to this account. */
static int read_cookie(const struct call *c, uint8_t ret[static NAME_SIZE])
{
	char name[48], context[ACCOUNT_NAME_SIZE + 8];
	CLEANUP_BUF struct buf plain = BUF_INIT;
	uint8_t sealed[SEALED_SIZE];
	const char *text;
	uint64_t from;

	cookie_name(name, c->account.id);
	text = c->account.id ? MHD_lookup_connection_value(c->connection, MHD_COOKIE_KIND, name)
			     : NULL;
	if (!text || strlen(text) != 2 * sizeof(sealed) || hex_decode(sealed, sizeof(sealed), text))
		return -ENOENT;
	context_of(context, c);
	if (seal_open(c->api->options.seal, context, sealed, sizeof(sealed), &plain) ||
	    plain.len != PLAIN_SIZE)
		return -ENOENT;
	from = get_be64(plain.data + NAME_SIZE);
	if (from + KNOWN_LIFE_MS < (uint64_t)c->now_ms)
		return -ENOENT;
	memcpy(ret, plain.data, NAME_SIZE);
	return 0;
}

void known_try(const struct call *c, struct try *ret)
{
	uint8_t name[NAME_SIZE];
	struct try what = {0};

	snprintf(what.account, sizeof(what.account), "%s", c->account.name);
	what.known = !read_cookie(c, name);
	if (what.known)
		hex_encode(what.place, name, sizeof(name));
	else
		snprintf(what.place, sizeof(what.place), "%.*s", (int)sizeof(what.place) - 1,
			 c->source);
	*ret = what;
}

int known_remember(struct call *c)
{
	char name[48], context[ACCOUNT_NAME_SIZE + 8], text[2 * SEALED_SIZE + 1];
	CLEANUP_BUF struct buf sealed = BUF_INIT;
	uint8_t plain[PLAIN_SIZE];
	int r;

	if (!read_cookie(c, plain))
		return 0;
	random_bytes(plain, NAME_SIZE);
	set_be64(plain + NAME_SIZE, (uint64_t)c->now_ms);
	context_of(context, c);
	r = seal_bytes(c->api->options.seal, context, plain, sizeof(plain), &sealed);
	if (r)
		return r;
	hex_encode(text, sealed.data, sealed.len);
	cookie_name(name, c->account.id);
	snprintf(c->set_device, sizeof(c->set_device),
		 "%s=%s; Path=" API_PREFIX
		 "/session; Max-Age=%d; Secure; HttpOnly; SameSite=Strict",
		 name, text, (int)(KNOWN_LIFE_MS / 1000));
	return 0;
}
