#include "server/engine/refusal.h"

#include <stdio.h>

/* clang-format off: one refusal, two short lines */
static const struct refusal_text table[REFUSAL_COUNT] = {
	[REFUSAL_NONE] = {"none", 200, "", ""},
	[REFUSAL_MALFORMED] = {"malformed", 400, "请求格式不正确", "the request is malformed"},
	[REFUSAL_NOT_FOUND] = {"not-found", 404, "没有找到，或不在您的管理范围内",
			       "there is none, or it is not within your scope"},
	[REFUSAL_METHOD] = {"method-not-allowed", 405, "此处不支持该操作",
			    "this address does not take that method"},
	[REFUSAL_TOO_LARGE] = {"too-large", 413, "内容过大，最多1 MiB",
			       "the content is larger than 1 MiB"},
	[REFUSAL_MEDIA_TYPE] = {"media-type", 415, "内容类型不正确",
				"the content type is not the one of this operation"},
	[REFUSAL_VALUE_MISSING] = {"value-missing", 422, "缺少必填项",
				   "a required value is missing"},
	[REFUSAL_VALUE_UNKNOWN] = {"value-unknown", 422, "没有这一项",
				   "there is no such value here"},
	[REFUSAL_VALUE_WRONG] = {"value-wrong", 422, "填写的内容不正确",
				 "the value is not what is expected"},
	[REFUSAL_LOGIN_NEEDED] = {"login-needed", 401, "请先登录", "log in first"},
	[REFUSAL_LOGIN_WRONG] = {"login-wrong", 401, "账号或口令不正确",
				 "account or password is wrong"},
	[REFUSAL_LOGIN_INCOMPLETE] = {"login-incomplete", 403, "登录尚未完成，请先完成提示的步骤",
				      "the login is not complete, do the step that is due"},
	[REFUSAL_CODE_WRONG] = {"code-wrong", 401, "动态口令不正确或已使用过，请等待下一个",
				"the code is wrong or was used, wait for the next one"},
	[REFUSAL_ENTRY_WRONG] = {"entry-wrong", 401, "本人确认码不正确", "the entry code is wrong"},
	[REFUSAL_ENTRY_ENDED] =
		{"entry-ended", 409, "本人确认码已过期，请由两人重新重置口令",
		 "the entry code is out of time; two persons have to reset the password"},
	[REFUSAL_LOGIN_SLOWED] = {"login-slowed", 429,
				  "多次输错，请稍后再试，等待时间会逐次加长；管理员可以解除",
				  "wrong several times: wait a little, longer each time; an "
				  "administrator can lift it"},
	[REFUSAL_TOO_MANY_TRIES] = {"too-many-tries", 429, "操作过于频繁，请稍后再试",
				    "too many tries, wait a little"},
	[REFUSAL_CSRF_MISSING] = {"csrf-missing", 403, "页面已过期，请刷新后重试",
				  "the page is out of date, load it again"},
	[REFUSAL_ROLE_MISSING] = {"role-missing", 403, "您的角色不允许此操作",
				  "your roles do not allow this"},
	[REFUSAL_OUT_OF_SCOPE] = {"out-of-scope", 403, "不在您的管理范围内",
				  "it is not within your scope"},
	[REFUSAL_OWN_ACT] = {"own-act", 403, "须由另一人决定", "another person has to decide this"},
	[REFUSAL_PASSWORD_SHORT] = {"password-short", 422, "口令至少10位",
				    "a password has at least 10 characters"},
	[REFUSAL_PASSWORD_PLAIN] =
		{"password-plain", 422, "口令须包含大写字母、小写字母、数字、符号中的三类",
		 "a password has three of: capital letters, small letters, digits, others"},
	[REFUSAL_PASSWORD_HAS_NAME] = {"password-has-name", 422, "口令不得包含账号名",
				       "a password does not contain the account name"},
	[REFUSAL_PASSWORD_USED] = {"password-used", 422, "不得使用最近五次用过的口令",
				   "it is one of the last five passwords"},
	[REFUSAL_TOTP_STATE] = {"totp-state", 409, "动态口令设备的状态不允许此操作",
				"the state of the TOTP device does not allow this"},
	[REFUSAL_NOTHING_CHANGES] = {"nothing-changes", 409, "已经如此，无需更改",
				     "it is so already"},
	[REFUSAL_TAKEN] = {"taken", 409, "已被使用", "it is taken already"},
	[REFUSAL_STATE] = {"state", 409, "当前状态不允许此操作",
			   "its present state does not allow this"},
	[REFUSAL_FROZEN] = {"frozen", 409, "封网期内不能变更，请在封网期结束后进行",
			    "the unit is frozen; change it when the period is over"},
	[REFUSAL_ENDED] = {"ended", 409, "已经结束", "it has ended"},
	[REFUSAL_ACCOUNT_EXISTS] = {"account-exists", 409, "此人已有账号（一人一号）",
				    "this person has an account (one person, one account)"},
	[REFUSAL_UNIT_IN_USE] = {"unit-in-use", 409, "机构下还有下级机构、人员或终端",
				 "the unit still has units, people or terminals"},
	[REFUSAL_UNIT_KIND] = {"unit-kind", 422, "上级机构下不能有这一类机构",
			       "a unit of this kind cannot stand under that one"},
	[REFUSAL_AUDITOR_ALONE] = {"auditor-alone", 409, "审计管理员不得兼任其他角色",
				   "nobody holds auditor beside another role"},
	[REFUSAL_POWER_WHOLE] =
		{"power-whole", 422, "安全、系统、审计管理员的范围只能是总行",
		 "the security, system and audit administrators' scope is the head office"},
	[REFUSAL_TIME_PAST] = {"time-past", 422, "时间须晚于现在", "the time must lie ahead"},
	[REFUSAL_TIME_FAR] = {"time-far", 422, "时间超出允许的期限", "the time lies too far ahead"},
	[REFUSAL_PROPOSED_ALREADY] = {"proposed-already", 409, "同样的操作正在等待第二人确认",
				      "the same act waits for a second person already"},
	[REFUSAL_STEP_DECIDED] = {"step-decided", 409, "这一步已经有人处理",
				  "this step has been decided"},
	[REFUSAL_STEP_OF_OTHERS] = {"step-of-others", 403, "这一步不由您审批",
				    "this step is not yours to decide"},
	[REFUSAL_STEP_TWICE] = {"step-twice", 403, "同一申请的两步须由不同的人审批",
				"two steps of a request need two persons"},
	[REFUSAL_COMMENT_NEEDED] = {"comment-needed", 422, "不同意时须说明原因",
				    "a refusal needs a comment"},
	[REFUSAL_NO_APPROVER] =
		{"no-approver", 409, "该机构没有可审批此步骤的人员，请联系系统管理员",
		 "nobody can decide a step of this request, ask the system administrator"},
	[REFUSAL_MAC_TAKEN] = {"mac-taken", 409, "该MAC地址属于另一台终端",
			       "this MAC belongs to another terminal"},
	[REFUSAL_EMERGENCY_AGAIN] =
		{"emergency-again", 409, "该设备七天内已发放过应急许可，请提交入网申请",
		 "this device had an emergency permit within seven days, file a request"},
	[REFUSAL_NO_ACCOUNT] = {"no-account", 422, "此人没有可用的账号",
				"this person has no account in use"},
	[REFUSAL_NO_HEAD] = {"no-head", 404, "没有这个长度的签名树头",
			     "there is no signed head of this size"},
	[REFUSAL_IMPORT_HEADER] = {"import-header", 422, "首行列名与模板不符",
				   "the first line does not name the columns of the template"},
	[REFUSAL_IMPORT_SIZE] = {"import-size", 413, "行数过多，请分批导入",
				 "there are too many lines, import in parts"},
	[REFUSAL_BUSY] = {"busy", 503, "系统繁忙，请稍后再试", "the server is busy, try again"},
	[REFUSAL_STORE] = {"store", 503, "数据暂时无法写入，请联系系统管理员",
			   "the store does not take it now, ask the system administrator"},
	[REFUSAL_NO_GATE] = {"no-gate", 503, "没有区域准入服务器可以回答，请确认其已连接",
			     "no gate can answer, see that one is connected"},
	[REFUSAL_INTERNAL] = {"internal", 500, "系统内部错误，请联系系统管理员",
			      "an internal error, ask the system administrator"},
};
/* clang-format on */

