#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "radius/attribute.h"
#include "vendor/configuration.h"
#include "vendor/vendor.h"

#define LINE_SIZE 256
#define NAME_ALPHABET "abcdefghijklmnopqrstuvwxyz0123456789-"

struct parsing {
	const char *path;
	char *error;
	struct vendor *vendor;
	char section[16];
	unsigned line;
	bool has_port;
};

#define USE(use) (1U << (use))
#define RULES (USE(VENDOR_USE_RULES_BEGIN) | USE(VENDOR_USE_RULE) | USE(VENDOR_USE_RULES_END))

static const struct {
	const char *name;
	unsigned uses; /* where it means something */
} words[VENDOR_WORD_COUNT] = {
	[VENDOR_WORD_VLAN] = {"vlan", USE(VENDOR_USE_VLAN)},
	[VENDOR_WORD_ACL] = {"acl", USE(VENDOR_USE_ACL)},
	[VENDOR_WORD_VOICE_VLAN] = {"voice-vlan", USE(VENDOR_USE_VOICE)},
	[VENDOR_WORD_PLANNED] = {"planned", USE(VENDOR_USE_PLANNED)},
	[VENDOR_WORD_SECONDS] = {"seconds", USE(VENDOR_USE_TIMEOUT)},
	[VENDOR_WORD_N] = {"n", RULES},
	[VENDOR_WORD_NN] = {"nn", RULES},
	[VENDOR_WORD_ADDRESS] = {"address", USE(VENDOR_USE_RULE)},
	[VENDOR_WORD_PROTOCOL] = {"protocol", USE(VENDOR_USE_RULE)},
	[VENDOR_WORD_PORT] = {"port", USE(VENDOR_USE_RULE)},
	[VENDOR_WORD_SESSION_ID] = {"session-id", USE(VENDOR_USE_IDENTIFY)},
	[VENDOR_WORD_CALLING] = {"calling", USE(VENDOR_USE_IDENTIFY)},
	[VENDOR_WORD_NAS_PORT] = {"nas-port", USE(VENDOR_USE_IDENTIFY)},
	[VENDOR_WORD_PORT_ID] = {"port-id", USE(VENDOR_USE_IDENTIFY)},
	[VENDOR_WORD_SWITCH] = {"switch", USE(VENDOR_USE_IDENTIFY)},
	[VENDOR_WORD_USER] = {"user", USE(VENDOR_USE_IDENTIFY)},
	[VENDOR_WORD_CLASS] = {"class", USE(VENDOR_USE_IDENTIFY)},
	[VENDOR_WORD_TERMINAL] = {"terminal", USE(VENDOR_USE_IDENTIFY)},
	[VENDOR_WORD_NOW] = {"now", USE(VENDOR_USE_IDENTIFY)},
};

static const struct {
	const char *name, *section;
} uses[VENDOR_USE_COUNT] = {
	[VENDOR_USE_VLAN] = {"vlan", "answer"},
	[VENDOR_USE_ACL] = {"acl", "answer"},
	[VENDOR_USE_RULES_BEGIN] = {"rules-begin", "answer"},
	[VENDOR_USE_RULE] = {"rule", "answer"},
	[VENDOR_USE_RULES_END] = {"rules-end", "answer"},
	[VENDOR_USE_VOICE] = {"voice", "answer"},
	[VENDOR_USE_PLANNED] = {"planned", "answer"},
	[VENDOR_USE_WATCHED] = {"watched", "answer"},
	[VENDOR_USE_TIMEOUT] = {"timeout", "answer"},
	[VENDOR_USE_IDENTIFY] = {"identify", "change"},
	[VENDOR_USE_REAUTHENTICATE] = {"reauthenticate", "change"},
	[VENDOR_USE_BOUNCE] = {"bounce", "change"},
};

static const char *const types[] = {
	[VENDOR_TEXT] = "text",
	[VENDOR_OCTETS] = "octets",
	[VENDOR_NUMBER] = "number",
	[VENDOR_TAGGED_NUMBER] = "tagged-number",
	[VENDOR_ADDRESS] = "address",
	[VENDOR_ADDRESS6] = "address6",
	[VENDOR_EGRESS_VLAN] = "egress-vlan",
	[VENDOR_EGRESS_VLAN_NAME] = "egress-vlan-name",
	[VENDOR_FILTER_RULE] = "filter-rule",
};

