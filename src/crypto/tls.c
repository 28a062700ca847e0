#include "crypto/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/ca_private.h"
#include "crypto/secret.h"

#define SESSION_CACHE_DEFAULT 131072
#define SESSION_SECONDS_DEFAULT 86400
#define PEER_CHAIN_MAX 16384
/* Both by what they cost at one strength: X25519 has no point to check, SHA-256 is in hardware. */
#define GROUPS "X25519:P-256"
#define SUITES "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"

static const unsigned char session_context[] = "menshen";

struct tls_ctx {
	SSL_CTX *ctx;
	pthread_mutex_t lock; /* a server's pair changes while its loops take connections */
	SSL_SESSION *session; /* client: the last one, to resume */
};

struct tls_conn {
	SSL *ssl;
	bool failed;
	bool guilty; /* the peer broke the protocol: its session ends with it */
	char error[160];
};

static int new_ctx(const SSL_METHOD *method, struct tls_ctx **ret)
{
	CLEANUP_TLS_CTX struct tls_ctx *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	pthread_mutex_init(&c->lock, NULL);
	c->ctx = SSL_CTX_new(method);
	if (!c->ctx)
		return pkey_error();
	if (SSL_CTX_set_min_proto_version(c->ctx, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_set_max_proto_version(c->ctx, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_set1_groups_list(c->ctx, GROUPS) != 1 ||
	    SSL_CTX_set_ciphersuites(c->ctx, SUITES) != 1)
		return pkey_error();
	SSL_CTX_set_mode(c->ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
					 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					 SSL_MODE_NO_AUTO_CHAIN);
	SSL_CTX_set_options(c->ctx, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_max_cert_list(c->ctx, PEER_CHAIN_MAX);
	SSL_CTX_set_app_data(c->ctx, c);
	*ret = TAKE_PTR(c);
	return 0;
}

static int use_pair(SSL_CTX *ctx, const char *cert_pem, const char *key_pem)
{
	CLEANUP_X509 X509 *cert = NULL;
	CLEANUP_PKEY EVP_PKEY *key = NULL;
	int r = x509_parse(cert_pem, strlen(cert_pem), &cert);

	if (!r)
		r = pkey_parse_private(key_pem, strlen(key_pem), &key);
	if (r)
		return r;
	if (SSL_CTX_use_certificate(ctx, cert) != 1 || SSL_CTX_use_PrivateKey(ctx, key) != 1 ||
	    SSL_CTX_check_private_key(ctx) != 1)
		return pkey_error();
	return 0;
}

static int trust_root(SSL_CTX *ctx, const char *ca_pem, bool announce)
{
	CLEANUP_X509 X509 *root = NULL;
	int r = x509_parse(ca_pem, strlen(ca_pem), &root);

	if (r)
		return r;
	if (X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), root) != 1 ||
	    (announce && SSL_CTX_add_client_CA(ctx, root) != 1))
		return pkey_error();
	return 0;
}

/* A terminal that slept past its year may come in to renew; tls_conn_peer() tells the expiry. */
static int accept_expired_leaf(int ok, X509_STORE_CTX *ctx)
{
	if (ok)
		return 1;
	if (X509_STORE_CTX_get_error(ctx) != X509_V_ERR_CERT_HAS_EXPIRED ||
	    X509_STORE_CTX_get_error_depth(ctx) != 0)
		return 0;
	X509_STORE_CTX_set_error(ctx, X509_V_OK);
	return 1;
}

/* A session goes on as it is until it ends, a day later at most; then the key is proven again. */
static void spare_second_ticket(const SSL *ssl, int where, int value)
{
	(void)value;
	if ((where & SSL_CB_LOOP) && SSL_session_reused(ssl))
		SSL_set_num_tickets((SSL *)(uintptr_t)ssl, 0);
}

static void keep_sessions(SSL_CTX *ctx, const struct tls_server_options *o)
{
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	SSL_CTX_set_num_tickets(ctx, 1);
	SSL_CTX_set_info_callback(ctx, spare_second_ticket);
	SSL_CTX_set_read_ahead(ctx, 1); /* a record's head and body in one call */
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_SERVER);
	SSL_CTX_sess_set_cache_size(ctx, o->session_cache_size ? (long)o->session_cache_size
							       : SESSION_CACHE_DEFAULT);
	SSL_CTX_set_timeout(ctx, o->session_seconds ? (long)o->session_seconds
						    : SESSION_SECONDS_DEFAULT);
	SSL_CTX_set_session_id_context(ctx, session_context, sizeof(session_context));
}

