#include "agent/core/status_text.h"

#include <string.h>

#include "agent/guards/guard.h"
#include "base/clock.h"
#include "base/text.h"
#include "policy/reason.h"

/* One sentence in both languages; picked by `language`. */
struct words {
	const char *zh, *en;
};

struct telling {
	enum language language;
	struct buf *to;
	int64_t now_ms;
	bool well;
};

enum language language_from(const char *name)
{
	return name && text_starts(name, "en") ? LANGUAGE_EN : LANGUAGE_ZH;
}

static const char *pick(const struct telling *t, struct words w)
{
	return t->language == LANGUAGE_EN ? w.en : w.zh;
}

static const char *text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s ? s : "";
}

static int64_t number_of(const json_t *o, const char *name)
{
	return json_integer_value(json_object_get(o, name));
}

static bool truth_of(const json_t *o, const char *name)
{
	return json_is_true(json_object_get(o, name));
}

static void say(const struct telling *t, const char *mark, struct words topic, const char *what)
{
	buf_printf(t->to, "%s %s%s%s\n", mark, pick(t, topic),
		   t->language == LANGUAGE_EN ? ": " : "：", what);
}

static void advise(const struct telling *t, const char *todo)
{
	if (*todo)
		buf_printf(t->to, "    %s%s\n", pick(t, (struct words){"处理方法：", "To do: "}),
			   todo);
}

static void wrong(struct telling *t, struct words topic, const char *what, const char *todo)
{
	t->well = false;
	say(t, "✗", topic, what);
	advise(t, todo);
}

static void format_time(char dst[CLOCK_TEXT_SIZE], int64_t at_ms)
{
	clock_format_cst(dst, at_ms);
}

/* ---- the parts ---- */

static void tell_program(struct telling *t, const json_t *report, bool running)
{
	static const struct words topic = {"客户端", "Agent"};
	char when[CLOCK_TEXT_SIZE], line[128];

	if (running) {
		snprintf(line, sizeof(line), "%s %s", pick(t, (struct words){"运行中", "running"}),
			 text_of(report, "version"));
		say(t, "✓", topic, line);
		return;
	}
	wrong(t, topic, pick(t, (struct words){"没有运行", "not running"}),
	      pick(t, (struct words){"请重启电脑，或由管理员执行 systemctl start menshen-agent",
				     "restart the computer, or as root: systemctl start "
				     "menshen-agent"}));
	if (!report)
		return;
	format_time(when, number_of(report, "at_ms"));
	if (t->language == LANGUAGE_EN)
		buf_printf(t->to, "What follows was so when it stopped (%s):\n", when);
	else
		buf_printf(t->to, "以下是它停止前的情况（%s）：\n", when);
}

static void tell_identity(struct telling *t, const json_t *c)
{
	static const struct words topic = {"终端登记", "Enrolment"};
	const char *state = text_of(c, "state");
	char when[CLOCK_TEXT_SIZE], line[160];

	format_time(when, number_of(c, "until_ms"));
	if (text_equal(state, "none") || !*state) {
		wrong(t, topic,
		      pick(t, (struct words){"本机尚未登记", "this terminal is not enrolled"}),
		      pick(t,
			   (struct words){"请执行 menshen-agent enrol 登记码；没有登记码请先提交"
					  "终端入网申请",
					  "run menshen-agent enrol CODE; without a code, file an "
					  "onboarding request first"}));
	} else if (text_equal(state, "expired") || number_of(c, "until_ms") <= t->now_ms) {
		snprintf(line, sizeof(line), "%s %.10s",
			 pick(t, (struct words){"终端证书已过期", "the certificate expired on"}),
			 when);
		wrong(t, topic, line,
		      pick(t, (struct words){"联网后自动更新；不成功请联系桌面管理员",
					     "it renews itself once connected; if not, ask your "
					     "desktop administrator"}));
	} else {
		snprintf(line, sizeof(line), "%s %s, %s %.10s",
			 pick(t, (struct words){"资产编号", "asset number"}),
			 text_of(c, "asset_no"),
			 pick(t, (struct words){"证书有效至", "certificate until"}), when);
		say(t, "✓", topic, line);
	}
}

