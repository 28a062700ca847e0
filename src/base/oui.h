/*
 * Who made a network card, by the first bytes of its MAC. The file is text: a line is
 * PREFIX,NAME with a prefix of 6, 7 or 9 hexadecimal digits (IEEE's MA-L, MA-M, MA-S); separators
 * in the prefix, a leading registry column ("MA-L,") as IEEE's own CSV has it, quotes and # lines
 * are fine. A line that is none of these is counted and skipped.
 */
#pragma once

#include "base/mac.h"

#define OUI_NAME_SIZE 40

struct oui;

/* -ENOENT and other errors of reading; `ret_skipped` counts lines that say nothing. */
int oui_load(const char *path, struct oui **ret, size_t *ret_skipped) MUST_CHECK;
/* From text in memory. */
int oui_parse(const char *text, size_t len, struct oui **ret, size_t *ret_skipped) MUST_CHECK;
void oui_free(struct oui *o);
size_t oui_count(const struct oui *o);
/* The longest prefix that fits; "random" for a locally administered MAC, "" when nobody knows. */
const char *oui_vendor(const struct oui *o, const struct mac *mac); /* NULL `o` knows nobody */

static inline void oui_free_cleanup(struct oui **o)
{
	oui_free(*o);
}
#define CLEANUP_OUI CLEANUP(oui_free_cleanup)
