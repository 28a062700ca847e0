/*
 * The running agent: one loop, one thread, and the parts tied together. agent.c starts and stops
 * them, session.c speaks with the server, report.c tells the status.
 *
 *	guards ──> posture ──┐
 *	collectors ──> inventory ──> queue (disk) ──> session ──> link ──> gateway
 *	                                                 │
 *	        policy, supplicant, status <─────────────┘
 */
#pragma once

#include "agent/core/enrol.h"
#include "agent/core/guarding.h"
#include "agent/core/inventory.h"
#include "agent/core/queue.h"
#include "agent/core/settings.h"
#include "agent/core/status_socket.h"
#include "wire/line.h"

/* What the open connection is for. */
enum session_purpose { SESSION_NONE, SESSION_ENROL, SESSION_RENEW, SESSION_NORMAL };

struct session {
	enum session_purpose purpose;
	bool welcomed;
	int64_t since_ms;  /* of the welcome */
	uint64_t next_seq; /* to send */
	uint32_t heartbeat_s;
	char trouble[200]; /* why it is down, "" when it is not */
	char refused_reason[49], refused_zh[257], refused_en[257]; /* the server's last refusal */
};

struct network_verdict {
	bool known;
	enum verdict verdict;
	char reason[33];
	char would_be[33];	 /* with "warned": why it would be kept out; else "" */
	int64_t enforce_from_ms; /* and from when on; 0: not said */
	int64_t at_ms;
};

struct agent {
	struct settings settings;
	struct loop *loop;
	struct buf ca_pem;
	struct trusted_clock clock;
	struct machine machine;
	struct identity identity;
	struct sign_key *policy_key; /* NULL: none is pinned */
	struct kept_policy policy;
	uint64_t refused_epoch, refused_number; /* the last policy that was not obeyed, told once */
	struct queue *queue;
	struct outbox outbox;
	struct guarding *guarding;
	struct inventory *inventory;
	struct line *line;
	struct session session;
	struct network_verdict verdict;
	struct status_socket *status;
	struct loop_timer *heartbeat, *renewal, *knock, *cards;
	int nics_fd, state_fd;
	int lock_fd; /* of the state folder: one agent uses it at a time */
	struct loop_watch *nics_watch, *state_watch;
};

/* Runs until SIGTERM or SIGINT; 0, or the program's exit status with the reason logged. */
int agent_run(const struct settings *settings);

/* ---- session.c ---- */
/* Connects with what the agent is now: enrolled, expired, or with a campaign code. */
void session_start(struct agent *a);
int session_new_link(struct agent *a) MUST_CHECK;
void session_heartbeat(struct agent *a);
/* Sends what waits in the queue, as far as the connection takes it. */
void session_pump(struct agent *a);
void session_renew_if_due(struct agent *a);
/* Reads the identity files anew. */
int agent_load_identity(struct agent *a) MUST_CHECK;
/* Asks the supplicant to knock in a moment, when the server has heard of the change. */
void agent_knock_soon(struct agent *a, int64_t after_ms);
/* Something that a person would be told changed. */
void agent_status_changed(struct agent *a);

/* ---- report.c ---- */
/* The status as JSON, NULL when out of memory. */
json_t *agent_report(const struct agent *a);
