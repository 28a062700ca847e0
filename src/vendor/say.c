#include "vendor/say.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define VLAN_MAX 4094
#define EGRESS_TAGGED 0x31

/* What one word stands for: text of a length, or a number. */
struct value {
	const void *text; /* NULL: it is a number, or nothing */
	size_t len;
	bool is_number;
	uint32_t number;
};

struct words {
	struct value of[VENDOR_WORD_COUNT];
};

static void set_text(struct words *w, enum vendor_word word, const char *text)
{
	if (text && text[0])
		w->of[word] = (struct value){.text = text, .len = strlen(text)};
}

static void set_number(struct words *w, enum vendor_word word, uint32_t number)
{
	w->of[word] = (struct value){.is_number = true, .number = number};
}

/* Appends what a word stands for; 0 when that is nothing or does not fit. */
static size_t put_word(uint8_t *dst, size_t room, enum vendor_word word, const struct value *v)
{
	char digits[16];
	const void *from = v->text;
	size_t len = v->len;

	if (v->is_number) {
		len = (size_t)snprintf(digits, sizeof(digits),
				       word == VENDOR_WORD_NN ? "%02u" : "%u", v->number);
		from = digits;
	}
	if (len == 0 || len > room)
		return 0;
	memcpy(dst, from, len);
	return len;
}

/* The attribute's text with its words filled in; false when one of them has no value. */
static bool fill(const struct vendor_attribute *a, const struct words *w,
		 uint8_t dst[static RADIUS_VALUE_MAX + 1], size_t *ret_len)
{
	size_t len = 0;

	for (size_t i = 0; i < a->len; i++) {
		uint8_t c = (uint8_t)a->value[i];
		size_t n;

		if (c >= VENDOR_WORD_COUNT) {
			if (len == RADIUS_VALUE_MAX)
				return false;
			dst[len++] = c;
			continue;
		}
		n = put_word(dst + len, RADIUS_VALUE_MAX - len, (enum vendor_word)c, &w->of[c]);
		if (n == 0)
			return false;
		len += n;
	}
	dst[len] = 0;
	*ret_len = len;
	return true;
}

/* A number that need not be written out first: most are. */
static bool known_number(const struct vendor_attribute *a, const struct words *w, uint32_t *ret)
{
	uint8_t first = (uint8_t)a->value[0];

	if (a->is_fixed) {
		*ret = a->fixed;
		return true;
	}
	if (a->len != 1 || first >= VENDOR_WORD_COUNT || !w->of[first].is_number)
		return false;
	*ret = w->of[first].number;
	return true;
}

static bool one_number(const uint8_t *text, uint32_t *ret)
{
	uint64_t number;

	if (text_to_u64((const char *)text, 0, UINT32_MAX, &number))
		return false;
	*ret = (uint32_t)number;
	return true;
}

/* RFC 4675: by number or by name, tagged; only the one that the text is. */
static bool shape_egress(bool by_number, uint8_t *value, size_t *len)
{
	uint32_t number = 0;
	bool is_number = one_number(value, &number) && number <= VLAN_MAX;

	if (is_number != by_number || *len == RADIUS_VALUE_MAX)
		return false;
	if (is_number) {
		set_be32(value, (uint32_t)EGRESS_TAGGED << 24 | number);
		*len = 4;
		return true;
	}
	memmove(value + 1, value, *len);
	value[0] = '1'; /* tagged, in the form for names */
	*len += 1;
	return true;
}

