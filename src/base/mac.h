/* MAC addresses (IEEE 802): six bytes, read in any notation that people and switches write. */
#pragma once

#include "base/util.h"

#define MAC_TEXT_SIZE 18

struct mac {
	uint8_t b[6];
};

/* aa:bb:.., AA-BB-.., aabb.ccdd.eeff, aabbccddeeff: twelve digits, separators in even places. */
int mac_parse(const char *s, struct mac *ret) MUST_CHECK;
int mac_parse_n(const char *s, size_t len, struct mac *ret) MUST_CHECK;
void mac_format(char dst[static MAC_TEXT_SIZE], const struct mac *mac); /* aa:bb:cc:dd:ee:ff */
bool mac_equal(const struct mac *a, const struct mac *b);
bool mac_is_multicast(const struct mac *mac);
/* Randomised by the system or made up by a person (IEEE 802, U/L bit). */
bool mac_is_local(const struct mac *mac);
