#include "gate/front/outbox.h"

#include <string.h>

#include "crypto/secret.h"

struct outbox {
	struct sender *sender;
	size_t count, draft_count;
	struct radius_out letters[OUTBOX_SIZE];
	struct addr to[OUTBOX_SIZE];
	struct parcel parcels[OUTBOX_SIZE];
	/* Of those that are not signed yet. */
	struct radius_draft drafts[OUTBOX_SIZE];
	struct radius_secret secrets[OUTBOX_SIZE];
	uint8_t authenticators[OUTBOX_SIZE][RADIUS_AUTHENTICATOR_SIZE];
	struct duplicates *keepers[OUTBOX_SIZE];
	struct duplicate_ref refs[OUTBOX_SIZE];
};

int outbox_new(struct outbox **ret)
{
	CLEANUP_OUTBOX struct outbox *o = calloc(1, sizeof(*o));
	int err;

	if (!o)
		return -ENOMEM;
	err = sender_new(&o->sender);
	if (err)
		return err;
	*ret = TAKE_PTR(o);
	return 0;
}

void outbox_free(struct outbox *o)
{
	if (!o)
		return;
	sender_free(o->sender);
	secret_wipe(o->secrets, sizeof(o->secrets));
	free(o);
}

struct radius_out *outbox_room(struct outbox *o)
{
	if (o->count == OUTBOX_SIZE)
		outbox_flush(o);
	return &o->letters[o->count];
}

void outbox_add(struct outbox *o, int fd, const struct addr *to)
{
	size_t i = o->count++;

	o->to[i] = *to;
	o->parcels[i] = (struct parcel){fd, &o->to[i], o->letters[i].data, o->letters[i].len};
}

void outbox_add_unsigned(struct outbox *o, int fd, const struct addr *to,
			 const struct outbox_seal *seal)
{
	size_t i = o->draft_count++;

	memcpy(o->authenticators[i], seal->request_authenticator, sizeof(o->authenticators[i]));
	o->secrets[i] = *seal->secret;
	o->drafts[i] =
		(struct radius_draft){&o->letters[o->count], &o->secrets[i], o->authenticators[i]};
	o->keepers[i] = seal->duplicates;
	o->refs[i] = seal->duplicate;
	outbox_add(o, fd, to);
}

void outbox_sign(struct outbox *o)
{
	radius_finish_many(o->drafts, o->draft_count);
	for (size_t i = 0; i < o->draft_count; i++)
		duplicates_answer(o->keepers[i], o->refs[i], o->drafts[i].out->data,
				  o->drafts[i].out->len);
	o->draft_count = 0;
}

void outbox_flush(struct outbox *o)
{
	outbox_sign(o);
	sender_send(o->sender, o->parcels, o->count);
	o->count = 0;
}
