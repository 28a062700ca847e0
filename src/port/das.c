#include "port/das.h"

#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/log.h"
#include "port/answered.h"

struct das {
	const struct settings *settings;
	int fd;
	struct loop_watch *watch;
	das_fn *fn;
	void *arg;
	struct answered_list answered;
};

static int read_text(const struct radius_packet *p, uint8_t type,
		     char dst[static RADIUS_VALUE_MAX + 1])
{
	int err = radius_get_text(p, type, dst, RADIUS_VALUE_MAX + 1);

	if (err == -ENOENT) {
		dst[0] = 0;
		return 0;
	}
	return err;
}

static int read_criteria(const struct radius_packet *p, struct das_request *r)
{
	struct radius_attr a = {0};
	char mac[RADIUS_VALUE_MAX + 1];
	int err = read_text(p, RADIUS_ACCT_SESSION_ID, r->session_id);

	if (!err)
		err = read_text(p, RADIUS_NAS_PORT_ID, r->port);
	if (!err)
		err = read_text(p, RADIUS_CALLING_STATION_ID, mac);
	if (err)
		return -EBADMSG;
	if (radius_find(p, RADIUS_CLASS, &a)) {
		r->class_value = a.value;
		r->class_len = a.len;
	}
	if (mac[0]) {
		if (mac_parse(mac, &r->mac))
			return -EBADMSG;
		r->has_mac = true;
	}
	return r->session_id[0] || r->class_value || r->has_mac ? 0 : -ENODATA;
}

static int read_change(const struct radius_packet *p, struct das_request *r)
{
	int err = answer_read_place(p, &r->place);

	r->is_change = true;
	return err == -ENODATA ? -EOPNOTSUPP : err ? -EINVAL : 0;
}

int das_read(const void *data, size_t len, const struct radius_secret *secret, int64_t now_ms,
	     struct radius_packet *ret_packet, struct das_request *ret)
{
	struct das_request r = {0};
	struct radius_packet p;
	uint32_t at_s;
	int64_t age_s;
	int err;

	if (radius_parse(data, len, &p) ||
	    (p.code != RADIUS_DISCONNECT_REQUEST && p.code != RADIUS_COA_REQUEST) ||
	    radius_check_request(&p, secret) || radius_check_message(&p, secret, NULL))
		return -EBADMSG;
	*ret_packet = p;
	err = radius_get_u32(&p, RADIUS_EVENT_TIMESTAMP, &at_s);
	if (err)
		return err == -ENOENT ? -ENODATA : -EBADMSG;
	age_s = now_ms / 1000 - (int64_t)at_s;
	if (age_s > DAS_WINDOW_S || age_s < -DAS_WINDOW_S)
		return -ESTALE;
	err = read_criteria(&p, &r);
	if (!err && p.code == RADIUS_COA_REQUEST)
		err = read_change(&p, &r);
	if (!err)
		*ret = r;
	return err;
}

static bool is_gate(const struct settings *s, const struct addr *from)
{
	for (size_t i = 0; i < s->gate_count; i++)
		if (addr_same_host(&s->gates[i], from))
			return true;
	return false;
}

static void reply(struct das *d, const struct radius_packet *request, const struct answered *a)
{
	struct radius_out out;

	radius_begin_answer(&out, a->code, request);
	if (a->error_cause)
		radius_put_u32(&out, RADIUS_ERROR_CAUSE, a->error_cause);
	if (radius_finish_answer(&out, &d->settings->secret, request->authenticator))
		return;
	if (sendto(d->fd, out.data, out.len, MSG_DONTWAIT, &a->from.sa, a->from.len) < 0)
		log_warn("a Disconnect answer could not be sent: %s", strerror(errno));
}

/*
 * Remembered before it is obeyed. What has no time or asks for what is not served does nothing, and
 * gets the same NAK each time.
 */
