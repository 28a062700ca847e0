/*
 * What a gate says of a bypass that a person began or ended on it:
 *
 *	unit 4: bypass until 2026-11-23T09:25:00.000Z by uid 0: reason
 *	unit 4: bypass ended by uid 0
 *
 * A note that is not so is an alarm and no more: the gate's word stands in the log either way.
 */
#pragma once

#include "server/engine/bypass.h"

/* Unit, words (`why`, inside `note`) and, at a beginning, the end. -EBADMSG or -EINVAL. */
int bypass_note_parse(const char *note, struct bypass_spec *ret) MUST_CHECK;
