#include "base/mac.h"
#include "server/engine/requests/kind.h"

extern const struct request_kind request_terminal_onboarding, request_mac_admission,
	request_visitor, request_emergency_permit, request_port_move, request_address,
	request_network_gear;

const struct request_kind *const request_kinds[] = {
	&request_terminal_onboarding, &request_mac_admission, &request_visitor,
	&request_emergency_permit,    &request_port_move,     &request_address,
	&request_network_gear,
};
const size_t request_kind_count = ARRAY_SIZE(request_kinds);

const struct request_kind *request_kind_find(const char *id)
{
	for (size_t i = 0; i < request_kind_count; i++)
		if (!strcmp(request_kinds[i]->id, id))
			return request_kinds[i];
	return NULL;
}

const char *request_text(const struct request_doing *d, const char *name)
{
	const char *s = json_string_value(json_object_get(d->request->form, name));

	return s ? s : "";
}

int64_t request_int(const struct request_doing *d, const char *name)
{
	return json_integer_value(json_object_get(d->request->form, name));
}

bool request_mac(const struct request_doing *d, const char *name, struct mac *ret)
{
	const char *s = request_text(d, name);

	return *s && !mac_parse(s, ret);
}
