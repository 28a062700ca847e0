/*
 * What happens here, told to a bank's syslog collector: every alarm of the audit log, and the
 * records of desks and gates whose kinds the settings name, each as one message of RFC 5424 in
 *UTF-8 with structured data, by UDP (RFC 5426) or TCP with octet counting (RFC 6587 section 3.4.1).
 *
 *	gateway's threads ── syslog_records() ──> queue ──┐
 *	audit log (read by a timer) ───────────────────────┴──> the loop ──> collector
 *
 * 1. Nobody waits for the collector: the queue holds SYSLOG_QUEUE messages, one more is lost, and
 *    how many were lost is said to the collector when it takes messages again, and in the log.
 * 2. An alarm stays in the audit log until TCP takes it; after a start, the new ones alone are
 *told.
 * 3. A record is told after its commit (invariant 1) and once.
 */
#pragma once

#include "base/addr.h"
#include "base/loop.h"
#include "store/store.h"

#define SYSLOG_PORT 514
#define SYSLOG_QUEUE 4096
#define SYSLOG_MESSAGE_MAX 2048

struct syslog;

struct syslog_options {
	struct loop *loop; /* these two are borrowed */
	struct store *store;
	struct addr collector;
	bool tcp;
	const char *kinds; /* event_kinds_have(); borrowed as well */
};

int syslog_new(const struct syslog_options *options, struct syslog **ret) MUST_CHECK;
void syslog_free(struct syslog *s); /* NULL is fine; what is queued is not sent */
/* From any thread, never waits: committed records. */
void syslog_records(void *syslog, const struct store_record *records, size_t count);

/* One message; texts may be "". Values longer than what is kept are cut. */
struct syslog_message {
	int64_t at_ms;
	bool alarm;
	char kind[48], unit[40], terminal[40], reason[48], verdict[16], mac[24], account[64];
	char text[512]; /* for people */
};

/* Appends the message without frame; `host` is the machine's name, `pid` the program's number. */
void syslog_format(struct buf *to, const struct syslog_message *m, const char *host, unsigned pid);