/* Makes the value of its text, in place. False: the attribute is left out. */
static bool shape(const struct vendor_attribute *a, uint8_t *value, size_t *len)
{
	uint8_t address[16];
	uint32_t number = 0;

	switch (a->type) {
	case VENDOR_TEXT:
	case VENDOR_OCTETS:
		return true;
	case VENDOR_NUMBER:
	case VENDOR_TAGGED_NUMBER:
		if (!one_number(value, &number))
			return false;
		set_be32(value, a->type == VENDOR_NUMBER ? number : number & 0xffffff);
		*len = 4;
		return true;
	case VENDOR_ADDRESS:
	case VENDOR_ADDRESS6:
		*len = a->type == VENDOR_ADDRESS ? 4 : 16;
		if (inet_pton(*len == 4 ? AF_INET : AF_INET6, (const char *)value, address) != 1)
			return false;
		memcpy(value, address, *len);
		return true;
	case VENDOR_EGRESS_VLAN:
	case VENDOR_EGRESS_VLAN_NAME:
		return shape_egress(a->type == VENDOR_EGRESS_VLAN, value, len);
	case VENDOR_FILTER_RULE:
		if (*len == RADIUS_VALUE_MAX)
			return false;
		*len += 1; /* with the zero byte behind it */
		return true;
	}
	return false;
}

static void put(const struct vendor_attribute *a, const struct words *w, struct radius_out *out)
{
	uint8_t value[RADIUS_VALUE_MAX + 1];
	uint32_t number;
	size_t len = 4;

	if ((a->type == VENDOR_NUMBER || a->type == VENDOR_TAGGED_NUMBER) &&
	    known_number(a, w, &number))
		set_be32(value, a->type == VENDOR_NUMBER ? number : number & 0xffffff);
	else if (!fill(a, w, value, &len) || !shape(a, value, &len))
		return;
	if (a->vendor)
		radius_put_vendor(out, a->vendor, a->number, value, len);
	else
		radius_put(out, a->number, value, len);
}

static void put_all(const struct vendor *v, enum vendor_use use, const struct words *w,
		    struct radius_out *out)
{
	for (size_t i = 0; i < v->count; i++)
		if (v->attributes[i].use == use)
			put(&v->attributes[i], w, out);
}

/* ---- a place ---- */

#define REACH_TEXT 48

struct reach {
	char address[INET_ADDRSTRLEN];
	char protocol[4];
	uint32_t port;
};

/* "10.1.0.2:8443", "10.1.0.53:53/udp" */
static int parse_reach(const char *text, size_t len, struct reach *ret)
{
	char item[REACH_TEXT], *port, *protocol;
	struct reach r = {.protocol = "tcp"};
	uint8_t address[4];
	uint64_t number;

	if (text_copy_n(item, sizeof(item), text, len))
		return -EINVAL;
	port = strchr(item, ':');
	if (!port)
		return -EINVAL;
	*port++ = 0;
	protocol = strchr(port, '/');
	if (protocol) {
		*protocol++ = 0;
		if (!text_equal(protocol, "udp") && !text_equal(protocol, "tcp"))
			return -EINVAL;
		memcpy(r.protocol, protocol, sizeof(r.protocol));
	}
	if (inet_pton(AF_INET, item, address) != 1 || text_to_u64(port, 1, UINT16_MAX, &number))
		return -EINVAL;
	inet_ntop(AF_INET, address, r.address, sizeof(r.address));
	r.port = (uint32_t)number;
	*ret = r;
	return 0;
}

/* Moves `at` behind the next item; 1 with it, 0 at the end. */
static int next_reach(const char **at, struct reach *ret)
{
	const char *from = *at + strspn(*at, " ");
	size_t len = strcspn(from, " ");
	int err;

	*at = from + len;
	if (len == 0)
		return 0;
	err = parse_reach(from, len, ret);
	return err ? err : 1;
}

int vendor_check_reach(const char *reach)
{
	struct reach item;
	size_t count = 0;
	int r;

	while ((r = next_reach(&reach, &item)) == 1)
		if (++count > VENDOR_REACH_MAX)
			return -E2BIG;
	return r;
}

/* One line of a downloadable ACL; the lines are counted. */
static void put_rules(const struct vendor *v, enum vendor_use use, struct words *w, uint32_t *n,
		      struct radius_out *out)
{
	for (size_t i = 0; i < v->count; i++) {
		if (v->attributes[i].use != use)
			continue;
		set_number(w, VENDOR_WORD_N, ++*n);
		set_number(w, VENDOR_WORD_NN, *n);
		put(&v->attributes[i], w, out);
	}
}

