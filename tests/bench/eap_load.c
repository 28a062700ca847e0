/*
 * Supplicants for the gate's benchmark: many conversations at a time out of one process, so that
 * what is measured is the gate and its engine and not who asks them.
 *
 *	eap_load PORT AT_ONCE COUNT CA peap|ttls|tls [STEM]
 *
 * AT_ONCE conversations are in flight until COUNT have ended. For PEAP-MSCHAPv2 and EAP-TTLS-PAP
 * each supplicant has its own MAC (02:00:00:00:hh:ll) and account (pcN, password "wonderland");
 * for EAP-TLS its own MAC (02:00:00:01:hh:ll) and all have the certificate STEM.pem with STEM.key.
 * The server's certificate is verified against CA. Prints one line of JSON: authentications a
 *second, p50 and p99 of one in milliseconds, the refused and those that gave up.
 */
#define _GNU_SOURCE
#define OPENSSL_SUPPRESS_DEPRECATED /* DES and SHA-1 as RFC 2759 demands them */
#include <openssl/des.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "crypto/nthash.h"
#include "radius/client.h"
#include "radius/eap.h"

#define IDS 256
#define SOCKETS_MAX 16
#define SECRET "testing123"
#define PASSWORD "wonderland"
#define FRAGMENT 1400
#define NAME_SIZE 16
#define ASK_AGAIN_MS 3000
#define GIVE_UP_MS 30000
#define FLAG_LENGTH 0x80
#define FLAG_MORE 0x40
#define TYPE_MSCHAPV2 26
#define TYPE_TLV 33
#define SOCKET_BUFFER (4 << 20)

struct supplicant {
	unsigned number;
	SSL *ssl;
	BIO *in, *out; /* owned by `ssl` */
	struct radius_out question;
	uint8_t state[RADIUS_VALUE_MAX];
	size_t state_len;
	int64_t began_ms, asked_ms; /* asked 0: idle */
};

struct load {
	const struct method *method;
	SSL_CTX *tls;
	struct radius_secret secret;
	uint8_t nt[NT_HASH_SIZE];
	int fds[SOCKETS_MAX];
	struct supplicant *all;
	unsigned at_once;
	size_t count, begun, ended, refused, gave_up;
	uint32_t *took_ms;
};

/* What a supplicant says inside the tunnel: once it stands, and to what it hears there. */
struct method {
	const char *name;
	uint8_t type, mac_byte;
	bool (*open)(struct load *l, struct supplicant *s);
	bool (*hear)(struct load *l, struct supplicant *s, const uint8_t *clear, size_t len);
};

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "eap_load: %s\n", what);
	exit(1);
}

/* ---- RADIUS ---- */

static void ask(struct load *l, struct supplicant *s)
{
	s->asked_ms = clock_mono_ms();
	(void)!send(l->fds[s->number / IDS], s->question.data, s->question.len, 0);
}

static void put_eap(struct load *l, struct supplicant *s, uint8_t id, const uint8_t *body,
		    size_t len)
{
	struct radius_out *out = &s->question;
	uint8_t eap[EAP_PACKET_MAX] = {2, id, (uint8_t)((len + 4) >> 8), (uint8_t)(len + 4)};
	char calling[24], port[16];

	memcpy(eap + 4, body, len);
	snprintf(calling, sizeof(calling), "02-00-00-%02X-%02X-%02X", l->method->mac_byte,
		 s->number >> 8, s->number & 255);
	snprintf(port, sizeof(port), "p%u", s->number);
	radius_begin_request(out, RADIUS_ACCESS_REQUEST, (uint8_t)(s->number % IDS));
	radius_put_text(out, RADIUS_USER_NAME, "anonymous");
	radius_put_text(out, RADIUS_CALLING_STATION_ID, calling);
	radius_put_text(out, RADIUS_NAS_PORT_ID, port);
	radius_put_u32(out, RADIUS_NAS_PORT_TYPE, RADIUS_PORT_TYPE_ETHERNET);
	if (s->state_len)
		radius_put(out, RADIUS_STATE, s->state, s->state_len);
	radius_put_eap(out, eap, len + 4);
	if (radius_finish_request(out, &l->secret))
		fail("a question is too long");
	ask(l, s);
}

/* ---- MSCHAPv2 (RFC 2759) ---- */

static void des_encrypt(const uint8_t key[static 7], const uint8_t clear[static 8], uint8_t *ret)
{
	DES_key_schedule schedule;
	DES_cblock wide, in, out;
	uint64_t bits = 0;

	for (size_t i = 0; i < 7; i++)
		bits = bits << 8 | key[i];
	for (size_t i = 0; i < 8; i++)
		wide[i] = (uint8_t)(bits >> (49 - 7 * i) << 1);
	memcpy(in, clear, sizeof(in));
	DES_set_key_unchecked(&wide, &schedule);
	DES_ecb_encrypt(&in, &out, &schedule, DES_ENCRYPT);
	memcpy(ret, out, sizeof(out));
}

