/* Prints docs/reasons.md from the product's own table; `make docs` writes it, a test compares it.
 */
#include <stdio.h>

#include "policy/reason.h"

int main(void)
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
	return 0;
}
