/* `menshen-agent enrol CODE`: asks each server in turn until one decides. */
#pragma once

#include "agent/core/settings.h"

/* Prints what came of it to standard output and error; the program's exit status. */
int enrol_command(const struct settings *settings, const char *code, bool again, bool chinese);
