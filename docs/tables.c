/* Prints the tables of docs/ from the product's own: menshen-tables reasons|events|names. `make
 * docs` writes the pages, a test compares them; `names` is for the test that reads the sources.
 */
#include <stdio.h>
#include <string.h>

#include "policy/event.h"
#include "policy/finding.h"
#include "policy/reason.h"
#include "server/engine/act_names.h"

static void print_reasons(void)
{
	puts("# Reasons\n\n"
	     "Made from `src/policy/reason.c` by `make docs`: do not edit. Every verdict carries "
	     "one of\n"
	     "these; user, administrator, switch log and record see the same code and words.\n\n"
	     "| code | clause | Chinese | English | what to do |\n|---|---|---|---|---|");
	for (unsigned r = REASON_OK; r < REASON_COUNT; r++) {
		const struct reason_text *t = reason_text((enum reason)r);

		printf("| `%s` | %s | %s | %s | %s%s%s |\n", t->code, t->clause, t->zh, t->en,
		       t->zh_todo, t->zh_todo[0] ? "<br>" : "", t->en_todo);
	}
}

static void print_kinds(enum event_source source, const char *title)
{
	printf("\n### %s\n\n| kind | alarm | Chinese | English |\n|---|---|---|---|\n", title);
	for (size_t i = 0; i < event_kind_count; i++) {
		const struct event_kind *k = &event_kinds[i];

		if (k->source == source)
			printf("| `%s` | %s | %s | %s |\n", k->name, k->alarm ? "yes" : "", k->zh,
			       k->en);
	}
}

static void print_findings(void)
{
	puts("\n## Findings\n\n"
	     "Made from `src/policy/finding.c`. The code is the reason of a record `finding`.\n\n"
	     "| code | clause | Chinese | English | what to do |\n|---|---|---|---|---|");
	for (unsigned f = 0; f < FINDING_COUNT; f++) {
		const struct finding_text *t = finding_text((enum finding)f);

		printf("| `%s` | %s | %s | %s | %s<br>%s |\n", t->code, t->clause, t->zh, t->en,
		       t->zh_todo, t->en_todo);
	}
}

static void print_events(void)
{
	puts("# Events\n\n"
	     "Made from `src/server/engine/act_names.c` and `src/policy/event.c` by `make docs`: "
	     "do not edit.\n\n"
	     "## Acts of the audit log\n\n"
	     "Each is one entry, written in the transaction that changes the state. A name that "
	     "ends with\n"
	     "a dot begins a family.\n\n"
	     "| act | clause | Chinese | English |\n|---|---|---|---|");
	for (size_t i = 0; i < act_name_count; i++) {
		const struct act_name *a = &act_names[i];

		printf("| `%s` | %s | %s | %s |\n", a->act, a->clause, a->zh, a->en);
	}
	puts("\n## Mass records\n\n"
	     "They lie in monthly files; each commit's entry in the audit log keeps their root. An "
	     "alarm\n"
	     "is also an entry of the same name.");
	print_kinds(EVENT_GATE, "From gates");
	print_kinds(EVENT_AGENT, "From agents");
	print_findings();
}

static void print_names(void)
{
	for (size_t i = 0; i < act_name_count; i++)
		printf("act %s\n", act_names[i].act);
	for (size_t i = 0; i < event_kind_count; i++)
		printf("%s %s\n", event_kinds[i].source == EVENT_GATE ? "gate" : "agent",
		       event_kinds[i].name);
}

static const struct {
	const char *name;
	void (*print)(void);
} tables[] = {{"reasons", print_reasons}, {"events", print_events}, {"names", print_names}};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < ARRAY_SIZE(tables); i++)
		if (!strcmp(tables[i].name, argv[1])) {
			tables[i].print();
			return 0;
		}
	fputs("usage: menshen-tables reasons|events|names\n", stderr);
	return 2;
}
