#include "listener/table.h"

#include <string.h>

#include "base/map.h"
#include "base/text.h"

#define NAME_SAME 15 /* NetBIOS keeps so many characters of a name */
#define BINDINGS_PER_DEVICE 2

/* A list by age: the newest at its head. */
#define LIST_TAKE(list, item)                                                                      \
	do {                                                                                       \
		if ((item)->newer)                                                                 \
			(item)->newer->older = (item)->older;                                      \
		else                                                                               \
			(list)->newest = (item)->older;                                            \
		if ((item)->older)                                                                 \
			(item)->older->newer = (item)->newer;                                      \
		else                                                                               \
			(list)->oldest = (item)->newer;                                            \
	} while (0)
#define LIST_PUT(list, item)                                                                       \
	do {                                                                                       \
		(item)->newer = NULL;                                                              \
		(item)->older = (list)->newest;                                                    \
		if ((list)->newest)                                                                \
			(list)->newest->newer = (item);                                            \
		else                                                                               \
			(list)->oldest = (item);                                                   \
		(list)->newest = (item);                                                           \
	} while (0)

struct table {
	struct map devices; /* by MAC */
	struct map holders; /* of addresses: by key */
	struct {
		struct device *newest, *oldest;
	} list;
	struct {
		struct binding *newest, *oldest;
	} bound;
	size_t max;
	uint64_t forgotten;
};

int table_new(size_t max, struct table **ret)
{
	struct table *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	map_init(&t->devices, sizeof(struct mac));
	map_init(&t->holders, sizeof(((struct binding *)NULL)->key));
	t->max = max;
	*ret = t;
	return 0;
}

void table_free(struct table *t)
{
	struct device *d, *older;
	struct binding *b, *before;

	if (!t)
		return;
	map_done(&t->devices);
	map_done(&t->holders);
	for (d = t->list.newest; d; d = older) {
		older = d->older;
		free(d);
	}
	for (b = t->bound.newest; b; b = before) {
		before = b->older;
		free(b);
	}
	free(t);
}

size_t table_count(const struct table *t)
{
	return t->devices.count;
}

uint64_t table_forgotten(const struct table *t)
{
	return t->forgotten;
}

struct device *table_find(const struct table *t, const struct mac *mac)
{
	return map_get(&t->devices, mac);
}

struct device *table_newest(const struct table *t)
{
	return t->list.newest;
}

/* ---- devices ---- */

/* A new one, or the one silent longest, emptied. */
static struct device *make_device(struct table *t)
{
	struct device *d;

	if (t->devices.count < t->max)
		return calloc(1, sizeof(*d));
	d = t->list.oldest;
	map_remove(&t->devices, &d->mac);
	LIST_TAKE(&t->list, d);
	memset(d, 0, sizeof(*d));
	t->forgotten++;
	return d;
}

int table_device(struct table *t, const struct mac *mac, uint16_t vlan, int64_t now_ms,
		 struct device **ret)
{
	struct device *d = map_get(&t->devices, mac);
	void *old;

	if (!d) {
		d = make_device(t);
		if (!d)
			return -ENOMEM;
		d->mac = *mac;
		d->first_ms = now_ms;
		if (map_put(&t->devices, &d->mac, d, &old)) {
			free(d);
			return -ENOMEM;
		}
		LIST_PUT(&t->list, d);
	} else if (t->list.newest != d) {
		LIST_TAKE(&t->list, d);
		LIST_PUT(&t->list, d);
	}
	d->vlan = vlan;
	d->last_ms = now_ms;
	*ret = d;
	return 0;
}

static void add_ip(struct device *d, const struct ip *ip, bool is_leased, int64_t now_ms)
{
	struct device_ip entry = {*ip, now_ms, now_ms, is_leased};
	size_t at = 0;

	while (at < DEVICE_IPS - 1 && d->ips[at].at_ms && !ip_equal(&d->ips[at].ip, ip))
		at++;
	if (d->ips[at].at_ms && ip_equal(&d->ips[at].ip, ip)) {
		entry.since_ms = d->ips[at].since_ms;
		entry.is_leased |= d->ips[at].is_leased;
	}
	memmove(d->ips + 1, d->ips, at * sizeof(d->ips[0]));
	d->ips[0] = entry;
}

/* ---- addresses ---- */

static struct binding *make_binding(struct table *t)
{
	struct binding *b;

	if (t->holders.count < t->max * BINDINGS_PER_DEVICE)
		return calloc(1, sizeof(*b));
	b = t->bound.oldest;
	map_remove(&t->holders, &b->key);
	LIST_TAKE(&t->bound, b);
	memset(b, 0, sizeof(*b));
	return b;
}

static void set_key(struct binding *b, const struct ip *ip, uint16_t vlan)
{
	memset(&b->key, 0, sizeof(b->key)); /* the padding is part of the key */
	b->key.ip = *ip;
	b->key.vlan = vlan;
}

