/*
 * What a switch said over SNMP takes the place of what was known of it: its ports, who stands at
 * them, its neighbours. Live views alone, outside the audit log; who left is kept for a while with
 * the time when he was there last.
 */
#pragma once

#include "store/store.h"
#include "wire/frame.h"

#define SURVEY_KEPT_MS (30 * DAY_MS) /* where a MAC stood last */

/* Whether `f` is one of those that follow a SurveySwitch, and its texts are clean. */
bool survey_frame_is_fine(const struct frame *f);
/*
 * Inside apply(). `frames`: what came between the SurveySwitch and its end, each of them fine.
 * `*ret_again`: what is known of the switch is not what this gate told last. A switch that is not
 * (or no longer) on the inventory leaves nothing.
 */
int survey_effect(struct store *s, int64_t now_ms, const char *gate,
		  const menshen_SurveySwitch *seen, const struct buf *frames,
		  bool *ret_again) MUST_CHECK;
