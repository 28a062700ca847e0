/*
 * Accounting (RFC 2866): records in the order in which they happened, one under way at a time, each
 * sent until it is answered. The queue is bounded: when gates are away for long, interim records go
 * first, then the oldest Start.
 */
#pragma once

#include "port/gates.h"
#include "port/request.h"

#define ACCOUNTING_QUEUE_MAX 2048

struct accounting;

int accounting_new(struct loop *loop, const struct settings *settings, struct gates *gates,
		   struct accounting **ret) MUST_CHECK;
void accounting_free(struct accounting *a);
/* Copies the record. -ENOMEM: it is lost (and logged). */
int accounting_add(struct accounting *a, const struct request_account *record);
/* Records that no gate has acknowledged yet. */
size_t accounting_waiting(const struct accounting *a);
