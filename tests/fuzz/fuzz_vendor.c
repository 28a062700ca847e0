/* A vendor's file of a stranger: it is taken and every packet made with it is one, or refused. */
#include <stdlib.h>
#include <string.h>

#include "vendor/configuration.h"
#include "vendor/say.h"

static const struct vendor_session session = {.session_id = "0000001A",
					      .calling = "00-11-22-33-44-55",
					      .port_id = "GigabitEthernet0/0/1",
					      .user = "lina",
					      .switch_address = "10.1.0.11",
					      .terminal_address = "2001:db8::1",
					      .has_nas_port = true,
					      .nas_port = 7,
					      .class_value = (const uint8_t *)"\0\1\2",
					      .class_len = 3,
					      .now_s = 1700000000};

static void say_everything(const struct vendor *v, struct radius_out *out)
{
	vendor_put_place(v,
			 &(struct vendor_place){.vlan = "10",
						.reach = "10.1.0.2:8443 10.1.0.53:53/udp",
						.voice_vlan = "voice"},
			 out);
	vendor_put_place(v, &(struct vendor_place){.acl = "3999"}, out);
	vendor_put_timeout(v, 28800, out);
	vendor_put_session(v, &session, out);
	vendor_put_command(v, VENDOR_USE_BOUNCE, out);
	vendor_put_command(v, VENDOR_USE_REAUTHENTICATE, out);
}

/* Whatever the rules are, a name is text that has a place. */
static void name_port(const struct vendor *v, const char *word)
{
	char name[VENDOR_PORT_SIZE];

	if (vendor_port_name(&v->ports, word, name) == 0 &&
	    strnlen(name, sizeof(name)) == sizeof(name))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct configuration words = {.name = "s", .address = "10.1.0.11", .secret = "{x}"};
	CLEANUP_BUF struct buf text = BUF_INIT;
	CLEANUP_VENDOR struct vendor *v = NULL;
	char error[VENDOR_ERROR_SIZE] = "";
	struct radius_packet packet;
	struct radius_out out;
	int err = vendor_parse("x/some.conf", data, len, &v, error);

	if ((err == 0) != (error[0] == 0) || (err == 0) != (v != NULL))
		abort(); /* a refusal without a sentence, or the other way round */
	if (err)
		return 0;
	radius_begin_request(&out, RADIUS_COA_REQUEST, 1);
	say_everything(v, &out);
	if (!out.error) {
		set_be16(out.data + 2, (uint16_t)out.len);
		if (radius_parse(out.data, out.len, &packet) && out.len < 600)
			abort(); /* of more attributes than a packet may have, it may be none */
	}
	configuration_write(v->configuration, &words, &text);
	name_port(v, "slot=0;subslot=0;port=1;vlanid=10;interfaceName=GigabitEthernet0/0/1");
	name_port(v, "4106");
	name_port(v, "GE0/0/1");
	return 0;
}
