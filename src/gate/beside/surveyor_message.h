/*
 * One packet of menshen-survey (src/survey/gate_line.h, src/survey/bulletin.h). Texts are clean;
 * those that are not, or do not fit, are left out or cut: a record must never be refused for what a
 * stranger calls itself.
 */
#pragma once

#include "base/mac.h"
#include "wire/frame.h"

#define SURVEYOR_MESSAGE_MAX 2048

enum surveyor_type {
	SURVEYOR_BOUNCED,
	SURVEYOR_NEIGHBOUR,
	SURVEYOR_REPORT, /* what goes on to head office */
};

struct surveyor_message {
	enum surveyor_type type;
	/* of a bounce */
	uint64_t number; /* the order's, from 1 on */
	bool ok;
	char said[96];
	/* of a neighbour */
	int64_t switch_id;
	bool has_mac; /* else it is known by its name alone */
	struct mac mac;
	char port[64], name[64];
	/* of a report: a frame and its message */
	enum frame_type frame;
	union {
		menshen_SurveySwitch seen;
		menshen_SurveyPort at;
		menshen_SurveyMacs macs;
		menshen_SurveyNeighbour link;
		menshen_SurveyEnd end;
	} report;
};

/* -EBADMSG: none of these. */
int surveyor_parse(const char *text, size_t len, struct surveyor_message *ret) MUST_CHECK;