static void tell_connection(struct telling *t, const json_t *c)
{
	static const struct words topic = {"服务器连接", "Server"};
	char when[CLOCK_TEXT_SIZE], line[512];

	if (truth_of(c, "connected")) {
		format_time(when, number_of(c, "since_ms"));
		snprintf(line, sizeof(line), "%s%s %s", text_of(c, "server"),
			 pick(t, (struct words){"，连接始于", ", connected since"}), when);
		say(t, "✓", topic, line);
	} else if (*text_of(c, "refused")) {
		const char *why =
			text_of(c, t->language == LANGUAGE_EN ? "refused_en" : "refused_zh");

		snprintf(line, sizeof(line), "%s%s (%s)",
			 pick(t, (struct words){"服务器拒绝：", "refused: "}), why,
			 text_of(c, "refused"));
		wrong(t, topic, line,
		      pick(t, (struct words){"请联系本机构桌面管理员",
					     "ask your desktop administrator"}));
	} else {
		snprintf(line, sizeof(line), "%s%s%s%s",
			 pick(t, (struct words){"没有连接", "not connected"}),
			 *text_of(c, "trouble") ? " (" : "", text_of(c, "trouble"),
			 *text_of(c, "trouble") ? ")" : "");
		wrong(t, topic, line,
		      pick(t, (struct words){"请检查网线；管控照常生效，记录不会丢失",
					     "check the cable; the rules stay in force and "
					     "nothing is lost meanwhile"}));
	}
}

static const struct guard *find_guard(const char *name)
{
	for (size_t i = 0; i < guard_count; i++)
		if (text_equal(guards[i]->name, name))
			return guards[i];
	return NULL;
}

static const struct guard_reason *find_reason(const struct guard *g, const char *code)
{
	for (size_t i = 0; i < g->reason_count; i++)
		if (text_equal(g->reasons[i].code, code))
			return &g->reasons[i];
	return NULL;
}

static void tell_guard(struct telling *t, const json_t *f)
{
	const struct guard *g = find_guard(text_of(f, "name"));
	const struct guard_reason *r = g ? find_reason(g, text_of(f, "reason")) : NULL;
	const char *detail = text_of(f, "detail"), *mode = text_of(f, "mode");
	struct words topic;
	char line[512];

	if (!g || text_equal(mode, "off"))
		return;
	topic = (struct words){g->zh, g->en};
	snprintf(line, sizeof(line), "%s%s%s%s%s",
		 r ? pick(t, (struct words){r->zh, r->en})
		   : pick(t, (struct words){"正常", "in order"}),
		 *detail ? " (" : "", detail, *detail ? ")" : "",
		 r && text_equal(mode, "warn")
			 ? pick(t, (struct words){"，目前只提醒", ", only a warning for now"})
			 : "");
	if (!r)
		say(t, "✓", topic, line);
	else if (text_equal(mode, "observe"))
		say(t, "·", topic, line);
	else
		wrong(t, topic, line, pick(t, (struct words){r->zh_todo, r->en_todo}));
}

static void tell_posture(struct telling *t, const json_t *report)
{
	static const struct words topic = {"安全检查", "Posture"};
	const char *posture = text_of(report, "posture");
	const json_t *list = json_object_get(report, "guards");

	if (text_equal(posture, "good"))
		say(t, "✓", topic, pick(t, (struct words){"通过", "good"}));
	else if (text_equal(posture, "bad"))
		wrong(t, topic, pick(t, (struct words){"未通过，见下", "not passed, see below"}),
		      "");
	else
		wrong(t, topic, pick(t, (struct words){"尚无结论", "not known yet"}), "");
	for (size_t i = 0; i < json_array_size(list); i++)
		tell_guard(t, json_array_get(list, i));
}

