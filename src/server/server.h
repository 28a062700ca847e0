/*
 * menshend as a whole: what starts, in which order, and how it ends. Each part is stopped before
 * those that it stands on:
 *
 *	store <── engine <── gateway <── jobs
 *	             └────── API
 */
#pragma once

#include "base/loop.h"
#include "server/settings.h"

struct server;

#define SERVER_ERROR_SIZE 640

/* `error` is one sentence: what, where, what to do. `loop` drives the jobs. */
int server_start(const struct settings *settings, struct loop *loop, struct server **ret,
		 char error[static SERVER_ERROR_SIZE]) MUST_CHECK;
void server_stop(struct server *s);
