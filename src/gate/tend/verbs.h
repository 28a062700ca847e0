/*
 * What a person at the gate can say (menshen-gate(8)): one table of verbs, for the socket that
 * obeys them and for the command line that asks. An answer is an object; one with "error" says why
 * not, one with "text" is printed as that.
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "gate/gate.h"

struct call {
	struct gate *gate;
	const json_t *args; /* "verb" and what it needs */
	unsigned uid;	    /* of who asks, as the kernel says */
};

/* NULL: no such verb. */
json_t *verbs_run(const struct call *c);
/* argv[0] is the verb. NULL: unknown or malformed. */
json_t *verbs_parse(int argc, char **argv);
void verbs_print_usage(FILE *to);

/* For the verbs themselves. */
json_t *verb_failure(const char *text);
const char *verb_text(const struct call *c, const char *name); /* "" when it is not there */
json_t *verb_show_session(const struct gate *g, const struct session *n);

/* verbs_terminal.c: about one MAC. */
json_t *verb_explain(const struct call *c);
json_t *verb_isolate(const struct call *c);
json_t *verb_release(const struct call *c);
json_t *verb_disconnect(const struct call *c);
json_t *verb_relearn(const struct call *c);
