/*
 * The live sessions, one per MAC: granted by a verdict, begun and ended by the switch's accounting.
 *
 *	            grant            start                stop, move, On/Off
 *	(nothing) ───────── granted ─────── running ──────────────────── ended
 *	                        └───────────────────────────────────────────┘
 *
 * 1. A session is keyed by the Class that the gate issued; a MAC has one session at most.
 * 2. The same MAC knocking on another port or switch is a move: the old session ends.
 * 3. An ended session is remembered for the verdict it last had there (the breaker's "last good
 *    state"), and for nothing else.
 * 4. Strangers are kept up to a number a port and in all (strangers.h); nobody else gives way.
 * 5. Silence ends nothing: a session without accounting simply is not proven live.
 * 6. What the switch said before, said again, changes nothing: not the session it was said of, and
 *    not the one that came after.
 * 7. A session is the word of one gate, the last that changed it: `origin`. Who changes a session
 *of another gate takes it over, Class and all (gate/peer/peers.h).
 * 8. Between gates no wall clock decides: each change has a `version`, greater than every other
 *that the gate knew of then. It begins with the time, so that of two changes that knew nothing of
 *    each other the later one is the greater, as far as the clocks agree.
 *
 * Every change goes through the log given to sessions_new(); what sessions_restore() is fed back
 * rebuilds the same state. One thread.
 */
#pragma once

#include "base/buf.h"
#include "policy/verdict.h"

#define CLASS_SIZE 16
#define CLASS_TEXT_SIZE (2 * CLASS_SIZE + 1)
#define PORT_SIZE 64
#define GATE_NAME_SIZE 64
#define ORIGINS_MAX 64 /* gates whose sessions are known, this one included */

#define SESSION_TOLD_MAX 8

/* Who said which address a session has. */
enum address_source {
	ADDRESS_UNSAID,
	ADDRESS_ACCOUNTING,
	ADDRESS_DHCP,
	ADDRESS_ARP,
	ADDRESS_ND,
	ADDRESS_SOURCE_COUNT
};

enum session_state { SESSION_GRANTED, SESSION_RUNNING, SESSION_ENDED };

struct session {
	/* What every knock looks at comes first. */
	struct mac mac;
	bool held;	   /* the breaker or the life-line rule keeps it in against `would_be` */
	bool was_admitted; /* once, here: what the breaker may fall back to */
	enum session_state state;
	enum knock_method method;
	struct decision decision;
	int64_t switch_id;
	int64_t terminal_id; /* 0: unknown */
	uint8_t class_id[CLASS_SIZE];
	int64_t disconnect_asked_at_ms; /* 0: nobody asked; in memory only */
	char port[PORT_SIZE];
	char account[64];
	char calling[32];     /* the MAC as the switch writes it */
	char acct_id[64];     /* Acct-Session-Id, "" until the start */
	char acct_before[64]; /* the one that acct_id replaced */
	uint32_t said_at_s; /* the switch's clock at its last word since the last knock, 0: none */
	uint32_t lasted_s;  /* Acct-Session-Time */
	bool is_stopped;    /* the switch itself ended it */
	bool is_lost;	    /* told as over, for its stop was lost; heard again, it begins anew */
	enum address_source address_source; /* in memory only, as the next three */
	uint32_t multi;			    /* text_hash() of Acct-Multi-Session-Id, 0: none */
	uint32_t gap_s;			    /* the longest between two of its words */
	uint32_t told[SESSION_TOLD_MAX];    /* text_hash() of the addresses that were told */
	char address[46];
	uint32_t nas_port; /* 0 when the switch sends none */
	int64_t granted_at_ms;
	int64_t started_at_ms; /* accounting start, else the grant */
	int64_t proven_at_ms;  /* last accounting start or interim, 0 never */
	int64_t ended_at_ms;
	uint64_t octets_in, octets_out;
	uint8_t origin;		 /* 0: this gate; else a peer, by sessions_origin() */
	uint64_t begun, version; /* of the grant that made it, and of its last change */
	uint32_t planned; /* what it was told of the plan (gate/front/planned.h), 0: nothing */
	uint8_t over[CLASS_SIZE]; /* the MAC's session that it took the place of; zero: none */
	uint64_t changed;	  /* in memory only: sequence.h */
	struct session *older, *newer;
	struct session *next_of_account; /* in memory only, as what follows: ports.h, strangers.h */
	uint64_t place;
	struct session *next_at_place;
	struct strangers_port *at_port;
	struct session *next_at_port, *older_idle, *newer_idle;
	bool is_idle;
	uint32_t piece; /* where it lies; a copy's says nothing */
};

struct sessions;

/* Appends one encoded state to the log; an error is reported by the log's owner, not here. */
typedef void session_log_fn(void *arg, const uint8_t *entry, size_t len);

