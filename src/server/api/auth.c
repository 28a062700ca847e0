#include "server/api/auth.h"

#include <stdio.h>

#include "base/text.h"
#include "crypto/secret.h"

int auth_parse_cookie(const char *header, uint8_t ret[static LOGIN_TOKEN_SIZE])
{
	const char *at = header;
	char text[2 * LOGIN_TOKEN_SIZE + 1];
	int r;

	while (*at) {
		size_t len = strcspn(at, ";");

		if (len > sizeof(API_COOKIE) && text_starts(at, API_COOKIE "=")) {
			r = text_copy_n(text, sizeof(text), at + sizeof(API_COOKIE),
					len - sizeof(API_COOKIE));
			r = r ? -EBADMSG : hex_decode(ret, LOGIN_TOKEN_SIZE, text);
			secret_wipe(text, sizeof(text));
			return r ? -EBADMSG : 0;
		}
		at += len;
		at += strspn(at, "; ");
	}
	return -ENOENT;
}

int auth_csrf(const uint8_t token[static LOGIN_TOKEN_SIZE], char ret[static 33])
{
	static const char label[] = "menshen csrf 1";
	uint8_t bytes[sizeof(label) + LOGIN_TOKEN_SIZE], digest[HASH_SIZE];
	int r;

	memcpy(bytes, label, sizeof(label));
	memcpy(bytes + sizeof(label), token, LOGIN_TOKEN_SIZE);
	r = hash_bytes(HASH_SHA256, bytes, sizeof(bytes), digest);
	secret_wipe(bytes, sizeof(bytes));
	if (!r)
		hex_encode(ret, digest, 16);
	return r;
}

static int idle_out_act(struct deed *d)
{
	return login_end(d->store, d->now_ms, &d->actor, &d->call->account, d->call->login.id);
}

/* The session is over in the store too; that it is over here does not depend on it. */
static int idle_out(struct call *c)
{
	struct deed d = {0};

	if (call_do_unchecked(c, &d, idle_out_act))
		c->refused = (struct refused){0};
	return call_refuse(c, REFUSAL_LOGIN_NEEDED, NULL);
}

static int load_session(struct call *c, const uint8_t token[static LOGIN_TOKEN_SIZE])
{
	struct store_db *db;
	int r = login_token_hash(token, c->token_hash);

	if (!r)
		r = auth_csrf(token, c->csrf);
	if (!r)
		r = call_reader(c, &db);
	if (!r)
		r = login_find(db, c->token_hash, c->now_ms, &c->login);
	if (r == 1)
		r = account_load(db, c->login.account_id, &c->account);
	if (r < 0)
		return r;
	if (!r || !c->account.enabled || strcmp(c->login.source, c->source) != 0)
		return call_refuse(c, REFUSAL_LOGIN_NEEDED, NULL);
	if (!idle_touch(c->api->idle, c->login.id, c->now_ms, true))
		return idle_out(c);
	c->stage = login_stage(&c->login, &c->account, c->now_ms);
	c->logged_in = true;
	return 0;
}

static int check_csrf(struct call *c)
{
	const char *given =
		MHD_lookup_connection_value(c->connection, MHD_HEADER_KIND, "X-CSRF-Token");

	if (!given || strlen(given) != strlen(c->csrf) ||
	    !secret_equal(given, c->csrf, strlen(c->csrf)))
		return call_refuse(c, REFUSAL_CSRF_MISSING, NULL);
	return 0;
}

int auth_call(struct call *c)
{
	const struct route *route = c->match.route;
	const char *cookie =
		MHD_lookup_connection_value(c->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_COOKIE);
	uint8_t token[LOGIN_TOKEN_SIZE];
	int r;

	if (route->roles & ROLE_OPEN)
		return 0;
	if (!cookie || auth_parse_cookie(cookie, token))
		return call_refuse(c, REFUSAL_LOGIN_NEEDED, NULL);
	r = load_session(c, token);
	secret_wipe(token, sizeof(token));
	if (!r && strcmp(route->method, MHD_HTTP_METHOD_GET) != 0)
		r = check_csrf(c);
	if (r)
		return r;
	if (c->stage != STAGE_FULL && !route->before_full)
		return call_refuse(c, REFUSAL_LOGIN_INCOMPLETE, NULL);
	if (!(account_roles(&c->account) & route->roles))
		return call_refuse(c, REFUSAL_ROLE_MISSING, NULL);
	return 0;
}

static int record_refusal_act(struct deed *d)
{
	struct call *c = d->call;
	char act[96];

	snprintf(act, sizeof(act), "refused.%s", c->match.route->operation);
	return act_log(d->store, d->now_ms, &d->actor, act, c->account.unit_id, "",
		       json_pack("{s:s}", "code", refusal_text(c->refused.what)->code));
}

void auth_record_refusal(struct call *c)
{
	struct refused refused = c->refused;
	enum refusal what = refused.what;
	struct deed d = {0};

	if (!c->logged_in || (what != REFUSAL_ROLE_MISSING && what != REFUSAL_OUT_OF_SCOPE &&
			      what != REFUSAL_OWN_ACT && what != REFUSAL_STEP_OF_OTHERS))
		return;
	if (!throttle_allows(c->api->refusal_throttle, c->account.name, c->now_ms))
		return;
	throttle_count(c->api->refusal_throttle, c->account.name, c->now_ms);
	/* That it could not be recorded does not make it less of a refusal. */
	if (call_do_unchecked(c, &d, record_refusal_act))
		c->refused = refused;
}
