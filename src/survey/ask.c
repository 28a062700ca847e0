#include "survey/ask.h"

#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "survey/column.h"

#define TRY_US 1000000L
#define RETRIES 1
#define REPETITIONS 40
#define CELLS_MAX 200000 /* of one switch: it may not talk for ever */
#define SEND_AT 32768	 /* bytes */
#define UP_TRIES 15
#define ADMIN_UP 1
#define ADMIN_DOWN 2

struct asking {
	void *session;
	bool is_v3, has_answered;
	int fd;
	struct buf out;
	size_t cells;
};

const char *asked_text(enum asked a)
{
	static const char *const texts[ASKED_COUNT] = {
		[ASKED_DONE] = "ok",
		[ASKED_SILENT] = "no answer: it is unreachable, or the community is wrong",
		[ASKED_REFUSED] = "refused: user, password or rights",
		[ASKED_BROKE_OFF] = "broke off while it answered",
		[ASKED_NO_PORT] = "no such port",
		[ASKED_FAILED] = "failed: its answer is none",
		[ASKED_UPLINK] = "not done: the port is an uplink",
		[ASKED_UNKNOWN] = "not done: the switch was not surveyed yet",
	};

	return texts[a];
}

const char *asked_code(enum asked a)
{
	static const char *const codes[ASKED_COUNT] = {
		[ASKED_DONE] = "ok",	     [ASKED_SILENT] = "silent",
		[ASKED_REFUSED] = "refused", [ASKED_BROKE_OFF] = "broke-off",
		[ASKED_NO_PORT] = "no-port", [ASKED_FAILED] = "failed",
		[ASKED_UPLINK] = "uplink",   [ASKED_UNKNOWN] = "unknown",
	};

	return codes[a];
}

void ask_init(void)
{
	/* Everything is asked by number; no file of the machine has a say. */
	setenv("MIBS", "", 1);
	setenv("MIBDIRS", "", 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_PERSISTENT_LOAD, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_PERSISTENT_SAVE, 1);
	snmp_disable_log();
	init_snmp("menshen-survey");
}

/* ---- a session ---- */

static bool make_key(netsnmp_session *s, const char *password, u_char *key, size_t *len)
{
	return generate_Ku(s->securityAuthProto, (u_int)s->securityAuthProtoLen,
			   (const u_char *)password, strlen(password), key, len) == SNMPERR_SUCCESS;
}

static bool set_user(netsnmp_session *s, struct credential *c)
{
	s->version = SNMP_VERSION_3;
	s->securityName = c->user;
	s->securityNameLen = strlen(c->user);
	s->securityLevel = SNMP_SEC_LEVEL_NOAUTH;
	if (!c->auth[0])
		return true;
	s->securityLevel = SNMP_SEC_LEVEL_AUTHNOPRIV;
	s->securityAuthProto =
		c->is_sha256 ? usmHMAC192SHA256AuthProtocol : usmHMACSHA1AuthProtocol;
	s->securityAuthProtoLen = OID_LENGTH(usmHMACSHA1AuthProtocol);
	s->securityAuthKeyLen = USM_AUTH_KU_LEN;
	if (!make_key(s, c->auth, s->securityAuthKey, &s->securityAuthKeyLen))
		return false;
	if (!c->priv[0])
		return true;
	s->securityLevel = SNMP_SEC_LEVEL_AUTHPRIV;
	s->securityPrivProto = usmAESPrivProtocol;
	s->securityPrivProtoLen = OID_LENGTH(usmAESPrivProtocol);
	s->securityPrivKeyLen = USM_PRIV_KU_LEN;
	return make_key(s, c->priv, s->securityPrivKey, &s->securityPrivKeyLen);
}

static enum asked open_session(struct asking *a, const struct target *t)
{
	struct credential c = t->credential;
	char peer[ADDR_TEXT_SIZE + 8];
	netsnmp_session s;

	snprintf(peer, sizeof(peer), "%s:%s", t->address[0] == '[' ? "udp6" : "udp", t->address);
	snmp_sess_init(&s);
	s.peername = peer;
	s.timeout = TRY_US;
	s.retries = RETRIES;
	a->is_v3 = c.is_v3;
	if (c.is_v3) {
		if (!set_user(&s, &c))
			return ASKED_FAILED;
	} else {
		s.version = SNMP_VERSION_2c;
		s.community = (u_char *)c.community;
		s.community_len = strlen(c.community);
	}
	/* Of version 3 this asks already: for the engine's name. */
	a->session = snmp_sess_open(&s);
	return a->session ? ASKED_DONE : ASKED_SILENT;
}

/* Takes `pdu`. ASKED_DONE: `ret` is the caller's, and free of errors. */
static enum asked exchange(struct asking *a, netsnmp_pdu *pdu, netsnmp_pdu **ret)
{
	netsnmp_pdu *answer = NULL;
	int status = snmp_sess_synch_response(a->session, pdu, &answer);

	if (status == STAT_SUCCESS && answer && answer->errstat == SNMP_ERR_NOERROR) {
		a->has_answered = true;
		*ret = answer;
		return ASKED_DONE;
	}
	if (answer)
		snmp_free_pdu(answer);
	if (status == STAT_TIMEOUT)
		return a->has_answered ? ASKED_BROKE_OFF : ASKED_SILENT;
	if (status == STAT_SUCCESS)
		return ASKED_REFUSED;
	return a->is_v3 ? ASKED_REFUSED : ASKED_FAILED;
}

/* ---- columns ---- */

static size_t spell_oid(const struct column_oid *from, oid dst[static MAX_OID_LEN])
{
	for (size_t i = 0; i < from->len; i++)
		dst[i] = from->at[i];
	return from->len;
}