int tls_server_new(const struct tls_server_options *o, struct tls_ctx **ret)
{
	CLEANUP_TLS_CTX struct tls_ctx *c = NULL;
	int r = new_ctx(TLS_server_method(), &c);

	if (!r)
		r = use_pair(c->ctx, o->cert_pem, o->key_pem);
	if (!r && o->ca_pem)
		r = trust_root(c->ctx, o->ca_pem, true);
	if (r)
		return r;
	if (o->ca_pem)
		SSL_CTX_set_verify(
			c->ctx,
			SSL_VERIFY_PEER |
				(o->client_cert_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
			accept_expired_leaf);
	keep_sessions(c->ctx, o);
	*ret = TAKE_PTR(c);
	return 0;
}

int tls_server_use_pair(struct tls_ctx *c, const char *cert_pem, const char *key_pem)
{
	int r;

	pthread_mutex_lock(&c->lock);
	r = use_pair(c->ctx, cert_pem, key_pem);
	pthread_mutex_unlock(&c->lock);
	return r;
}

static int keep_last_session(SSL *ssl, SSL_SESSION *session)
{
	struct tls_ctx *c = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	SSL_SESSION_free(c->session);
	c->session = SSL_SESSION_dup(session); /* the library takes a spent one for used up */
	return 0;
}

int tls_client_new(const struct tls_client_options *o, struct tls_ctx **ret)
{
	CLEANUP_TLS_CTX struct tls_ctx *c = NULL;
	int r = new_ctx(TLS_client_method(), &c);

	if (!r)
		r = trust_root(c->ctx, o->ca_pem, false);
	if (!r && o->cert_pem)
		r = use_pair(c->ctx, o->cert_pem, o->key_pem);
	if (r)
		return r;
	SSL_CTX_set_verify(c->ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_session_cache_mode(c->ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(c->ctx, keep_last_session);
	*ret = TAKE_PTR(c);
	return 0;
}

void tls_ctx_free(struct tls_ctx *c)
{
	if (!c)
		return;
	SSL_SESSION_free(c->session);
	SSL_CTX_free(c->ctx);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static int new_conn(struct tls_ctx *ctx, int fd, struct tls_conn **ret)
{
	CLEANUP_TLS_CONN struct tls_conn *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	pthread_mutex_lock(&ctx->lock);
	c->ssl = SSL_new(ctx->ctx);
	pthread_mutex_unlock(&ctx->lock);
	if (!c->ssl || SSL_set_fd(c->ssl, fd) != 1) {
		(void)pkey_error();
		return -ENOMEM;
	}
	*ret = TAKE_PTR(c);
	return 0;
}

int tls_accept_new(struct tls_ctx *ctx, int fd, struct tls_conn **ret)
{
	struct tls_conn *c = NULL;
	int r = new_conn(ctx, fd, &c);

	if (r)
		return r;
	SSL_set_accept_state(c->ssl);
	*ret = c;
	return 0;
}

/* SSL_set_tlsext_host_name() as a function: the macro casts const away. */
static long set_sni(SSL *ssl, const char *name)
{
	return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
			(void *)(uintptr_t)name);
}

static int expect_name(SSL *ssl, const char *name)
{
	uint8_t ip[16];
	bool numeric = inet_pton(AF_INET, name, ip) == 1 || inet_pton(AF_INET6, name, ip) == 1;

	if (numeric)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1 ? 0 : -EINVAL;
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (!*name || SSL_set1_host(ssl, name) != 1 || set_sni(ssl, name) != 1)
		return -EINVAL;
	return 0;
}

/* Best effort: without it the handshake is a full one. */
static void resume_last(const struct tls_ctx *ctx, SSL *ssl)
{
	SSL_SESSION *copy = ctx->session ? SSL_SESSION_dup(ctx->session) : NULL;

	if (copy && SSL_set_session(ssl, copy) != 1)
		ERR_clear_error();
	SSL_SESSION_free(copy);
}

int tls_connect_new(struct tls_ctx *ctx, int fd, const char *server_name, int64_t at_ms,
		    struct tls_conn **ret)
{
	CLEANUP_TLS_CONN struct tls_conn *c = NULL;
	int r = new_conn(ctx, fd, &c);

	if (!r)
		r = expect_name(c->ssl, server_name);
	if (r)
		return r;
	if (at_ms)
		X509_VERIFY_PARAM_set_time(SSL_get0_param(c->ssl), at_ms / SECOND_MS);
	SSL_set_connect_state(c->ssl);
	resume_last(ctx, c->ssl);
	*ret = TAKE_PTR(c);
	return 0;
}

void tls_conn_free(struct tls_conn *c)
{
	if (!c)
		return;
	if (c->ssl && !c->guilty && SSL_is_init_finished(c->ssl))
		SSL_set_shutdown(c->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(c->ssl);
	free(c);
}

static void note_error(struct tls_conn *c)
{
	long verify = SSL_get_verify_result(c->ssl);
	unsigned long e = ERR_peek_error();
	const char *reason = e ? ERR_reason_error_string(e) : NULL;

	if (verify != X509_V_OK)
		snprintf(c->error, sizeof(c->error), "certificate: %s",
			 X509_verify_cert_error_string(verify));
	else
		snprintf(c->error, sizeof(c->error), "%s", reason ? reason : "protocol error");
	ERR_clear_error();
}

/* What a call that returned `value` <= 0 means; errno is the call's own. */
static enum tls_result judge(struct tls_conn *c, int value)
{
	int saved = errno;

	switch (SSL_get_error(c->ssl, value)) {
	case SSL_ERROR_WANT_READ:
		return TLS_WANT_READ;
	case SSL_ERROR_WANT_WRITE:
		return TLS_WANT_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return TLS_CLOSED;
	case SSL_ERROR_SYSCALL:
		c->failed = true;
		snprintf(c->error, sizeof(c->error), "%s",
			 saved ? strerror(saved) : "the peer hung up");
		return saved && saved != ECONNRESET && saved != EPIPE ? TLS_FAILED : TLS_CLOSED;
	default:
		c->failed = c->guilty = true;
		note_error(c);
		return TLS_FAILED;
	}
}

static void begin_call(void)
{
	ERR_clear_error();
	errno = 0;
}

enum tls_result tls_conn_handshake(struct tls_conn *c)
{
	int n;

	begin_call();
	n = SSL_do_handshake(c->ssl);
	return n == 1 ? TLS_DONE : judge(c, n);
}

enum tls_result tls_conn_read(struct tls_conn *c, void *data, size_t size, size_t *ret_len)
{
	int n;

	begin_call();
	n = SSL_read_ex(c->ssl, data, size, ret_len);
	return n == 1 ? TLS_DONE : judge(c, n);
}

enum tls_result tls_conn_write(struct tls_conn *c, const void *data, size_t len, size_t *ret_len)
{
	int n;

	begin_call();
	n = SSL_write_ex(c->ssl, data, len, ret_len);
	return n == 1 ? TLS_DONE : judge(c, n);
}

enum tls_result tls_conn_shutdown(struct tls_conn *c)
{
	int n;

	if (c->failed || !SSL_is_init_finished(c->ssl))
		return TLS_DONE;
	begin_call();
	n = SSL_shutdown(c->ssl);
	return n >= 0 ? TLS_DONE : judge(c, n);
}

bool tls_conn_resumed(const struct tls_conn *c)
{
	return SSL_session_reused(c->ssl) == 1;
}

const char *tls_conn_error(const struct tls_conn *c)
{
	return c->error;
}

int tls_conn_peer(const struct tls_conn *c, int64_t now_ms, struct tls_peer *ret)
{
	X509 *cert = SSL_get0_peer_certificate(c->ssl);
	struct tls_peer peer;
	int r;

	if (!cert)
		return -ENOENT;
	r = cert_read(cert, &peer.cert);
	if (r)
		return r;
	peer.expired = now_ms > peer.cert.not_after_ms;
	*ret = peer;
	return 0;
}
