#include <string.h>

#include "base/clock.h"
#include "listener/listener.h"

static void put_time(json_t *object, const char *name, int64_t at_ms)
{
	char text[CLOCK_TEXT_SIZE];

	if (!at_ms)
		return;
	clock_format_utc(text, at_ms);
	json_object_set_new(object, name, json_string(text));
}

static void put_mac(json_t *object, const struct mac *mac)
{
	char text[MAC_TEXT_SIZE];

	mac_format(text, mac);
	json_object_set_new(object, "mac", json_string(text));
}

static json_t *protocols(unsigned heard)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < HEARD_COUNT; i++)
		if (heard & 1U << i)
			json_array_append_new(list, json_string(heard_name((enum heard)i)));
	return list;
}

static json_t *addresses(const struct device *d)
{
	json_t *list = json_array();
	char ip[IP_TEXT_SIZE];

	for (size_t i = 0; i < DEVICE_IPS && d->ips[i].at_ms; i++) {
		ip_format(ip, &d->ips[i].ip);
		json_array_append_new(list, json_string(ip));
	}
	return list;
}

/* Who told each of them. */
static json_t *sources(const struct device *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < DEVICE_IPS && d->ips[i].at_ms; i++)
		json_array_append_new(list, json_string(d->ips[i].is_leased ? "dhcp" : "claim"));
	return list;
}

static json_t *names(const struct device *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < DEVICE_NAMES && d->names[i].since_ms; i++)
		json_array_append_new(list, json_string(d->names[i].text));
	return list;
}

/* "64": 12, "63": 3 */
static json_t *ttls(const struct device *d)
{
	static const char *const whole[TTL_STARTS] = {"64", "128", "255"};
	static const char *const less[TTL_STARTS] = {"63", "127", "254"};
	json_t *object = json_object();

	for (size_t i = 0; i < TTL_STARTS; i++) {
		if (d->ttl_whole[i])
			json_object_set_new(object, whole[i], json_integer(d->ttl_whole[i]));
		if (d->ttl_less[i])
			json_object_set_new(object, less[i], json_integer(d->ttl_less[i]));
	}
	return object;
}

json_t *show_device(const struct listener *l, const struct device *d)
{
	json_t *object = json_object();

	put_mac(object, &d->mac);
	json_object_set_new(object, "vendor", json_string(oui_vendor(l->oui, &d->mac)));
	json_object_set_new(object, "vlan", json_integer(d->vlan));
	json_object_set_new(object, "addresses", addresses(d));
	json_object_set_new(object, "sources", sources(d));
	json_object_set_new(object, "names", names(d));
	json_object_set_new(object, "fingerprint", json_string(d->prints[0].text));
	json_object_set_new(object, "ttl", ttls(d));
	json_object_set_new(object, "heard", protocols(d->heard));
	put_time(object, "first", d->first_ms);
	put_time(object, "last", d->last_ms);
	return object;
}

json_t *show_report(const struct listener *l, const struct report *r)
{
	const struct finding_text *text = finding_text(r->key.finding);
	json_t *object = json_object();
	char ip[IP_TEXT_SIZE] = "";

	/* A zero key is no address, IPv4's included. */
	if (!ip_is_zero(&r->key.ip))
		ip_format(ip, &r->key.ip);
	json_object_set_new(object, "finding", json_string(text->code));
	put_mac(object, &r->key.mac);
	json_object_set_new(object, "vendor", json_string(oui_vendor(l->oui, &r->key.mac)));
	json_object_set_new(object, "ip", json_string(ip));
	json_object_set_new(object, "vlan", json_integer(r->vlan));
	json_object_set_new(object, "count", json_integer((json_int_t)r->count));
	json_object_set_new(object, "detail", json_string(r->detail));
	json_object_set_new(object, "zh", json_string(text->zh));
	json_object_set_new(object, "en", json_string(text->en));
	put_time(object, "first", r->first_ms);
	put_time(object, "last", r->last_ms);
	put_time(object, "told", r->told_ms);
	return object;
}

static json_t *heard_counts(const struct hear *h)
{
	json_t *object = json_object();

	for (unsigned i = 0; i < HEARD_COUNT; i++)
		json_object_set_new(object, heard_name((enum heard)i),
				    json_integer((json_int_t)h->count[i]));
	return object;
}

static json_t *interfaces(const struct listener *l)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->settings.interfaces.count; i++) {
		struct capture_counts n = capture_counts(l->captures[i]);

		json_array_append_new(list, json_pack("{s:s, s:I, s:I}", "name",
						      capture_interface(l->captures[i]), "received",
						      (json_int_t)n.received, "dropped",
						      (json_int_t)n.dropped));
	}
	return list;
}

json_t *show_status(const struct listener *l)
{
	const struct hear *h = &l->hear;
	json_t *object = json_pack(
		"{s:o, s:I, s:I, s:I, s:I, s:o, s:I, s:I, s:I, s:b, s:I, s:I}", "interfaces",
		interfaces(l), "planned", (json_int_t)(l->plan ? plan_count(l->plan) : 0), "frames",
		(json_int_t)h->frames, "malformed", (json_int_t)h->malformed, "other",
		(json_int_t)h->other, "heard", heard_counts(h), "devices",
		(json_int_t)table_count(l->table), "forgotten",
		(json_int_t)table_forgotten(l->table), "findings",
		(json_int_t)reports_count(l->reports), "gate", teller_is_connected(l->teller),
		"waiting", (json_int_t)teller_waiting(l->teller), "lost",
		(json_int_t)teller_lost(l->teller));

	put_time(object, "started", l->started_ms);
	return object;
}
