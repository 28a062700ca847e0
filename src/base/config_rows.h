/*
 * Rows of a program's table of settings (config.h) that fill its own `struct settings`: for a
 * settings.c alone. A row is one line, `TEXT("section", "name", member, "fallback")`.
 */
#pragma once

#include "base/config.h"

#define FIELD(member) CONFIG_FIELD(struct settings, member)
#define TEXT(section, name, member, fallback)                                                      \
	{                                                                                          \
		section, name, CONFIG_TEXT, FIELD(member), 0, 0, fallback                          \
	}
#define NUMBER(section, name, member, min, max, fallback)                                          \
	{                                                                                          \
		section, name, CONFIG_U64, FIELD(member), min, max, fallback                       \
	}
#define YES_NO(section, name, member, fallback)                                                    \
	{                                                                                          \
		section, name, CONFIG_BOOL, FIELD(member), 0, 0, fallback                          \
	}
