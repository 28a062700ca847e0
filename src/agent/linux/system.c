/* Sections "system" (the operating system) and "nics" (the network cards). */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "agent/core/inventory.h"
#include "agent/linux/collect.h"
#include "agent/linux/machine.h"

static int collect_system(const struct collect_context *c, struct lines *ret)
{
	char timezone[64], machine_id[64];
	struct machine m;
	struct utsname u;

	if (uname(&u) < 0)
		return -errno;
	machine_load(c->root, &m);
	collect_line(c->root, "/etc/timezone", timezone, sizeof(timezone));
	collect_line(c->root, "/etc/machine-id", machine_id, sizeof(machine_id));
	return collect_add(ret, json_pack("{s:s, s:s, s:s, s:s, s:s}", "host_name", m.host_name,
					  "os", m.os, "machine", u.machine, "timezone", timezone,
					  "machine_id", machine_id));
}

static int collect_nics(const struct collect_context *c, struct lines *ret)
{
	struct nic nics[MACHINE_NICS_MAX];
	char mac[MAC_TEXT_SIZE];
	size_t count = 0;
	int err = nics_load(c->interface, nics, &count);

	for (size_t i = 0; i < count && !err; i++) {
		mac_format(mac, &nics[i].mac);
		err = collect_add(ret, json_pack("{s:s, s:s, s:s}", "name", nics[i].name, "mac",
						 mac, "address", nics[i].address));
	}
	return err;
}

const struct collector collector_system = {
	.section = "system",
	.kind = SECTION_OBJECT,
	.collect = collect_system,
};

const struct collector collector_nics = {
	.section = "nics",
	.kind = SECTION_SET,
	.collect = collect_nics,
};
