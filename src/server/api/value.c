#include "server/api/value.h"

#include <string.h>

#include "base/mac.h"
#include "base/text.h"

static size_t characters(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static bool text_fits(const struct value_rule *rule, const char *s, size_t len)
{
	size_t n = characters(s);

	if (strlen(s) != len || !text_is_clean(s, len) || (rule->bytes && len > rule->bytes))
		return false;
	if ((int64_t)n < rule->min || (int64_t)n > rule->max)
		return false;
	if (rule->alphabet && strspn(s, rule->alphabet) != len)
		return false;
	return !rule->first || !len || strchr(rule->first, s[0]);
}

static bool choice_fits(const struct value_rule *rule, const char *s)
{
	for (size_t i = 0; rule->choices[i]; i++)
		if (!strcmp(rule->choices[i], s))
			return true;
	return false;
}

static bool mac_fits(const char *s)
{
	struct mac mac;

	return !mac_parse(s, &mac);
}

static void number_bounds(const struct value_rule *rule, int64_t *ret_min, int64_t *ret_max)
{
	*ret_min = rule->kind == VALUE_ID ? 1 : rule->kind == VALUE_TIME ? 0 : rule->min;
	*ret_max = rule->kind == VALUE_INT ? rule->max : VALUE_NUMBER_MAX;
}

/* JSON writes 3 as 3.0 too; jansson keeps such a number as a real, and it is refused. */
static bool number_fits(const struct value_rule *rule, const json_t *v)
{
	int64_t min, max;

	number_bounds(rule, &min, &max);
	return json_is_integer(v) && json_integer_value(v) >= min && json_integer_value(v) <= max;
}

static int check_array(const json_t *array, const struct value_rule *rule, struct refused *why)
{
	size_t count = json_array_size(array);

	if (!json_is_array(array) || (int64_t)count < rule->min || (int64_t)count > rule->max)
		return refuse(why, REFUSAL_VALUE_WRONG, rule->name);
	for (size_t i = 0; i < count; i++) {
		int r = value_check_object(json_array_get(array, i), rule->items, 0, why);

		if (r)
			return r;
	}
	return 0;
}

static bool scalar_fits(const struct value_rule *rule, const json_t *v)
{
	const char *s = json_string_value(v);

	switch (rule->kind) {
	case VALUE_TEXT:
		return s && text_fits(rule, s, json_string_length(v));
	case VALUE_CHOICE:
		return s && choice_fits(rule, s);
	case VALUE_MAC:
		return s && mac_fits(s);
	case VALUE_INT:
	case VALUE_ID:
	case VALUE_TIME:
		return number_fits(rule, v);
	case VALUE_BOOL:
		return json_is_boolean(v);
	case VALUE_OBJECT:
		return json_is_object(v) && (int64_t)json_object_size(v) <= rule->max;
	case VALUE_ARRAY:
		break;
	}
	return false;
}

static const struct value_rule *find_rule(const struct value_rule *rules, const char *name)
{
	for (; rules->name; rules++)
		if (!strcmp(rules->name, name))
			return rules;
	return NULL;
}

static int check_member(const char *name, const json_t *v, const struct value_rule *rules,
			struct refused *why)
{
	const struct value_rule *rule = find_rule(rules, name);

	if (!rule)
		return refuse(why, REFUSAL_VALUE_UNKNOWN, name);
	if (rule->kind == VALUE_ARRAY)
		return check_array(v, rule, why);
	return scalar_fits(rule, v) ? 0 : refuse(why, REFUSAL_VALUE_WRONG, name);
}

int value_check_object(const json_t *object, const struct value_rule *rules, size_t least,
		       struct refused *why)
{
	const char *name;
	json_t *v;

	if (!json_is_object(object))
		return refuse(why, REFUSAL_VALUE_WRONG, NULL);
	json_object_foreach((json_t *)(uintptr_t)object, name, v)
	{
		int r = check_member(name, v, rules, why);

		if (r)
			return r;
	}
	for (; rules->name; rules++)
		if (rules->required && !json_object_get(object, rules->name))
			return refuse(why, REFUSAL_VALUE_MISSING, rules->name);
	return json_object_size(object) < least ? refuse(why, REFUSAL_VALUE_MISSING, NULL) : 0;
}

static json_t *bool_from_query(const char *text)
{
	if (!strcmp(text, "true"))
		return json_true();
	return strcmp(text, "false") ? NULL : json_false();
}

int value_from_query(const struct value_rule *rule, const char *text, json_t **ret,
		     struct refused *why)
{
	int64_t number, min, max;
	json_t *v = NULL;

	switch (rule->kind) {
	case VALUE_INT:
	case VALUE_ID:
	case VALUE_TIME:
		number_bounds(rule, &min, &max);
		if (!text_to_i64(text, min, max, &number))
			v = json_integer(number);
		break;
	case VALUE_BOOL:
		v = bool_from_query(text);
		break;
	default:
		v = json_string(text);
		if (v && !scalar_fits(rule, v)) {
			json_decref(v);
			v = NULL;
		}
	}
	if (!v)
		return refuse(why, REFUSAL_VALUE_WRONG, rule->name);
	*ret = v;
	return 0;
}
