#include "server/api/stream.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "server/api/nouns.h"
#include "server/api/stream_feed.h"

/*
 * Invariants:
 * 1. `lock` guards the list of clients and everything in them but what only their own thread uses.
 * 2. A client's queue never holds more than QUEUE_MAX events; one that would be too many is dropped
 *    and the client is told "lost" in its place.
 * 3. A client belongs to its connection's thread: that thread alone frees it.
 */

#define CLIENTS_MAX 256
#define QUEUE_MAX 256
#define COMMENT_AFTER_S 15
#define EVENT_NAME_LOST "event: lost\ndata: {\"unit_id\":null}\n\n"

struct stream_client {
	struct stream_client *next;
	struct stream_hub *hub;
	struct api *api;
	struct account account;
	int64_t login_id;
	uint8_t token_hash[HASH_SIZE];
	pthread_cond_t news;
	struct stream_text *queue[QUEUE_MAX]; /* a ring */
	size_t first, count;
	bool lost;
	/* the connection's thread alone: when its session was last seen alive, what is half sent */
	int64_t proven_ms;
	struct stream_text *sending;
	size_t sent;
};

struct stream_hub {
	struct api *api;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t thread;
	bool running, stopping, woken;
	bool fell_behind; /* commits passed while nobody listened */
	struct stream_client *clients;
	size_t client_count;
	struct stream_feed feed;
	struct store_db *db;
};

/* ---- events, shared by their readers ---- */

struct stream_text {
	unsigned refs; /* under the hub's lock */
	size_t len;
	char text[];
};

static struct stream_text *text_new(const char *s)
{
	size_t len = strlen(s);
	struct stream_text *t = malloc(sizeof(*t) + len);

	if (t) {
		t->refs = 1;
		t->len = len;
		memcpy(t->text, s, len);
	}
	return t;
}

static void text_unref(struct stream_text *t)
{
	if (t && !--t->refs)
		free(t);
}

/* ---- the hub's thread ---- */

static void client_push(struct stream_client *client, struct stream_text *t)
{
	if (client->count >= QUEUE_MAX) {
		client->lost = true;
	} else {
		client->queue[(client->first + client->count++) % QUEUE_MAX] = t;
		t->refs++;
	}
	pthread_cond_signal(&client->news);
}

static bool client_may_see(const struct stream_client *client, unsigned roles, const char *path)
{
	return account_role_over(&client->account, roles, path);
}

/* One event of the feed, to everybody who may see it. */
static void deliver(void *arg, const struct stream_event *event)
{
	struct stream_hub *h = arg;
	CLEANUP_FREE char *data = json_dumps(event->data, JSON_COMPACT);
	CLEANUP_BUF struct buf line = BUF_INIT;
	struct stream_text *t = NULL;

	buf_printf(&line, "id: %" PRIu64 "\nevent: %s\ndata: %s\n\n", event->id, event->type,
		   data ? data : "");
	if (data && !line.error)
		t = text_new(buf_str(&line));
	if (!t)
		return;
	pthread_mutex_lock(&h->lock);
	for (struct stream_client *client = h->clients; client; client = client->next)
		if (client_may_see(client, event->roles, event->unit_path))
			client_push(client, t);
	text_unref(t);
	pthread_mutex_unlock(&h->lock);
}

static void *hub_main(void *arg)
{
	struct stream_hub *h = arg;

	for (;;) {
		bool stopping;
		int r;

		pthread_mutex_lock(&h->lock);
		while (!h->woken && !h->stopping)
			pthread_cond_wait(&h->wake, &h->lock);
		h->woken = false;
		h->feed.stale |= h->fell_behind;
		h->fell_behind = false;
		stopping = h->stopping;
		pthread_mutex_unlock(&h->lock);
		if (stopping)
			return NULL;
		r = stream_feed_read(&h->feed, h->db, api_now(h->api), deliver, h);
		if (r)
			log_error("api: live events were not read (%s); pages still are true",
				  strerror(-r));
	}
}

static void on_commit(void *arg, const struct engine_commit *commit)
{
	struct stream_hub *h = arg;

	(void)commit;
	pthread_mutex_lock(&h->lock);
	if (h->clients) {
		h->woken = true;
		pthread_cond_signal(&h->wake);
	} else {
		h->fell_behind = true;
	}
	pthread_mutex_unlock(&h->lock);
}

int stream_hub_start(struct api *a, struct stream_hub **ret)
{
	struct stream_hub *h = calloc(1, sizeof(*h));
	int r;

	if (!h)
		return -ENOMEM;
	h->api = a;
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->wake, NULL);
	h->feed.stale = true;
	r = store_reader_new(a->options.store, &h->db);
	if (!r)
		r = engine_listen(a->options.engine, on_commit, h);
	if (!r) {
		r = -pthread_create(&h->thread, NULL, hub_main, h);
		h->running = !r;
		if (r)
			engine_unlisten(a->options.engine, on_commit, h);
	}
	if (r) {
		stream_hub_free(h);
		return r;
	}
	*ret = h;
	return 0;
}

void stream_hub_stop(struct stream_hub *h)
{
	if (!h || !h->running)
		return;
	engine_unlisten(h->api->options.engine, on_commit, h);
	pthread_mutex_lock(&h->lock);
	h->stopping = true;
	pthread_cond_signal(&h->wake);
	for (struct stream_client *client = h->clients; client; client = client->next)
		pthread_cond_signal(&client->news);
	pthread_mutex_unlock(&h->lock);
	pthread_join(h->thread, NULL);
	h->running = false;
}