static int remember(struct das *d, const struct radius_packet *p, struct answered *a,
		    int64_t now_ms, struct answered **ret)
{
	uint32_t at_s = 0;

	memcpy(a->authenticator, p->authenticator, sizeof(a->authenticator));
	a->id = p->id;
	(void)!radius_get_u32(p, RADIUS_EVENT_TIMESTAMP, &at_s);
	a->at_s = at_s;
	return answered_add(&d->answered, a, now_ms, clock_mono_ms(), ret);
}

static void decide(struct das *d, const struct radius_packet *p, int err,
		   const struct das_request *r, struct answered *a)
{
	bool is_change = p->code == RADIUS_COA_REQUEST;
	int done = err ? 0 : d->fn(d->arg, r);

	a->code = is_change ? RADIUS_COA_NAK : RADIUS_DISCONNECT_NAK;
	if (err == -EOPNOTSUPP)
		a->error_cause = RADIUS_ERROR_UNSUPPORTED_SERVICE;
	else if (err == -ENODATA)
		a->error_cause = RADIUS_ERROR_MISSING_ATTRIBUTE;
	else if (err == -EINVAL)
		a->error_cause = RADIUS_ERROR_INVALID_VALUE;
	else if (err || done < 0)
		a->error_cause = RADIUS_ERROR_RESOURCES;
	else if (done == 0)
		a->error_cause = RADIUS_ERROR_SESSION_NOT_FOUND;
	else
		a->code = is_change ? RADIUS_COA_ACK : RADIUS_DISCONNECT_ACK;
}

static void on_request(struct das *d, const uint8_t *data, size_t len, const struct addr *from)
{
	struct das_request r = {0};
	struct radius_packet p;
	struct answered fresh = {.from = *from}, *a = &fresh;
	const struct answered *before;
	char text[ADDR_TEXT_SIZE];
	int64_t now_ms = clock_wall_ms();
	int err = is_gate(d->settings, from)
			  ? das_read(data, len, &d->settings->secret, now_ms, &p, &r)
			  : -EACCES;

	if (err == -EBADMSG || err == -ESTALE || err == -EACCES) {
		addr_format(text, from);
		log_warn("a Disconnect request from %s is ignored: %s", text,
			 err == -EACCES	  ? "it is no gate of this box"
			 : err == -ESTALE ? "its time is more than 300 s away; compare the clocks"
					  : "malformed, or the secret is another");
		return;
	}
	before = answered_find(&d->answered, &p, from);
	if (before) {
		reply(d, &p, before);
		return;
	}
	if (!err)
		err = remember(d, &p, &fresh, now_ms, &a);
	decide(d, &p, err, &r, a);
	reply(d, &p, a);
}

static void on_readable(void *arg, int fd, uint32_t events)
{
	struct das *d = arg;
	uint8_t data[RADIUS_PACKET_MAX];
	struct addr from = {.len = sizeof(from.in6)};
	ssize_t n;

	(void)events;
	while ((n = recvfrom(fd, data, sizeof(data), 0, &from.sa, &from.len)) >= 0) {
		on_request(d, data, (size_t)n, &from);
		from = (struct addr){.len = sizeof(from.in6)};
	}
}

int das_new(struct loop *loop, const struct settings *settings, das_fn *fn, void *arg,
	    struct das **ret)
{
	struct das *d = calloc(1, sizeof(*d));
	int err;

	if (!d)
		return -ENOMEM;
	*d = (struct das){.settings = settings, .fn = fn, .arg = arg};
	answered_init(&d->answered, DAS_WINDOW_S);
	d->fd = addr_udp_bind(&settings->address);
	err = d->fd < 0 ? d->fd : loop_watch_fd(loop, d->fd, EPOLLIN, on_readable, d, &d->watch);
	if (err) {
		das_free(d);
		return err;
	}
	*ret = d;
	return 0;
}

void das_free(struct das *d)
{
	if (!d)
		return;
	loop_watch_remove(d->watch);
	close_cleanup(&d->fd);
	answered_done(&d->answered);
	free(d);
}
