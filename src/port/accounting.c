#include "port/accounting.h"

#include "base/log.h"

struct entry {
	struct entry *next;
	struct request_account record;
};

struct accounting {
	const struct settings *settings;
	struct gates *gates;
	struct entry *first, **end;
	size_t count;
	unsigned failures; /* in a row */
	struct gates_request *under_way;
	struct loop_timer *retry;
	bool told_full;
};

static void send_first(struct accounting *a);

static void on_retry(void *arg)
{
	send_first(arg);
}

static void drop_entry(struct accounting *a, struct entry **at)
{
	struct entry *e = *at;

	*at = e->next;
	if (a->end == &e->next)
		a->end = at;
	a->count--;
	free(e);
}

static void on_done(void *arg, int err, const struct radius_packet *answer, size_t gate)
{
	struct accounting *a = arg;

	(void)answer;
	(void)gate;
	a->under_way = NULL;
	if (err) {
		loop_timer_arm(a->retry, radius_retry_ms(a->failures++));
		return;
	}
	a->failures = 0;
	drop_entry(a, &a->first);
	send_first(a);
}

static void send_first(struct accounting *a)
{
	struct gates_request *req;

	if (a->under_way || !a->first)
		return;
	req = gates_begin(a->gates, GATES_ACCT, RADIUS_ACCOUNTING_REQUEST);
	if (req) {
		request_put_account(&req->out, a->settings, &a->first->record);
		if (gates_send(req, GATES_ANY, on_done, a) == 0) {
			a->under_way = req;
			return;
		}
	}
	loop_timer_arm(a->retry, radius_retry_ms(a->failures++));
}

/* The first entry may be under way and stays; the Stop of a session weighs most. */
static void make_room(struct accounting *a)
{
	static const uint32_t order[] = {RADIUS_ACCT_INTERIM, RADIUS_ACCT_START, RADIUS_ACCT_STOP};

	if (!a->told_full)
		log_warn("%zu accounting records wait for a gate; the least important are dropped",
			 a->count);
	a->told_full = true;
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		for (struct entry **at = &a->first->next; *at; at = &(*at)->next) {
			if ((*at)->record.status != order[i])
				continue;
			drop_entry(a, at);
			return;
		}
	}
}

int accounting_add(struct accounting *a, const struct request_account *record)
{
	struct entry *e = malloc(sizeof(*e));

	if (!e) {
		log_error("%s: no memory for an accounting record", record->port);
		return -ENOMEM;
	}
	if (a->count >= ACCOUNTING_QUEUE_MAX)
		make_room(a);
	else
		a->told_full = false;
	*e = (struct entry){.record = *record};
	*a->end = e;
	a->end = &e->next;
	a->count++;
	if (!loop_timer_is_armed(a->retry))
		send_first(a);
	return 0;
}

size_t accounting_waiting(const struct accounting *a)
{
	return a->count;
}

int accounting_new(struct loop *loop, const struct settings *settings, struct gates *gates,
		   struct accounting **ret)
{
	struct accounting *a = calloc(1, sizeof(*a));
	int err;

	if (!a)
		return -ENOMEM;
	a->settings = settings;
	a->gates = gates;
	a->end = &a->first;
	err = loop_timer_new(loop, on_retry, a, &a->retry);
	if (err) {
		free(a);
		return err;
	}
	*ret = a;
	return 0;
}

void accounting_free(struct accounting *a)
{
	if (!a)
		return;
	gates_cancel(a->under_way);
	while (a->first)
		drop_entry(a, &a->first);
	loop_timer_free(a->retry);
	free(a);
}
