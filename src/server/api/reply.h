/* Answers on the wire: JSON bodies, headers that every answer carries. */
#pragma once

#include "server/api/call.h"

/* Sends the call's answer, or the refusal that `r` and call->refused tell. */
enum MHD_Result reply_call(struct call *c, int r);
/* The security headers of every answer; `csp` NULL: of an API answer. */
void reply_secure(struct MHD_Response *response, const char *csp);
