/* The route table and api/openapi.yaml say the same: paths, methods, operations, roles, scopes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/text.h"
#include "server/api/route.h"

#define OPERATIONS_MAX 256

struct operation {
	char path[96], method[8], name[48], scope[8];
	unsigned roles;
	bool body, csrf;
	bool found;
};

struct contract {
	struct operation operations[OPERATIONS_MAX];
	size_t count;
};

static unsigned parse_role(const char *name)
{
	if (!strcmp(name, "any"))
		return ROLE_ANY;
	if (!strcmp(name, "open"))
		return ROLE_OPEN;
	return strcmp(name, "staff") ? role_parse(name) : ROLE_STAFF;
}

/* "[security, regional]" */
static unsigned parse_roles(char *list)
{
	unsigned roles = 0;
	char *name = list + 1;

	list[strcspn(list, "]")] = '\0';
	while (*name) {
		size_t len = strcspn(name, ",");
		bool last = !name[len];

		name[len] = '\0';
		assert_int_not_equal(parse_role(text_trim(name)), 0);
		roles |= parse_role(text_trim(name));
		if (last)
			break;
		name += len + 1;
	}
	return roles;
}

/* The contract is written by hand in one layout: paths indented by two, methods by four. */
static void read_line(struct contract *c, char *line, char path[static 96])
{
	struct operation *o = c->count ? &c->operations[c->count - 1] : NULL;
	char *value = strchr(line, ':');

	if (!value)
		return;
	if (text_starts(line, "  /")) {
		assert_int_equal(text_copy_n(path, 96, line + 2, strlen(line) - 3), 0);
	} else if (path[0] && text_starts(line, "    ") && line[4] >= 'a' && line[4] <= 'z' &&
		   !value[1] && strcmp(line + 4, "parameters:") != 0) {
		assert_true(c->count < OPERATIONS_MAX);
		o = &c->operations[c->count++];
		assert_int_equal(text_copy(o->path, sizeof(o->path), path), 0);
		assert_int_equal(
			text_copy_n(o->method, sizeof(o->method), line + 4, strlen(line) - 5), 0);
		for (char *p = o->method; *p; p++)
			*p = (char)(*p - 'a' + 'A');
	} else if (text_starts(line, "      operationId: ")) {
		assert_int_equal(text_copy(o->name, sizeof(o->name), value + 2), 0);
	} else if (text_starts(line, "      x-roles: ")) {
		o->roles = parse_roles(value + 2);
	} else if (text_starts(line, "      x-scope: ")) {
		assert_int_equal(text_copy(o->scope, sizeof(o->scope), value + 2), 0);
	} else if (text_starts(line, "      requestBody:")) {
		o->body = true;
	} else if (strstr(line, "#/components/parameters/Csrf")) {
		o->csrf = true;
	}
}

static int read_contract(void **state)
{
	static struct contract contract;
	struct buf text = BUF_INIT;
	char path[96] = "", file[512];
	const char *root = getenv("MENSHEN_ROOT");

	memset(&contract, 0, sizeof(contract));
	snprintf(file, sizeof(file), "%s/api/openapi.yaml", root ? root : SOURCE_ROOT);
	assert_int_equal(file_read(file, 1 << 20, &text), 0);
	for (char *line = (char *)text.data; *line;) {
		size_t len = strcspn(line, "\n");
		bool last = !line[len];

		line[len] = '\0';
		if (text_starts(line, "components:"))
			break;
		read_line(&contract, line, path);
		line += len + !last;
	}
	buf_done(&text);
	*state = &contract;
	return 0;
}

static struct operation *find_operation(struct contract *c, const struct route *route)
{
	for (size_t i = 0; i < c->count; i++)
		if (!strcmp(c->operations[i].path, route->path) &&
		    !strcmp(c->operations[i].method, route->method))
			return &c->operations[i];
	return NULL;
}

