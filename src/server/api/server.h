/* What the API's threads share. Internal to this folder. */
#pragma once

#include <pthread.h>

#include "crypto/sign.h"
#include "server/api/api.h"
#include "server/api/throttle.h"
#include "server/api/tries.h"

struct call;
struct stream_hub;
struct MHD_Daemon;

#define API_READERS 16
#define API_BODY_MAX (1U << 20)
#define API_BODY_OPEN 4096U /* of a call that nobody is logged in for */
#define API_BODY_HEARD                                                                             \
	(8U << 20) /* so much is let through before a refusal, else it is not heard */
#define API_PREFIX "/api/v1"
#define API_COOKIE "menshen_session"

struct api {
	struct api_options options; /* pointers inside are those that outlive the start */
	char *console_dir;
	struct sign_keyring log_keys;
	char *log_keys_pem;
	struct MHD_Daemon *daemon;
	struct stream_hub *hub;
	struct throttle *login_throttle;   /* wrong log-ins, per address */
	struct tries *tries;		   /* wrong log-ins, per account and place */
	struct tries *nobody_tries;	   /* names that no account has wait as accounts do */
	struct throttle *refusal_throttle; /* entries about refusals, per account */
	struct idle *idle;
	pthread_mutex_t readers_lock;
	pthread_cond_t readers_free;
	struct store_db *readers[API_READERS];
	size_t readers_idle;
};

int64_t api_now(const struct api *a);
/* -EAGAIN after five seconds without a free one. */
int api_reader_take(struct api *a, struct store_db **ret) MUST_CHECK;
void api_reader_give(struct api *a, struct store_db *db);
