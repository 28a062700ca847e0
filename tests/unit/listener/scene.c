#include "scene.h"

#define NOW_MS INT64_C(1795000000000)

struct bytes bytes_of(const char *hex)
{
	struct bytes f = {.len = strlen(hex) / 2};

	assert_true(f.len <= FRAME_MAX);
	assert_int_equal(hex_decode(f.b, f.len, hex), 0);
	return f;
}

struct packet packet_of(const struct bytes *frame)
{
	struct packet p;

	assert_int_equal(packet_parse(frame->b, frame->len, 0, &p), 0);
	return p;
}

struct mac mac_of(const char *text)
{
	struct mac mac;

	assert_int_equal(mac_parse(text, &mac), 0);
	return mac;
}

struct ip ip_of(const char *text)
{
	struct ip ip;

	assert_int_equal(ip_parse(text, &ip), 0);
	return ip;
}

static void on_found(void *arg, enum finding f, const struct scene *s, const char *detail)
{
	struct ear *e = arg;

	assert_true(e->count < FOUND_MAX);
	e->found[e->count] = f;
	e->mac[e->count] = s->device->mac;
	text_fit(e->detail[e->count++], DETAIL_SIZE, detail);
}

void ear_init(struct ear *e, const char *facts, const struct plan *plan)
{
	char error[EXPECTED_ERROR_SIZE];

	memset(e, 0, sizeof(*e));
	e->now_ms = NOW_MS;
	assert_int_equal(expected_parse("test", facts, strlen(facts), &e->expected, error), 0);
	assert_int_equal(table_new(64, &e->table), 0);
	e->hear = (struct hear){.table = e->table,
				.expected = &e->expected,
				.plan = plan,
				.found = on_found,
				.arg = e};
}

void ear_done(struct ear *e)
{
	table_free(e->table);
	expected_done(&e->expected);
}

void ear_hear(struct ear *e, const struct bytes *frame)
{
	hear_frame(&e->hear, frame->b, frame->len, 0, e->now_ms);
}

size_t ear_found(const struct ear *e, enum finding f)
{
	size_t count = 0;

	for (size_t i = 0; i < e->count; i++)
		count += e->found[i] == f;
	return count;
}

static void put(struct bytes *f, const void *data, size_t len)
{
	assert_true(f->len + len <= FRAME_MAX);
	memcpy(f->b + f->len, data, len);
	f->len += len;
}

static void put_hex(struct bytes *f, const char *hex)
{
	struct bytes b = bytes_of(hex);

	put(f, b.b, b.len);
}

static void put_ip(struct bytes *f, const char *text)
{
	struct ip ip = ip_of(text);

	put(f, ip.b + 12, 4);
}

static struct bytes begin(const char *to, const char *mac, const char *type_hex)
{
	struct bytes f = {.len = 0};
	struct mac from = mac_of(mac), target = mac_of(to);

	put(&f, target.b, 6);
	put(&f, from.b, 6);
	put_hex(&f, type_hex);
	return f;
}

struct bytes make_arp(const char *mac, const char *ip, const char *target_ip)
{
	struct bytes f = begin("ff:ff:ff:ff:ff:ff", mac, "08060001080006040001");
	struct mac from = mac_of(mac);

	put(&f, from.b, 6);
	put_ip(&f, ip);
	put_hex(&f, "000000000000");
	put_ip(&f, target_ip);
	return f;
}

static void put_ipv4(struct bytes *f, uint8_t ttl, uint8_t proto, size_t len, const char *from,
		     const char *to)
{
	uint8_t head[12] = {0x45};

	set_be16(head + 2, (uint16_t)(20 + len));
	head[8] = ttl;
	head[9] = proto;
	put(f, head, sizeof(head));
	put_ip(f, from);
	put_ip(f, to);
}

struct bytes make_ipv4(const char *mac, const char *from, uint8_t ttl)
{
	struct bytes f = begin("02:00:5e:10:00:fe", mac, "0800");

	put_ipv4(&f, ttl, PROTO_TCP, 20, from, "10.9.0.1");
	put_hex(&f, "c000005000000000000000005002faf000000000");
	return f;
}

static void put_bootp(struct bytes *f, uint8_t op, const char *mac)
{
	uint8_t head[236] = {op, 1, 6};
	struct mac client = mac_of(mac);

	memcpy(head + 28, client.b, 6);
	put(f, head, sizeof(head));
	put_hex(f, "63825363");
}

static void put_udp(struct bytes *f, uint16_t from, uint16_t to, size_t len)
{
	uint8_t head[8] = {0};

	set_be16(head, from);
	set_be16(head + 2, to);
	set_be16(head + 4, (uint16_t)(8 + len));
	put(f, head, sizeof(head));
}

static void put_option(struct bytes *f, uint8_t code, const void *data, size_t len)
{
	uint8_t head[2] = {code, (uint8_t)len};

	put(f, head, sizeof(head));
	put(f, data, len);
}

/* The length of the payload is set at the end. */
static void set_lengths(struct bytes *f)
{
	set_be16(f->b + 16, (uint16_t)(f->len - 14));
	set_be16(f->b + 38, (uint16_t)(f->len - 34));
}

struct bytes make_dhcp(const char *mac, const char *host_name, const char *vendor_class,
		       const char *asked_hex)
{
	struct bytes f = begin("ff:ff:ff:ff:ff:ff", mac, "0800"), asked = bytes_of(asked_hex);

	put_ipv4(&f, 64, PROTO_UDP, 0, "0.0.0.0", "255.255.255.255");
	put_udp(&f, 68, 67, 0);
	put_bootp(&f, 1, mac);
	put_option(&f, 53, "\1", 1);
	put_option(&f, 12, host_name, strlen(host_name));
	put_option(&f, 60, vendor_class, strlen(vendor_class));
	put_option(&f, 55, asked.b, asked.len);
	put_hex(&f, "ff");
	set_lengths(&f);
	return f;
}

struct bytes make_offer(const char *mac, const char *server)
{
	struct bytes f = begin("02:00:5e:10:00:01", mac, "0800");
	struct ip ip = ip_of(server);

	put_ipv4(&f, 64, PROTO_UDP, 0, server, "255.255.255.255");
	put_udp(&f, 67, 68, 0);
	put_bootp(&f, 2, "02:00:5e:10:00:01");
	put_option(&f, 53, "\2", 1);
	put_option(&f, 54, ip.b + 12, 4);
	put_hex(&f, "ff");
	set_lengths(&f);
	return f;
}
