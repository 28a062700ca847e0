/*
 * The one message that a gate writes with every knock, encoded by hand: a third of what the general
 * walk costs. What it writes is what frame_encode() would.
 */
#pragma once

#include "wire/frame.h"

/* Appends a FRAME_RECORD. Errors stick in `to`. */
int frame_encode_record(struct buf *to, const menshen_Record *r);