static bool fill_value(struct cell *c, const netsnmp_variable_list *v)
{
	if (v->type == ASN_OCTET_STR) {
		c->bytes = v->val.string;
		c->len = MIN(v->val_len, (size_t)CELL_BYTES_MAX);
		return true;
	}
	if (v->type != ASN_INTEGER && v->type != ASN_GAUGE && v->type != ASN_UINTEGER)
		return false;
	c->number = v->val.integer && *v->val.integer >= 0 ? (uint32_t)*v->val.integer : 0;
	return true;
}

static bool flush(struct asking *a, size_t at)
{
	bool fine = !a->out.error;

	if (a->out.len < at)
		return fine;
	fine = fine && file_write_all(a->fd, (const char *)a->out.data, a->out.len) == 0;
	buf_clear(&a->out);
	return fine;
}

/* False: the column ends here. */
static bool put_value(struct asking *a, enum column column, const netsnmp_variable_list *v)
{
	const struct column_oid *o = column_oid(column);
	struct cell c = {.column = column};

	if (v->name_length <= o->len || v->name_length - o->len > CELL_INDEX_MAX)
		return false;
	for (size_t i = 0; i < o->len; i++)
		if (v->name[i] != o->at[i])
			return false;
	for (size_t i = o->len; i < v->name_length; i++)
		c.index[c.index_len++] = (uint32_t)v->name[i];
	if (fill_value(&c, v))
		cell_put(&a->out, &c);
	return ++a->cells < CELLS_MAX;
}

/* Asks for what comes after `name`, over and over; an answer that does not go forward ends it. */
static enum asked walk(struct asking *a, enum column column)
{
	oid name[MAX_OID_LEN];
	size_t len = spell_oid(column_oid(column), name);
	bool more = true;

	while (more) {
		netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_GETBULK), *answer = NULL;
		enum asked asked;

		pdu->non_repeaters = 0;
		pdu->max_repetitions = REPETITIONS;
		snmp_add_null_var(pdu, name, len);
		asked = exchange(a, pdu, &answer);
		if (asked)
			return asked;
		more = answer->variables != NULL;
		for (netsnmp_variable_list *v = answer->variables; more && v;
		     v = v->next_variable) {
			more = snmp_oid_compare(v->name, v->name_length, name, len) > 0 &&
			       put_value(a, column, v);
			if (!more)
				break;
			len = v->name_length;
			memcpy(name, v->name, len * sizeof(*name));
		}
		snmp_free_pdu(answer);
		if (!flush(a, SEND_AT))
			return ASKED_FAILED;
	}
	return ASKED_DONE;
}

enum asked ask_tables(const struct target *t, int fd)
{
	struct asking a = {.fd = fd, .out = BUF_INIT};
	enum asked asked = open_session(&a, t);
	size_t before = 0;

	for (enum column c = 0; !asked && c < COLUMN_COUNT; c++) {
		/* The same MACs without their VLANs. */
		if (c == COLUMN_FDB_PORT && a.cells > before)
			continue;
		before = a.cells;
		asked = walk(&a, c);
	}
	if (!asked && !flush(&a, 0))
		asked = ASKED_FAILED;
	if (a.session)
		snmp_sess_close(a.session);
	buf_done(&a.out);
	return asked;
}

/* ---- bounce ---- */

static size_t spell_instance(enum column c, uint32_t index, oid dst[static MAX_OID_LEN])
{
	size_t len = spell_oid(column_oid(c), dst);

	dst[len] = index;
	return len + 1;
}

static bool is_text(const netsnmp_variable_list *v, const char *text)
{
	return v && v->type == ASN_OCTET_STR && v->val_len == strlen(text) &&
	       memcmp(v->val.string, text, v->val_len) == 0;
}

static enum asked check_name(struct asking *a, uint32_t index, const char *name)
{
	static const enum column columns[] = {COLUMN_IF_NAME, COLUMN_IF_DESCRIPTION};
	netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_GET), *answer = NULL;
	oid at[MAX_OID_LEN];
	enum asked asked;
	bool found = false;

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		snmp_add_null_var(pdu, at, spell_instance(columns[i], index, at));
	asked = exchange(a, pdu, &answer);
	if (asked)
		return asked;
	for (netsnmp_variable_list *v = answer->variables; v; v = v->next_variable)
		found |= is_text(v, name);
	snmp_free_pdu(answer);
	return found ? ASKED_DONE : ASKED_NO_PORT;
}

static enum asked set_admin(struct asking *a, uint32_t index, long status)
{
	netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_SET), *answer = NULL;
	oid at[MAX_OID_LEN];
	size_t len = spell_instance(COLUMN_IF_ADMIN, index, at);
	enum asked asked;

	snmp_pdu_add_variable(pdu, at, len, ASN_INTEGER, &status, sizeof(status));
	asked = exchange(a, pdu, &answer);
	if (!asked)
		snmp_free_pdu(answer);
	return asked;
}

static void sleep_ms(unsigned ms)
{
	struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

enum asked ask_bounce(const struct target *t, uint32_t index, const char *name, unsigned hold_ms)
{
	struct asking a = {.fd = -1, .out = BUF_INIT};
	enum asked asked = open_session(&a, t);

	if (!asked)
		asked = check_name(&a, index, name);
	if (!asked) {
		/* Silence may have lost the answer alone: the port is brought up in any case. */
		enum asked down = set_admin(&a, index, ADMIN_DOWN);

		if (!down)
			sleep_ms(hold_ms);
		asked = down;
		for (unsigned i = 0; down != ASKED_REFUSED && i < UP_TRIES; i++) {
			enum asked up = set_admin(&a, index, ADMIN_UP);

			asked = down ? down : up;
			if (!up)
				break;
		}
	}
	if (a.session)
		snmp_sess_close(a.session);
	return asked;
}
