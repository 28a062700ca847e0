#include "agent/linux/shares_text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "agent/linux/collect.h"
#include "base/text.h"

#define LINE_SIZE 1024

struct share *shares_add(struct shares *s, enum share_kind kind)
{
	if (s->count == SHARES_MAX) {
		s->more = true;
		return NULL;
	}
	s->list[s->count] = (struct share){.kind = kind};
	return &s->list[s->count++];
}

static void take_text(char *dst, size_t size, const char *src)
{
	text_fit(dst, size, src);
	collect_clean(dst);
}

/* One line with those that a backslash joins to it; a longer one is cut. False at the end. */
static bool take_line(const char **text, char line[static LINE_SIZE])
{
	size_t len = 0;
	bool joined = true;

	if (!**text)
		return false;
	while (joined && **text) {
		size_t n = strcspn(*text, "\n"), keep = n;

		joined = n > 0 && (*text)[n - 1] == '\\';
		keep = MIN(keep - joined, LINE_SIZE - 1 - len);
		memcpy(line + len, *text, keep);
		len += keep;
		*text += n + ((*text)[n] == '\n');
	}
	line[len] = 0;
	return true;
}

/* ---- Samba ---- */

/* "Guest OK" and "guestok" are one word to Samba. */
static void squeeze(char *name)
{
	char *to = name;

	for (; *name; name++)
		if (!isspace((unsigned char)*name))
			*to++ = *name;
	*to = 0;
}

static bool is_yes(const char *v)
{
	return text_equal(v, "yes") || text_equal(v, "true") || text_equal(v, "1") ||
	       text_equal(v, "y") || text_equal(v, "on");
}

/* What a section says, or the whole file's defaults. */
struct section {
	char name[SHARE_NAME_SIZE], path[SHARE_PATH_SIZE];
	bool guest, writable, users, closed, printer;
};

enum smb_word {
	SMB_PATH,
	SMB_GUEST,
	SMB_READ_ONLY,
	SMB_WRITABLE,
	SMB_USERS,
	SMB_AVAILABLE,
	SMB_PRINTABLE,
	SMB_INCLUDE
};

static const struct {
	const char *name;
	enum smb_word word;
} smb_words[] = {
	{"path", SMB_PATH},	     {"directory", SMB_PATH},	   {"guestok", SMB_GUEST},
	{"public", SMB_GUEST},	     {"guestonly", SMB_GUEST},	   {"onlyguest", SMB_GUEST},
	{"readonly", SMB_READ_ONLY}, {"writeable", SMB_WRITABLE},  {"writable", SMB_WRITABLE},
	{"writeok", SMB_WRITABLE},   {"validusers", SMB_USERS},	   {"hostsallow", SMB_USERS},
	{"allowhosts", SMB_USERS},   {"available", SMB_AVAILABLE}, {"printable", SMB_PRINTABLE},
	{"printok", SMB_PRINTABLE},  {"include", SMB_INCLUDE},
};

static void take_include(struct smb_includes *to, const char *value)
{
	/* One that changes with who asks cannot be known here. */
	if (to->count < SMB_INCLUDES_MAX && !strchr(value, '%') &&
	    text_copy(to->list[to->count], SMB_INCLUDE_SIZE, value) == 0)
		to->count++;
}

static void take_word(struct section *s, struct smb_includes *includes, const char *name,
		      char *value)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(smb_words) && !text_equal(smb_words[i].name, name))
		i++;
	if (i == ARRAY_SIZE(smb_words))
		return;
	if (smb_words[i].word == SMB_PATH)
		take_text(s->path, sizeof(s->path), value);
	else if (smb_words[i].word == SMB_INCLUDE)
		take_include(includes, value);
	text_lower(value);
	if (smb_words[i].word == SMB_GUEST)
		s->guest = is_yes(value);
	else if (smb_words[i].word == SMB_READ_ONLY)
		s->writable = !is_yes(value);
	else if (smb_words[i].word == SMB_WRITABLE)
		s->writable = is_yes(value);
	else if (smb_words[i].word == SMB_USERS)
		s->users = *value != 0;
	else if (smb_words[i].word == SMB_AVAILABLE)
		s->closed = !is_yes(value);
	else if (smb_words[i].word == SMB_PRINTABLE)
		s->printer = is_yes(value);
}

static bool is_global(const char *name)
{
	return text_equal(name, "global") || text_equal(name, "");
}

