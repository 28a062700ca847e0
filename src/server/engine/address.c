#include "server/engine/address.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define OF_ONE_MAC 64

static void subject_of(char dst[static ACT_SUBJECT_SIZE], const char *ip)
{
	snprintf(dst, ACT_SUBJECT_SIZE, "address:%s", ip);
}

int address_parse(const char *text, char ret[static ADDR_TEXT_SIZE])
{
	struct addr a;

	if (!addr_is_host(text) || addr_parse(text, 0, &a))
		return -EINVAL;
	addr_format_host(ret, &a);
	return 0;
}

int address_bound(struct store_db *db, const char *ip, int64_t *ret_id, struct mac *ret,
		  int64_t *ret_unit)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(db, STMT_ADDRESS_BOUND, STORE_ARGS(v_text(ip)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r;
	*ret_id = store_int(c, 0);
	*ret_unit = store_int(c, 2);
	r = store_mac(c, 1, ret);
	return r ? r : 1;
}

static json_t *pair(const char *ip, const struct mac *mac, const char *why)
{
	char text[MAC_TEXT_SIZE];

	mac_format(text, mac);
	return json_pack("{s:s, s:s, s:s}", "address", ip, "mac", text, "reason", why);
}

int address_bind(struct store *s, int64_t now_ms, const struct entry_actor *who,
		 const struct address_spec *spec, int64_t *ret_id)
{
	char subject[ACT_SUBJECT_SIZE];
	struct mac bound;
	int64_t id, unit;
	int r = address_bound(store_writer(s), spec->ip, &id, &bound, &unit);

	if (r)
		return r < 0 ? r : mac_equal(&bound, &spec->mac) ? -EALREADY : -EEXIST;
	r = store_insert(s, STMT_ADDRESS_INSERT,
			 STORE_ARGS(v_text(spec->ip), v_mac(&spec->mac), v_int(spec->unit_id),
				    v_int_or_null(spec->request_id), v_text(spec->note),
				    v_int(now_ms), v_int(store_rev(s))),
			 &id);
	if (r)
		return r;
	subject_of(subject, spec->ip);
	r = act_log(s, now_ms, who, "address.bind", spec->unit_id, subject,
		    pair(spec->ip, &spec->mac, spec->note));
	if (!r)
		*ret_id = id;
	return r;
}

int address_release(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		    const char *why)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	char subject[ACT_SUBJECT_SIZE];
	struct mac mac;
	int r = store_select(store_writer(s), STMT_ADDRESS_BY_ID, STORE_ARGS(v_int(id)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	if (!store_is_null(c, 3))
		return -EALREADY;
	r = store_mac(c, 1, &mac);
	if (!r)
		r = store_exec(s, STMT_ADDRESS_END,
			       STORE_ARGS(v_int(id), v_int(now_ms), v_int(store_rev(s))), NULL);
	if (r)
		return r;
	subject_of(subject, store_text(c, 0));
	return act_log(s, now_ms, who, "address.release", store_int(c, 2), subject,
		       pair(store_text(c, 0), &mac, why));
}

static bool is_another(const char *ip, const char *other)
{
	return !strchr(ip, ':') == !strchr(other, ':') && strcmp(ip, other) != 0;
}

/* The ids first: releasing changes what is read. */
static int others_of(struct store_db *db, const struct mac *mac, const char *ip,
		     int64_t ids[static OF_ONE_MAC], size_t *ret_count)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	size_t count = 0;
	int r = store_select(db, STMT_ADDRESS_OF_MAC, STORE_ARGS(v_mac(mac)), &c);

	while (!r && count < OF_ONE_MAC && (r = store_next(c)) == 1) {
		r = 0;
		if (is_another(ip, store_text(c, 1)))
			ids[count++] = store_int(c, 0);
	}
	*ret_count = count;
	return MIN(r, 0);
}

int address_release_others(struct store *s, int64_t now_ms, const struct entry_actor *who,
			   const struct mac *mac, const char *ip, const char *why)
{
	int64_t ids[OF_ONE_MAC];
	size_t count;
	int r = others_of(store_writer(s), mac, ip, ids, &count);

	for (size_t i = 0; !r && i < count; i++)
		r = address_release(s, now_ms, who, ids[i], why);
	return r;
}
