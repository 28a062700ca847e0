/*
 * Where the peers are heard: a listener, and a stream of each peer over TLS. Only a gate that the
 * configuration names, with a certificate of the built-in CA that is neither expired nor revoked,
 * gets past the handshake; of a peer that connects again the earlier stream ends.
 */
#pragma once

#include "gate/peer/peer.h"

struct hearer;

int hearer_new(struct gate *g, struct peers *peers, struct hearer **ret) MUST_CHECK;
void hearer_free(struct hearer *h);
/* New connections are shown the certificate that the disk has now. */
int hearer_use_certificate(struct hearer *h) MUST_CHECK;
