#include "gate/facts/bank.h"

#include <stdio.h>
#include <sys/stat.h>

#include "base/text.h"

struct bank {
	const struct settings *settings;
	char built_in[ISSUER_KEY_SIZE];
	struct bank_ca *ca;
	struct timespec lists_changed_at;
	bool told_late;
};

static const char *lists_path(const struct bank *b)
{
	return text_equal(b->settings->bank_crl, "none") ? NULL : b->settings->bank_crl;
}

/* False: not changed since it was last looked at, or not there. */
static bool lists_changed(struct bank *b)
{
	struct stat st;

	if (!lists_path(b) || stat(lists_path(b), &st) < 0)
		return false;
	if (st.st_mtim.tv_sec == b->lists_changed_at.tv_sec &&
	    st.st_mtim.tv_nsec == b->lists_changed_at.tv_nsec)
		return false;
	b->lists_changed_at = st.st_mtim;
	return true;
}

static void read_lists_again(struct bank *b)
{
	struct bank_ca *ca;
	int err;

	if (!lists_changed(b))
		return;
	err = bank_ca_load(b->settings->bank_ca, lists_path(b), &ca);
	if (err) {
		log_error("cannot read %s: %s; what the lists said before holds",
			  b->settings->bank_crl, strerror(-err));
		return;
	}
	bank_ca_free(b->ca);
	b->ca = ca;
	b->told_late = false;
	log_info("the bank's revocation lists are read again from %s", b->settings->bank_crl);
}

static void tell_late(struct bank *b)
{
	int64_t until_ms = bank_ca_lists_until_ms(b->ca);

	if (b->told_late || until_ms == 0 || until_ms > clock_wall_ms())
		return;
	b->told_late = true;
	log_warn("a revocation list in %s is past its date and goes on counting; fetch a new one",
		 b->settings->bank_crl);
}

int bank_new(const struct settings *s, struct bank **ret)
{
	struct bank *b;
	int err;

	*ret = NULL;
	if (text_equal(s->bank_ca, "none"))
		return 0;
	b = calloc(1, sizeof(*b));
	if (!b)
		return -ENOMEM;
	b->settings = s;
	(void)lists_changed(b);
	err = bank_ca_load(s->bank_ca, lists_path(b), &b->ca);
	if (!err)
		err = issuer_key_load(s->client_ca, b->built_in);
	/* Whoever bears the built-in CA's name would be taken for it. */
	if (!err && bank_ca_issues(b->ca, b->built_in))
		err = -EEXIST;
	if (err) {
		log_error("cannot use bank_ca %s with bank_crl %s in [eap]: %s", s->bank_ca,
			  s->bank_crl, strerror(-err));
		bank_free(b);
		return err;
	}
	*ret = b;
	return 0;
}

void bank_free(struct bank *b)
{
	if (!b)
		return;
	bank_ca_free(b->ca);
	free(b);
}

int bank_prepare(const struct bank *b, struct snapshot *s)
{
	return b ? snapshot_name_terminals(s, b->settings->bank_by_asset_no) : 0;
}

enum reason bank_judge(struct bank *b, const struct shown_certificate *shown, struct proven *who)
{
	int n;

	if (!b || text_equal(shown->issuer, b->built_in))
		return REASON_OK;
	read_lists_again(b);
	tell_late(b);
	if (!bank_ca_issues(b->ca, shown->issuer))
		return REASON_CERTIFICATE_UNKNOWN;
	n = snprintf(who->account, sizeof(who->account), BANK_MACHINE "%s", shown->name);
	if (!shown->name[0] || n >= (int)sizeof(who->account)) {
		who->account[0] = 0;
		return REASON_CERTIFICATE_UNKNOWN;
	}
	text_lower(who->account);
	return bank_ca_revoked(b->ca, shown->issuer, who->serial) ? REASON_CERTIFICATE_REVOKED
								  : REASON_OK;
}

bool bank_is_machine(const char *account)
{
	return text_starts(account, BANK_MACHINE);
}