int table_claim(struct table *t, struct device *d, const struct ip *ip, int64_t now_ms,
		struct binding *ret_before)
{
	struct binding wanted = {0}, *b;
	void *old;

	set_key(&wanted, ip, d->vlan);
	b = map_get(&t->holders, &wanted.key);
	*ret_before = b ? *b : wanted;
	if (!b) {
		b = make_binding(t);
		if (!b)
			return -ENOMEM;
		set_key(b, ip, d->vlan);
		if (map_put(&t->holders, &b->key, b, &old)) {
			free(b);
			return -ENOMEM;
		}
	} else {
		LIST_TAKE(&t->bound, b);
	}
	LIST_PUT(&t->bound, b);
	if (!b->since_ms || !mac_equal(&b->mac, &d->mac))
		b->since_ms = now_ms;
	b->mac = d->mac;
	b->at_ms = now_ms;
	add_ip(d, ip, false, now_ms);
	return 0;
}

void table_lease(struct table *t, const struct mac *client, const struct ip *ip, int64_t now_ms)
{
	struct device *d = table_find(t, client);

	if (d)
		add_ip(d, ip, true, now_ms);
}

void table_release(struct table *t, const struct device *d, const struct ip *ip)
{
	struct binding wanted = {0}, *b;

	set_key(&wanted, ip, d->vlan);
	b = map_get(&t->holders, &wanted.key);
	if (!b || !mac_equal(&b->mac, &d->mac))
		return;
	map_remove(&t->holders, &b->key);
	LIST_TAKE(&t->bound, b);
	free(b);
}

/* ---- what a device shows of itself ---- */

/* What was heard last comes first, so that it is known who speaks now. */
#define TO_FRONT(list, at)                                                                         \
	do {                                                                                       \
		__typeof__((list)[0]) found = (list)[at];                                          \
		memmove((list) + 1, (list), (at) * sizeof((list)[0]));                             \
		(list)[0] = found;                                                                 \
	} while (0)

bool device_add_name(struct device *d, const char *name, int64_t now_ms)
{
	struct device_name entry = {.since_ms = now_ms};
	size_t at;

	for (at = 0; at < DEVICE_NAMES && d->names[at].since_ms; at++)
		if (strncmp(d->names[at].text, name, NAME_SAME) == 0) {
			TO_FRONT(d->names, at);
			return false;
		}
	at = MIN(at, (size_t)DEVICE_NAMES - 1);
	text_fit(entry.text, sizeof(entry.text), name);
	memmove(d->names + 1, d->names, at * sizeof(d->names[0]));
	d->names[0] = entry;
	return d->names[1].since_ms != 0;
}

/* FNV-1a. */
static uint64_t hash_of(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (; *text; text++)
		hash = (hash ^ (uint8_t)*text) * 0x100000001b3;
	return hash;
}

bool device_add_print(struct device *d, const char *print, int64_t now_ms)
{
	struct device_print entry = {.hash = hash_of(print), .since_ms = now_ms};
	size_t at;

	for (at = 0; at < DEVICE_PRINTS && d->prints[at].since_ms; at++)
		if (d->prints[at].hash == entry.hash) {
			TO_FRONT(d->prints, at);
			return false;
		}
	at = MIN(at, (size_t)DEVICE_PRINTS - 1);
	text_fit(entry.text, sizeof(entry.text), print);
	memmove(d->prints + 1, d->prints, at * sizeof(d->prints[0]));
	d->prints[0] = entry;
	return d->prints[1].since_ms != 0;
}

static void add_behind(struct device *d, const struct ip *from)
{
	for (unsigned i = 0; i < d->behind_count; i++)
		if (ip_equal(&d->behind[i], from))
			return;
	if (d->behind_count < DEVICE_BEHIND)
		d->behind[d->behind_count++] = *from;
}

void device_add_ttl(struct device *d, uint8_t ttl, const struct ip *from)
{
	static const uint8_t starts[TTL_STARTS] = {64, 128, 255};

	for (size_t i = 0; i < TTL_STARTS; i++) {
		if (ttl == starts[i] && d->ttl_whole[i] < UINT32_MAX)
			d->ttl_whole[i]++;
		if (ttl == starts[i] - 1 && d->ttl_less[i] < UINT32_MAX) {
			d->ttl_less[i]++;
			add_behind(d, from);
		}
	}
}

void device_add_client(struct device *d, const struct mac *client)
{
	for (unsigned i = 0; i < d->client_count; i++)
		if (mac_equal(&d->clients[i], client))
			return;
	if (d->client_count < DEVICE_BEHIND)
		d->clients[d->client_count++] = *client;
}

uint32_t device_ttl_less(const struct device *d)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < TTL_STARTS; i++)
		sum += d->ttl_less[i];
	return (uint32_t)MIN(sum, (uint64_t)UINT32_MAX);
}
