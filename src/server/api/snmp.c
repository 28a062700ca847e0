/* With what a gate asks a switch over SNMP. It comes in and never goes out. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "crypto/secret.h"
#include "server/api/nouns.h"
#include "server/engine/switch_snmp.h"
#include "vendor/snmp.h"

static const char *const versions[] = {"none", "2c", "3", NULL};
static const char *const proofs[] = {"SHA", "SHA-256", NULL};

static const struct value_rule fields[] = {
	{RULE_CHOICE("version", versions), .required = true},
	{RULE_TEXT("community", 64)},
	{RULE_TEXT("user", 32)},
	{RULE_CHOICE("auth_protocol", proofs)},
	{RULE_TEXT("auth_password", 64)},
	{RULE_TEXT("priv_password", 64)},
	{.name = NULL},
};

static const char *text_of(const struct call *c, const char *name)
{
	const char *text = call_text(c, name);

	return text ? text : "";
}

/* A line break inside a value makes another line of it, and that is no credential. */
static void spell(const struct call *c, char *dst, size_t size)
{
	const char *version = text_of(c, "version"), *proof = text_of(c, "auth_protocol");
	const char *auth = text_of(c, "auth_password"), *priv = text_of(c, "priv_password");

	dst[0] = 0;
	if (text_equal(version, "2c"))
		snprintf(dst, size, "2c\n%s", text_of(c, "community"));
	else if (text_equal(version, "3") && priv[0])
		snprintf(dst, size, "3\n%s\n%s\n%s\nAES\n%s", text_of(c, "user"),
			 proof[0] ? proof : "SHA", auth, priv);
	else if (text_equal(version, "3") && auth[0])
		snprintf(dst, size, "3\n%s\n%s\n%s", text_of(c, "user"), proof[0] ? proof : "SHA",
			 auth);
	else if (text_equal(version, "3"))
		snprintf(dst, size, "3\n%s", text_of(c, "user"));
}

static int act(struct deed *d)
{
	int64_t id = call_path_id(d->call, 0), unit;
	char text[SNMP_TEXT_MAX + 1];
	int r = switch_over(d, &unit);

	if (r)
		return r;
	spell(d->call, text, sizeof(text));
	r = switch_set_snmp(d->store, d->now_ms, &d->actor, d->call->api->options.gates, id, text);
	secret_wipe(text, sizeof(text));
	return r == -EINVAL ? refuse(&d->refused, REFUSAL_VALUE_WRONG, "version") : r;
}

static int run(struct call *c)
{
	return switch_run(c, act);
}

static const struct route routes[] = {
	{.method = "POST",
	 .path = "/switches/{id}/snmp",
	 .operation = "switch_snmp",
	 .roles = ROLE_SYSTEM,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = fields,
	 .run = run},
};

const struct route_noun snmp_routes = {routes, ARRAY_SIZE(routes)};
