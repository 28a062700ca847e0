/* Private to journal: JSON strings written and objects read, each in one exact way. */
#pragma once

#include <jansson.h>

#include "base/buf.h"

/* A quoted string: escapes '"', '\\' and control characters, as \b \f \n \r \t or \u00XX. */
void json_put_text(struct buf *b, const char *text);

/* Parses one value and nothing behind it; member names are unique. -EBADMSG or -ENOMEM. */
int json_text_load(const void *text, size_t len, json_t **ret) MUST_CHECK;

/* The next members of an object that is read strictly: any failure sticks in `error`. */
struct json_fields {
	const json_t *object;
	size_t count; /* members taken */
	int error;    /* 0 or -EBADMSG */
};

const char *json_take_text(struct json_fields *f, const char *key);
int64_t json_take_int(struct json_fields *f, const char *key, int64_t min, int64_t max);
/* Exactly `len` bytes in hexadecimal. */
void json_take_hex(struct json_fields *f, const char *key, uint8_t *ret, size_t len);
const json_t *json_take(struct json_fields *f, const char *key);
/* 0 when every member was taken and each was right. */
int json_fields_end(const struct json_fields *f) MUST_CHECK;
