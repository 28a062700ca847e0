#include <stdio.h>

#include "base/text.h"
#include "server/engine/request.h"

struct form_check {
	struct store_db *db;
	const struct unit *region;
	int64_t now_ms;
	struct refused *why;
};

static int wrong(struct form_check *f, enum refusal what, const char *name)
{
	char field[REFUSED_FIELD_SIZE];

	snprintf(field, sizeof(field), "form.%s", name);
	return refuse(f->why, what, field);
}

static int check_text(struct form_check *f, const struct request_field *field, const json_t *v,
		      json_t **ret)
{
	const char *s = json_string_value(v);
	size_t len = json_string_length(v);

	if (!s || strlen(s) != len || (int64_t)len > field->max || !text_is_clean(s, len))
		return wrong(f, REFUSAL_VALUE_WRONG, field->name);
	if (field->type == FIELD_TEXT && strpbrk(s, "\t\n"))
		return wrong(f, REFUSAL_VALUE_WRONG, field->name);
	if (field->required && !s[strspn(s, " \t\n")])
		return wrong(f, REFUSAL_VALUE_MISSING, field->name);
	*ret = json_string(s);
	return 0;
}

static int check_choice(struct form_check *f, const struct request_field *field, const json_t *v,
			json_t **ret)
{
	const char *s = json_string_value(v);

	for (const struct field_option *o = field->options; s && o->value; o++)
		if (!strcmp(o->value, s)) {
			*ret = json_string(s);
			return 0;
		}
	return wrong(f, REFUSAL_VALUE_WRONG, field->name);
}

static int check_mac(struct form_check *f, const struct request_field *field, const json_t *v,
		     json_t **ret)
{
	const char *s = json_string_value(v);
	char text[MAC_TEXT_SIZE];
	struct mac mac;

	if (!s || mac_parse(s, &mac))
		return wrong(f, REFUSAL_VALUE_WRONG, field->name);
	mac_format(text, &mac);
	*ret = json_string(text);
	return 0;
}

/* A unit of the region or one above it, or not to be named here. */
static int check_unit(struct form_check *f, const struct request_field *field, int64_t unit_id)
{
	struct unit unit;
	int r = unit_load(f->db, unit_id, &unit);

	if (r < 0)
		return r;
	return r && (text_starts(unit.path, f->region->path) ||
		     text_starts(f->region->path, unit.path))
		       ? 0
		       : wrong(f, REFUSAL_NOT_FOUND, field->name);
}

static int check_person(struct form_check *f, const struct request_field *field, const json_t *v,
			json_t **ret)
{
	struct person person;
	int r = json_is_integer(v) ? person_load(f->db, json_integer_value(v), &person) : 0;

	if (r < 0)
		return r;
	if (!r || person.ended)
		return wrong(f, REFUSAL_NOT_FOUND, field->name);
	*ret = json_integer(person.id);
	return check_unit(f, field, person.unit_id);
}

static int check_switch(struct form_check *f, const struct request_field *field, const json_t *v,
			json_t **ret)
{
	int64_t unit = 0;
	int r = json_is_integer(v)
			? store_get_int(f->db, STMT_REQUEST_SWITCH,
					STORE_ARGS(v_int(json_integer_value(v))), 0, &unit)
			: 0;

	if (r)
		return r;
	if (!unit)
		return wrong(f, REFUSAL_NOT_FOUND, field->name);
	*ret = json_integer(json_integer_value(v));
	return check_unit(f, field, unit);
}

static int check_number(struct form_check *f, const struct request_field *field, const json_t *v,
			json_t **ret)
{
	int64_t number = json_integer_value(v);
	int64_t least = field->type == FIELD_DATE ? f->now_ms : 1;
	int64_t most = field->type == FIELD_DATE ? INT64_C(9007199254740991) : field->max;

	if (!json_is_integer(v) || number < least || number > most)
		return wrong(f, REFUSAL_VALUE_WRONG, field->name);
	*ret = json_integer(number);
	return 0;
}

static int check_field(struct form_check *f, const struct request_field *field, const json_t *v,
		       json_t **ret)
{
	static int (*const checks[])(struct form_check *, const struct request_field *,
				     const json_t *, json_t **) = {
		[FIELD_TEXT] = check_text,     [FIELD_LONG_TEXT] = check_text,
		[FIELD_CHOICE] = check_choice, [FIELD_MAC] = check_mac,
		[FIELD_PERSON] = check_person, [FIELD_SWITCH] = check_switch,
		[FIELD_DAYS] = check_number,   [FIELD_DATE] = check_number,
	};

	return checks[field->type](f, field, v, ret);
}

static bool is_known(const struct request_kind *kind, const char *name)
{
	for (const struct request_field *field = kind->fields; field->name; field++)
		if (!strcmp(field->name, name))
			return true;
	return false;
}

static int check_unknown(struct form_check *f, const struct request_kind *kind, const json_t *form)
{
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)form, name,
			    v) if (!is_known(kind, name)) return wrong(f, REFUSAL_VALUE_UNKNOWN,
								       name);
	return 0;
}

/* An optional field that is null or "" counts as absent. */
static bool is_absent(const struct request_field *field, const json_t *v)
{
	return !v || json_is_null(v) ||
	       (!field->required && json_is_string(v) && !json_string_length(v));
}

int request_form_check(struct store_db *db, const struct request_kind *kind,
		       const struct unit *region, const json_t *form, int64_t now_ms, json_t **ret,
		       struct refused *why)
{
	struct form_check f = {.db = db, .region = region, .now_ms = now_ms, .why = why};
	json_t *checked = json_object();
	int r = checked ? check_unknown(&f, kind, form) : -ENOMEM;

	for (const struct request_field *field = kind->fields; !r && field->name; field++) {
		const json_t *v = json_object_get(form, field->name);
		json_t *kept = NULL;

		if (is_absent(field, v)) {
			if (field->required)
				r = wrong(&f, REFUSAL_VALUE_MISSING, field->name);
			continue;
		}
		r = check_field(&f, field, v, &kept);
		if (r)
			json_decref(kept);
		else if (json_object_set_new(checked, field->name, kept))
			r = -ENOMEM;
	}
	if (r) {
		json_decref(checked);
		return r;
	}
	*ret = checked;
	return 0;
}
