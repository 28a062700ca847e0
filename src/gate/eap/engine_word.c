#include "gate/eap/engine_word.h"

#include <string.h>

#include "base/text.h"

/* What the engine's own attributes say, as clean text; "" when absent. */
static void get_word(const struct radius_packet *p, uint8_t type, char *dst, size_t size)
{
	struct radius_attr a = {0};

	dst[0] = 0;
	if (radius_find_vendor(p, RADIUS_VENDOR_MENSHEN, type, &a) &&
	    text_is_clean((const char *)a.value, a.len) &&
	    text_copy_n(dst, size, (const char *)a.value, a.len))
		dst[0] = 0;
}

#define SERIAL_PREFIX "serial:"

enum reason engine_word_identity(const struct radius_packet *p, struct proven *who,
				 struct shown_certificate *ret_shown)
{
	char identity[RADIUS_VALUE_MAX + 1];

	get_word(p, RADIUS_MENSHEN_INNER_IDENTITY, identity, sizeof(identity));
	if (text_starts(identity, SERIAL_PREFIX)) {
		who->method = KNOCK_EAP_TLS;
		get_word(p, RADIUS_MENSHEN_ISSUER, ret_shown->issuer, sizeof(ret_shown->issuer));
		get_word(p, RADIUS_MENSHEN_CERT_NAME, ret_shown->name, sizeof(ret_shown->name));
		text_lower(identity);
		return text_copy(who->serial, sizeof(who->serial),
				 identity + strlen(SERIAL_PREFIX)) ||
				       !who->serial[0]
			       ? REASON_IDENTITY_MISSING
			       : REASON_OK;
	}
	return account_name(who->account, identity, strlen(identity)) ? REASON_IDENTITY_MISSING
								      : REASON_OK;
}

bool engine_word_directory_down(const struct radius_packet *p)
{
	char cause[64];

	get_word(p, RADIUS_MENSHEN_FAILURE_CAUSE, cause, sizeof(cause));
	return text_equal(cause, "directory-down");
}

bool engine_word_last_known(const struct radius_packet *p)
{
	char source[64];

	get_word(p, RADIUS_MENSHEN_SOURCE, source, sizeof(source));
	return text_equal(source, "last-known");
}

enum reason engine_word_cause(const struct radius_packet *p, struct proven *who)
{
	char cause[64], identity[RADIUS_VALUE_MAX + 1];
	enum reason reason;

	get_word(p, RADIUS_MENSHEN_FAILURE_CAUSE, cause, sizeof(cause));
	get_word(p, RADIUS_MENSHEN_INNER_IDENTITY, identity, sizeof(identity));
	(void)!account_name(who->account, identity, strlen(identity));
	reason = reason_from_code(cause);
	/* Without a word of the inner server the tunnel itself did not come about. */
	return reason == REASON_COUNT || reason <= REASON_GRACE ? REASON_METHOD_REFUSED : reason;
}
