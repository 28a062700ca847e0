#include "policy/shares.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"

static const char *const kind_names[SHARE_KINDS] = {
	[SHARE_SMB] = "smb", [SHARE_USER] = "usershare",  [SHARE_NFS] = "nfs",
	[SHARE_WEB] = "web", [SHARE_MOUNTED] = "mounted",
};

const char *share_kind_name(enum share_kind k)
{
	return kind_names[k];
}

static int parse_close(const json_t *v, struct share_rules *r, char *where)
{
	static const char *const names[] = {"guest", "everyone", "all"};

	snprintf(where, SHARES_WHERE_SIZE, "close");
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (!v || text_equal(json_string_value(v), names[i])) {
			r->close = i;
			return 0;
		}
	return -EINVAL;
}

static int parse_except(const json_t *list, struct share_rules *r, char *where)
{
	size_t count = json_array_size(list);

	snprintf(where, SHARES_WHERE_SIZE, "except");
	if (list && (!json_is_array(list) || count > SHARE_EXCEPTIONS_MAX))
		return -EINVAL;
	for (size_t i = 0; i < count; i++) {
		const json_t *one = json_array_get(list, i);
		const char *share = json_string_value(json_object_get(one, "share"));
		const char *until = json_string_value(json_object_get(one, "until"));

		snprintf(where, SHARES_WHERE_SIZE, "except[%zu].share", i);
		if (!share || !*share ||
		    text_copy(r->except[i].share, sizeof(r->except[i].share), share))
			return -EINVAL;
		snprintf(where, SHARES_WHERE_SIZE, "except[%zu].until", i);
		if (!until || clock_parse(until, &r->except[i].until_ms))
			return -EINVAL;
	}
	r->except_count = count;
	return 0;
}

int share_rules_parse(const json_t *settings, struct share_rules *ret,
		      char where[static SHARES_WHERE_SIZE])
{
	CLEANUP_FREE struct share_rules *r = calloc(1, sizeof(*r));
	int err = r ? parse_close(json_object_get(settings, "close"), r, where) : -ENOMEM;

	if (!err)
		err = parse_except(json_object_get(settings, "except"), r, where);
	if (!err)
		*ret = *r;
	return err;
}

bool share_must_close(const struct share_rules *r, const struct share *s, int64_t now_ms)
{
	if (s->kind == SHARE_MOUNTED)
		return false;
	for (size_t i = 0; i < r->except_count; i++)
		if (r->except[i].until_ms > now_ms && (text_equal(r->except[i].share, s->name) ||
						       text_equal(r->except[i].share, s->path)))
			return false;
	return r->close == SHARES_CLOSE_ALL || s->guest ||
	       (r->close == SHARES_CLOSE_EVERYONE && s->everyone);
}
