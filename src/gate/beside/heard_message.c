#include "gate/beside/heard_message.h"

#include <jansson.h>
#include <string.h>

#include "base/addr.h"
#include "base/text.h"

#define VLAN_MAX 4094

static void take(char *dst, size_t size, const json_t *value)
{
	const char *text = json_string_value(value);

	if (text && text_is_clean(text, strlen(text)))
		text_fit(dst, size, text);
}

#define TAKE(m, field, object, name)                                                               \
	take((m)->field, sizeof((m)->field), json_object_get((object), (name)))

#define ADDRESS_SIZE sizeof(((struct heard_message *)NULL)->address)

static bool take_address(char dst[static ADDRESS_SIZE], const json_t *value)
{
	char text[ADDRESS_SIZE] = "";

	take(text, sizeof(text), value);
	if (!addr_is_host(text))
		return false;
	memcpy(dst, text, sizeof(text));
	return true;
}

static void take_addresses(struct heard_message *m, const json_t *list, const json_t *sources)
{
	for (size_t i = 0; i < json_array_size(list) && m->address_count < HEARD_ADDRESSES_MAX;
	     i++) {
		struct heard_address *a = &m->addresses[m->address_count];
		const char *source = json_string_value(json_array_get(sources, i));

		if (!take_address(a->text, json_array_get(list, i)) ||
		    text_starts(a->text, "fe80:"))
			continue;
		a->is_leased = text_equal(source, "dhcp");
		m->address_count++;
	}
}

static int take_finding(struct heard_message *m, const json_t *object)
{
	json_int_t count = json_integer_value(json_object_get(object, "count"));
	json_int_t vlan = json_integer_value(json_object_get(object, "vlan"));
	const char *code = json_string_value(json_object_get(object, "finding"));

	m->type = HEARD_FINDING;
	m->finding = code ? finding_from_code(code) : FINDING_COUNT;
	if (m->finding == FINDING_COUNT || count < 1 || vlan < 0 || vlan > VLAN_MAX)
		return -EBADMSG;
	m->count = (uint64_t)count;
	m->vlan = (unsigned)vlan;
	TAKE(m, detail, object, "detail");
	take_address(m->address, json_object_get(object, "ip"));
	return 0;
}

/* People and plans think in IPv4; the newest of these, else the newest of all. */
static const json_t *choose_address(const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (text && strchr(text, '.') && !strchr(text, ':'))
			return json_array_get(list, i);
	}
	return json_array_get(list, 0);
}

static int take_device(struct heard_message *m, const json_t *object)
{
	m->type = HEARD_DEVICE;
	TAKE(m, vendor, object, "vendor");
	TAKE(m, fingerprint, object, "fingerprint");
	TAKE(m, since, object, "first");
	take(m->name, sizeof(m->name), json_array_get(json_object_get(object, "names"), 0));
	take_address(m->address, choose_address(json_object_get(object, "addresses")));
	take_addresses(m, json_object_get(object, "addresses"), json_object_get(object, "sources"));
	return 0;
}

static const struct {
	const char *type;
	int (*take)(struct heard_message *m, const json_t *object);
} types[] = {
	{"finding", take_finding},
	{"device", take_device},
};

static int parse_object(const json_t *object, struct heard_message *ret)
{
	const char *type = json_string_value(json_object_get(object, "type"));
	const char *mac = json_string_value(json_object_get(object, "mac"));
	json_int_t number = json_integer_value(json_object_get(object, "n"));
	struct heard_message m = {.number = (uint64_t)number};

	if (number < 1 || !mac || mac_parse(mac, &m.mac) || mac_is_multicast(&m.mac))
		return -EBADMSG;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (text_equal(types[i].type, type)) {
			int err = types[i].take(&m, object);

			if (!err)
				*ret = m;
			return err;
		}
	return -EBADMSG;
}

int heard_parse(const char *text, size_t len, struct heard_message *ret)
{
	json_t *object = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	int err = parse_object(object, ret);

	json_decref(object);
	return err;
}