static void put_download(const struct vendor *v, const char *reach, struct radius_out *out)
{
	struct words w = {0};
	struct reach item;
	uint32_t n = 0;

	put_rules(v, VENDOR_USE_RULES_BEGIN, &w, &n, out);
	for (size_t i = 0; i < VENDOR_REACH_MAX && next_reach(&reach, &item) == 1; i++) {
		set_text(&w, VENDOR_WORD_ADDRESS, item.address);
		set_text(&w, VENDOR_WORD_PROTOCOL, item.protocol);
		set_number(&w, VENDOR_WORD_PORT, item.port);
		put_rules(v, VENDOR_USE_RULE, &w, &n, out);
	}
	put_rules(v, VENDOR_USE_RULES_END, &w, &n, out);
}

static void put_planned(const struct vendor *v, const struct vendor_place *p,
			struct radius_out *out)
{
	struct words w = {0};

	for (const char *at = p->planned + strspn(p->planned, " "); *at; at += strspn(at, " ")) {
		w.of[VENDOR_WORD_PLANNED] = (struct value){.text = at, .len = strcspn(at, " ")};
		put_all(v, VENDOR_USE_PLANNED, &w, out);
		at += w.of[VENDOR_WORD_PLANNED].len;
	}
	if (p->watched)
		put_all(v, VENDOR_USE_WATCHED, &w, out);
}

static bool is_set(const char *text)
{
	return text && text[0];
}

void vendor_put_place(const struct vendor *v, const struct vendor_place *p, struct radius_out *out)
{
	bool has_voice = vendor_says(v, VENDOR_USE_VOICE);
	struct words w = {0};

	set_text(&w, VENDOR_WORD_VLAN,
		 is_set(p->voice_vlan) && !has_voice ? p->voice_vlan : p->vlan);
	set_text(&w, VENDOR_WORD_ACL, p->acl);
	set_text(&w, VENDOR_WORD_VOICE_VLAN, p->voice_vlan);
	if (w.of[VENDOR_WORD_VLAN].text)
		put_all(v, VENDOR_USE_VLAN, &w, out);
	if (w.of[VENDOR_WORD_ACL].text)
		put_all(v, VENDOR_USE_ACL, &w, out);
	else if (is_set(p->reach))
		put_download(v, p->reach, out);
	if (is_set(p->voice_vlan))
		put_all(v, VENDOR_USE_VOICE, &w, out);
	if (is_set(p->planned))
		put_planned(v, p, out);
}

/* ---- the rest ---- */

void vendor_put_timeout(const struct vendor *v, uint32_t seconds, struct radius_out *out)
{
	struct words w = {0};

	set_number(&w, VENDOR_WORD_SECONDS, seconds);
	put_all(v, VENDOR_USE_TIMEOUT, &w, out);
}

void vendor_put_session(const struct vendor *v, const struct vendor_session *s,
			struct radius_out *out)
{
	struct words w = {0};

	set_text(&w, VENDOR_WORD_SESSION_ID, s->session_id);
	set_text(&w, VENDOR_WORD_CALLING, s->calling);
	set_text(&w, VENDOR_WORD_PORT_ID, s->port_id);
	set_text(&w, VENDOR_WORD_USER, s->user);
	set_text(&w, VENDOR_WORD_SWITCH, s->switch_address);
	set_text(&w, VENDOR_WORD_TERMINAL, s->terminal_address);
	if (s->has_nas_port)
		set_number(&w, VENDOR_WORD_NAS_PORT, s->nas_port);
	if (s->class_len)
		w.of[VENDOR_WORD_CLASS] =
			(struct value){.text = s->class_value, .len = s->class_len};
	set_number(&w, VENDOR_WORD_NOW, s->now_s);
	put_all(v, VENDOR_USE_IDENTIFY, &w, out);
}

void vendor_put_command(const struct vendor *v, enum vendor_use use, struct radius_out *out)
{
	const struct words w = {0};

	put_all(v, use, &w, out);
}
