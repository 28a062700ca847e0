/*
 * What a stranger's call brings, before any handler runs: the first byte chooses the door. A path
 * that matches has its values, a body that passes has every required field, a cookie that is taken
 * has a token, a file name that is safe has no way up.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "server/api/auth.h"
#include "server/api/static.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const char *const methods[] = {"GET", "POST", "PATCH", "DELETE"};

static const struct route *pick_route(uint8_t n)
{
	size_t left = n;

	for (size_t noun = 0;; noun = (noun + 1) % route_noun_count) {
		if (left < route_nouns[noun]->count)
			return &route_nouns[noun]->routes[left];
		left -= route_nouns[noun]->count;
	}
}

static void fuzz_path(const char *text)
{
	struct route_match match;

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		if (route_find(methods[i], text, &match))
			continue;
		for (size_t v = 0; v < match.value_count; v++)
			if (!match.values[v][0] || strchr(match.values[v], '/'))
				abort();
	}
}

static void fuzz_body(uint8_t choice, const char *text, size_t len)
{
	const struct route *route = pick_route(choice);
	json_t *body = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	struct refused why = {0};

	if (body && route->fields &&
	    !value_check_object(body, route->fields, route->fields_least, &why))
		for (const struct value_rule *rule = route->fields; rule->name; rule++)
			if (rule->required && !json_object_get(body, rule->name))
				abort();
	json_decref(body);
}

static void fuzz_query(uint8_t choice, const char *text)
{
	const struct value_rule *rule = pick_route(choice)->query;
	struct refused why = {0};
	json_t *v;

	for (; rule && rule->name; rule++)
		if (!value_from_query(rule, text, &v, &why))
			json_decref(v);
}

static void fuzz_cookie(char *text)
{
	uint8_t token[LOGIN_TOKEN_SIZE];
	char hex[2 * LOGIN_TOKEN_SIZE + 1];

	if (auth_parse_cookie(text, token))
		return;
	hex_encode(hex, token, sizeof(token));
	text_lower(text);
	if (!strstr(text, hex))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text;

	if (len < 2 || len > 65536)
		return 0;
	text = calloc(1, len - 1);
	if (!text)
		return 0;
	memcpy(text, data + 2, len - 2);
	switch (data[0] % 5) {
	case 0:
		fuzz_path(text);
		break;
	case 1:
		fuzz_body(data[1], text, len - 2);
		break;
	case 2:
		fuzz_query(data[1], text);
		break;
	case 3:
		fuzz_cookie(text);
		break;
	default:
		if (static_path_is_safe(text) &&
		    (strstr(text, "/.") || text[0] == '.' || text[0] == '/'))
			abort();
	}
	free(text);
	return 0;
}
