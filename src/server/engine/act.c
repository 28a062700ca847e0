#include "server/engine/act.h"

#include <stdio.h>

const struct entry_actor actor_system = {0, ACT_SYSTEM_NAME, "system", ""};

int act_log(struct store *s, int64_t now_ms, const struct entry_actor *who, const char *act,
	    int64_t unit, const char *subject, json_t *detail)
{
	struct entry entry = {.at_ms = now_ms,
			      .act = act,
			      .actor = *who,
			      .unit = unit,
			      .subject = subject,
			      .detail = detail};
	int err = detail ? store_log(s, &entry) : -ENOMEM;

	json_decref(detail);
	return err;
}

void act_subject_terminal(char dst[static ACT_SUBJECT_SIZE], const struct uuid *uuid)
{
	char text[UUID_TEXT_SIZE];

	uuid_format(text, uuid);
	snprintf(dst, ACT_SUBJECT_SIZE, "terminal:%s", text);
}

void act_subject_mac(char dst[static ACT_SUBJECT_SIZE], const struct mac *mac)
{
	char text[MAC_TEXT_SIZE];

	mac_format(text, mac);
	snprintf(dst, ACT_SUBJECT_SIZE, "mac:%s", text);
}
