/* Section "users": the accounts of this terminal. */
#include <stdlib.h>

#include "agent/core/inventory.h"
#include "agent/guards/accounts.h"
#include "agent/linux/collect.h"

static int collect(const struct collect_context *c, struct lines *ret)
{
	struct accounts *all = calloc(1, sizeof(*all));
	int err = all ? accounts_load(c->root, all) : -ENOMEM;

	for (size_t i = 0; !err && i < all->count; i++) {
		const struct account *a = &all->list[i];

		err = collect_add(ret,
				  json_pack("{s:s, s:s, s:I, s:b, s:b}", "name", a->name,
					    "full_name", a->full_name, "uid", (json_int_t)a->uid,
					    "login", a->login, "admin", a->admin));
	}
	if (all)
		accounts_wipe(all);
	free(all);
	return err;
}

const struct collector collector_users = {
	.section = "users",
	.kind = SECTION_SET,
	.sources = {"/etc/passwd", "/etc/group", NULL},
	.collect = collect,
};
