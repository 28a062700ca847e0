/*
 * The body of a policy: what head office writes, and desks read. A JSON object:
 *
 *	{"heartbeat_s": 60,
 *	 "guards": {"antivirus": {"mode": "off|observe|warn|enforce", "definitions_max_days": 7}}}
 *
 * Every guard has a mode; what else it needs is its own affair. A word that is not known here is
 * left alone, so that a newer head office and an older desk go together; a known word of a wrong
 * type makes the whole one refused. Signing adds "epoch" and "number".
 */
#pragma once

#include <jansson.h>

#include "base/util.h"

/* Observe tells the server alone, warn tells the person too, enforce decides the posture. */
enum guard_mode { GUARD_OFF, GUARD_OBSERVE, GUARD_WARN, GUARD_ENFORCE };

const char *guard_mode_name(enum guard_mode m); /* "enforce" */
int guard_mode_parse(const char *name, enum guard_mode *ret) MUST_CHECK;

#define POLICY_BODY_MAX 32768 /* bytes as it is signed, epoch and number in it */
#define POLICY_DEPTH_MAX 12
#define POLICY_WHERE_SIZE 160

/* 0, or -EINVAL with the place of the first wrong word in `where`: "guards.antivirus.mode". Real
 * numbers are refused: two writers print them in two ways. So are names with a dot, or longer than
 * 60 bytes: a place would not say which word is meant. */
int policy_body_check(const json_t *body, char where[static POLICY_WHERE_SIZE]) MUST_CHECK;
/*
 * What differs, as [{"path": "guards.antivirus.mode", "was": "observe", "is": "warn"}, ...] in
 * order of the paths; "was" or "is" lacks where a word is new or gone. Versions do not count; `was`
 * may be NULL. NULL: no memory.
 */
json_t *policy_body_changes(const json_t *was, const json_t *is);
