#include "gate/beside/surveyor_message.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"

static void take_text(char *dst, size_t size, const json_t *o, const char *name)
{
	const char *text = json_string_value(json_object_get(o, name));

	dst[0] = 0;
	if (text && text_is_clean(text, strlen(text)))
		text_fit(dst, size, text);
}

static int take_bounced(const json_t *o, struct surveyor_message *m)
{
	json_int_t n = json_integer_value(json_object_get(o, "n"));

	if (n < 1)
		return -EBADMSG;
	m->type = SURVEYOR_BOUNCED;
	m->number = (uint64_t)n;
	m->ok = json_is_true(json_object_get(o, "ok"));
	take_text(m->said, sizeof(m->said), o, "said");
	return 0;
}

static int take_neighbour(const json_t *o, struct surveyor_message *m)
{
	const char *mac = json_string_value(json_object_get(o, "mac"));

	m->type = SURVEYOR_NEIGHBOUR;
	m->switch_id = json_integer_value(json_object_get(o, "switch"));
	if (m->switch_id < 1 || !mac || mac_parse(mac, &m->mac) || mac_is_multicast(&m->mac))
		return -EBADMSG;
	take_text(m->port, sizeof(m->port), o, "port");
	take_text(m->name, sizeof(m->name), o, "name");
	return 0;
}

int surveyor_parse(const char *text, size_t len, struct surveyor_message *ret)
{
	json_t *o = json_loadb(text, len, 0, NULL);
	const char *type = json_string_value(json_object_get(o, "type"));
	struct surveyor_message m;
	int err = -EBADMSG;

	memset(&m, 0, sizeof(m));
	if (type && text_equal(type, "bounced"))
		err = take_bounced(o, &m);
	else if (type && text_equal(type, "neighbour"))
		err = take_neighbour(o, &m);
	json_decref(o);
	if (!err)
		*ret = m;
	return err;
}