static const char *const changes[] = {
	[VENDOR_CHANGE_DISCONNECT] = "disconnect",
	[VENDOR_CHANGE_COA] = "coa",
	[VENDOR_CHANGE_REAUTHENTICATE] = "reauthenticate",
};

static int PRINTF_LIKE(2, 3) complain(struct parsing *p, const char *fmt, ...)
{
	va_list args;
	int n = snprintf(p->error, VENDOR_ERROR_SIZE, "%.250s:%u: ", p->path, p->line);

	va_start(args, fmt);
	vsnprintf(p->error + n, VENDOR_ERROR_SIZE - (size_t)n, fmt, args);
	va_end(args);
	return -EINVAL;
}

/* ---- an attribute ---- */

static int find_word(const char *name, size_t len, enum vendor_use use, char *ret)
{
	for (size_t i = 1; i < ARRAY_SIZE(words); i++)
		if (strlen(words[i].name) == len && memcmp(words[i].name, name, len) == 0 &&
		    (words[i].uses & USE(use))) {
			*ret = (char)i;
			return 0;
		}
	return -ENOENT;
}

static int compile_value(struct parsing *p, const char *text, struct vendor_attribute *a)
{
	while (*text) {
		size_t len = strcspn(text + 1, "}");

		if (a->len == sizeof(a->value) - 1)
			return complain(p, "a value is at most %d bytes", VENDOR_VALUE_SIZE - 1);
		if (*text == '\t')
			return complain(p, "a value has no tab in it");
		if (*text != '{') {
			a->value[a->len++] = *text++;
			continue;
		}
		if (text[1 + len] != '}' || find_word(text + 1, len, a->use, &a->value[a->len]))
			return complain(p, "'%s' has no word {%.*s}", uses[a->use].name,
					(int)MIN(len, (size_t)40), text + 1);
		a->len++;
		text += len + 2;
	}
	return 0;
}

/* "81" or "2011.82" */
static int parse_number(const char *text, struct vendor_attribute *a)
{
	const char *dot = strchr(text, '.');
	char vendor[16];
	uint64_t v = 0, n;

	if (dot && (text_copy_n(vendor, sizeof(vendor), text, (size_t)(dot - text)) ||
		    text_to_u64(vendor, 1, 0xffffff, &v)))
		return -EINVAL;
	if (text_to_u64(dot ? dot + 1 : text, 1, 255, &n))
		return -EINVAL;
	/* The builder of packets writes these two itself. */
	if (v == 0 && (n == RADIUS_VENDOR_SPECIFIC || n == RADIUS_MESSAGE_AUTHENTICATOR))
		return -EINVAL;
	a->vendor = (uint32_t)v;
	a->number = (uint8_t)n;
	return 0;
}

static int read_fixed_number(struct vendor_attribute *a)
{
	uint64_t n;

	if (a->type != VENDOR_NUMBER && a->type != VENDOR_TAGGED_NUMBER)
		return 0;
	if (a->len == 1 && (uint8_t)a->value[0] < VENDOR_WORD_COUNT)
		return 0; /* of a word */
	if (text_to_u64(a->value, 0, a->type == VENDOR_NUMBER ? UINT32_MAX : 0xffffff, &n))
		return -EINVAL;
	a->is_fixed = true;
	a->fixed = (uint32_t)n;
	return 0;
}

/* The next word of a line, cut out; NULL at the end. */
static char *cut(char **at)
{
	char *word = *at + strspn(*at, " \t"), *end = word + strcspn(word, " \t");

	if (!*word)
		return NULL;
	*at = *end ? end + 1 : end;
	*end = 0;
	return word;
}

static int parse_attribute(struct parsing *p, enum vendor_use use, char *text)
{
	struct vendor_attribute a = {.use = use};
	const char *number = cut(&text), *type = cut(&text);
	size_t t = 0;
	int err;

	if (p->vendor->count == VENDOR_ATTRIBUTES_MAX)
		return complain(p, "a vendor has at most %d attributes", VENDOR_ATTRIBUTES_MAX);
	if (!number || parse_number(number, &a))
		return complain(p, "'%s' wants NUMBER or VENDOR.NUMBER, a type and a value",
				uses[use].name);
	while (t < ARRAY_SIZE(types) && !text_equal(types[t], type))
		t++;
	if (t == ARRAY_SIZE(types))
		return complain(p, "no type is called '%.40s'", type ? type : "");
	a.type = (enum vendor_type)t;
	text = text_trim(text);
	if (!*text)
		return complain(p, "'%s' lacks the value of the attribute", uses[use].name);
	err = compile_value(p, text, &a);
	if (err)
		return err;
	if (read_fixed_number(&a))
		return complain(p, "'%.40s' is no number for attribute %s", text, number);
	p->vendor->attributes[p->vendor->count++] = a;
	return 0;
}

