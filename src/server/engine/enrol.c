/*
 * Deciding an enrolment: look at everything first (struct plan), issue the certificate, then write.
 * So that a refusal leaves one entry and nothing else.
 */
#include "server/engine/enrol.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "server/engine/certificate.h"

#define CLOCK_SKEW_MS HOUR_MS /* a desk's clock may be behind */

static const struct enrol_refusal_text texts[ENROL_REFUSAL_COUNT] = {
	[ENROL_ACCEPTED] = {"", "登记成功", "The terminal is enrolled"},
	[ENROL_CODE_UNKNOWN] = {"code-unknown", "登记码不正确，请核对后重新输入",
				"No such code. Check it and type it again"},
	[ENROL_CODE_EXPIRED] = {"code-expired", "登记码已过期，请向设备负责人申请新的登记码",
				"The code has expired. Ask the device officer for a new one"},
	[ENROL_CODE_USED] = {"code-used", "登记码已使用，请向设备负责人申请新的登记码",
			     "The code was used already. Ask the device officer for a new one"},
	[ENROL_CAMPAIGN_OVER] = {"campaign-over", "存量终端登记已结束，请提交终端入网申请",
				 "The enrolment campaign is over. File an onboarding request"},
	[ENROL_CAMPAIGN_FULL] = {"campaign-full", "存量终端登记名额已满，请联系科技部",
				 "The campaign has no places left. Ask the technology department"},
	[ENROL_NOT_ON_LIST] = {"not-on-list", "本终端不在登记清单中，请联系设备负责人",
			       "This terminal is not on the list. Ask the device officer"},
	[ENROL_TERMINAL_NOT_APPROVED] = {"terminal-not-approved", "终端尚未批准入网或已报废",
					 "The terminal is not approved, or is scrapped"},
	[ENROL_MAC_TAKEN] = {"mac-taken", "本机网卡已登记在其他终端名下，请联系设备负责人",
			     "A network card of this terminal belongs to another. Ask the device "
			     "officer"},
	[ENROL_REQUEST_BAD] = {"request-bad", "证书申请无效，请重新安装客户端",
			       "The certificate request is not valid. Install the agent again"},
};

const struct enrol_refusal_text *enrol_refusal_text(enum enrol_refusal r)
{
	return &texts[r];
}

struct plan {
	enum enrol_refusal refusal;
	bool make;	   /* the terminal does not exist yet */
	struct terminal t; /* what it is, or will be */
	int64_t code_id;   /* 0: by campaign */
	int64_t campaign_id, item_id;
	bool again; /* the answer got lost: the place is taken already */
	struct cert_info cert;
};

/* Nobody has used the first certificate yet, so the first answer never arrived. */
static bool answer_was_lost(const struct terminal *t, const struct enrol_ask *ask)
{
	static const uint8_t never[16];

	return t->status == TERMINAL_IN_USE && !memcmp(t->queue_epoch, never, sizeof(never)) &&
	       text_equal(t->name, ask->host_name);
}

static bool may_enrol(const struct terminal *t)
{
	return t->status == TERMINAL_APPROVED || t->status == TERMINAL_IN_USE ||
	       t->status == TERMINAL_IN_REPAIR;
}

