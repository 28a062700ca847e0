/* Private to the gateway: what enrolment and renewal share with a connected agent. */
#pragma once

#include "server/engine/certificate.h"
#include "server/gateway/conn.h"

/* A RenewRequest; the answer comes when it is committed. */
int enrolling_renew(struct conn *c, const struct frame *f) MUST_CHECK;
int enrolling_put_certificate(const struct buf *pem, menshen_EnrolAnswer *answer) MUST_CHECK;
void enrolling_send_answer(struct conn *c, int err, const menshen_EnrolAnswer *answer);