const struct refusal_text *refusal_text(enum refusal r)
{
	return &table[(unsigned)r < REFUSAL_COUNT ? r : REFUSAL_INTERNAL];
}

int refuse(struct refused *r, enum refusal what, const char *field)
{
	r->what = what;
	snprintf(r->field, sizeof(r->field), "%s", field ? field : "");
	return -ECANCELED;
}

int refuse_errno(struct refused *r, int err)
{
	static const struct {
		int err;
		enum refusal what;
	} meanings[] = {
		{-ENOENT, REFUSAL_NOT_FOUND}, {-EALREADY, REFUSAL_NOTHING_CHANGES},
		{-EEXIST, REFUSAL_TAKEN},     {-EINVAL, REFUSAL_VALUE_WRONG},
		{-EPERM, REFUSAL_STATE},      {-EAGAIN, REFUSAL_BUSY},
		{-ESHUTDOWN, REFUSAL_BUSY},   {-ENOSPC, REFUSAL_STORE},
		{-EIO, REFUSAL_STORE},	      {-EUCLEAN, REFUSAL_STORE},
	};

	if (!err || err == -ECANCELED)
		return err;
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++)
		if (meanings[i].err == err)
			return refuse(r, meanings[i].what, NULL);
	return refuse(r, REFUSAL_INTERNAL, NULL);
}