/* ---- the other settings ---- */

static int set_port(struct parsing *p, const char *value)
{
	uint64_t port;

	if (text_to_u64(value, 1, UINT16_MAX, &port))
		return complain(p, "'port' wants a number from 1 to 65535, not '%.40s'", value);
	p->vendor->port = (uint16_t)port;
	p->has_port = true;
	return 0;
}

static int set_place(struct parsing *p, const char *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++)
		if (text_equal(changes[i], value)) {
			p->vendor->change = (enum vendor_change)i;
			return 0;
		}
	return complain(p, "'place' wants disconnect, coa or reauthenticate, not '%.40s'", value);
}

static int set_message_authenticator(struct parsing *p, const char *value)
{
	if (!text_equal(value, "yes") && !text_equal(value, "no"))
		return complain(p, "'message-authenticator' wants yes or no, not '%.40s'", value);
	p->vendor->message_authenticator = text_equal(value, "yes");
	return 0;
}

static int set_title(struct parsing *p, const char *value)
{
	if (!value[0] || text_copy(p->vendor->title, sizeof(p->vendor->title), value))
		return complain(p, "'title' wants text of at most %d bytes", VENDOR_TITLE_SIZE - 1);
	return 0;
}

static int set_port_name(struct parsing *p, const char *name, const char *value)
{
	const char *wanted = NULL;
	int err = vendor_ports_set(&p->vendor->ports, name, value, &wanted);

	if (err && wanted)
		return complain(p, "%s", wanted);
	return err ? complain(p, "no setting is called '%.40s' in [port]", name) : 0;
}

static const struct {
	const char *section, *name;
	int (*set)(struct parsing *p, const char *value);
} settings[] = {
	{"vendor", "title", set_title},
	{"change", "port", set_port},
	{"change", "place", set_place},
	{"change", "message-authenticator", set_message_authenticator},
};

static int set(struct parsing *p, const char *name, char *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		if (text_equal(settings[i].section, p->section) &&
		    text_equal(settings[i].name, name))
			return settings[i].set(p, value);
	/* A bounce is an attribute of a CoA-Request, or one word that says who else does it. */
	if (text_equal(p->section, "change") && text_equal(name, "bounce") &&
	    text_equal(value, "snmp")) {
		p->vendor->bounce = VENDOR_BOUNCE_SNMP;
		return 0;
	}
	if (text_equal(p->section, "port"))
		return set_port_name(p, name, value);
	for (size_t i = 0; i < VENDOR_USE_COUNT; i++)
		if (text_equal(uses[i].section, p->section) && text_equal(uses[i].name, name))
			return parse_attribute(p, (enum vendor_use)i, value);
	return complain(p, "no setting is called '%.40s' in [%s]", name, p->section);
}

static int begin_section(struct parsing *p, char *line)
{
	static const char *const sections[] = {"vendor", "answer", "change", "port",
					       "configuration"};
	size_t len = strlen(line);

	for (size_t i = 0; line[len - 1] == ']' && i < ARRAY_SIZE(sections); i++)
		if (strlen(sections[i]) == len - 2 && memcmp(sections[i], line + 1, len - 2) == 0)
			return text_copy(p->section, sizeof(p->section), sections[i]);
	return complain(p, "the sections are [vendor], [answer], [change], [port], "
			   "[configuration]");
}

static int parse_line(struct parsing *p, char *line)
{
	char *equals;

	line = text_trim(line);
	if (!*line || *line == ';')
		return 0;
	if (*line == '[')
		return begin_section(p, line);
	equals = strchr(line, '=');
	if (!equals)
		return complain(p, "a line is [section], name = value or ; comment");
	*equals = 0;
	return set(p, text_trim(line), text_trim(equals + 1));
}

/* What follows [configuration] is taken as it is. */
static int take_configuration(struct parsing *p, const char *text, size_t len)
{
	unsigned line;
	int err = configuration_check(text, len, &line);

	if (err) {
		p->line += line;
		return complain(p,
				"a line is at most %d bytes and its words in braces are those "
				"of a configuration; {{ is a brace",
				CONFIGURATION_LINE_MAX);
	}
	p->vendor->configuration = calloc(1, len + 1);
	if (!p->vendor->configuration)
		return -ENOMEM;
	memcpy(p->vendor->configuration, text, len);
	return 0;
}

