/*
 * A switch's word for a port, by the rules of Huawei's and Cisco's files: it gets a name that has a
 * place and is that port's, or stays as it came, or is too long.
 */
#include <stdlib.h>
#include <string.h>

#include "vendor/port_name.h"

static const char *const lines[][2] = {
	{"name", "{interfaceName}"},
	{"name", "GigabitEthernet{slot}/{subslot}/{port}"},
	{"number", "slot 8 subslot 4 port 8 vlanid 12"},
	{"begin", "GE GigabitEthernet"},
	{"begin", "TenGigabitEthernet Te"},
};

static void check(const struct vendor_ports *p, const char *word)
{
	char name[VENDOR_PORT_SIZE];
	int err = vendor_port_name(p, word, name);

	if (err && (err != -EMSGSIZE || strlen(word) < VENDOR_PORT_SIZE))
		abort();
	if (!err && (strnlen(name, sizeof(name)) == sizeof(name) || !vendor_port_is(p, word, name)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct vendor_ports none;
	struct vendor_ports p = none;
	char word[VENDOR_PORT_WORD_MAX + 1];
	const char *wanted;

	if (len >= sizeof(word))
		return 0;
	memcpy(word, data, len);
	word[len] = 0;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (vendor_ports_set(&p, lines[i][0], lines[i][1], &wanted))
			abort();
	check(&p, word);
	check(&none, word);
	return 0;
}
