#include "listener/arp.h"

#define ARP_SIZE 28

int arp_parse(const uint8_t *payload, size_t len, struct arp *ret)
{
	static const uint8_t head[6] = {0, 1, 8, 0, 6, 4}; /* Ethernet, IPv4, their lengths */
	struct arp a = {0};

	if (len < ARP_SIZE || memcmp(payload, head, sizeof(head)) != 0)
		return -EBADMSG;
	a.op = get_be16(payload + 6);
	memcpy(a.sender_mac.b, payload + 8, 6);
	ip_from_v4(&a.sender, payload + 14);
	memcpy(a.target_mac.b, payload + 18, 6);
	ip_from_v4(&a.target, payload + 24);
	if (a.op != ARP_REQUEST && a.op != ARP_REPLY)
		return -EBADMSG;
	a.probe = ip_is_zero(&a.sender);
	a.announcement = !a.probe && ip_equal(&a.sender, &a.target);
	*ret = a;
	return 0;
}
