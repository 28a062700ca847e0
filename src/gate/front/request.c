#include "gate/front/request.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Absent is fine, malformed is not. */
static int optional_text(const struct radius_packet *p, uint8_t type, char *dst, size_t size)
{
	int err = radius_get_text(p, type, dst, size);

	if (err == -ENOENT) {
		dst[0] = 0;
		return 0;
	}
	return err ? -EBADMSG : 0;
}

/* A switch's word may be longer than its port's name: Huawei's is of 72 bytes. */
static int read_port(struct request *r)
{
	char word[VENDOR_PORT_WORD_MAX + 1];
	int err = optional_text(&r->packet, RADIUS_NAS_PORT_ID, word, sizeof(word));

	if (!err && !text_is_clean(word, strlen(word)))
		err = -EBADMSG;
	if (!err)
		err = radius_get_u32(&r->packet, RADIUS_NAS_PORT, &r->nas_port);
	if (err && err != -ENOENT)
		return err;
	if (!err && !word[0])
		snprintf(word, sizeof(word), "%u", r->nas_port);
	return vendor_port_name(r->ports, word, r->port) ? -EBADMSG : 0;
}

int request_read(struct request *r)
{
	int err;

	r->nas_port = 0;
	r->has_mac = false;
	err = optional_text(&r->packet, RADIUS_CALLING_STATION_ID, r->calling, sizeof(r->calling));
	if (!err)
		err = optional_text(&r->packet, RADIUS_USER_NAME, r->user_name,
				    sizeof(r->user_name));
	if (!err)
		err = read_port(r);
	if (err)
		return err;
	r->has_mac = mac_parse(r->calling, &r->mac) == 0 && !mac_is_multicast(&r->mac);
	return 0;
}

/* Each kind of request has its port, a connection takes them all; anything else is noise. */
static bool belongs_here(const struct request *r)
{
	switch (r->packet.code) {
	case RADIUS_ACCESS_REQUEST:
		return r->stream || !socket_is_acct(r->socket);
	case RADIUS_ACCOUNTING_REQUEST:
		return r->stream || socket_is_acct(r->socket);
	case RADIUS_STATUS_SERVER:
		return true;
	default:
		return false;
	}
}

int request_open(struct request *r, const uint8_t *data, size_t len)
{
	if (radius_parse(data, len, &r->packet) || !belongs_here(r) || request_read(r))
		return -EBADMSG;
	r->key.port = addr_port(&r->from);
	r->key.socket = r->socket;
	r->key.id = r->packet.id;
	memcpy(r->key.authenticator, r->packet.authenticator, sizeof(r->key.authenticator));
	return 0;
}

bool request_names_its_mac(const struct request *r)
{
	struct mac named;

	return r->has_mac && mac_parse(r->user_name, &named) == 0 && mac_equal(&named, &r->mac);
}

bool request_repeats(const struct request *r, const struct request *earlier)
{
	return r->lane == earlier->lane && r->duplicate.at == earlier->duplicate.at &&
	       r->duplicate.generation == earlier->duplicate.generation;
}