void stream_hub_free(struct stream_hub *h)
{
	if (!h)
		return;
	store_reader_free(h->db);
	pthread_cond_destroy(&h->wake);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

/* ---- a client's own thread ---- */

static void client_free(void *arg)
{
	struct stream_client *client = arg;
	struct stream_hub *h = client->hub;

	pthread_mutex_lock(&h->lock);
	for (struct stream_client **at = &h->clients; *at; at = &(*at)->next)
		if (*at == client) {
			*at = client->next;
			h->client_count--;
			break;
		}
	while (client->count) {
		text_unref(client->queue[client->first]);
		client->first = (client->first + 1) % QUEUE_MAX;
		client->count--;
	}
	text_unref(client->sending);
	pthread_mutex_unlock(&h->lock);
	pthread_cond_destroy(&client->news);
	free(client);
}

/* Whether the session behind the stream still lives, with the roles it has now. */
static bool client_is_alive(struct stream_client *client)
{
	struct account account;
	struct store_db *db;
	struct login login;
	bool alive;
	int r = api_reader_take(client->api, &db);

	if (r)
		return false;
	r = login_find(db, client->token_hash, api_now(client->api), &login);
	if (r == 1)
		r = account_load(db, login.account_id, &account);
	api_reader_give(client->api, db);
	alive = r == 1 && account.enabled &&
		idle_touch(client->api->idle, client->login_id, api_now(client->api), false);
	if (alive) {
		pthread_mutex_lock(&client->hub->lock);
		client->account = account;
		pthread_mutex_unlock(&client->hub->lock);
	}
	return alive;
}

/* Asked by the clock, not by silence: a busy bank would never ask. */
static bool client_may_stay(struct stream_client *client)
{
	int64_t now_ms = clock_mono_ms();

	if (now_ms - client->proven_ms < COMMENT_AFTER_S * SECOND_MS)
		return true;
	client->proven_ms = now_ms;
	return client_is_alive(client);
}

/* Waits for the next event: 1 there is one in `sending`; 0 none in time; -1 the stream ends. */
static int client_wait(struct stream_client *client)
{
	struct stream_hub *h = client->hub;
	struct timespec until;
	int r = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += COMMENT_AFTER_S;
	pthread_mutex_lock(&h->lock);
	while (!h->stopping && !client->count && !client->lost && !r)
		r = pthread_cond_timedwait(&client->news, &h->lock, &until);
	r = 0;
	if (h->stopping) {
		r = -1;
	} else if (client->lost) {
		client->lost = false;
		client->sending = text_new(EVENT_NAME_LOST);
		r = client->sending ? 1 : -1;
	} else if (client->count) {
		client->sending = client->queue[client->first];
		client->first = (client->first + 1) % QUEUE_MAX;
		client->count--;
		r = 1;
	}
	pthread_mutex_unlock(&h->lock);
	return r;
}

static ssize_t client_read(void *arg, uint64_t pos, char *dst, size_t max)
{
	static const char comment[] = ": here\n\n";
	struct stream_client *client = arg;
	size_t len;

	if (!pos || !client->sending) {
		int r = pos ? client_wait(client) : 0;

		if (r < 0 || !client_may_stay(client))
			return MHD_CONTENT_READER_END_OF_STREAM;
		if (!r) {
			len = MIN(max, sizeof(comment) - 1);
			memcpy(dst, comment, len);
			return (ssize_t)len;
		}
		client->sent = 0;
	}
	len = MIN(max, client->sending->len - client->sent);
	memcpy(dst, client->sending->text + client->sent, len);
	client->sent += len;
	if (client->sent == client->sending->len) {
		pthread_mutex_lock(&client->hub->lock);
		text_unref(client->sending);
		client->sending = NULL;
		pthread_mutex_unlock(&client->hub->lock);
	}
	return (ssize_t)len;
}

static int client_new(struct call *c, struct stream_client **ret)
{
	struct stream_hub *h = c->api->hub;
	struct stream_client *client = calloc(1, sizeof(*client));
	pthread_condattr_t monotonic;
	int r = 0;

	if (!client)
		return -ENOMEM;
	client->hub = h;
	client->api = c->api;
	client->account = c->account;
	client->login_id = c->login.id;
	client->proven_ms = clock_mono_ms();
	memcpy(client->token_hash, c->token_hash, HASH_SIZE);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&client->news, &monotonic);
	pthread_condattr_destroy(&monotonic);
	pthread_mutex_lock(&h->lock);
	if (h->stopping || h->client_count >= CLIENTS_MAX) {
		r = -EAGAIN;
	} else {
		client->next = h->clients;
		h->clients = client;
		h->client_count++;
		h->woken = true;
		pthread_cond_signal(&h->wake);
	}
	pthread_mutex_unlock(&h->lock);
	if (r) {
		pthread_cond_destroy(&client->news);
		free(client);
		return r;
	}
	*ret = client;
	return 0;
}

static int stream_open(struct call *c)
{
	struct stream_client *client;
	int r = client_new(c, &client);

	if (r)
		return r;
	call_drop_reader(c);
	c->response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, client_read, client,
							client_free);
	if (!c->response) {
		client_free(client);
		return -ENOMEM;
	}
	MHD_add_response_header(c->response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/event-stream");
	MHD_add_response_header(c->response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	c->status = 200;
	return 0;
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/stream",
	 .operation = "stream_get",
	 .roles = READERS_ALL,
	 .scope = SCOPE_UNIT,
	 .run = stream_open},
};

const struct route_noun stream_routes = {routes, ARRAY_SIZE(routes)};
