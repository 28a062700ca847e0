/*
 * Prometheus' text exposition format, version 0.0.4: a family's HELP and TYPE, then its samples.
 * Whoever writes names each family once and its samples right behind it.
 */
#pragma once

#include "base/buf.h"

#define EXPOSITION_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct exposition_label {
	const char *name, *value; /* the value is any UTF-8, escaped here */
};

/* `type`: counter, gauge or histogram. */
void exposition_family(struct buf *to, const char *name, const char *type, const char *help);
/* `labels` may be NULL with a `count` of 0. */
void exposition_sample(struct buf *to, const char *name, const struct exposition_label *labels,
		       size_t count, double value);
/* A family of one sample without labels. */
void exposition_single(struct buf *to, const char *name, const char *type, const char *help,
		       double value);
