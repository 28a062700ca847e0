#include "server/gateway/survey_intake.h"

#include "base/text.h"
#include "server/gateway/survey_effect.h"

#define SURVEY_BYTES_MAX (2U << 20)

struct survey_intake {
	menshen_SurveySwitch seen; /* switch_id 0: idle, what comes is of something dropped */
	struct buf frames;
	bool busy; /* one is at the engine */
};

struct survey_work {
	struct conn_work cw;
	menshen_SurveySwitch seen;
	struct buf frames;
	char gate[CERT_NAME_SIZE];
	bool again;
};

static void work_free(struct survey_work *w)
{
	buf_done(&w->frames);
	free(w);
}

static int apply(struct engine_work *work, struct store *s, int64_t now_ms)
{
	struct survey_work *w = CONTAINER_OF(work, struct survey_work, cw.work);

	return survey_effect(s, now_ms, w->gate, &w->seen, &w->frames, &w->again);
}

static void finish(struct conn_work *cw)
{
	struct survey_work *w = CONTAINER_OF(cw, struct survey_work, cw);
	struct conn *c = cw->conn;
	const menshen_SurveyTaken taken = {
		.switch_id = w->seen.switch_id, .at_ms = w->seen.at_ms, .again = w->again};

	if (!c->dead && c->state == CONN_GATE) {
		gate_survey(c)->busy = false;
		if (!cw->err) {
			CONN_SEND(c, FRAME_SURVEY_TAKEN, &taken);
			conn_flush(c);
		}
	}
	work_free(w);
}

/* A server that is busy goes without: it is told again. */
static void submit(struct conn *c, struct survey_intake *in, const char *gate)
{
	struct survey_work *w = calloc(1, sizeof(*w));

	if (!w || text_copy(w->gate, sizeof(w->gate), gate)) {
		free(w);
		return;
	}
	w->seen = in->seen;
	w->frames = in->frames;
	buf_init(&in->frames, SURVEY_BYTES_MAX);
	in->seen.switch_id = 0;
	w->cw.work.apply = apply;
	w->cw.finish = finish;
	in->busy = true;
	if (conn_submit(c, &w->cw)) {
		in->busy = false;
		work_free(w);
	}
}

static bool is_clean(const menshen_SurveySwitch *m)
{
	const char *const texts[] = {m->said, m->name, m->description, m->model, m->serial};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (!text_is_clean(texts[i], strlen(texts[i])))
			return false;
	return true;
}

static int on_switch(struct conn *c, struct survey_intake *in, const char *gate,
		     const struct frame *f)
{
	menshen_SurveySwitch m;
	int err = FRAME_DECODE(f, &m);

	if (err || m.switch_id < 1 || m.at_ms < 1 || m.whole_at_ms < 0 || !m.said[0] ||
	    !is_clean(&m))
		return err ? err : -EBADMSG;
	buf_clear(&in->frames);
	in->seen.switch_id = 0;
	if (in->busy)
		return 0;
	in->seen = m;
	if (!m.whole)
		submit(c, in, gate);
	return 0;
}

static int on_end(struct conn *c, struct survey_intake *in, const char *gate, const struct frame *f)
{
	menshen_SurveyEnd m;
	int err = FRAME_DECODE(f, &m);

	if (err || !in->seen.switch_id)
		return err;
	if (m.switch_id != in->seen.switch_id)
		return -EBADMSG;
	submit(c, in, gate);
	return 0;
}

/* Kept as it came; what is too much for the buffer is dropped with the rest of its switch. */
static int on_part(struct survey_intake *in, const struct frame *f)
{
	if (!survey_frame_is_fine(f))
		return -EBADMSG;
	if (!in->seen.switch_id)
		return 0;
	buf_put_be32(&in->frames, (uint32_t)f->len + 2);
	buf_put_be16(&in->frames, (uint16_t)f->type);
	buf_append(&in->frames, f->payload, f->len);
	if (in->frames.error) {
		buf_clear(&in->frames);
		in->seen.switch_id = 0;
	}
	return 0;
}

int survey_intake_frame(struct conn *c, struct survey_intake *in, const char *gate,
			const struct frame *f)
{
	if (f->type == FRAME_SURVEY_SWITCH)
		return on_switch(c, in, gate, f);
	if (f->type == FRAME_SURVEY_END)
		return on_end(c, in, gate, f);
	return on_part(in, f);
}

int survey_intake_new(struct survey_intake **ret)
{
	struct survey_intake *in = calloc(1, sizeof(*in));

	if (!in)
		return -ENOMEM;
	buf_init(&in->frames, SURVEY_BYTES_MAX);
	*ret = in;
	return 0;
}

void survey_intake_free(struct survey_intake *in)
{
	if (!in)
		return;
	buf_done(&in->frames);
	free(in);
}
