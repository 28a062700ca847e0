#include "listener/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json_line.h"
#include "base/text.h"

#define HASH_TEXT_SIZE 17

/* ---- writing ---- */

static json_t *names_of(const struct device *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < DEVICE_NAMES && d->names[i].since_ms; i++)
		json_array_append_new(list, json_pack("[s, I]", d->names[i].text,
						      (json_int_t)d->names[i].since_ms));
	return list;
}

static json_t *prints_of(const struct device *d)
{
	json_t *list = json_array();
	char hash[HASH_TEXT_SIZE];

	for (size_t i = 0; i < DEVICE_PRINTS && d->prints[i].since_ms; i++) {
		snprintf(hash, sizeof(hash), "%016" PRIx64, d->prints[i].hash);
		json_array_append_new(list, json_pack("[s, s, I]", hash, d->prints[i].text,
						      (json_int_t)d->prints[i].since_ms));
	}
	return list;
}

static json_t *ips_of(const struct device *d)
{
	json_t *list = json_array();
	char ip[IP_TEXT_SIZE];

	for (size_t i = 0; i < DEVICE_IPS && d->ips[i].at_ms; i++) {
		ip_format(ip, &d->ips[i].ip);
		json_array_append_new(list,
				      json_pack("[s, I, I]", ip, (json_int_t)d->ips[i].since_ms,
						(json_int_t)d->ips[i].at_ms));
	}
	return list;
}

static json_t *device_line(const struct device *d)
{
	char mac[MAC_TEXT_SIZE];

	mac_format(mac, &d->mac);
	return json_pack("{s:s, s:i, s:I, s:I, s:I, s:o, s:o, s:o}", "mac", mac, "vlan",
			 (int)d->vlan, "first", (json_int_t)d->first_ms, "last",
			 (json_int_t)d->last_ms, "told", (json_int_t)d->told_ms, "names",
			 names_of(d), "prints", prints_of(d), "ips", ips_of(d));
}

void memory_write(struct buf *to, const struct table *t, const struct expected *e)
{
	const struct device *d = table_newest(t);
	char ip[IP_TEXT_SIZE], mac[MAC_TEXT_SIZE];

	for (size_t i = 0; i < e->gateway_count; i++) {
		if (!e->gateways[i].known)
			continue;
		ip_format(ip, &e->gateways[i].ip);
		mac_format(mac, &e->gateways[i].mac);
		json_line_put(to, json_pack("{s:s, s:s}", "gateway", ip, "mac", mac));
	}
	while (d && d->older)
		d = d->older;
	for (; d; d = d->newer)
		json_line_put(to, device_line(d));
}

/* ---- reading ---- */

static int64_t number(const json_t *value)
{
	return json_integer_value(value);
}

/* Clean text that fits, else "". */
static const char *text_of(const json_t *value, size_t size)
{
	const char *text = json_string_value(value);
	size_t len = text ? strlen(text) : 0;

	return text && len < size && text_is_clean(text, len) ? text : "";
}

static void read_names(struct device *d, const json_t *list)
{
	for (size_t i = 0, at = 0; i < MIN(json_array_size(list), (size_t)DEVICE_NAMES); i++) {
		const json_t *each = json_array_get(list, i);
		const char *text = text_of(json_array_get(each, 0), HOST_NAME_SIZE);
		int64_t since_ms = number(json_array_get(each, 1));

		if (!text[0] || since_ms <= 0)
			continue;
		d->names[at].since_ms = since_ms;
		text_fit(d->names[at++].text, HOST_NAME_SIZE, text);
	}
}

