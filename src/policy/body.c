#include "policy/body.h"

#include <stdio.h>
#include <string.h>

#define HEARTBEAT_MAX_S 3600
#define NAME_MAX_BYTES 60 /* as many as join() tells */

static const char *const mode_names[] = {"off", "observe", "warn", "enforce"};

const char *guard_mode_name(enum guard_mode m)
{
	return mode_names[m];
}

int guard_mode_parse(const char *name, enum guard_mode *ret)
{
	for (unsigned m = 0; name && m < ARRAY_SIZE(mode_names); m++)
		if (!strcmp(mode_names[m], name)) {
			*ret = (enum guard_mode)m;
			return 0;
		}
	return -EINVAL;
}

/* jansson walks without changing, but asks for a mutable value. */
static json_t *walkable(const json_t *v)
{
	return (json_t *)(uintptr_t)v;
}

static void join(char dst[static POLICY_WHERE_SIZE], const char *at, const char *name)
{
	snprintf(dst, POLICY_WHERE_SIZE, "%.96s%s%.60s", at, at[0] ? "." : "", name);
}

static int wrong(char *where, const char *at)
{
	snprintf(where, POLICY_WHERE_SIZE, "%s", at);
	return -EINVAL;
}

/* ---- is it a policy ---- */

/* A place that is told names one word alone: who confirms a change reads nothing else of it. */
static bool is_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= NAME_MAX_BYTES && !strchr(name, '.');
}

static int check_values(const json_t *v, const char *at, unsigned depth, char *where)
{
	char below[POLICY_WHERE_SIZE];
	const char *name;
	json_t *inner;
	size_t i;
	int err = depth > POLICY_DEPTH_MAX || json_is_real(v) ? wrong(where, at) : 0;

	if (json_is_object(v)) {
		json_object_foreach(walkable(v), name, inner)
		{
			if (err)
				return err;
			join(below, at, name);
			err = is_name(name) ? check_values(inner, below, depth + 1, where)
					    : wrong(where, below);
		}
	} else if (json_is_array(v)) {
		json_array_foreach(v, i, inner)
		{
			if (err)
				return err;
			err = check_values(inner, at, depth + 1, where);
		}
	}
	return err;
}

static int check_guards(const json_t *guards, char *where)
{
	char at[POLICY_WHERE_SIZE], below[POLICY_WHERE_SIZE];
	const char *name;
	enum guard_mode mode;
	json_t *guard;

	if (!json_is_object(guards))
		return wrong(where, "guards");
	json_object_foreach(walkable(guards), name, guard)
	{
		join(at, "guards", name);
		if (!json_is_object(guard))
			return wrong(where, at);
		join(below, at, "mode");
		if (guard_mode_parse(json_string_value(json_object_get(guard, "mode")), &mode))
			return wrong(where, below);
	}
	return 0;
}

int policy_body_check(const json_t *body, char where[static POLICY_WHERE_SIZE])
{
	const json_t *guards = json_object_get(body, "guards");
	const json_t *heartbeat = json_object_get(body, "heartbeat_s");

	if (!json_is_object(body))
		return wrong(where, "");
	if (heartbeat && (!json_is_integer(heartbeat) || json_integer_value(heartbeat) < 1 ||
			  json_integer_value(heartbeat) > HEARTBEAT_MAX_S))
		return wrong(where, "heartbeat_s");
	if (guards && check_guards(guards, where))
		return -EINVAL;
	return check_values(body, "", 0, where);
}

/* ---- what differs ---- */

static int add_change(json_t *list, const char *at, const json_t *was, const json_t *is)
{
	json_t *row = json_pack("{s:s}", "path", at);

	if (row && was && json_object_set(row, "was", walkable(was)))
		json_decref(TAKE_PTR(row));
	if (row && is && json_object_set(row, "is", walkable(is)))
		json_decref(TAKE_PTR(row));
	return row ? json_array_append_new(list, row) : -1;
}

static bool is_version(const char *at)
{
	return !strcmp(at, "epoch") || !strcmp(at, "number");
}

static int compare(json_t *list, const char *at, const json_t *was, const json_t *is);

/* Members of `a`; with `gone`, only those that `b` has not. */
static int compare_members(json_t *list, const char *at, const json_t *a, const json_t *b,
			   bool gone)
{
	char below[POLICY_WHERE_SIZE];
	const char *name;
	json_t *one;
	int err = 0;

	json_object_foreach(walkable(a), name, one)
	{
		const json_t *other = json_object_get(b, name);

		join(below, at, name);
		if (!err && gone && !other)
			err = compare(list, below, one, NULL);
		else if (!err && !gone)
			err = compare(list, below, other, one);
	}
	return err;
}

static int compare(json_t *list, const char *at, const json_t *was, const json_t *is)
{
	if (is_version(at) || (was && is && json_equal(was, is)))
		return 0;
	if ((was && !json_is_object(was)) || (is && !json_is_object(is)) || (!was && !is))
		return add_change(list, at, was, is);
	if (compare_members(list, at, is, was, false))
		return -1;
	return compare_members(list, at, was, is, true);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(json_string_value(json_object_get(*(json_t *const *)a, "path")),
		      json_string_value(json_object_get(*(json_t *const *)b, "path")));
}

static json_t *sorted(json_t *list)
{
	size_t count = json_array_size(list);
	CLEANUP_FREE json_t **rows = calloc(count + 1, sizeof(*rows));
	json_t *ret = rows ? json_array() : NULL;

	for (size_t i = 0; ret && i < count; i++)
		rows[i] = json_array_get(list, i);
	if (ret)
		qsort(rows, count, sizeof(*rows), by_path);
	for (size_t i = 0; ret && i < count; i++)
		if (json_array_append(ret, rows[i]))
			json_decref(TAKE_PTR(ret));
	json_decref(list);
	return ret;
}

json_t *policy_body_changes(const json_t *was, const json_t *is)
{
	json_t *list = json_array();

	if (list && compare(list, "", was, is))
		json_decref(TAKE_PTR(list));
	return list ? sorted(list) : NULL;
}