static size_t answer_challenge(const struct load *l, const struct supplicant *s,
			       const uint8_t *challenge, uint8_t id, uint8_t *to)
{
	uint8_t peer[16], sum[SHA_DIGEST_LENGTH], key[21] = {0}, *response = to + 6;
	char name[16];
	SHA_CTX sha;
	size_t len;

	snprintf(name, sizeof(name), "pc%u", s->number);
	random_bytes(peer, sizeof(peer));
	SHA1_Init(&sha);
	SHA1_Update(&sha, peer, sizeof(peer));
	SHA1_Update(&sha, challenge, 16);
	SHA1_Update(&sha, name, strlen(name));
	SHA1_Final(sum, &sha);
	memcpy(key, l->nt, sizeof(l->nt));
	len = 6 + 49 + strlen(name);
	memset(to, 0, len);
	to[0] = TYPE_MSCHAPV2;
	to[1] = 2; /* response */
	to[2] = id;
	to[4] = (uint8_t)(len - 1);
	to[5] = 49;
	memcpy(response, peer, sizeof(peer));
	for (size_t i = 0; i < 3; i++)
		des_encrypt(key + 7 * i, sum, response + 24 + 8 * i);
	memcpy(to + 6 + 49, name, strlen(name));
	return len;
}

/* What stands inside the tunnel (PEAPv0: without EAP's header, but for the last word). */
static size_t answer_inner(const struct load *l, const struct supplicant *s, const uint8_t *p,
			   size_t len, uint8_t *to)
{
	static const uint8_t success[] = {TYPE_TLV, 0x80, 3, 0, 2, 0, 1};

	if (len >= 11 && p[0] == 1 && p[4] == TYPE_TLV) {
		memcpy(to, (const uint8_t[]){2, p[1], 0, 11}, 4);
		memcpy(to + 4, success, sizeof(success));
		return 4 + sizeof(success);
	}
	if (len >= 1 && p[0] == EAP_TYPE_IDENTITY) {
		to[0] = EAP_TYPE_IDENTITY;
		return 1 + (size_t)snprintf((char *)to + 1, NAME_SIZE, "pc%u", s->number);
	}
	if (len >= 22 && p[0] == TYPE_MSCHAPV2 && p[1] == 1)
		return answer_challenge(l, s, p + 6, p[2], to);
	if (len >= 2 && p[0] == TYPE_MSCHAPV2 && p[1] == 3) {
		to[0] = TYPE_MSCHAPV2;
		to[1] = 3;
		return 2;
	}
	return 0;
}

/* ---- inside the tunnel ---- */

static bool say_nothing(struct load *l, struct supplicant *s)
{
	(void)l;
	(void)s;
	return true;
}

static bool hear_nothing(struct load *l, struct supplicant *s, const uint8_t *clear, size_t len)
{
	(void)l;
	(void)s;
	(void)clear;
	(void)len;
	return false;
}

static bool hear_peap(struct load *l, struct supplicant *s, const uint8_t *clear, size_t len)
{
	uint8_t word[256];
	size_t n = answer_inner(l, s, clear, len, word);

	return n > 0 && SSL_write(s->ssl, word, (int)n) == (int)n;
}

/* A Diameter AVP as EAP-TTLS has them (RFC 5281 section 10.1): mandatory, padded to four bytes. */
static size_t put_avp(uint8_t *to, uint8_t code, const char *text, size_t len)
{
	size_t padded = (8 + len + 3) / 4 * 4;

	memset(to, 0, padded);
	to[3] = code;
	to[4] = 0x40;
	to[7] = (uint8_t)(8 + len);
	memcpy(to + 8, text, len);
	return padded;
}

static bool say_password(struct load *l, struct supplicant *s)
{
	char name[NAME_SIZE], password[16] = PASSWORD;
	uint8_t word[128];
	size_t len;

	(void)l;
	snprintf(name, sizeof(name), "pc%u", s->number);
	len = put_avp(word, RADIUS_USER_NAME, name, strlen(name));
	len += put_avp(word + len, RADIUS_USER_PASSWORD, password, sizeof(password));
	return SSL_write(s->ssl, word, (int)len) == (int)len;
}

static const struct method methods[] = {
	{"peap", EAP_TYPE_PEAP, 0, say_nothing, hear_peap},
	{"ttls", EAP_TYPE_TTLS, 0, say_password, hear_nothing},
	{"tls", EAP_TYPE_TLS, 1, say_nothing, hear_nothing},
};

