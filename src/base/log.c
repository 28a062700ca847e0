#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"

static struct {
	const char *program;
	enum log_level level;
} logger = {"menshen", LOG_LEVEL_INFO};

void log_start(const char *program, enum log_level level)
{
	logger.program = program;
	logger.level = level;
}

/* A peer's text must not forge a second line, nor speak to the terminal of who reads it. */
static void mask_controls(unsigned char *p)
{
	for (; *p; p++)
		if (*p < 0x20 || *p == 0x7f || (p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0))
			*p = '?';
}

void log_write(enum log_level level, const char *fmt, ...)
{
	static const char *const names[] = {"error", "warning", "info", "debug"};
	char line[1024], when[CLOCK_TEXT_SIZE];
	va_list args;

	if (level > logger.level)
		return;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	mask_controls((unsigned char *)line);
	clock_format_utc(when, clock_wall_ms());
	fprintf(stderr, "%s %s %s: %s\n", when, logger.program, names[level], line);
}