/* It is in, and would not be if this were enforced. */
static void tell_warning(struct telling *t, const json_t *v)
{
	static const struct words topic = {"准入提醒", "Warning"};
	const struct reason_text *r = reason_text(reason_from_code(text_of(v, "would_be")));
	int64_t from_ms = (int64_t)number_of(v, "enforce_from_ms");
	char line[512], day[CLOCK_TEXT_SIZE] = "";

	if (from_ms)
		clock_format_cst(day, from_ms);
	day[strcspn(day, "T ")] = '\0';
	snprintf(line, sizeof(line), "%s%s%s%s",
		 from_ms ? pick(t, (struct words){"", "from "}) : "", day,
		 from_ms ? pick(t, (struct words){"起将无法接入：", " on it is kept out: "})
			 : pick(t, (struct words){"强制模式启用后将无法接入：",
						  "once this is enforced it is kept out: "}),
		 pick(t, (struct words){r->zh, r->en}));
	wrong(t, topic, line, pick(t, (struct words){r->zh_todo, r->en_todo}));
}

static void tell_verdict(struct telling *t, const json_t *v)
{
	static const struct words topic = {"准入结果", "Network"};
	static const struct {
		const char *name;
		struct words words;
	} verdicts[] = {
		{"admit", {"准许接入", "admitted"}},
		{"isolate", {"在隔离修复区", "isolated"}},
		{"reject", {"拒绝接入", "rejected"}},
	};
	enum reason code = reason_from_code(text_of(v, "reason"));
	const struct reason_text *r = reason_text(code);
	char line[512];

	if (!*text_of(v, "verdict")) {
		say(t, "·", topic,
		    pick(t, (struct words){"服务器尚未通知", "the server has not said"}));
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++) {
		if (!text_equal(text_of(v, "verdict"), verdicts[i].name))
			continue;
		snprintf(line, sizeof(line), "%s (%s)", pick(t, verdicts[i].words),
			 code == REASON_COUNT ? text_of(v, "reason")
					      : pick(t, (struct words){r->zh, r->en}));
		if (i > 0)
			wrong(t, topic, line, pick(t, (struct words){r->zh_todo, r->en_todo}));
		else
			say(t, "✓", topic, line);
		if (i == 0 && *text_of(v, "would_be") &&
		    reason_from_code(text_of(v, "would_be")) < REASON_COUNT)
			tell_warning(t, v);
	}
}

static void tell_queue(struct telling *t, const json_t *q)
{
	static const struct words topic = {"待上报记录", "Waiting events"};
	char line[128];

	snprintf(line, sizeof(line), "%lld", (long long)number_of(q, "waiting"));
	if (truth_of(q, "full"))
		wrong(t, topic,
		      pick(t, (struct words){"队列已满，采集暂停",
					     "the queue is full, collecting pauses"}),
		      pick(t, (struct words){"请尽快连接服务器", "connect to the server soon"}));
	else
		say(t, "·", topic, line);
}

static void tell_policy(struct telling *t, const json_t *p)
{
	static const struct words topic = {"策略", "Policy"};
	char line[64];

	snprintf(line, sizeof(line), "%lld.%lld", (long long)number_of(p, "epoch"),
		 (long long)number_of(p, "number"));
	say(t, "·", topic,
	    number_of(p, "number") ? line
				   : pick(t, (struct words){"尚未收到", "none received yet"}));
}

bool status_describe(const json_t *report, bool running, int64_t now_ms, enum language language,
		     struct buf *to)
{
	struct telling t = {language, to, now_ms, true};

	tell_program(&t, report, running);
	if (!report)
		return false;
	tell_identity(&t, json_object_get(report, "certificate"));
	tell_connection(&t, json_object_get(report, "connection"));
	tell_verdict(&t, json_object_get(report, "verdict"));
	tell_posture(&t, report);
	tell_policy(&t, json_object_get(report, "policy"));
	tell_queue(&t, json_object_get(report, "queue"));
	return t.well;
}