static void end_section(const struct section *s, struct shares *to)
{
	struct share *share;

	if (is_global(s->name) || s->closed || s->printer || text_equal(s->name, "printers") ||
	    text_equal(s->name, "print$"))
		return;
	share = shares_add(to, SHARE_SMB);
	if (!share)
		return;
	text_fit(share->name, sizeof(share->name), s->name);
	text_fit(share->path, sizeof(share->path), s->path);
	share->guest = s->guest;
	share->everyone = s->guest || (!s->users && !text_equal(s->name, "homes"));
	share->writable = s->writable;
}

void shares_read_smb(const char *text, struct shares *to, struct smb_includes *includes)
{
	struct section global = {.name = ""}, section = global;
	char line[LINE_SIZE];

	while (take_line(&text, line)) {
		char *s = text_trim(line), *equal = strchr(s, '='), *end = strchr(s, ']');

		if (*s == '#' || *s == ';')
			continue;
		if (*s == '[' && end) {
			if (is_global(section.name))
				global = section;
			else
				end_section(&section, to);
			*end = 0;
			section = global;
			take_text(section.name, sizeof(section.name), text_trim(s + 1));
			if (is_global(section.name) || text_equal(section.name, "Global"))
				section.name[0] = 0;
		} else if (equal) {
			*equal = 0;
			text_lower(s);
			squeeze(s);
			take_word(&section, includes, s, text_trim(equal + 1));
		}
	}
	end_section(&section, to);
}

/* S-1-1-0 is everybody; F is full control, R reading, D a refusal. */
static void take_acl(struct share *share, const char *acl)
{
	const char *everybody = strstr(acl, "S-1-1-0:");
	char right = everybody ? everybody[8] : 'D';

	share->everyone = toupper((unsigned char)right) != 'D';
	share->writable = strstr(acl, ":F") || strstr(acl, ":f");
}

void shares_read_usershare(const char *name, const char *text, struct shares *to)
{
	struct share *share = shares_add(to, SHARE_USER);
	char line[LINE_SIZE];

	if (!share)
		return;
	take_text(share->name, sizeof(share->name), name);
	while (take_line(&text, line)) {
		if (text_starts(line, "path="))
			take_text(share->path, sizeof(share->path), line + 5);
		else if (text_starts(line, "usershare_acl="))
			take_acl(share, line + 14);
		else if (text_starts(line, "guest_ok="))
			share->guest = line[9] == 'y' || line[9] == 'Y';
	}
}

/* ---- NFS ---- */

static bool has_option(const char *options, const char *option)
{
	size_t len = strlen(option);

	for (const char *p = strstr(options, option); p; p = strstr(p + len, option))
		if ((p == options || p[-1] == ',' || p[-1] == '(') &&
		    (p[len] == 0 || p[len] == ',' || p[len] == ')'))
			return true;
	return false;
}

/* "client(options)"; a client that lacks is everybody. */
static void take_client(struct share *share, char *word, const char *usual)
{
	char *open = strchr(word, '(');
	const char *options = open ? open : usual;
	bool everybody, has_password = strstr(options, "sec=krb5") != NULL;

	share->writable |= has_option(options, "rw");
	if (open)
		*open = 0;
	everybody = !*word || text_equal(word, "*") || text_equal(word, "0.0.0.0/0") ||
		    text_equal(word, "::/0");
	share->everyone |= everybody;
	share->guest |= everybody && !has_password;
	if (open)
		*open = '(';
}

static void take_export(char *line, struct shares *to)
{
	bool quoted = *line == '"';
	char *path = line + quoted, *end = path + strcspn(path, quoted ? "\"" : " \t");
	const char *usual = "";
	struct share *share;
	bool any = false;
	char *rest;

	rest = *end ? end + 1 : end;
	*end = 0;
	share = *path == '/' ? shares_add(to, SHARE_NFS) : NULL;
	if (!share)
		return;
	take_text(share->path, sizeof(share->path), path);
	take_text(share->name, sizeof(share->name), path);
	for (char *save = NULL, *w = strtok_r(rest, " \t", &save); w;
	     w = strtok_r(NULL, " \t", &save)) {
		if (*w == '-') {
			usual = w + 1;
			continue;
		}
		take_client(share, w, usual);
		any = true;
	}
	if (!any) {
		char nobody[] = "";

		take_client(share, nobody, usual);
	}
}

void shares_read_exports(const char *text, struct shares *to)
{
	char line[LINE_SIZE];

	while (take_line(&text, line)) {
		char *comment = strchr(line, '#');

		if (comment)
			*comment = 0;
		take_export(text_trim(line), to);
	}
}