/* ---- the conversation ---- */

static void begin(struct load *l, struct supplicant *s)
{
	static const char identity[] = {
		EAP_TYPE_IDENTITY, 'a', 'n', 'o', 'n', 'y', 'm', 'o', 'u', 's'};

	SSL_free(s->ssl);
	s->ssl = SSL_new(l->tls);
	s->in = BIO_new(BIO_s_mem());
	s->out = BIO_new(BIO_s_mem());
	if (!s->ssl || !s->in || !s->out)
		fail("no memory");
	SSL_set_bio(s->ssl, s->in, s->out);
	SSL_set_connect_state(s->ssl);
	s->state_len = 0;
	s->began_ms = clock_mono_ms();
	l->begun++;
	put_eap(l, s, 1, (const uint8_t *)identity, sizeof(identity));
}

static void end(struct load *l, struct supplicant *s)
{
	l->ended++;
	s->asked_ms = 0;
	if (l->begun < l->count)
		begin(l, s);
}

/* All that came of a flight is in: speak TLS, and what the method says inside it. */
static bool turn(struct load *l, struct supplicant *s)
{
	uint8_t clear[2048];
	int n;

	if (!SSL_is_init_finished(s->ssl)) {
		n = SSL_do_handshake(s->ssl);
		return n == 1 ? l->method->open(l, s)
			      : SSL_get_error(s->ssl, n) == SSL_ERROR_WANT_READ;
	}
	n = SSL_read(s->ssl, clear, sizeof(clear));
	if (n <= 0)
		return SSL_get_error(s->ssl, n) == SSL_ERROR_WANT_READ;
	return l->method->hear(l, s, clear, (size_t)n);
}

static void say(struct load *l, struct supplicant *s, uint8_t id)
{
	uint8_t body[FRAGMENT + 2] = {l->method->type, 0};
	int n = BIO_read(s->out, body + 2, FRAGMENT);

	if (BIO_pending(s->out))
		fail("a flight of the supplicant is longer than a fragment");
	put_eap(l, s, id, body, n > 0 ? (size_t)n + 2 : 2);
}

/* What another method begins is refused by naming our own (RFC 3748 section 5.3.1). */
static bool say_no(struct load *l, struct supplicant *s, uint8_t id)
{
	put_eap(l, s, id, (const uint8_t[]){EAP_TYPE_NAK, l->method->type}, 2);
	return true;
}

static bool take_challenge(struct load *l, struct supplicant *s, const struct radius_packet *p)
{
	uint8_t bytes[EAP_PACKET_MAX];
	struct radius_attr state = {0};
	struct eap_packet eap;
	size_t at = 6;

	if (eap_collect(p, bytes, &eap) || eap.len < at || !radius_find(p, RADIUS_STATE, &state))
		return false;
	memcpy(s->state, state.value, state.len);
	s->state_len = state.len;
	if (eap.type != l->method->type)
		return say_no(l, s, eap.id);
	if (eap.data[5] & FLAG_LENGTH)
		at += 4;
	if (eap.len > at)
		BIO_write(s->in, eap.data + at, (int)(eap.len - at));
	if (!(eap.data[5] & FLAG_MORE) && !turn(l, s))
		return false;
	say(l, s, eap.id);
	return true;
}

/* The first refusal says why, for the log. */
static void tell_reason(const struct radius_packet *p)
{
	char text[RADIUS_VALUE_MAX + 1];

	if (radius_get_text(p, RADIUS_REPLY_MESSAGE, text, sizeof(text)) == 0)
		fprintf(stderr, "eap_load: refused: %s\n", text);
}

static void take(struct load *l, size_t socket, const uint8_t *data, size_t len)
{
	size_t number = len > 1 ? socket * IDS + data[1] : l->at_once;
	struct supplicant *s;
	struct radius_packet p;

	if (number >= l->at_once)
		return;
	s = &l->all[number];
	if (!s->asked_ms || radius_check_answer(&s->question, data, len, &l->secret, &p))
		return;
	if (p.code == RADIUS_ACCESS_CHALLENGE && take_challenge(l, s, &p))
		return;
	l->took_ms[l->ended] = (uint32_t)(clock_mono_ms() - s->began_ms);
	l->refused += p.code != RADIUS_ACCESS_ACCEPT;
	if (p.code != RADIUS_ACCESS_ACCEPT && l->refused == 1)
		tell_reason(&p);
	end(l, s);
}

/* ---- the run ---- */