static void each_route_is_in_the_contract_and_the_reverse(void **state)
{
	struct contract *c = *state;

	assert_true(c->count > 50);
	for (size_t n = 0; n < route_noun_count; n++)
		for (size_t i = 0; i < route_nouns[n]->count; i++) {
			const struct route *route = &route_nouns[n]->routes[i];
			struct operation *o = find_operation(c, route);

			if (!o)
				fail_msg("%s %s is not in the contract", route->method,
					 route->path);
			assert_false(o->found);
			o->found = true;
		}
	for (size_t i = 0; i < c->count; i++)
		if (!c->operations[i].found)
			fail_msg("%s %s has no route", c->operations[i].method,
				 c->operations[i].path);
}

static void a_route_is_named_and_open_to_whom_the_contract_says(void **state)
{
	static const char *const scopes[] = {
		[SCOPE_NONE] = "none", [SCOPE_SELF] = "self", [SCOPE_UNIT] = "unit"};
	struct contract *c = *state;

	for (size_t n = 0; n < route_noun_count; n++)
		for (size_t i = 0; i < route_nouns[n]->count; i++) {
			const struct route *route = &route_nouns[n]->routes[i];
			const struct operation *o = find_operation(c, route);

			assert_non_null(o);
			assert_string_equal(o->name, route->operation);
			if (o->roles != route->roles)
				fail_msg("%s: roles %#x, the contract says %#x", route->operation,
					 route->roles, o->roles);
			assert_string_equal(o->scope, scopes[route->scope]);
			assert_int_equal(o->body, route->body != BODY_NONE);
		}
}

static void every_write_but_the_login_wants_the_csrf_header(void **state)
{
	struct contract *c = *state;

	for (size_t i = 0; i < c->count; i++) {
		const struct operation *o = &c->operations[i];
		bool writes =
			strcmp(o->method, "GET") != 0 && strcmp(o->name, "session_login") != 0;

		if (o->csrf != writes)
			fail_msg("%s: the CSRF header is %s", o->name,
				 writes ? "missing" : "too much");
	}
}

static void no_auditor_may_write_but_to_log_out_and_to_export(void **state)
{
	(void)state;
	for (size_t n = 0; n < route_noun_count; n++)
		for (size_t i = 0; i < route_nouns[n]->count; i++) {
			const struct route *route = &route_nouns[n]->routes[i];

			if (!strcmp(route->method, "GET") || !(route->roles & ROLE_AUDITOR))
				continue;
			assert_true(route->scope == SCOPE_SELF ||
				    !strcmp(route->operation, "audit_export") ||
				    !strcmp(route->operation, "proposal_decide"));
		}
}

static void a_path_gives_its_values(void **state)
{
	struct route_match match;

	(void)state;
	assert_int_equal(route_find("POST", "/accounts/7/roles/12/end", &match), 0);
	assert_string_equal(match.route->operation, "role_end");
	assert_string_equal(match.values[0], "7");
	assert_string_equal(match.values[1], "12");
	assert_int_equal(route_find("GET", "/terminals", &match), 0);
	assert_string_equal(match.route->operation, "terminals_list");
}

static void what_is_no_path_is_not_found(void **state)
{
	static const char *const paths[] = {"",
					    "/",
					    "/terminal",
					    "/terminals/",
					    "/terminals//",
					    "/terminals/1/",
					    "terminals",
					    "/terminals/1/nothing",
					    "/terminals/1/isolate/2"};
	struct route_match match;
	char path[256] = "/terminals/";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		assert_int_equal(route_find("GET", paths[i], &match), -ENOENT);
	memset(path + strlen(path), '1', 100);
	assert_int_equal(route_find("GET", path, &match), -ENOENT);
	assert_int_equal(route_find("DELETE", "/terminals/1", &match), -EOPNOTSUPP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_route_is_in_the_contract_and_the_reverse,
				       read_contract),
		cmocka_unit_test_setup(a_route_is_named_and_open_to_whom_the_contract_says,
				       read_contract),
		cmocka_unit_test_setup(every_write_but_the_login_wants_the_csrf_header,
				       read_contract),
		cmocka_unit_test(no_auditor_may_write_but_to_log_out_and_to_export),
		cmocka_unit_test(a_path_gives_its_values),
		cmocka_unit_test(what_is_no_path_is_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
