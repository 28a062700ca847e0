#include "agent/core/kept_policy.h"

#include <string.h>

#include "agent/core/identity.h"
#include "base/file.h"
#include "base/text.h"
#include "wire/frame.h"

static bool has_number(const json_t *object, const char *name, uint64_t value)
{
	const json_t *number = json_object_get(object, name);

	return json_is_integer(number) && (uint64_t)json_integer_value(number) == value;
}

/* The signature is over the body's bytes; the body repeats the version, so that it is signed. */
static int verify(const struct sign_key *key, const menshen_Policy *offer, json_t **ret_body)
{
	char where[POLICY_WHERE_SIZE];
	json_t *body;

	if (!key || sign_verify(key, offer->body.bytes, offer->body.size, offer->signature.bytes,
				offer->signature.size))
		return -EPERM;
	body = json_loadb((const char *)offer->body.bytes, offer->body.size, JSON_REJECT_DUPLICATES,
			  NULL);
	if (policy_body_check(body, where) || !has_number(body, "epoch", offer->epoch) ||
	    !has_number(body, "number", offer->number)) {
		json_decref(body);
		return -EBADMSG;
	}
	*ret_body = body;
	return 0;
}

/* The kept file is the frame it came in. */
static int save(const char *state_dir, const menshen_Policy *offer)
{
	CLEANUP_BUF struct buf frame = BUF_INIT;
	char path[STATE_PATH_SIZE];
	int err = FRAME_ENCODE(&frame, FRAME_POLICY, offer);

	state_path(state_dir, "policy", path);
	return err ? err : file_replace(path, frame.data, frame.len, 0600);
}

static int compare_version(const struct kept_policy *p, const menshen_Policy *offer)
{
	if (offer->epoch != p->epoch)
		return offer->epoch < p->epoch ? -1 : 1;
	return offer->number < p->number ? -1 : offer->number > p->number;
}

int kept_policy_offer(struct kept_policy *p, const char *state_dir, const struct sign_key *key,
		      const menshen_Policy *offer)
{
	json_t *body = NULL;
	int err = verify(key, offer, &body), order;

	if (err)
		return err;
	order = compare_version(p, offer);
	if (order <= 0) {
		json_decref(body);
		return order < 0 ? -ESTALE : -EALREADY;
	}
	err = save(state_dir, offer);
	if (err) {
		json_decref(body);
		return err;
	}
	kept_policy_done(p);
	*p = (struct kept_policy){offer->epoch, offer->number, body};
	return 0;
}

int kept_policy_load(const char *state_dir, const struct sign_key *key, struct kept_policy *ret)
{
	CLEANUP_BUF struct buf file = BUF_INIT;
	CLEANUP_FREE menshen_Policy *kept = calloc(1, sizeof(*kept));
	char path[STATE_PATH_SIZE];
	struct frame f;
	size_t used;
	json_t *body;
	int err;

	*ret = (struct kept_policy){0};
	if (!kept)
		return -ENOMEM;
	state_path(state_dir, "policy", path);
	err = file_read(path, FRAME_HEADER + FRAME_MAX, &file);
	if (err)
		return err;
	if (frame_parse(file.data, file.len, &f, &used) || f.type != FRAME_POLICY ||
	    FRAME_DECODE(&f, kept) || verify(key, kept, &body))
		return -EBADMSG;
	*ret = (struct kept_policy){kept->epoch, kept->number, body};
	return 0;
}

void kept_policy_done(struct kept_policy *p)
{
	json_decref(p->body);
	*p = (struct kept_policy){0};
}

const json_t *kept_policy_settings(const struct kept_policy *p, const char *guard)
{
	return json_object_get(json_object_get(p->body, "guards"), guard);
}

enum guard_mode kept_policy_mode(const struct kept_policy *p, const char *guard)
{
	const json_t *name = json_object_get(kept_policy_settings(p, guard), "mode");
	enum guard_mode mode;

	return guard_mode_parse(json_string_value(name), &mode) ? GUARD_WARN : mode;
}

uint32_t kept_policy_heartbeat_s(const struct kept_policy *p)
{
	return (uint32_t)json_integer_value(json_object_get(p->body, "heartbeat_s"));
}