static void ask_again(struct load *l)
{
	int64_t now_ms = clock_mono_ms();

	for (unsigned i = 0; i < l->at_once; i++) {
		struct supplicant *s = &l->all[i];

		if (s->asked_ms && now_ms - s->began_ms > GIVE_UP_MS) {
			l->took_ms[l->ended] = GIVE_UP_MS;
			l->gave_up++;
			end(l, s);
		} else if (s->asked_ms && now_ms - s->asked_ms > ASK_AGAIN_MS) {
			ask(l, s);
		}
	}
}

static void receive(struct load *l, size_t sockets)
{
	struct pollfd polled[SOCKETS_MAX];
	uint8_t data[RADIUS_PACKET_MAX];
	ssize_t n;

	for (size_t i = 0; i < sockets; i++)
		polled[i] = (struct pollfd){l->fds[i], POLLIN, 0};
	poll(polled, sockets, 100);
	for (size_t i = 0; i < sockets; i++)
		while (polled[i].revents &&
		       (n = recv(l->fds[i], data, sizeof(data), MSG_DONTWAIT)) > 0)
			take(l, i, data, (size_t)n);
}

static int by_value(const void *a, const void *b)
{
	uint32_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x < y ? -1 : x > y;
}

static void run(struct load *l)
{
	int64_t began_ms = clock_mono_ms(), looked_ms = began_ms;

	for (unsigned i = 0; i < l->at_once && l->begun < l->count; i++)
		begin(l, &l->all[i]);
	while (l->ended < l->count) {
		receive(l, (l->at_once + IDS - 1) / IDS);
		if (clock_mono_ms() - looked_ms > 500) {
			looked_ms = clock_mono_ms();
			ask_again(l);
		}
	}
	qsort(l->took_ms, l->count, sizeof(*l->took_ms), by_value);
	printf("{\"per_s\": %.1f, \"p50_ms\": %u, \"p99_ms\": %u, \"refused\": %zu, \"gave_up\": "
	       "%zu}\n",
	       (double)l->count * 1000 / (double)(clock_mono_ms() - began_ms),
	       l->took_ms[l->count / 2], l->took_ms[l->count * 99 / 100], l->refused, l->gave_up);
}

static void open_sockets(struct load *l, const struct addr *to)
{
	int size = SOCKET_BUFFER;
	struct addr any;

	for (size_t i = 0; i * IDS < l->at_once; i++) {
		if (addr_parse("127.0.0.1", 0, &any))
			fail("no loopback");
		l->fds[i] = addr_udp_bind(&any);
		if (l->fds[i] < 0 || connect(l->fds[i], &to->sa, to->len) < 0)
			fail("no socket");
		setsockopt(l->fds[i], SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	}
}

static void open_tls(struct load *l, const char *ca, const char *stem)
{
	char path[4096];

	l->tls = SSL_CTX_new(TLS_client_method());
	if (!l->tls || SSL_CTX_load_verify_file(l->tls, ca) != 1)
		fail("no CA");
	SSL_CTX_set_max_proto_version(l->tls, TLS1_2_VERSION);
	SSL_CTX_set_verify(l->tls, SSL_VERIFY_PEER, NULL);
	if (!stem)
		return;
	snprintf(path, sizeof(path), "%s.pem", stem);
	if (SSL_CTX_use_certificate_file(l->tls, path, SSL_FILETYPE_PEM) != 1)
		fail("no certificate");
	snprintf(path, sizeof(path), "%s.key", stem);
	if (SSL_CTX_use_PrivateKey_file(l->tls, path, SSL_FILETYPE_PEM) != 1)
		fail("no key");
}

static const struct method *find_method(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (text_equal(name, methods[i].name))
			return &methods[i];
	return NULL;
}

int main(int argc, char **argv)
{
	static struct load l;
	uint64_t port, at_once, count;
	struct addr to;

	if (argc < 6 || argc > 7 || text_to_u64(argv[1], 1, 65535, &port) ||
	    addr_parse("127.0.0.1", (uint16_t)port, &to) ||
	    text_to_u64(argv[2], 1, SOCKETS_MAX * IDS, &at_once) ||
	    text_to_u64(argv[3], 1, 10000000, &count) || !(l.method = find_method(argv[5])))
		return 2;
	open_tls(&l, argv[4], argv[6]);
	l.at_once = (unsigned)at_once;
	l.count = count;
	l.all = calloc(at_once, sizeof(*l.all));
	l.took_ms = calloc(count, sizeof(*l.took_ms));
	if (!l.all || !l.took_ms || radius_secret_set(&l.secret, SECRET, strlen(SECRET)) ||
	    nt_hash(PASSWORD, strlen(PASSWORD), l.nt))
		fail("cannot begin");
	for (unsigned i = 0; i < l.at_once; i++)
		l.all[i].number = i;
	open_sockets(&l, &to);
	run(&l);
	return 0;
}
