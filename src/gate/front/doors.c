#include "gate/front/doors.h"

#include <string.h>

void doors_init(struct doors *d, const struct vendors *v)
{
	*d = (struct doors){.vendors = v};
	map_init(&d->by_host, sizeof(((struct door *)NULL)->host));
}

static void free_all(struct doors *d)
{
	struct door *each;
	size_t at = 0;

	while ((each = map_next(&d->by_host, &at))) {
		radius_secret_wipe(&each->secret);
		free(each);
	}
}

void doors_done(struct doors *d)
{
	free_all(d);
	map_done(&d->by_host);
}

const struct door *doors_find(const struct doors *d, const uint8_t host[static 16])
{
	return map_get(&d->by_host, host);
}

bool doors_follow(struct doors *d, const struct snapshot *s, uint64_t snapshots_taken)
{
	uint64_t epoch = snapshot_switches_epoch(s);

	if (d->snapshots_taken == snapshots_taken && d->switches_epoch == epoch)
		return false;
	free_all(d);
	map_clear(&d->by_host);
	d->snapshots_taken = snapshots_taken;
	d->switches_epoch = epoch;
	return true;
}

bool doors_learn(struct doors *d, const struct snapshot *s, const uint8_t host[static 16])
{
	const struct snap_switch *sw;
	struct door *new;

	if (doors_find(d, host))
		return false;
	sw = snapshot_switch_at(s, host);
	if (!sw || !sw->usable)
		return false;
	new = malloc(sizeof(*new));
	if (!new)
		return false;
	*new = (struct door){.switch_id = sw->row.id,
			     .unsigned_until_ms = sw->row.mab_unsigned_until_ms,
			     .ports = port_rules(d->vendors, sw),
			     .secret = sw->secret};
	memcpy(new->host, host, sizeof(new->host));
	if (map_put(&d->by_host, new->host, new, NULL)) {
		radius_secret_wipe(&new->secret);
		free(new);
		return false;
	}
	return true;
}
