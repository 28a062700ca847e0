/*
 * The line to menshen-survey beside this gate (src/survey/gate_line.h has the messages), over
 * run_dir/survey.sock (SOCK_SEQPACKET). It is handed the region's switches that have an SNMP
 * credential, and all of them again when one changed; it says which neighbour of a switch is no
 * switch of ours, which becomes a finding with switch and port, and bounces ports. What it tells of
 * a switch goes on to head office as it comes, while that can be heard, and head office's word goes
 * back; nothing of it is kept here.
 *
 * Root, the gate's own user and `user` of [survey] may connect, one at a time; the newest wins.
 * What comes in is bounded, and a message that is none ends the connection. One thread.
 */
#pragma once

#include "gate/gate.h"

struct surveyor;

int surveyor_new(struct gate *g, struct surveyor **ret) MUST_CHECK;
void surveyor_free(struct surveyor *s);
void surveyor_snapshot_changed(struct surveyor *s); /* NULL is fine */
/* Head office can be heard and takes what switches say, or not. NULL is fine. */
void surveyor_office(struct surveyor *s, bool is_there);
void surveyor_taken(struct surveyor *s, const menshen_SurveyTaken *m);

/* `said`: what came of it, in a few words. Called once, by surveyor_free() at the latest. */
typedef void surveyor_bounced_fn(void *arg, bool ok, const char *said);
/*
 * -ENOENT: the switch is not asked over SNMP; -ENOTCONN: nobody asks; -EBUSY: 32 are under way.
 * After two minutes without a word `said` says so.
 */
int surveyor_bounce(struct surveyor *s, int64_t switch_id, const char *port,
		    surveyor_bounced_fn *fn, void *arg) MUST_CHECK;
