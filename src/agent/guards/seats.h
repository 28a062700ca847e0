/*
 * Who is logged on to this desk, how long he has not been there, and what can be done about it.
 * The platform's folder does it (src/agent/linux/seats.c); the session guard says when.
 */
#pragma once

#include "policy/desk_session.h"

#define SEATS_MAX 32

struct seat {
	char id[24]; /* as the system calls the session */
	char user[DESK_USER_SIZE];
	char line[24];	 /* terminal or display: "pts/3", ":0" */
	char remote[64]; /* from where, "" here */
	char service[24];
	bool graphical;
	int64_t since_ms; /* log-on, wall time; 0: nobody knows */
	int64_t idle_ms;  /* -1: nobody knows */
	bool locked;
	int leader; /* its first process, 0: nobody knows */
};

struct seats {
	struct seat list[SEATS_MAX]; /* of persons; the log-on screen's is none */
	size_t count;
};

enum seats_source { SEATS_BY_NOTHING, SEATS_BY_LOGIND, SEATS_BY_UTMP };

/* `root` is put before every path, programs included. -errno. */
int seats_load(const char *root, struct seats *ret, enum seats_source *ret_source) MUST_CHECK;
/* Idleness and locks as the desktops told logind: runs a program for each session. */
void seats_ask(const char *root, struct seats *s);
/* A descriptor that becomes readable when somebody logs on or off; -errno. */
int seats_watch(const char *root) MUST_CHECK;
void seats_drain(int fd);

/* Each -ENOENT: this system has no means; -EIO: it was refused. */
int seat_lock(const char *root, const struct seat *s) MUST_CHECK;
/* `hard`: it did not end when it was asked to. */
int seat_end(const char *root, const struct seat *s, bool hard) MUST_CHECK;
int seats_power_off(const char *root) MUST_CHECK;
/* On every terminal where somebody is logged on. */
void seats_warn(const char *root, const struct seats *s, const char *text);
