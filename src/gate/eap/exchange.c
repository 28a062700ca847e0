#include "gate/eap/exchange.h"

#include <string.h>

void exchange_append(struct exchange_list *l, struct exchange *x)
{
	x->older = l->newest;
	x->newer = NULL;
	*(l->newest ? &l->newest->newer : &l->oldest) = x;
	l->newest = x;
}

void exchange_unlink(struct exchange_list *l, struct exchange *x)
{
	*(x->older ? &x->older->newer : &l->oldest) = x->newer;
	*(x->newer ? &x->newer->older : &l->newest) = x->older;
}

struct asked *asked_take(struct asked_pool *p)
{
	struct asked *a = p->free;

	if (!a)
		return malloc(sizeof(*a));
	p->free = a->next_free;
	p->count--;
	return a;
}

void asked_give_back(struct asked_pool *p, struct asked *a)
{
	if (!a)
		return;
	if (p->count == ASKED_POOL_MAX) {
		free(a);
		return;
	}
	a->next_free = p->free;
	p->free = a;
	p->count++;
}

void asked_pool_done(struct asked_pool *p)
{
	while (p->free)
		free(asked_take(p));
}

void asked_adopt(struct asked *a, const struct request *r)
{
	memcpy(a->packet, r->packet.data, r->packet.len);
	a->request = *r;
	a->request.packet.data = a->packet;
	a->request.packet.authenticator = a->packet + 4;
}
