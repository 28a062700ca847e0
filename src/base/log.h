/*
 * The programs' own log: one line a fact on standard error, for journald. Libraries return errors;
 * only programs (main.c and the loops beside it) log: one failure, one line, with what, where and
 * what to do. Never a secret, never a password.
 */
#pragma once

#include "base/util.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* `program` must live for ever. Thread-safe after this call. */
void log_start(const char *program, enum log_level level);
void log_write(enum log_level level, const char *fmt, ...) PRINTF_LIKE(2, 3);

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...) log_write(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)
