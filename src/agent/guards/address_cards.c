#include "agent/guards/address_cards.h"

#include <stdio.h>
#include <string.h>

#include "agent/core/identity.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

#define FILE_NAME "address.kept"
#define KEPT_MAX 8192

static const struct mac no_mac;

static const char *text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s ? s : "";
}

static void take_card(const json_t *o, struct card *c)
{
	struct prefix gateway = {.bits = 0};

	text_fit(c->name, sizeof(c->name), text_of(o, "name"));
	if (mac_parse(text_of(o, "mac"), &c->assigned.mac))
		c->assigned.mac = no_mac;
	if (prefix_parse(text_of(o, "address"), &c->assigned.address))
		c->assigned.address.bits = 0;
	if (prefix_parse(text_of(o, "gateway"), &gateway) == 0)
		memcpy(c->assigned.gateway, gateway.host, sizeof(gateway.host));
	if (mac_parse(text_of(o, "gateway_mac"), &c->assigned.gateway_mac))
		c->assigned.gateway_mac = no_mac;
	c->pinned = json_is_true(json_object_get(o, "pinned"));
}

void cards_load(const char *state_dir, struct cards *ret)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	char path[STATE_PATH_SIZE];
	const json_t *list;
	json_t *kept;

	*ret = (struct cards){.count = 0};
	state_path(state_dir, FILE_NAME, path);
	if (file_read(path, KEPT_MAX, &text))
		return;
	kept = json_loads(buf_str(&text), 0, NULL);
	list = json_object_get(kept, "cards");
	ret->generation = (uint32_t)json_integer_value(json_object_get(kept, "generation"));
	for (size_t i = 0; i < json_array_size(list) && i < CARDS_MAX; i++)
		take_card(json_array_get(list, i), &ret->list[ret->count++]);
	json_decref(kept);
}

static json_t *card_as_json(const struct card *c)
{
	const struct assigned *a = &c->assigned;
	char mac[MAC_TEXT_SIZE] = "", gateway_mac[MAC_TEXT_SIZE] = "", gateway[HOST_TEXT_SIZE];
	char address[PREFIX_TEXT_SIZE] = "";

	if (!mac_equal(&a->mac, &no_mac))
		mac_format(mac, &a->mac);
	if (!mac_equal(&a->gateway_mac, &no_mac))
		mac_format(gateway_mac, &a->gateway_mac);
	if (a->address.bits)
		prefix_format(&a->address, address);
	host_format(a->gateway, gateway);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "name", c->name, "mac", mac, "address",
			 address, "gateway", gateway, "gateway_mac", gateway_mac, "pinned",
			 c->pinned);
}

void cards_keep(const char *state_dir, const struct cards *c)
{
	json_t *list = json_array(), *kept;
	CLEANUP_FREE char *text = NULL;
	char path[STATE_PATH_SIZE];
	int err = -ENOMEM;

	for (size_t i = 0; i < c->count; i++)
		json_array_append_new(list, card_as_json(&c->list[i]));
	kept = json_pack("{s:i, s:o}", "generation", (int)c->generation, "cards", list);
	text = kept ? json_dumps(kept, JSON_COMPACT) : NULL;
	json_decref(kept);
	state_path(state_dir, FILE_NAME, path);
	if (text)
		err = file_replace(path, text, strlen(text), 0600);
	if (err)
		log_error("what address this desk was given could not be kept: %s", strerror(-err));
}

struct card *cards_find(struct cards *c, const struct link *l, const struct mac *own)
{
	struct card *found = NULL;

	for (size_t i = 0; i < c->count && !found; i++)
		if (!mac_equal(own, &no_mac) && mac_equal(&c->list[i].assigned.mac, own))
			found = &c->list[i];
	for (size_t i = 0; i < c->count && !found; i++)
		if (text_equal(c->list[i].name, l->name))
			found = &c->list[i];
	if (!found && c->count < CARDS_MAX)
		found = &c->list[c->count++];
	if (found)
		text_fit(found->name, sizeof(found->name), l->name);
	return found;
}
