/* Section "hardware": maker, board, firmware, processor, memory, disks. */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "agent/core/inventory.h"
#include "agent/linux/collect.h"
#include "base/file.h"
#include "base/text.h"

#define TEXT_SIZE 96
#define DISKS_MAX 8
#define DMI "/sys/class/dmi/id/"

/* No real disks. */
static const char *const not_disks[] = {"loop", "ram", "dm-", "zram", "sr", "fd", "md", "nbd"};

static const struct {
	const char *key, *path;
} firmware[] = {
	{"maker", DMI "sys_vendor"},	  {"model", DMI "product_name"},
	{"serial", DMI "product_serial"}, {"board", DMI "board_name"},
	{"bios", DMI "bios_version"},	  {"bios_date", DMI "bios_date"},
};

/* "name : value" of /proc/cpuinfo and /proc/meminfo. */
static void find_value(const char *text, const char *name, char *dst, size_t size)
{
	const char *at = strstr(text, name), *colon = at ? strchr(at, ':') : NULL;

	dst[0] = 0;
	if (!colon)
		return;
	colon += 1 + strspn(colon + 1, " \t");
	snprintf(dst, size, "%.*s", (int)strcspn(colon, "\n"), colon);
	collect_clean(dst);
}

static unsigned count_lines(const char *text, const char *prefix)
{
	unsigned count = 0;

	for (const char *p = text; (p = strstr(p, prefix)); p++)
		count += p == text || p[-1] == '\n';
	return count;
}

static int add_processor(const char *root, json_t *to)
{
	CLEANUP_BUF struct buf cpu = BUF_INIT, memory = BUF_INIT;
	char path[512], value[TEXT_SIZE];

	snprintf(path, sizeof(path), "%s/proc/cpuinfo", root);
	if (file_read(path, 1 << 20, &cpu) == 0) {
		find_value(buf_str(&cpu), "model name", value, sizeof(value));
		if (json_object_set_new(to, "processor", json_string(value)) ||
		    json_object_set_new(to, "processors",
					json_integer(count_lines(buf_str(&cpu), "processor"))))
			return -ENOMEM;
	}
	snprintf(path, sizeof(path), "%s/proc/meminfo", root);
	if (file_read(path, 1 << 16, &memory) == 0) {
		find_value(buf_str(&memory), "MemTotal", value, sizeof(value));
		if (json_object_set_new(to, "memory_mib",
					json_integer(strtoll(value, NULL, 10) / 1024)))
			return -ENOMEM;
	}
	return 0;
}

static bool is_disk(const char *name)
{
	if (name[0] == '.')
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(not_disks); i++)
		if (text_starts(name, not_disks[i]))
			return false;
	return true;
}

static json_t *describe_disk(const char *root, const char *name)
{
	char path[128], sectors[32], model[TEXT_SIZE], serial[TEXT_SIZE];

	snprintf(path, sizeof(path), "/sys/block/%.40s/size", name);
	collect_line(root, path, sectors, sizeof(sectors));
	snprintf(path, sizeof(path), "/sys/block/%.40s/device/model", name);
	collect_line(root, path, model, sizeof(model));
	snprintf(path, sizeof(path), "/sys/block/%.40s/device/serial", name);
	collect_line(root, path, serial, sizeof(serial));
	return json_pack("{s:s, s:I, s:s, s:s}", "name", name, "mib",
			 (json_int_t)(strtoll(sectors, NULL, 10) / 2048), "model", model, "serial",
			 serial);
}

static json_t *list_disks(const char *root)
{
	json_t *disks = json_array();
	struct dirent **entries;
	char path[512];
	int count;

	snprintf(path, sizeof(path), "%s/sys/block", root);
	count = scandir(path, &entries, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		if (is_disk(entries[i]->d_name) && json_array_size(disks) < DISKS_MAX)
			json_array_append_new(disks, describe_disk(root, entries[i]->d_name));
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return disks;
}

static int collect(const struct collect_context *c, struct lines *ret)
{
	json_t *o = json_object();
	char value[TEXT_SIZE];
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(firmware) && !err; i++) {
		collect_line(c->root, firmware[i].path, value, sizeof(value));
		if (json_object_set_new(o, firmware[i].key, json_string(value)))
			err = -ENOMEM;
	}
	if (!err)
		err = add_processor(c->root, o);
	if (!err && json_object_set_new(o, "disks", list_disks(c->root)))
		err = -ENOMEM;
	if (!err)
		return collect_add(ret, o);
	json_decref(o);
	return err;
}

const struct collector collector_hardware = {
	.section = "hardware",
	.kind = SECTION_OBJECT,
	.collect = collect,
};
