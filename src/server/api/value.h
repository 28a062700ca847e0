/*
 * What a call brings in its query and its JSON body, checked against a table of rules before any
 * handler runs. The rules say what api/openapi.yaml says; the contract test compares the two.
 */
#pragma once

#include <jansson.h>

#include "server/engine/refusal.h"

enum value_kind {
	VALUE_TEXT, /* min..max characters; `alphabet` and `first` if given */
	VALUE_INT,  /* min..max */
	VALUE_ID,   /* 1 .. 2^53 - 1 */
	VALUE_TIME, /* 0 .. 2^53 - 1, milliseconds since 1970 */
	VALUE_BOOL,
	VALUE_CHOICE, /* one of `choices` */
	VALUE_MAC,    /* any notation that mac_parse() reads */
	VALUE_OBJECT, /* at most max members, unchecked inside */
	VALUE_ARRAY,  /* min..max objects, each by `items` */
};

#define VALUE_NUMBER_MAX INT64_C(9007199254740991) /* what every JSON reader keeps exact */

struct value_rule {
	const char *name; /* NULL ends a table */
	enum value_kind kind;
	bool required;
	int64_t min, max;
	size_t bytes; /* of a text in UTF-8, where gates keep it in so many; 0: no bound of its own
		       */
	const char *alphabet,
		*first; /* allowed characters, and of the first one; NULL: any clean text */
	const char *const *choices; /* NULL-terminated */
	const struct value_rule *items;
};

/* Every member is known, of its kind and within bounds, none that is required is missing; `least`
 * members at least. Else refused, with the field's name. */
int value_check_object(const json_t *object, const struct value_rule *rules, size_t least,
		       struct refused *why) MUST_CHECK;
/* The JSON value that a text of the query stands for, owned by the caller. */
int value_from_query(const struct value_rule *rule, const char *text, json_t **ret,
		     struct refused *why) MUST_CHECK;

/* Alphabets that several tables share. */
#define ALPHABET_DIGITS "0123456789"
#define ALPHABET_SMALL "abcdefghijklmnopqrstuvwxyz"
#define ALPHABET_CAPITAL "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define ALPHABET_CODE_FIRST ALPHABET_DIGITS ALPHABET_SMALL ALPHABET_CAPITAL
#define ALPHABET_CODE ALPHABET_CODE_FIRST "._-"
#define ALPHABET_ACCOUNT ALPHABET_SMALL ALPHABET_DIGITS "._-"

/* One rule each, by the schema's name in the contract. */
#define RULE_CODE(n)                                                                               \
	.name = n, .kind = VALUE_TEXT, .min = 1, .max = 31, .alphabet = ALPHABET_CODE,             \
	.first = ALPHABET_CODE_FIRST
#define RULE_NAME(n) .name = n, .kind = VALUE_TEXT, .min = 1, .max = 64, .bytes = 95
#define RULE_REASON(n) .name = n, .kind = VALUE_TEXT, .min = 2, .max = 500
#define RULE_ACCOUNT(n)                                                                            \
	.name = n, .kind = VALUE_TEXT, .min = 2, .max = 32, .alphabet = ALPHABET_ACCOUNT,          \
	.first = ALPHABET_SMALL
#define RULE_TEXT(n, most) .name = n, .kind = VALUE_TEXT, .min = 0, .max = most
#define RULE_CHOICE(n, list) .name = n, .kind = VALUE_CHOICE, .choices = list
#define RULE_ID(n) .name = n, .kind = VALUE_ID
#define RULE_TIME(n) .name = n, .kind = VALUE_TIME
#define RULE_BOOL(n) .name = n, .kind = VALUE_BOOL
#define RULE_MAC(n) .name = n, .kind = VALUE_MAC
