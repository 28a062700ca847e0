/*
 * The REST API and the console's files over TLS, exactly as api/openapi.yaml says: flow 3 of
 * ARCHITECTURE.md. libmicrohttpd (GnuTLS) with a thread per connection, connections bounded in all
 * and per address; a request's body is at most 1 MiB; an idle connection ends after 30 s.
 *
 * Reading goes through readers of the store, writing through the engine alone.
 */
#pragma once

#include "base/addr.h"
#include "base/mac.h"
#include "base/oui.h"
#include "crypto/seal.h"
#include "server/engine/engine.h"
#include "server/engine/proposal.h"
#include "vendor/vendor.h"

struct api;

#define API_PEERS_MAX 32

/* What a gate says of another with which it shares its sessions. */
struct api_peer {
	char name[64], state[12];
	int64_t since_ms, sessions;
	bool told;
};

/* A gate's link. */
struct api_gate {
	bool connected;
	int64_t seen_ms; /* when it was last up; 0: now, or not since the start */
	int64_t rev;	 /* of its snapshot; 0 unknown */
	struct api_peer peers[API_PEERS_MAX];
	size_t peers_count;
};

/* What would become of a knock (gateway.h: gateway_explain()). */
struct api_ask {
	struct mac mac;
	const char *account, *at, *port; /* "" for none */
};

struct api_explained {
	char port[64], account[64];
	char reason[32], would_be_reason[32]; /* "": the gate cannot say */
	uint32_t method, mode, verdict, would_be;
	bool standing;
};

/* The bank's directory (directory/night.h). */
struct api_directory {
	bool set_up, running;
	int at_minute; /* of the day, China Standard Time */
};

struct api_options {
	struct addr listen;
	const char *cert_pem, *key_pem; /* the console's TLS certificate; borrowed for the call */
	const char *console_dir;	/* the built console, copied; NULL: the API alone */
	struct store *store;		/* borrowed, as all below */
	struct engine *engine;
	const struct seal_key *seal;   /* TOTP secrets */
	const struct seal_pair *gates; /* public half: NT hashes, switch secrets */
	struct proposal_means means;   /* to sign a policy, a further gate's certificates */
	const char *log_keys_pem;      /* public keys of the audit log, copied */
	const struct vendors *vendors; /* of switches; NULL: none is known */
	const struct oui *oui;	       /* who made a card; NULL: nobody knows */
	const char *version;	       /* shown by /health, lives for ever */
	int64_t (*now_ms)(void);       /* NULL: clock_wall_ms; the same as the engine's */
	/* What is known of a gate's link; called from any thread. NULL: nobody knows. */
	void (*gate)(void *arg, const char *name, struct api_gate *ret);
	/* Asks a gate and waits; any thread. NULL, or negative errno: it does not answer. */
	int (*explain)(void *arg, const char *gate, const struct api_ask *ask,
		       struct api_explained *ret);
	void *gate_arg;
	/* The directory whose people are read at night, and a reading now: -ENOENT, -EALREADY. Any
	 * thread; NULL: there is none. */
	struct api_directory (*directory)(void *arg);
	int (*directory_start)(void *arg);
	void *directory_arg;
	unsigned connections;		  /* 0: 512 */
	unsigned connections_per_address; /* 0: 64 */
};

/* -EADDRINUSE and the like: the address is not to be had; -EBADMSG: certificate or key is wrong. */
int api_start(const struct api_options *options, struct api **ret) MUST_CHECK;
/* Ends streams and connections, waits for running calls. NULL is fine. Before engine_stop(). */
void api_stop(struct api *a);
/* The port that is listened on (for `listen` with port 0). */
uint16_t api_port(const struct api *a);