static int parse_text(struct parsing *p, const char *text, size_t len)
{
	const char *end = text + len;
	char line[LINE_SIZE];
	int err = 0;

	while (!err && text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((stop ? stop : end) - text);

		p->line++;
		if (text_copy_n(line, sizeof(line), text, n))
			return complain(p, "a line is at most %d bytes", LINE_SIZE - 1);
		text += n + (stop ? 1 : 0);
		err = parse_line(p, line);
		if (!err && text_equal(p->section, "configuration"))
			return take_configuration(p, text, (size_t)(end - text));
	}
	return err;
}

static bool name_of(const char *path, char ret[static VENDOR_NAME_SIZE])
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t len = strlen(name);

	return len > 5 && text_equal(name + len - 5, ".conf") &&
	       text_copy_n(ret, VENDOR_NAME_SIZE, name, len - 5) == 0 &&
	       strspn(ret, NAME_ALPHABET) == len - 5;
}

static bool has_word(const struct vendor *v, enum vendor_word word)
{
	for (size_t i = 0; i < v->count; i++)
		if (memchr(v->attributes[i].value, (int)word, v->attributes[i].len))
			return true;
	return false;
}

/* One name is kept of a port: it cannot be both SNMP's and what the switch said. */
static int check_ports(struct parsing *p)
{
	const struct vendor *v = p->vendor;

	if (v->ports.field_count && !v->ports.name_count)
		return complain(p, "'number' in [port] wants a 'name' beside it");
	if (vendor_ports_any(&v->ports) && has_word(v, VENDOR_WORD_PORT_ID))
		return complain(p, "[port] gives ports other names than {port-id} would have to "
				   "say in [change]: one of them must go");
	return 0;
}

/* What must be there for a Disconnect to find anybody, and for what was promised. */
static int check_whole(struct parsing *p)
{
	struct vendor *v = p->vendor;

	if (!v->title[0])
		return complain(p, "'title' in [vendor] is missing");
	if (!p->has_port || !vendor_says(v, VENDOR_USE_IDENTIFY))
		return complain(p, "[change] wants 'port' and at least one 'identify'");
	if (v->change == VENDOR_CHANGE_REAUTHENTICATE && !vendor_says(v, VENDOR_USE_REAUTHENTICATE))
		return complain(p, "place = reauthenticate wants a line 'reauthenticate'");
	if (vendor_says(v, VENDOR_USE_BOUNCE) && v->bounce == VENDOR_BOUNCE_SNMP)
		return complain(p, "'bounce' is an attribute or snmp, not both");
	if (vendor_says(v, VENDOR_USE_BOUNCE))
		v->bounce = VENDOR_BOUNCE_COA;
	if (check_ports(p))
		return -EINVAL;
	if (!v->configuration)
		v->configuration = strdup("");
	return v->configuration ? 0 : -ENOMEM;
}

int vendor_parse(const char *path, const void *text, size_t len, struct vendor **ret,
		 char error[static VENDOR_ERROR_SIZE])
{
	CLEANUP_VENDOR struct vendor *v = calloc(1, sizeof(*v));
	struct parsing p = {.path = path, .error = error, .vendor = v};
	int err;

	snprintf(error, VENDOR_ERROR_SIZE, "no memory is left");
	if (!v)
		return -ENOMEM;
	v->message_authenticator = true;
	if (!name_of(path, v->name))
		return complain(&p, "a vendor's file is called NAME.conf, NAME of small letters, "
				    "digits and hyphens");
	if (len > VENDOR_FILE_MAX || !text_is_clean(text, len))
		return complain(&p, "a vendor's file is UTF-8 text of at most %u bytes",
				VENDOR_FILE_MAX);
	err = parse_text(&p, text, len);
	if (!err)
		err = check_whole(&p);
	if (err)
		return err;
	error[0] = 0;
	*ret = TAKE_PTR(v);
	return 0;
}

void vendor_free(struct vendor *v)
{
	if (!v)
		return;
	free(v->configuration);
	free(v);
}

bool vendor_says(const struct vendor *v, enum vendor_use use)
{
	for (size_t i = 0; i < v->count; i++)
		if (v->attributes[i].use == use)
			return true;
	return false;
}
