#include "agent/core/enrol_command.h"

#include <stdio.h>
#include <string.h>

#include "agent/core/enrol.h"
#include "agent/core/trusted_clock.h"
#include "base/file.h"
#include "base/text.h"
#include "wire/line.h"

#define PATIENCE_MS 30000

struct asking {
	const struct settings *settings;
	const char *code;
	bool chinese;
	struct loop *loop;
	struct line *line;
	struct loop_timer *timer;
	struct trusted_clock clock;
	struct buf ca_pem;
	char trouble[200];
	bool decided;
	int status; /* of the program */
};

static void decide(struct asking *k, int status)
{
	k->decided = true;
	k->status = status;
	loop_stop(k->loop);
}

static void on_open(void *arg)
{
	struct asking *k = arg;
	CLEANUP_FREE menshen_EnrolRequest *ask = calloc(1, sizeof(*ask));
	struct enrol_facts facts = {0};
	int err = ask ? nics_load(k->settings->interface, facts.nics, &facts.nic_count) : -ENOMEM;

	machine_load(k->settings->root, &facts.machine);
	if (!err)
		err = enrol_ask(k->settings->state_dir, k->code, &facts, ask);
	if (!err)
		err = LINE_SEND(k->line, FRAME_ENROL_REQUEST, ask);
	if (err) {
		fprintf(stderr, "menshen-agent: the request cannot be made: %s\n", strerror(-err));
		decide(k, 1);
	}
}

static void on_accepted(struct asking *k, const menshen_EnrolAnswer *answer)
{
	int err = enrol_take(k->settings->state_dir, buf_str(&k->ca_pem),
			     trusted_clock_now_ms(&k->clock), answer, NULL);

	if (err) {
		fprintf(stderr, "menshen-agent: the certificate cannot be installed: %s\n",
			strerror(-err));
	} else {
		printf(k->chinese ? "登记成功，资产编号 %s\n" : "enrolled, asset number %s\n",
		       answer->asset_no);
	}
	decide(k, err ? 1 : 0);
}

static int on_frame(void *arg, const struct frame *f)
{
	struct asking *k = arg;
	CLEANUP_FREE menshen_EnrolAnswer *answer = NULL;
	menshen_Refusal refusal;
	int err;

	if (f->type == FRAME_REFUSAL) {
		err = FRAME_DECODE(f, &refusal);
		if (!err)
			text_fit(k->trouble, sizeof(k->trouble), refusal.text_en);
		return err;
	}
	if (f->type != FRAME_ENROL_ANSWER)
		return -EPROTO;
	answer = calloc(1, sizeof(*answer));
	err = answer ? FRAME_DECODE(f, answer) : -ENOMEM;
	if (err)
		return err;
	if (answer->accepted) {
		on_accepted(k, answer);
	} else {
		fprintf(stderr, "%s (%s)\n", k->chinese ? answer->text_zh : answer->text_en,
			answer->reason);
		decide(k, 2);
	}
	return 0;
}

static void on_room(void *arg)
{
	(void)arg;
}

static void on_down(void *arg, const char *why)
{
	struct asking *k = arg;

	if (!k->trouble[0] || strcmp(why, "the server closed the connection") != 0)
		text_fit(k->trouble, sizeof(k->trouble), why);
}

static int64_t on_now(void *arg)
{
	const struct asking *k = arg;

	return trusted_clock_now_ms(&k->clock);
}

static void on_patience(void *arg)
{
	struct asking *k = arg;

	fprintf(stderr,
		k->chinese ? "连接不上服务器：%s\n请检查网线和 [server] 地址后重试。\n"
			   : "the server cannot be reached: %s\nCheck the cable and the addresses "
			     "in [server], then try again.\n",
		k->trouble);
	decide(k, 3);
}

static int prepare(struct asking *k, struct tls_ctx **ret_tls)
{
	const struct settings *s = k->settings;
	const struct line_options o = {.loop = k->loop,
				       .servers = s->servers,
				       .server_count = s->server_count,
				       .server_name = s->server_name,
				       .retry_max_ms = 2000,
				       .on_open = on_open,
				       .on_frame = on_frame,
				       .on_room = on_room,
				       .on_down = on_down,
				       .now_ms = on_now,
				       .arg = k};
	struct tls_client_options tls = {0};
	char path[STATE_PATH_SIZE];
	int err = file_make_dirs(s->state_dir, 0700);

	if (!err)
		err = file_read(s->ca, CERT_PEM_MAX, &k->ca_pem);
	if (err) {
		fprintf(stderr, "menshen-agent: %s or %s: %s\n", s->state_dir, s->ca,
			strerror(-err));
		return err;
	}
	state_path(s->state_dir, "clock", path);
	trusted_clock_init(&k->clock, path, build_time_ms());
	tls.ca_pem = buf_str(&k->ca_pem);
	err = tls_client_new(&tls, ret_tls);
	if (!err)
		err = line_new(&o, &k->line);
	if (!err)
		err = loop_timer_new(k->loop, on_patience, k, &k->timer);
	if (err)
		fprintf(stderr, "menshen-agent: %s cannot be used: %s\n", s->ca, strerror(-err));
	return err;
}

static bool is_enrolled(const struct settings *s)
{
	struct identity id;
	enum identity_state state = IDENTITY_NONE;

	if (identity_load(s->state_dir, &id) == 0) {
		state = identity_state(&id, clock_wall_ms());
		identity_done(&id);
	}
	return state == IDENTITY_GOOD || state == IDENTITY_RENEWAL_DUE;
}

int enrol_command(const struct settings *settings, const char *code, bool again, bool chinese)
{
	struct asking k = {.settings = settings,
			   .code = code,
			   .chinese = chinese,
			   .ca_pem = BUF_INIT,
			   .status = 1};
	struct tls_ctx *tls = NULL;

	if (!again && is_enrolled(settings)) {
		fprintf(stderr, "%s\n",
			chinese ? "本机已经登记；确需重新登记请加 --again"
				: "this terminal is enrolled; to do it anew add --again");
		return 2;
	}
	if (loop_new(&k.loop) == 0 && prepare(&k, &tls) == 0) {
		line_start(k.line, tls);
		tls = NULL;
		loop_timer_arm(k.timer, PATIENCE_MS);
		if (loop_run(k.loop))
			k.status = 1;
	}
	tls_ctx_free(tls);
	line_free(k.line);
	loop_timer_free(k.timer);
	loop_free(k.loop);
	buf_done(&k.ca_pem);
	return k.status;
}
