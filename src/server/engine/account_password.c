#include "server/engine/account_password.h"

#include <ctype.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <strings.h>

#include "base/text.h"
#include "crypto/nthash.h"
#include "crypto/secret.h"

#define PASSWORD_SHORTEST 10

_Static_assert(PASSWORD_HASH_SIZE >= crypto_pwhash_STRBYTES, "an argon2id text fits");

static pthread_mutex_t workers_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t workers_free = PTHREAD_COND_INITIALIZER;
static unsigned workers_busy, workers_waiting;

static int worker_enter(void)
{
	int r = 0;

	pthread_mutex_lock(&workers_lock);
	if (workers_waiting >= PASSWORD_WAITING) {
		r = -EAGAIN;
	} else {
		workers_waiting++;
		while (workers_busy >= PASSWORD_WORKERS)
			pthread_cond_wait(&workers_free, &workers_lock);
		workers_waiting--;
		workers_busy++;
	}
	pthread_mutex_unlock(&workers_lock);
	return r;
}

static void worker_leave(void)
{
	pthread_mutex_lock(&workers_lock);
	workers_busy--;
	pthread_cond_signal(&workers_free);
	pthread_mutex_unlock(&workers_lock);
}

static size_t characters(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static unsigned classes(const char *s)
{
	bool upper = false, lower = false, digit = false, other = false;

	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c < 0x80 && isupper(c))
			upper = true;
		else if (c < 0x80 && islower(c))
			lower = true;
		else if (c < 0x80 && isdigit(c))
			digit = true;
		else
			other = true;
	}
	return (unsigned)upper + lower + digit + other;
}

int password_check_rules(const char *account, const char *plain, struct refused *why)
{
	if (strlen(plain) > PASSWORD_MAX || !text_is_clean(plain, strlen(plain)))
		return refuse(why, REFUSAL_VALUE_WRONG, "new");
	if (characters(plain) < PASSWORD_SHORTEST)
		return refuse(why, REFUSAL_PASSWORD_SHORT, "new");
	if (classes(plain) < 3)
		return refuse(why, REFUSAL_PASSWORD_PLAIN, "new");
	for (const char *at = plain; *at; at++)
		if (!strncasecmp(at, account, strlen(account)))
			return refuse(why, REFUSAL_PASSWORD_HAS_NAME, "new");
	return 0;
}

static int verify_inside(const char *hash, const char *plain)
{
	if (hash[0] != '$')
		return -EKEYREJECTED;
	return crypto_pwhash_str_verify(hash, plain, strlen(plain)) ? -EKEYREJECTED : 0;
}

int password_verify(const char *hash, const char *plain)
{
	int r = sodium_init() < 0 ? -ENOMEM : worker_enter();

	if (r)
		return r;
	r = verify_inside(hash, plain);
	worker_leave();
	return r;
}

int password_verify_nobody(const char *plain)
{
	uint8_t out[32], salt[crypto_pwhash_SALTBYTES] = {0};
	int r = sodium_init() < 0 ? -ENOMEM : worker_enter();

	if (r)
		return r;
	if (crypto_pwhash(out, sizeof(out), plain, strlen(plain), salt,
			  crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE,
			  crypto_pwhash_ALG_ARGON2ID13))
		r = -ENOMEM;
	worker_leave();
	return r ? r : -EKEYREJECTED;
}

int password_check_history(struct store_db *db, int64_t account_id, const char *plain,
			   struct refused *why)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(db, STMT_ACCOUNT_OLD_PASSWORDS, STORE_ARGS(v_int(account_id)), &c);

	while (!r && (r = store_next(c)) == 1) {
		r = password_verify(store_text(c, 0), plain);
		if (!r)
			return refuse(why, REFUSAL_PASSWORD_USED, "new");
		r = r == -EKEYREJECTED ? 0 : r;
	}
	return r;
}

static int seal_nt_hash(const struct seal_pair *gates, const char *account, const char *plain,
			struct password *ret)
{
	CLEANUP_BUF struct buf sealed = BUF_INIT;
	uint8_t hash[NT_HASH_SIZE];
	char context[80];
	int r = nt_hash(plain, strlen(plain), hash);

	snprintf(context, sizeof(context), "nt:%s", account);
	if (!r)
		r = seal_to_public(gates, context, hash, sizeof(hash), &sealed);
	secret_wipe(hash, sizeof(hash));
	if (r)
		return r;
	if (sealed.len != sizeof(ret->nt_sealed))
		return -EPROTO;
	memcpy(ret->nt_sealed, sealed.data, sealed.len);
	return 0;
}

int password_derive(const struct seal_pair *gates, const char *account, const char *plain,
		    struct password *ret)
{
	struct password made = {0};
	int r = sodium_init() < 0 ? -ENOMEM : worker_enter();

	if (r)
		return r;
	r = crypto_pwhash_str(made.hash, plain, strlen(plain), crypto_pwhash_OPSLIMIT_INTERACTIVE,
			      crypto_pwhash_MEMLIMIT_INTERACTIVE)
		    ? -ENOMEM
		    : 0;
	worker_leave();
	if (!r)
		r = seal_nt_hash(gates, account, plain, &made);
	if (!r)
		*ret = made;
	secret_wipe(&made, sizeof(made));
	return r;
}

void password_make_first(char ret[static PASSWORD_FIRST_SIZE])
{
	static const char letters[] = "abcdefghjkmnpqrstuvwxyz",
			  capitals[] = "ABCDEFGHJKLMNPQRSTUVWXYZ", digits[] = "23456789";

	if (sodium_init() < 0)
		abort();
	for (size_t i = 0; i < PASSWORD_FIRST_SIZE - 1; i++) {
		if (i % 5 == 4)
			ret[i] = '-';
		else if (i % 5 == 0)
			ret[i] = capitals[randombytes_uniform(sizeof(capitals) - 1)];
		else if (i % 5 == 3)
			ret[i] = digits[randombytes_uniform(sizeof(digits) - 1)];
		else
			ret[i] = letters[randombytes_uniform(sizeof(letters) - 1)];
	}
	ret[PASSWORD_FIRST_SIZE - 1] = '\0';
}
