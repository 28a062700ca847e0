/* What anybody on the wire may say about addresses: ARP and neighbour advertisements. */
#include "policy/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct claim c;

	if (claim_parse_arp(data, len, &c) == 0 && mac_is_multicast(&c.mac))
		abort();
	if (claim_parse_nd(data, len, &c) == 0 && mac_is_multicast(&c.mac))
		abort();
	return 0;
}
