/* A route: one const descriptor, in the file of its noun. routes.c lists the nouns. */
#pragma once

#include "server/api/value.h"
#include "server/engine/account.h"

struct call;

enum scope_rule {
	SCOPE_NONE, /* the thing belongs to no unit */
	SCOPE_SELF, /* the caller's own */
	SCOPE_UNIT, /* within the units of the caller's grants */
};

enum route_body { BODY_NONE, BODY_JSON, BODY_CSV };

#define ROUTE_PATH_MAX 2 /* {values} in a path */
#define ROUTE_QUERY_MAX 12

struct route {
	const char *method, *path; /* "/terminals/{id}/why", below /api/v1 */
	const char *operation;	   /* operationId of the contract */
	unsigned roles;		   /* any one of these */
	enum scope_rule scope;
	enum route_body body;
	const struct value_rule *fields;     /* of the JSON body */
	size_t fields_least;		     /* members it must have at least */
	const struct value_rule *query;	     /* NULL: none */
	const struct value_rule *path_rules; /* one a {value}; NULL: ids */
	bool before_full;		     /* may be called while the login is not complete */
	bool unrecorded; /* an auditor's reading of it is no act: it tells nothing of anybody */
	/* 0 with an answer set, or -ECANCELED with call->refused, or another negative errno. */
	int (*run)(struct call *c);
};

struct route_noun {
	const struct route *routes;
	size_t count;
};

/* All of them, for the dispatcher and the contract test. */
extern const struct route_noun *const route_nouns[];
extern const size_t route_noun_count;

#define ROUTE_TEXT_SIZE 64

struct route_match {
	const struct route *route;
	char values[ROUTE_PATH_MAX][ROUTE_TEXT_SIZE];
	size_t value_count;
};

/* 0; -ENOENT: no such path; -EOPNOTSUPP: the path is there, not with this method. `path` is what
 * follows /api/v1. */
int route_find(const char *method, const char *path, struct route_match *ret) MUST_CHECK;