static void read_prints(struct device *d, const json_t *list)
{
	for (size_t i = 0, at = 0; i < MIN(json_array_size(list), (size_t)DEVICE_PRINTS); i++) {
		const json_t *each = json_array_get(list, i);
		const char *hash_text = text_of(json_array_get(each, 0), HASH_TEXT_SIZE);
		const char *text = text_of(json_array_get(each, 1), PRINT_SIZE);
		int64_t since_ms = number(json_array_get(each, 2));
		uint8_t hash[8];

		if (!text[0] || since_ms <= 0 || hex_decode(hash, sizeof(hash), hash_text))
			continue;
		d->prints[at].since_ms = since_ms;
		d->prints[at].hash = get_be64(hash);
		text_fit(d->prints[at++].text, PRINT_SIZE, text);
	}
}

static void read_ips(struct device *d, const json_t *list)
{
	for (size_t i = 0, at = 0; i < MIN(json_array_size(list), (size_t)DEVICE_IPS); i++) {
		const json_t *each = json_array_get(list, i);
		struct device_ip entry = {.since_ms = number(json_array_get(each, 1)),
					  .at_ms = number(json_array_get(each, 2))};

		if (entry.since_ms > 0 && entry.at_ms > 0 &&
		    ip_parse(text_of(json_array_get(each, 0), IP_TEXT_SIZE), &entry.ip) == 0)
			d->ips[at++] = entry;
	}
}

/* Only one that is expected here, and whose MAC nobody gave. */
static int read_gateway(const json_t *line, struct expected *e)
{
	struct gateway *g;
	struct mac mac;
	struct ip ip;

	if (ip_parse(text_of(json_object_get(line, "gateway"), IP_TEXT_SIZE), &ip) ||
	    mac_parse(text_of(json_object_get(line, "mac"), MAC_TEXT_SIZE), &mac))
		return -EBADMSG;
	g = expected_gateway(e, &ip);
	if (g && !g->known) {
		g->mac = mac;
		g->known = true;
	}
	return 0;
}

static int read_device(const json_t *line, struct table *t)
{
	int64_t first_ms = number(json_object_get(line, "first"));
	int64_t last_ms = number(json_object_get(line, "last"));
	int64_t vlan = number(json_object_get(line, "vlan"));
	struct device *d;
	struct mac mac;

	if (mac_parse(text_of(json_object_get(line, "mac"), MAC_TEXT_SIZE), &mac) ||
	    mac_is_multicast(&mac) || first_ms <= 0 || last_ms < first_ms || vlan < 0 ||
	    vlan > 4094 || table_find(t, &mac))
		return -EBADMSG;
	if (table_device(t, &mac, (uint16_t)vlan, last_ms, &d))
		return -ENOMEM;
	d->first_ms = first_ms;
	d->told_ms = MAX(number(json_object_get(line, "told")), 0);
	read_names(d, json_object_get(line, "names"));
	read_prints(d, json_object_get(line, "prints"));
	read_ips(d, json_object_get(line, "ips"));
	return 0;
}

static int read_line(const char *text, size_t len, struct table *t, struct expected *e)
{
	json_t *line = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	int err = json_object_get(line, "gateway") ? read_gateway(line, e) : read_device(line, t);

	json_decref(line);
	return err;
}

size_t memory_read(const char *text, size_t len, struct table *t, struct expected *e)
{
	size_t skipped = 0;

	while (len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t size = end ? (size_t)(end - text) : len;

		skipped += read_line(text, size, t, e) != 0;
		size += end != NULL;
		text += size;
		len -= size;
	}
	return skipped;
}

/* ---- the file ---- */

int memory_save(const char *path, const struct table *t, const struct expected *e)
{
	CLEANUP_BUF struct buf text;

	buf_init(&text, MEMORY_MAX);
	memory_write(&text, t, e);
	return text.error ? text.error : file_replace(path, buf_str(&text), text.len, 0600);
}

int memory_load(const char *path, struct table *t, struct expected *e, size_t *ret_skipped)
{
	CLEANUP_BUF struct buf text;
	int err;

	buf_init(&text, MEMORY_MAX + 1);
	err = file_read(path, MEMORY_MAX, &text);
	if (!err)
		*ret_skipped = memory_read(buf_str(&text), text.len, t, e);
	return err;
}
