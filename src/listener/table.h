/*
 * What was heard, in bounded memory: devices by MAC, and who holds an IP address. Both forget the
 * one that was silent longest when they are full. Times are wall-clock milliseconds.
 *
 * Pointers live until the next table_device() or table_claim(). One thread.
 */
#pragma once

#include "base/mac.h"
#include "listener/host_name.h"
#include "listener/ip.h"

#define DEVICE_IPS 8
#define DEVICE_NAMES 4
#define DEVICE_PRINTS 4
#define DEVICE_BEHIND 4
#define PRINT_SIZE 128
#define TTL_STARTS 3 /* 64, 128, 255 */

struct device_ip {
	struct ip ip;
	int64_t since_ms, at_ms;
	bool is_leased; /* a DHCP server gave it */
};

struct device_name {
	char text[HOST_NAME_SIZE];
	int64_t since_ms;
};

struct device_print {
	uint64_t hash; /* of the whole fingerprint, which `text` may show cut */
	int64_t since_ms;
	char text[PRINT_SIZE];
};

struct device {
	struct mac mac;
	uint16_t vlan; /* where it was heard last, 0: untagged */
	int64_t first_ms, last_ms;
	int64_t told_ms; /* handed on last, 0 never: the owner's */
	unsigned heard;	 /* protocols, HEARD_ of hear.h */
	unsigned can;	 /* GEAR_ of gear.h */
	/* What was heard last comes first; unused ones have at_ms, since_ms 0. */
	struct device_ip ips[DEVICE_IPS];
	struct device_name names[DEVICE_NAMES];
	struct device_print prints[DEVICE_PRINTS];
	/* Packets whose TTL is as a system starts it, or one less: what a router leaves. */
	uint32_t ttl_whole[TTL_STARTS], ttl_less[TTL_STARTS];
	struct ip behind[DEVICE_BEHIND]; /* sources of the latter */
	unsigned behind_count;
	struct mac clients[DEVICE_BEHIND]; /* other hardware addresses in its DHCP requests */
	unsigned client_count;
	struct device *newer, *older;
};

/* Who claims an address by ARP or neighbour discovery. */
struct binding {
	struct {
		struct ip ip;
		uint16_t vlan;
	} key;
	struct mac mac;
	int64_t since_ms, at_ms;
	struct binding *newer, *older;
};

struct table;

/* At most `max` devices and twice as many addresses. */
int table_new(size_t max, struct table **ret) MUST_CHECK;
void table_free(struct table *t);
size_t table_count(const struct table *t);
uint64_t table_forgotten(const struct table *t); /* devices that had to go */

/* Finds or adds, and marks as heard now. -ENOMEM. */
int table_device(struct table *t, const struct mac *mac, uint16_t vlan, int64_t now_ms,
		 struct device **ret) MUST_CHECK;
struct device *table_find(const struct table *t, const struct mac *mac);
/* The newest first: `for (d = table_newest(t); d; d = d->older)`. */
struct device *table_newest(const struct table *t);

/*
 * The device claims the address now. `ret_before` is the binding as it stood (at_ms 0: there was
 * none).
 */
int table_claim(struct table *t, struct device *d, const struct ip *ip, int64_t now_ms,
		struct binding *ret_before) MUST_CHECK;
/* A DHCP server gave the address; who has it is only what the device itself claims. */
void table_lease(struct table *t, const struct mac *client, const struct ip *ip, int64_t now_ms);
/* It gave the address back (DHCP release). */
void table_release(struct table *t, const struct device *d, const struct ip *ip);

/* True when it is new to a device that already had one. */
bool device_add_name(struct device *d, const char *name, int64_t now_ms);
bool device_add_print(struct device *d, const char *print, int64_t now_ms);
void device_add_ttl(struct device *d, uint8_t ttl, const struct ip *from);
void device_add_client(struct device *d, const struct mac *client);
uint32_t device_ttl_less(const struct device *d); /* packets, any start */

static inline void table_free_cleanup(struct table **t)
{
	table_free(*t);
}
#define CLEANUP_TABLE CLEANUP(table_free_cleanup)
