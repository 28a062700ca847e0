#include "server/engine/account_totp.h"

#include <liboath/oath.h>
#include <stdio.h>

#include "crypto/secret.h"
#include "server/engine/account.h"

#define STEP_MS 30000

int totp_check(const uint8_t secret[static TOTP_SECRET_SIZE], int64_t now_ms, int64_t last_step,
	       const char *code, int64_t *ret_step)
{
	int64_t present = now_ms / STEP_MS;
	char key[TOTP_SECRET_SIZE], made[16];
	int r = -EKEYREJECTED;

	if (strlen(code) != 6)
		return -EKEYREJECTED;
	memcpy(key, secret, sizeof(key));
	for (int64_t step = present - 1; step <= present + 1; step++) {
		if (oath_hotp_generate(key, sizeof(key), (uint64_t)step, 6, false,
				       OATH_HOTP_DYNAMIC_TRUNCATION, made) != OATH_OK)
			break;
		if (secret_equal(made, code, 6) && step > last_step) {
			*ret_step = step;
			r = 0;
		}
	}
	secret_wipe(key, sizeof(key));
	secret_wipe(made, sizeof(made));
	return r;
}

void totp_secret_text(const uint8_t secret[static TOTP_SECRET_SIZE],
		      char ret[static TOTP_SECRET_TEXT_SIZE])
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

	for (size_t bit = 0, i = 0; bit < TOTP_SECRET_SIZE * 8; bit += 5, i++) {
		unsigned pair = (unsigned)(secret[bit / 8] << 8);

		if (bit / 8 + 1 < TOTP_SECRET_SIZE)
			pair |= secret[bit / 8 + 1];
		ret[i] = alphabet[(pair >> (11 - bit % 8)) & 31];
	}
	ret[TOTP_SECRET_TEXT_SIZE - 1] = '\0';
}

void totp_uri(const char *account, const char *secret_text, char ret[static TOTP_URI_SIZE])
{
	snprintf(ret, TOTP_URI_SIZE,
		 "otpauth://totp/"
		 "Menshen:%s?secret=%s&issuer=Menshen&algorithm=SHA1&digits=6&period=30",
		 account, secret_text);
}

static void seal_context(char dst[static 80], const char *account)
{
	snprintf(dst, 80, "totp:%s", account);
}

int totp_propose(struct store *s, int64_t now_ms, const struct entry_actor *who,
		 const struct seal_key *key, int64_t account_id,
		 const uint8_t secret[static TOTP_SECRET_SIZE])
{
	CLEANUP_BUF struct buf sealed = BUF_INIT;
	char context[80], subject[ACT_SUBJECT_SIZE];
	struct account account;
	int r = account_load(store_writer(s), account_id, &account);

	if (r <= 0)
		return r ? r : -ENOENT;
	if (account.totp == TOTP_ACTIVE)
		return -EPERM;
	seal_context(context, account.name);
	r = seal_bytes(key, context, secret, TOTP_SECRET_SIZE, &sealed);
	if (!r)
		r = store_exec(s, STMT_ACCOUNT_SET_TOTP,
			       STORE_ARGS(v_int(account_id), v_blob(sealed.data, sealed.len),
					  v_text("proposed")),
			       NULL);
	if (r)
		return r;
	act_subject_account(subject, account.name);
	return act_log(s, now_ms, who, "account.totp-propose", account.unit_id, subject,
		       json_object());
}

int totp_load(struct store_db *db, const struct seal_key *key, int64_t account_id,
	      const char *account, uint8_t ret[static TOTP_SECRET_SIZE], int64_t *ret_last_step)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	CLEANUP_SECRET_BUF struct buf plain = BUF_INIT;
	char context[80];
	const void *sealed;
	size_t len = 0;
	int r = store_select(db, STMT_ACCOUNT_TOTP, STORE_ARGS(v_int(account_id)), &c);

	if (!r)
		r = store_next(c);
	if (r < 0)
		return r;
	if (!r || store_is_null(c, 0))
		return -ENOENT;
	sealed = store_blob(c, 0, &len);
	seal_context(context, account);
	r = seal_open(key, context, sealed, len, &plain);
	if (r)
		return r;
	if (plain.len != TOTP_SECRET_SIZE)
		return -EBADMSG;
	memcpy(ret, plain.data, TOTP_SECRET_SIZE);
	*ret_last_step = store_int(c, 1);
	return 0;
}
