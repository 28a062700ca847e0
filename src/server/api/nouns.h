/* One file a noun; a new one is declared here and listed in routes.c. */
#pragma once

#include "server/api/list.h"

extern const struct route_noun session_routes, work_routes, unit_routes, person_routes,
	account_routes, import_routes, exemption_routes, preview_routes, terminal_routes,
	stream_routes, knock_routes, permit_routes, deny_routes, bypass_routes, campaign_routes,
	switch_routes, request_routes, proposal_routes, audit_routes, overview_routes,
	search_routes, policy_routes, gate_routes, breaker_routes, port_routes, explain_routes,
	snmp_routes, finding_routes, gear_routes, address_routes, switch_page_routes, report_routes;

extern const struct route_noun dry_run_routes, history_routes, period_routes, directory_routes;

/* Bodies and choices that several nouns share. */
extern const struct value_rule reason_fields[];
extern const char *const role_choices[],
	*const mode_choices[],
		*const post_choices[],
			*const terminal_kind_choices[],
				*const terminal_status_choices[],
					*const posture_choices[],
						*const verdict_choices[],
							*const request_status_choices[],
								*const import_kind_choices[];

#define READERS_ALL                                                                                \
	(ROLE_SECURITY | ROLE_SYSTEM | ROLE_REGIONAL | ROLE_AUDITOR | ROLE_APPROVER |              \
	 ROLE_DEVICE_OFFICER)

/* Answers that several nouns give. */
int answer_proposal(struct call *c, unsigned status, int64_t id) MUST_CHECK;
/* Adds may_decide to a proposal's row; drops its unit's path. */
void proposal_finish(struct call *c, json_t *row);
/* A reason with its words; null for none. */
json_t *reason_json(const char *code);
int answer_terminal(struct call *c, int64_t id) MUST_CHECK;
/* An act about the switch of the path, answered with its row. */
int switch_run(struct call *c, int (*act)(struct deed *d)) MUST_CHECK;
/* As deed_over(), for the unit where that switch stands; -ENOENT: no such switch. */
int switch_over(struct deed *d, int64_t *ret_unit) MUST_CHECK;
/* The account as the contract writes it. */
int account_json(struct call *c, int64_t id, json_t **ret) MUST_CHECK;
