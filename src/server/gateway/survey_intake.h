/*
 * What switches said over SNMP on its way in, one switch of a gate at a time:
 *
 *	idle ─SurveySwitch─> filling ─SurveyEnd─> at the engine ─committed─> idle, SurveyTaken
 *
 * 1. What is too much, or comes before the last one was taken, is dropped; the gate's survey tells
 *    it again.
 * 2. Nothing is known of a switch by halves: it is applied in one transaction, or not at all.
 */
#pragma once

#include "server/gateway/conn.h"

struct survey_intake;

int survey_intake_new(struct survey_intake **ret) MUST_CHECK;
void survey_intake_free(struct survey_intake *in);
/* The connection's one. */
struct survey_intake *gate_survey(const struct conn *c);
/* A Survey frame of the gate `gate`. -EBADMSG: none that may come. */
int survey_intake_frame(struct conn *c, struct survey_intake *in, const char *gate,
			const struct frame *f) MUST_CHECK;
