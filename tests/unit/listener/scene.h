/* What the listener's tests share: frames from hexadecimal, a hearing with its findings kept. */
#pragma once

#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "listener/hear.h"

#define FRAME_MAX 1600
#define FOUND_MAX 64

struct bytes {
	uint8_t b[FRAME_MAX];
	size_t len;
};

struct ear {
	struct hear hear;
	struct table *table;
	struct expected expected;
	int64_t now_ms;
	enum finding found[FOUND_MAX];
	char detail[FOUND_MAX][DETAIL_SIZE];
	struct mac mac[FOUND_MAX];
	size_t count;
};

struct bytes bytes_of(const char *hex);
/* The envelope of a sound frame. */
struct packet packet_of(const struct bytes *frame);
struct mac mac_of(const char *text);
struct ip ip_of(const char *text);

/* `facts` are the lines of expected.h, "" when nothing is known. */
void ear_init(struct ear *e, const char *facts, const struct plan *plan);
void ear_done(struct ear *e);
void ear_hear(struct ear *e, const struct bytes *frame);
size_t ear_found(const struct ear *e, enum finding f); /* how often */

/* Frames that a test puts together itself. */
struct bytes make_arp(const char *mac, const char *ip, const char *target_ip);
struct bytes make_ipv4(const char *mac, const char *from, uint8_t ttl);
struct bytes make_dhcp(const char *mac, const char *host_name, const char *vendor_class,
		       const char *asked_hex);
struct bytes make_offer(const char *mac, const char *server);
