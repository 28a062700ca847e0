#include "agent/core/explain_text.h"

#include "base/text.h"
#include "policy/storage_rules.h"

struct words {
	const char *name, *zh, *en;
};

static const struct words kinds[] = {
	{"other", "其他设备", "another device"},
	{"hub", "集线器", "hub"},
	{"hid", "键盘鼠标类设备", "keyboard, mouse or the like"},
	{"printer", "打印机", "printer"},
	{"network", "网络设备", "network card"},
	{"optical", "光驱", "optical drive"},
	{"card-reader", "存储卡读卡器", "reader of memory cards"},
	{"storage", "移动存储", "storage"},
	{"phone", "手机或相机", "telephone or camera"},
	{"unreadable", "无法识别的设备", "a device with broken descriptors"},
};

static const struct words accesses[] = {
	{"none", "禁用", "not let in"},
	{"read", "只读", "read-only"},
	{"write", "可读写", "let in"},
};

/* What decided when no entry did; `name` of an entry stands for itself. */
static const struct words deciders[] = {
	{STORAGE_BY_DEFAULT, "没有匹配的条目，按默认规则", "no entry fits, by the default"},
	{STORAGE_BY_KIND, "不属于移动存储", "it carries no files"},
	{STORAGE_BY_SYSTEM, "操作系统所在磁盘", "the system runs from it"},
};

static const struct words *find(const struct words *table, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (text_equal(table[i].name, name))
			return &table[i];
	return NULL;
}

static const char *text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s ? s : "";
}

static const char *pick(const struct words *w, const char *otherwise, bool en)
{
	return !w ? otherwise : en ? w->en : w->zh;
}

static void tell_device(const json_t *d, bool en, struct buf *to)
{
	const char *kind = text_of(d, "kind"), *access = text_of(d, "access");
	const struct words *by = find(deciders, ARRAY_SIZE(deciders), text_of(d, "entry"));

	buf_printf(to, en ? "%s %s %s (%s:%s" : "%s %s %s（%s:%s", text_of(d, "place"),
		   pick(find(kinds, ARRAY_SIZE(kinds), kind), kind, en), text_of(d, "name"),
		   text_of(d, "vendor"), text_of(d, "product"));
	if (*text_of(d, "serial"))
		buf_printf(to, en ? ", serial %s" : "，序列号 %s", text_of(d, "serial"));
	buf_printf(to, en ? "): %s, " : "）：%s，",
		   pick(find(accesses, ARRAY_SIZE(accesses), access), access, en));
	if (json_is_true(json_object_get(d, "barred")))
		buf_puts(to, en ? "until it is unplugged: it could not be held as decided"
				: "拔出前有效：管控曾被绕过或无法执行");
	else if (by)
		buf_puts(to, en ? by->en : by->zh);
	else
		buf_printf(to, en ? "by the entry \"%s\"" : "依据条目“%s”", text_of(d, "entry"));
	if (!json_is_true(json_object_get(d, "enforced")))
		buf_puts(to, en ? " (not enforced)" : "（目前未强制执行）");
	buf_puts(to, "\n");
}

int explain_describe(const json_t *report, const char *guard, enum language language,
		     struct buf *to)
{
	const json_t *list = json_object_get(report, "guards"), *here = NULL;
	bool en = language == LANGUAGE_EN;

	for (size_t i = 0; i < json_array_size(list); i++)
		if (text_equal(text_of(json_array_get(list, i), "name"), guard))
			here = json_object_get(json_array_get(list, i), "here");
	if (!here)
		return -ENOENT;
	if (json_array_size(here) == 0)
		buf_puts(to, en ? "nothing is plugged in\n" : "没有接入设备\n");
	for (size_t i = 0; i < json_array_size(here); i++)
		tell_device(json_array_get(here, i), en, to);
	return to->error;
}
