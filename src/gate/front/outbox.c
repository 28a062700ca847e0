#include "gate/front/outbox.h"

struct outbox {
	struct sender *sender;
	size_t count;
	struct radius_out letters[OUTBOX_SIZE];
	struct addr to[OUTBOX_SIZE];
	struct parcel parcels[OUTBOX_SIZE];
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

void outbox_flush(struct outbox *o)
{
	sender_send(o->sender, o->parcels, o->count);
	o->count = 0;
}
