#include "server/gateway/stay_effect.h"

#include "base/addr.h"
#include "base/text.h"
#include "policy/verdict.h"
#include "server/engine/stay_addresses.h"

struct stay_ended {
	struct stay_ended *next;
	struct store_stay stay;
	struct stay_addresses addresses;
	char session[64], why[32];
};

/* As the live view has it before the record. */
struct known {
	bool is_known, is_over;
	int64_t began_at, heard_at;
};

static int read_known(struct store *s, const char *session, struct known *ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(store_writer(s), STMT_LIVE_SESSION_STATE, STORE_ARGS(v_text(session)),
			     &c);

	*ret = (struct known){0};
	if (!r)
		r = store_next(c);
	if (r == 1)
		*ret = (struct known){true, store_int(c, 0) != 0, store_int(c, 1), store_int(c, 2)};
	return MIN(r, 0);
}

static struct store_value text_of(const char *s)
{
	return v_text(s ? s : "");
}

static int put_session(struct store *s, const struct store_record *r, const menshen_Record *w,
		       const struct session_word *word, int64_t ended_at)
{
	int64_t began_at = w->began_at_ms ? w->began_at_ms : r->at_ms;
	int64_t heard_at = w->heard_at_ms ? w->heard_at_ms : r->at_ms;

	return store_exec(s, STMT_LIVE_SESSION_PUT,
			  STORE_ARGS(v_text(w->session), v_text(word->gate), v_mac(r->mac),
				     v_int_or_null(r->terminal_id), text_of(r->account),
				     v_int(r->switch_id), text_of(r->port), v_int(r->unit_id),
				     v_text(w->address),
				     v_text(knock_method_name((enum knock_method)w->method)),
				     text_of(r->verdict), text_of(r->reason), v_int(heard_at),
				     v_int_or_null(ended_at), v_text(ended_at ? w->note : ""),
				     v_int((int64_t)w->octets_in), v_int((int64_t)w->octets_out),
				     v_int(began_at), v_int(word->proves && !ended_at),
				     v_text(w->vlan), v_int(word->now_ms)),
			  NULL);
}

static int put_address(struct store *s, const struct store_record *r, const menshen_Record *w)
{
	uint8_t key[16];
	struct addr a;

	if (!addr_is_host(w->address) || addr_parse(w->address, 0, &a))
		return 0;
	addr_host_key(&a, key);
	return store_exec(s, STMT_LIVE_ADDRESS_PUT,
			  STORE_ARGS(v_text(w->session), v_blob(key, sizeof(key)),
				     v_text(w->address), v_text(w->address_source),
				     v_int(r->at_ms)),
			  NULL);
}

static int end_stay(struct store *s, struct store_record *r, const menshen_Record *w,
		    const struct known *known, int64_t ended_at, struct stays_ended *ended)
{
	struct stay_ended *e = calloc(1, sizeof(*e));
	const char *why = strchr(r->kind, '.');
	int err;

	if (!e)
		return -ENOMEM;
	e->next = ended->first;
	ended->first = e;
	err = text_copy(e->session, sizeof(e->session), w->session);
	if (!err)
		err = text_copy(e->why, sizeof(e->why), why ? why + 1 : r->kind);
	e->stay = (struct store_stay){.session = e->session,
				      .why = e->why,
				      .began_at = w->began_at_ms    ? w->began_at_ms
						  : known->is_known ? known->began_at
								    : r->at_ms,
				      .heard_at = w->heard_at_ms    ? w->heard_at_ms
						  : known->is_known ? known->heard_at
								    : r->at_ms,
				      .ended_at = ended_at};
	if (!err)
		err = stay_addresses_read(store_writer(s), e->session, &e->addresses);
	e->stay.addresses = e->addresses.list;
	e->stay.address_count = e->addresses.count;
	if (!err)
		err = store_exec(s, STMT_LIVE_ADDRESS_CLEAR, STORE_ARGS(v_text(e->session)), NULL);
	if (!err)
		r->stay = &e->stay;
	return err;
}

int stay_effect(struct store *s, struct store_record *r, const menshen_Record *w,
		const struct session_word *word, struct stays_ended *ended)
{
	int64_t ended_at = w->ended_at_ms ? w->ended_at_ms : word->is_over ? r->at_ms : 0;
	struct known known;
	int err = read_known(s, w->session, &known);

	if (!err)
		err = put_session(s, r, w, word, ended_at);
	if (!err && !(ended_at && known.is_over))
		err = put_address(s, r, w);
	if (err || !ended_at || known.is_over)
		return err;
	return end_stay(s, r, w, &known, ended_at, ended);
}

void stays_ended_free(struct stays_ended *ended)
{
	while (ended->first) {
		struct stay_ended *e = ended->first;

		ended->first = e->next;
		free(e);
	}
}
