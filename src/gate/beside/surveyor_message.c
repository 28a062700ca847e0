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
	m->number = (uint64_t)n;
	m->ok = json_is_true(json_object_get(o, "ok"));
	take_text(m->said, sizeof(m->said), o, "said");
	return 0;
}

static int take_neighbour(const json_t *o, struct surveyor_message *m)
{
	const char *mac = json_string_value(json_object_get(o, "mac"));

	m->switch_id = json_integer_value(json_object_get(o, "switch"));
	m->has_mac = mac && mac[0];
	if (m->switch_id < 1 || !mac ||
	    (m->has_mac && (mac_parse(mac, &m->mac) || mac_is_multicast(&m->mac))))
		return -EBADMSG;
	take_text(m->port, sizeof(m->port), o, "port");
	take_text(m->name, sizeof(m->name), o, "name");
	return m->has_mac || m->name[0] ? 0 : -EBADMSG;
}

/* ---- what goes on to head office ---- */

#define TAKE(field, o, name) take_text((field), sizeof(field), (o), (name))

static bool take_flag(const json_t *o, const char *name)
{
	return json_is_true(json_object_get(o, name));
}

/* What is no number of its kind is 0: not told. */
static uint32_t take_number(const json_t *o, const char *name)
{
	json_int_t n = json_integer_value(json_object_get(o, name));

	return n > 0 && n <= UINT32_MAX ? (uint32_t)n : 0;
}

static int parse_mac(const json_t *text, uint8_t ret[static 6])
{
	struct mac mac;

	if (!json_is_string(text) || mac_parse(json_string_value(text), &mac) ||
	    mac_is_multicast(&mac))
		return -EBADMSG;
	memcpy(ret, mac.b, sizeof(mac.b));
	return 0;
}

/* Bytes: six, or none. */
static pb_size_t take_mac(const json_t *o, const char *name, uint8_t ret[static 6])
{
	return parse_mac(json_object_get(o, name), ret) ? 0 : 6;
}

static int take_seen(const json_t *o, struct surveyor_message *m)
{
	menshen_SurveySwitch *w = &m->report.seen;

	m->frame = FRAME_SURVEY_SWITCH;
	w->switch_id = json_integer_value(json_object_get(o, "switch"));
	w->at_ms = json_integer_value(json_object_get(o, "at"));
	w->whole_at_ms = json_integer_value(json_object_get(o, "whole_at"));
	w->whole = take_flag(o, "whole");
	w->cut = take_flag(o, "cut");
	TAKE(w->said, o, "said");
	TAKE(w->name, o, "name");
	TAKE(w->description, o, "description");
	TAKE(w->model, o, "model");
	TAKE(w->serial, o, "serial");
	w->mac.size = take_mac(o, "mac", w->mac.bytes);
	w->chassis.size = take_mac(o, "chassis", w->chassis.bytes);
	return w->switch_id > 0 && w->at_ms > 0 && w->whole_at_ms >= 0 ? 0 : -EBADMSG;
}

static int take_port(const json_t *o, struct surveyor_message *m)
{
	menshen_SurveyPort *w = &m->report.at;

	m->frame = FRAME_SURVEY_PORT;
	TAKE(w->port, o, "port");
	TAKE(w->long_name, o, "long");
	TAKE(w->alias, o, "alias");
	w->enabled = take_flag(o, "enabled");
	w->linked = take_flag(o, "linked");
	w->uplink = take_flag(o, "uplink");
	w->speed_mbit = take_number(o, "speed");
	w->macs = take_number(o, "macs");
	return w->port[0] ? 0 : -EBADMSG;
}

static int take_macs(const json_t *o, struct surveyor_message *m)
{
	menshen_SurveyMacs *w = &m->report.macs;
	const json_t *list = json_object_get(o, "macs");
	size_t count = json_array_size(list) / 2;
	int err = count && count <= ARRAY_SIZE(w->macs) ? 0 : -EBADMSG;

	m->frame = FRAME_SURVEY_MACS;
	TAKE(w->port, o, "port");
	for (size_t i = 0; !err && i < count; i++) {
		json_int_t vlan = json_integer_value(json_array_get(list, 2 * i + 1));

		err = parse_mac(json_array_get(list, 2 * i), w->macs[i].mac);
		w->macs[i].vlan = vlan > 0 && vlan <= UINT32_MAX ? (uint32_t)vlan : 0;
	}
	w->macs_count = (pb_size_t)count;
	return err || !w->port[0] ? -EBADMSG : 0;
}

static int take_link(const json_t *o, struct surveyor_message *m)
{
	menshen_SurveyNeighbour *w = &m->report.link;

	m->frame = FRAME_SURVEY_NEIGHBOUR;
	TAKE(w->port, o, "port");
	TAKE(w->name, o, "name");
	TAKE(w->far_port, o, "far");
	w->mac.size = take_mac(o, "mac", w->mac.bytes);
	w->can = take_number(o, "can") & 0xffU;
	return 0;
}

static int take_told(const json_t *o, struct surveyor_message *m)
{
	m->frame = FRAME_SURVEY_END;
	m->report.end.switch_id = json_integer_value(json_object_get(o, "switch"));
	return m->report.end.switch_id > 0 ? 0 : -EBADMSG;
}

static const struct {
	const char *type;
	enum surveyor_type means;
	int (*take)(const json_t *o, struct surveyor_message *m);
} takers[] = {
	{"bounced", SURVEYOR_BOUNCED, take_bounced},
	{"neighbour", SURVEYOR_NEIGHBOUR, take_neighbour},
	{"seen", SURVEYOR_REPORT, take_seen},
	{"port", SURVEYOR_REPORT, take_port},
	{"macs", SURVEYOR_REPORT, take_macs},
	{"link", SURVEYOR_REPORT, take_link},
	{"told", SURVEYOR_REPORT, take_told},
};

int surveyor_parse(const char *text, size_t len, struct surveyor_message *ret)
{
	json_t *o = json_loadb(text, len, 0, NULL);
	const char *type = json_string_value(json_object_get(o, "type"));
	struct surveyor_message m;
	int err = -EBADMSG;

	memset(&m, 0, sizeof(m));
	for (size_t i = 0; type && i < ARRAY_SIZE(takers); i++)
		if (text_equal(takers[i].type, type)) {
			m.type = takers[i].means;
			err = takers[i].take(o, &m);
		}
	json_decref(o);
	if (!err)
		*ret = m;
	return err;
}
