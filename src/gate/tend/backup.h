/*
 * menshen-gate backup and restore: what a gate needs to stand on another machine, in one sealed
 * file (crypto/archive.h): its bundle, its newest snapshot, the heads it kept, bypasses and
 * isolations. Not its records under way: the restored gate begins a new epoch of them, for the
 * server knows how far the old one went. The two commands, not the running gate.
 */
#pragma once

#include "gate/settings.h"

/* `argv[0]` is "backup" or "restore". Exit status. */
int backup_command(const char *config, int argc, char **argv);
bool backup_is_command(const char *word);
