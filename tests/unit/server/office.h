/* A head office for tests: keys, a store in a folder of its own, a unit, engine and gateway, all
 * real, on loopback. */
#pragma once

#include "server/engine/engine.h"
#include "server/engine/terminal.h"
#include "server/gateway/gateway.h"
#include "server/keys.h"

struct office {
	char dir[64];
	struct keys keys;
	struct store *store;
	struct engine *engine;
	struct presence *presence;
	struct gateway *gateway;
	struct seal_pair *gate_pair;
	struct sign_key *cosign;
	struct store_db *reader;
	int64_t unit_id;
};

/* Every failure inside is a failed assertion. */
void office_open(struct office *o);
void office_start_gateway(struct office *o, const struct gateway_options *options);
/* As after kill -9 and a new start: the store is closed and opened again. */
void office_stop(struct office *o);
void office_start(struct office *o);
void office_close(struct office *o);

/* Runs `fn` as one work; returns what came of it. */
typedef int office_fn(struct store *s, int64_t now_ms, void *arg);
int office_act(struct office *o, office_fn *fn, void *arg, uint32_t topics);
int64_t office_count(struct office *o, enum store_stmt stmt, const struct store_value *args,
		     size_t count);
/* The log holds up; fails the test otherwise. */
void office_verify(struct office *o);
/* Entries of this act. */
size_t office_acts(struct office *o, const char *act);

/* An approved terminal and a one-time code for it. */
void office_add_terminal(struct office *o, struct terminal *ret, char *ret_code);
/* A terminal that is enrolled: certificate and key. */
void office_enrolled(struct office *o, struct terminal *ret, struct buf *key_pem,
		     struct buf *cert_pem);
void office_add_gate(struct office *o, const char *name, struct buf *key_pem, struct buf *cert_pem);