/* 1: the code is a one-time code and the plan says what comes of it. */
static int plan_by_code(struct store *s, int64_t now_ms, const uint8_t hash[static HASH_SIZE],
			const struct enrol_ask *ask, struct plan *p)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(store_writer(s), STMT_ENROL_CODE_BY_HASH,
			     STORE_ARGS(v_blob(hash, HASH_SIZE)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r;
	p->code_id = store_int(c, 0);
	r = terminal_load(store_writer(s), store_int(c, 1), &p->t);
	if (r <= 0)
		return r < 0 ? r : -EUCLEAN;
	p->again = !store_is_null(c, 3);
	if (p->again && !answer_was_lost(&p->t, ask))
		p->refusal = ENROL_CODE_USED;
	else if (store_int(c, 2) <= now_ms)
		p->refusal = ENROL_CODE_EXPIRED;
	else if (!may_enrol(&p->t))
		p->refusal = ENROL_TERMINAL_NOT_APPROVED;
	return 1;
}

/* The terminal that an item of the list means: enrolled before, imported, or still to be made. */
static int plan_item(struct store *s, const struct store_cursor *item, int64_t unit_id,
		     const struct enrol_ask *ask, const struct mac *mac, struct plan *p)
{
	struct store_db *db = store_writer(s);
	int r = 0;

	p->item_id = store_int(item, 0);
	p->again = !store_is_null(item, 4);
	if (p->again)
		r = terminal_load(db, store_int(item, 4), &p->t);
	if (!r)
		r = terminal_load_by_mac(db, mac, &p->t);
	if (!r)
		r = terminal_load_by_asset_no(db, store_text(item, 1), &p->t);
	if (r < 0)
		return r;
	if (r == 1) {
		if (p->again && !answer_was_lost(&p->t, ask))
			p->refusal = ENROL_CODE_USED;
		else if (!may_enrol(&p->t))
			p->refusal = ENROL_TERMINAL_NOT_APPROVED;
		return 1;
	}
	p->make = true;
	p->t = (struct terminal){.unit_id = unit_id,
				 .owner_id = store_int(item, 3),
				 .kind = TERMINAL_PC,
				 .status = TERMINAL_APPROVED};
	uuid_make(&p->t.uuid);
	if (text_copy(p->t.asset_no, sizeof(p->t.asset_no), store_text(item, 1)))
		return -EUCLEAN;
	return 1;
}

/* 1: one of its MACs is on the campaign's list; 0: none is. */
static int plan_from_list(struct store *s, int64_t unit_id, const struct enrol_ask *ask,
			  struct plan *p)
{
	for (size_t i = 0; i < ask->mac_count; i++) {
		CLEANUP_CURSOR struct store_cursor *c = NULL;
		int r = store_select(store_writer(s), STMT_ENROL_CAMPAIGN_ITEM,
				     STORE_ARGS(v_int(p->campaign_id), v_mac(&ask->macs[i])), &c);

		if (!r)
			r = store_next(c);
		if (r)
			return r < 0 ? r : plan_item(s, c, unit_id, ask, &ask->macs[i], p);
	}
	return 0;
}

static int plan_by_campaign(struct store *s, int64_t now_ms, const uint8_t hash[static HASH_SIZE],
			    const struct enrol_ask *ask, struct plan *p)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(store_writer(s), STMT_ENROL_CAMPAIGN_BY_HASH,
			     STORE_ARGS(v_blob(hash, HASH_SIZE)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r;
	p->campaign_id = store_int(c, 0);
	if (!store_is_null(c, 5) || store_int(c, 4) <= now_ms) {
		p->refusal = ENROL_CAMPAIGN_OVER;
		return 1;
	}
	r = plan_from_list(s, store_int(c, 1), ask, p);
	if (r == 0)
		p->refusal = ENROL_NOT_ON_LIST;
	else if (r == 1 && !p->refusal && !p->again && store_int(c, 3) >= store_int(c, 2))
		p->refusal = ENROL_CAMPAIGN_FULL;
	return r < 0 ? r : 1;
}

static int check_macs(struct store *s, const struct enrol_ask *ask, struct plan *p)
{
	for (size_t i = 0; i < ask->mac_count; i++) {
		struct terminal owner;
		int r = terminal_load_by_mac(store_writer(s), &ask->macs[i], &owner);

		if (r < 0)
			return r;
		if (r == 1 && (p->make || owner.id != p->t.id))
			p->refusal = ENROL_MAC_TAKEN;
	}
	return 0;
}

static int issue(const struct ca *ca, int64_t now_ms, const struct terminal *t, const char *csr_pem,
		 struct buf *ret_pem, struct cert_info *ret_info)
{
	char name[UUID_TEXT_SIZE];
	const struct cert_spec spec = {.common_name = name,
				       .holder = CERT_TERMINAL,
				       .terminal = t->uuid,
				       .client = true,
				       .not_before_ms = now_ms - CLOCK_SKEW_MS,
				       .not_after_ms = now_ms + CERT_DAYS_TERMINAL * DAY_MS};
	int err;

	uuid_format(name, &t->uuid);
	err = ca_issue_csr(ca, csr_pem, strlen(csr_pem), &spec, ret_pem);
	return err ? err : cert_parse(ret_pem->data, ret_pem->len, ret_info);
}

static int make_plan(struct store *s, int64_t now_ms, const struct ca *ca,
		     const struct enrol_ask *ask, struct plan *p, struct buf *cert_pem)
{
	uint8_t hash[HASH_SIZE];
	int r = enrol_code_hash(ask->code, hash);

	if (r == -EINVAL)
		p->refusal = ENROL_CODE_UNKNOWN;
	if (r)
		return r == -EINVAL ? 0 : r;
	r = plan_by_code(s, now_ms, hash, ask, p);
	if (r == 0)
		r = plan_by_campaign(s, now_ms, hash, ask, p);
	if (r == 0)
		p->refusal = ENROL_CODE_UNKNOWN;
	if (r < 0 || p->refusal)
		return MIN(r, 0);
	r = check_macs(s, ask, p);
	if (r < 0 || p->refusal)
		return r;
	r = issue(ca, now_ms, &p->t, ask->csr_pem, cert_pem, &p->cert);
	if (r == -EBADMSG)
		p->refusal = ENROL_REQUEST_BAD;
	return r == -EBADMSG ? 0 : r;
}

/* ---- writing it down ---- */

static int spend_code(struct store *s, int64_t now_ms, const struct plan *p)
{
	int err = 0;

	if (p->again)
		return 0;
	if (p->code_id)
		return store_exec(s, STMT_ENROL_CODE_USE,
				  STORE_ARGS(v_int(p->code_id), v_int(now_ms)), NULL);
	err = store_exec(s, STMT_ENROL_CAMPAIGN_USE, STORE_ARGS(v_int(p->campaign_id)), NULL);
	return err ? err
		   : store_exec(s, STMT_ENROL_CAMPAIGN_ITEM_USE,
				STORE_ARGS(v_int(p->item_id), v_int(p->t.id)), NULL);
}

/* 1: the campaign's list gives this MAC to the terminal. */
static int is_listed(struct store *s, const struct plan *p, const struct mac *mac)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r;

	if (!p->campaign_id)
		return 0;
	r = store_select(store_writer(s), STMT_ENROL_CAMPAIGN_ITEM,
			 STORE_ARGS(v_int(p->campaign_id), v_mac(mac)), &c);
	if (!r)
		r = store_next(c);
	return r == 1 ? text_equal(store_text(c, 1), p->t.asset_no) : r;
}

static int own_listed_macs(struct store *s, int64_t now_ms, const struct entry_actor *who,
			   const struct enrol_ask *ask, const struct plan *p)
{
	for (size_t i = 0; i < ask->mac_count; i++) {
		int r = is_listed(s, p, &ask->macs[i]);

		if (r == 1)
			r = terminal_own_mac(s, now_ms, who, p->t.id, &ask->macs[i]);
		if (r < 0 && r != -EALREADY)
			return r;
	}
	return 0;
}

static int note_unlisted(struct store *s, int64_t now_ms, const struct entry_actor *who,
			 const struct plan *p, const struct mac *mac)
{
	char subject[ACT_SUBJECT_SIZE], text[MAC_TEXT_SIZE];

	act_subject_terminal(subject, &p->t.uuid);
	mac_format(text, mac);
	return act_log(s, now_ms, who, "terminal.mac.unlisted", p->t.unit_id, subject,
		       json_pack("{s:s}", "mac", text));
}

/* What nobody named is not given, but for one to a terminal that has none: an agent that claims
 * cards which are not its own would let them in. */
static int judge_unlisted_macs(struct store *s, int64_t now_ms, const struct entry_actor *who,
			       const struct enrol_ask *ask, const struct plan *p)
{
	int64_t has = 0;
	int err = store_get_int(store_writer(s), STMT_TERMINAL_MAC_COUNT,
				STORE_ARGS(v_int(p->t.id)), 0, &has);

	for (size_t i = 0; !err && i < ask->mac_count; i++) {
		struct terminal owner;
		int r = terminal_load_by_mac(store_writer(s), &ask->macs[i], &owner);

		if (r)
			err = MIN(r, 0);
		else if (has++ == 0)
			err = terminal_own_mac(s, now_ms, who, p->t.id, &ask->macs[i]);
		else
			err = note_unlisted(s, now_ms, who, p, &ask->macs[i]);
	}
	return err;
}

/* Its MACs are its own from now on, and its owner may log on. */
static int give_belongings(struct store *s, int64_t now_ms, const struct entry_actor *who,
			   const struct enrol_ask *ask, const struct plan *p)
{
	int64_t account = 0;
	int err = own_listed_macs(s, now_ms, who, ask, p);

	if (!err)
		err = judge_unlisted_macs(s, now_ms, who, ask, p);
	if (!err && p->t.owner_id)
		err = store_get_int(store_writer(s), STMT_ACCOUNT_OF_PERSON,
				    STORE_ARGS(v_int(p->t.owner_id)), 0, &account);
	if (!err && account)
		err = terminal_allow_account(s, now_ms, who, p->t.id, account);
	return err == -EALREADY ? 0 : err;
}

static int write_enrolment(struct store *s, int64_t now_ms, const struct entry_actor *who,
			   const struct enrol_ask *ask, struct plan *p)
{
	char subject[ACT_SUBJECT_SIZE];
	int err = spend_code(s, now_ms, p);

	if (!err)
		err = certificate_revoke_of_terminal(s, now_ms, p->t.id, p->cert.serial,
						     "enrolled again");
	if (!err)
		err = certificate_add(s, &p->cert, p->t.id, 0);
	if (!err)
		err = store_exec(s, STMT_TERMINAL_SET_ENROLLED,
				 STORE_ARGS(v_int(p->t.id), v_int(now_ms), v_text(ask->host_name),
					    v_text(ask->os), v_text(ask->serial),
					    v_text(p->cert.serial), v_int(store_rev(s))),
				 NULL);
	if (err)
		return err;
	act_subject_terminal(subject, &p->t.uuid);
	return act_log(s, now_ms, who, "terminal.enrol", p->t.unit_id, subject,
		       json_pack("{s:s, s:s, s:s, s:s}", "by", p->code_id ? "code" : "campaign",
				 "certificate", p->cert.serial, "host", ask->host_name, "serial",
				 ask->serial));
}

static int carry_out(struct store *s, int64_t now_ms, const struct entry_actor *who,
		     const struct enrol_ask *ask, struct plan *p)
{
	const struct terminal_spec spec = {.uuid = &p->t.uuid,
					   .asset_no = p->t.asset_no,
					   .kind = p->t.kind,
					   .unit_id = p->t.unit_id,
					   .owner_id = p->t.owner_id,
					   .name = ask->host_name,
					   .status = p->t.status};
	int err = p->make ? terminal_create(s, now_ms, who, &spec, &p->t) : 0;

	if (!err)
		err = write_enrolment(s, now_ms, who, ask, p);
	if (!err)
		err = give_belongings(s, now_ms, who, ask, p);
	return err;
}

int enrol_terminal(struct store *s, int64_t now_ms, const struct ca *ca,
		   const struct enrol_ask *ask, struct enrol_result *ret)
{
	const struct entry_actor who = {0, ask->host_name, "terminal", ask->from};
	CLEANUP_BUF struct buf cert_pem = BUF_INIT;
	struct plan p = {0};
	int err = make_plan(s, now_ms, ca, ask, &p, &cert_pem);

	if (err)
		return err;
	err = p.refusal ? act_log(s, now_ms, &who, "enrol.refused", 0, "",
				  json_pack("{s:s, s:s}", "reason", texts[p.refusal].code, "serial",
					    ask->serial))
			: carry_out(s, now_ms, &who, ask, &p);
	if (err)
		return err;
	*ret = (struct enrol_result){p.refusal, p.t, cert_pem};
	buf_init(&cert_pem, BUF_LIMIT_DEFAULT);
	return 0;
}

int enrol_renew(struct store *s, int64_t now_ms, const struct ca *ca, int64_t terminal_id,
		const char *csr_pem, struct buf *ret_cert_pem)
{
	struct terminal t;
	struct cert_info cert;
	char subject[ACT_SUBJECT_SIZE];
	int r = terminal_load(store_writer(s), terminal_id, &t);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	if (t.status == TERMINAL_SCRAPPED)
		return -EPERM;
	r = issue(ca, now_ms, &t, csr_pem, ret_cert_pem, &cert);
	if (!r)
		r = certificate_add(s, &cert, t.id, 0);
	if (r)
		return r;
	act_subject_terminal(subject, &t.uuid);
	return act_log(s, now_ms, &actor_system, "terminal.renew", t.unit_id, subject,
		       json_pack("{s:s}", "certificate", cert.serial));
}
