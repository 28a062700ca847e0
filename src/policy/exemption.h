/*
 * What a terminal is exempt from, as a text "what:until,what:until": `what` is a posture check (a
 * guard's name, or one of its reasons, "antivirus.old"), or one of the two rules below; `until` is
 * wall-clock milliseconds. Pure.
 */
#pragma once

#include "base/util.h"

#define EXEMPT_SUPPLICANT "supplicant"	   /* stays by its MAC, without 802.1X */
#define EXEMPT_ACCOUNT_LIVE "account-live" /* its account may be live elsewhere, too */

/* Until when it is exempt from `what`; 0: it is not. */
int64_t exemption_until(const char *exemptions, const char *what);
/* Until when each check of `failing` ("antivirus.old,disk.full") is exempt; 0: one is not. */
int64_t exemption_of_posture(const char *exemptions, const char *failing);
