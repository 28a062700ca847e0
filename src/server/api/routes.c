#include "server/api/nouns.h"

const struct route_noun *const route_nouns[] = {
	&session_routes,   &work_routes,      &unit_routes,	   &person_routes,
	&account_routes,   &import_routes,    &terminal_routes,	   &stream_routes,
	&knock_routes,	   &permit_routes,    &deny_routes,	   &bypass_routes,
	&campaign_routes,  &switch_routes,    &request_routes,	   &proposal_routes,
	&audit_routes,	   &overview_routes,  &search_routes,	   &policy_routes,
	&gate_routes,	   &breaker_routes,   &port_routes,	   &snmp_routes,
	&exemption_routes, &preview_routes,   &explain_routes,	   &finding_routes,
	&dry_run_routes,   &gear_routes,      &history_routes,	   &period_routes,
	&address_routes,   &directory_routes, &switch_page_routes, &report_routes,
};
const size_t route_noun_count = ARRAY_SIZE(route_nouns);

const struct value_rule reason_fields[] = {
	{RULE_REASON("reason"), .required = true},
	{.name = NULL},
};

const char *const role_choices[] = {"security", "system",	  "regional", "auditor",
				    "approver", "device-officer", NULL};
const char *const mode_choices[] = {"observe", "warn", "enforce", NULL};
const char *const post_choices[] = {"", "department-head", "device-officer", NULL};
const char *const terminal_kind_choices[] = {"pc",  "xpe",   "ce",    "printer", "camera",
					     "atm", "phone", "other", "visitor", NULL};
const char *const terminal_status_choices[] = {"applied",   "approved", "in-use",
					       "in-repair", "scrapped", NULL};
const char *const posture_choices[] = {"unknown", "good", "bad", "silent", NULL};
const char *const verdict_choices[] = {"reject", "isolate", "admit", NULL};
const char *const request_status_choices[] = {"pending", "approved", "refused", "withdrawn", NULL};
const char *const import_kind_choices[] = {"units", "people",	 "terminals",
					   "macs",  "addresses", NULL};