int sessions_new(session_log_fn *log, void *arg, struct sessions **ret) MUST_CHECK;
void sessions_free(struct sessions *s);
/* Called after each change; it changes nothing itself. */
void sessions_watch(struct sessions *s, void (*on_change)(void *arg), void *arg);
/* How many strangers are kept at a switch port and in all. */
void sessions_limit_strangers(struct sessions *s, size_t per_port, size_t total);
/* Once after strangers gave way or were not kept. */
bool sessions_take_crowded(struct sessions *s);
/* One entry of the log at start; -EBADMSG when it is none. */
int sessions_restore(struct sessions *s, const uint8_t *entry, size_t len) MUST_CHECK;
/* Appends the state of every session worth keeping at `now_ms`, entry by entry, to `fn`. */
void sessions_dump(const struct sessions *s, int64_t now_ms, session_log_fn *fn, void *arg);

/* As snapshot_warm(), steps 0 and 1. */
void sessions_warm(const struct sessions *s, const struct mac *mac, unsigned step);
struct session *sessions_by_mac(const struct sessions *s, const struct mac *mac);
struct session *sessions_by_class(const struct sessions *s, const uint8_t *class_id, size_t len);
/* The first of an account's, linked by next_of_account; the ended ones are among them. */
struct session *sessions_of_account(const struct sessions *s, const char *account);
/* The first at a switch port, the next by ports_next(); the ended ones are among them. */
struct session *sessions_at_port(const struct sessions *s, int64_t switch_id, const char *port);
struct session *sessions_next(const struct sessions *s, size_t *at);
size_t sessions_live(const struct sessions *s);
size_t sessions_live_at(const struct sessions *s, int64_t switch_id);

/* The number of a gate of this name, made when there is none; -ENOSPC, -ENAMETOOLONG. */
int sessions_origin(struct sessions *s, const char *gate, uint8_t *ret) MUST_CHECK;
const char *sessions_origin_name(const struct sessions *s, uint8_t origin); /* 0: "" */
size_t sessions_live_of(const struct sessions *s, uint8_t origin);
/*
 * What another gate says of a session, as it is: takes the place of what the MAC has here. `said`
 * has its origin, its version and its times set. -EUSERS: a stranger more than is kept.
 */
int sessions_adopt(struct sessions *s, const struct session *said, struct session **ret) MUST_CHECK;
/*
 * Asks `fn` for each session whether its port has another name. Nothing else of it is changed, and
 * nothing is logged: the name follows from the same facts again.
 */
typedef bool session_port_fn(void *arg, const struct session *n, char ret[static PORT_SIZE]);
int sessions_name_ports(struct sessions *s, session_port_fn *fn, void *arg) MUST_CHECK;
struct sequence;
struct sequence *sessions_sequence(struct sessions *s);

struct session_grant {
	int64_t at_ms;
	struct mac mac;
	enum knock_method method;
	int64_t switch_id, terminal_id;
	uint32_t nas_port;
	const char *port, *account, *calling;
	struct decision decision;
	bool held;
	uint32_t planned;
};

/*
 * A verdict that lets in, fully or into isolation. The same MAC at the same place keeps its session
 * and Class; at another place it is a move: `ret_moved` tells that a live session ended there, a
 * copy of which is in `ret_old`. -EUSERS: a stranger more than is kept.
 */
int sessions_grant(struct sessions *s, const struct session_grant *grant, struct session **ret,
		   bool *ret_moved, struct session *ret_old) MUST_CHECK;

struct session_report {
	int64_t at_ms;
	const char *acct_id, *address; /* NULL: not said */
	uint64_t octets_in, octets_out;
	uint32_t said_at_s; /* Event-Timestamp (RFC 2869 section 5.3); 0: not said, as the next */
	uint32_t lasted_s;  /* Acct-Session-Time */
	uint32_t multi;	    /* text_hash() of Acct-Multi-Session-Id */
};

enum session_word { SESSION_WORD_START, SESSION_WORD_INTERIM, SESSION_WORD_STOP };
/*
 * Is this more than what the session knows? An older word, one that is repeated under another
 * identifier or replayed, and one of the session before are not. A switch whose clock was set back
 * is believed as long as Acct-Session-Time grows, and anew after a knock.
 */
bool session_learns(const struct session *session, enum session_word word,
		    const struct session_report *report);
/* Began after the switch's clock said `at_s`: a restart of then did not end it. */
bool session_is_after(const struct session *session, uint32_t at_s);
/* Accounting start or interim: the session runs and is proven live. */
void sessions_prove(struct sessions *s, struct session *session,
		    const struct session_report *report);
void sessions_end(struct sessions *s, struct session *session, const struct session_report *report);
/* The same, by the switch's own word: it cannot begin again. */
void sessions_stop(struct sessions *s, struct session *session,
		   const struct session_report *report);
/* Writes what the caller changed in `session`. */
void sessions_touch(struct sessions *s, struct session *session);

bool session_is_live(const struct session *session);
void session_class_text(char dst[static CLASS_TEXT_SIZE], const struct session *session);

static inline void sessions_free_cleanup(struct sessions **s)
{
	sessions_free(*s);
}
#define CLEANUP_SESSIONS CLEANUP(sessions_free_cleanup)
