#include "listener/teller.h"

#include <string.h>
#include <sys/epoll.h>

#include "base/local.h"
#include "base/log.h"
#include "base/text.h"

#define RETRY_MS 2000

struct teller {
	struct loop *loop;
	const char *path;
	struct loop_timer *retry;
	struct loop_watch *watch;
	int fd;			    /* -1: no connection */
	char *ring[TELLER_MAX];	    /* message N at N % TELLER_MAX */
	uint64_t first, sent, next; /* kept from, to be sent next, number of the next */
	uint64_t lost;
	bool complained;
	teller_told_fn *told; /* NULL: nobody hears */
	void *told_arg;
};

static void disconnect(struct teller *t)
{
	loop_watch_remove(t->watch);
	t->watch = NULL;
	close_cleanup(&t->fd);
	t->fd = -1;
	t->sent = t->first;
	loop_timer_arm(t->retry, RETRY_MS);
}

static void drop_through(struct teller *t, uint64_t n)
{
	for (; t->first < t->next && t->first <= n; t->first++) {
		free(t->ring[t->first % TELLER_MAX]);
		t->ring[t->first % TELLER_MAX] = NULL;
	}
	t->sent = MAX(t->sent, t->first);
}

/* Sends what the socket takes; false: the connection is gone. */
static bool flush(struct teller *t)
{
	for (; t->sent < t->next; t->sent++) {
		const char *text = t->ring[t->sent % TELLER_MAX];

		if (send(t->fd, text, strlen(text), MSG_NOSIGNAL) >= 0)
			continue;
		if (errno != EAGAIN && errno != EINTR)
			return false;
		break;
	}
	return loop_watch_change(t->watch, EPOLLIN | (t->sent < t->next ? EPOLLOUT : 0)) == 0;
}

static bool hear_answer(struct teller *t)
{
	char text[TELLER_MESSAGE_SIZE];
	ssize_t len = recv(t->fd, text, sizeof(text), 0);
	json_t *answer;

	if (len < 0)
		return errno == EAGAIN || errno == EINTR;
	if (len == 0)
		return false;
	answer = json_loadb(text, (size_t)len, 0, NULL);
	if (json_is_integer(json_object_get(answer, "through")))
		drop_through(t, (uint64_t)json_integer_value(json_object_get(answer, "through")));
	else if (answer && t->told)
		t->told(t->told_arg, answer);
	json_decref(answer);
	return true;
}

static void on_socket(void *arg, int fd, uint32_t events)
{
	struct teller *t = arg;
	bool fine = true;

	(void)fd;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		fine = hear_answer(t);
	if (fine)
		fine = flush(t);
	if (!fine) {
		log_warn("the gate at %s hung up; findings are kept and sent again", t->path);
		t->complained = true;
		disconnect(t);
	}
}

static void try_connect(void *arg)
{
	struct teller *t = arg;
	int fd = local_connect(t->path, SOCK_SEQPACKET, SOCK_NONBLOCK), err = MIN(fd, 0);

	if (!err) {
		t->fd = fd;
		err = loop_watch_fd(t->loop, fd, EPOLLIN, on_socket, t, &t->watch);
	}
	if (err) {
		if (!t->complained)
			log_warn("no gate at %s: %s; findings are kept meanwhile", t->path,
				 strerror(-err));
		t->complained = true;
		disconnect(t);
		return;
	}
	if (t->complained)
		log_info("the gate at %s is there", t->path);
	t->complained = false;
	t->sent = t->first;
	if (!flush(t))
		disconnect(t);
}

int teller_new(struct loop *l, const char *path, struct teller **ret)
{
	struct teller *t = calloc(1, sizeof(*t));
	int err;

	if (!t)
		return -ENOMEM;
	t->loop = l;
	t->path = text_equal(path, "none") ? NULL : path;
	t->fd = -1;
	t->first = t->sent = t->next = 1;
	err = loop_timer_new(l, try_connect, t, &t->retry);
	if (err) {
		teller_free(t);
		return err;
	}
	if (t->path)
		loop_timer_arm(t->retry, 0);
	*ret = t;
	return 0;
}

void teller_free(struct teller *t)
{
	if (!t)
		return;
	drop_through(t, UINT64_MAX);
	loop_watch_remove(t->watch);
	close_cleanup(&t->fd);
	loop_timer_free(t->retry);
	free(t);
}

void teller_tell(struct teller *t, json_t *message)
{
	char *text = NULL;

	if (message && t->path &&
	    json_object_set_new(message, "n", json_integer((json_int_t)t->next)) == 0)
		text = json_dumps(message, JSON_COMPACT);
	json_decref(message);
	if (!t->path)
		return;
	if (!text || strlen(text) >= TELLER_MESSAGE_SIZE) {
		free(text);
		t->lost++;
		return;
	}
	if (t->next - t->first == TELLER_MAX) {
		drop_through(t, t->first);
		t->lost++;
	}
	t->ring[t->next++ % TELLER_MAX] = text;
	if (t->fd >= 0 && !flush(t))
		disconnect(t);
}

void teller_hear(struct teller *t, teller_told_fn *fn, void *arg)
{
	t->told = fn;
	t->told_arg = arg;
}

bool teller_is_connected(const struct teller *t)
{
	return t->fd >= 0;
}

size_t teller_waiting(const struct teller *t)
{
	return (size_t)(t->next - t->first);
}

uint64_t teller_lost(const struct teller *t)
{
	return t->lost;
}
