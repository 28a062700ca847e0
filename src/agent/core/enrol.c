#include "agent/core/enrol.h"

#include <stdio.h>
#include <string.h>

#include "base/pem.h"
#include "base/text.h"
#include "crypto/secret.h"

void nic_to_wire(const struct nic *nic, const char *eap, menshen_Nic *ret)
{
	*ret = (menshen_Nic){.up = nic->up};
	memcpy(ret->mac, nic->mac.b, sizeof(ret->mac));
	snprintf(ret->name, sizeof(ret->name), "%s", nic->name);
	snprintf(ret->eap, sizeof(ret->eap), "%s", eap);
	snprintf(ret->address, sizeof(ret->address), "%s", nic->address);
}

/* The request's DER into a bounded field of the wire. */
static int put_csr(const char *state_dir, const char *common_name, uint8_t *dst, size_t size,
		   pb_size_t *ret_len)
{
	CLEANUP_SECRET_BUF struct buf key = BUF_INIT;
	CLEANUP_BUF struct buf csr = BUF_INIT, der = BUF_INIT;
	int err = cert_pair_pending(state_dir, common_name, &key, &csr);

	if (!err)
		err = pem_decode(buf_str(&csr), csr.len, "CERTIFICATE REQUEST", &der);
	if (err)
		return err;
	if (der.len > size)
		return -EMSGSIZE;
	memcpy(dst, der.data, der.len);
	*ret_len = (pb_size_t)der.len;
	return 0;
}

int enrol_ask(const char *state_dir, const char *code, const struct enrol_facts *facts,
	      menshen_EnrolRequest *ret)
{
	menshen_EnrolRequest ask = menshen_EnrolRequest_init_zero;
	int err = put_csr(state_dir, facts->machine.host_name, ask.csr.bytes, sizeof(ask.csr.bytes),
			  &ask.csr.size);

	if (err)
		return err;
	if (text_copy(ask.code, sizeof(ask.code), code))
		return -EINVAL;
	snprintf(ask.host_name, sizeof(ask.host_name), "%.63s", facts->machine.host_name);
	snprintf(ask.serial, sizeof(ask.serial), "%.63s", facts->machine.serial);
	snprintf(ask.os, sizeof(ask.os), "%.95s", facts->machine.os);
	for (size_t i = 0; i < facts->nic_count; i++)
		nic_to_wire(&facts->nics[i], "none", &ask.nics[i]);
	ask.nics_count = (pb_size_t)facts->nic_count;
	*ret = ask;
	return 0;
}

int enrol_ask_renewal(const char *state_dir, const struct identity *id, menshen_RenewRequest *ret)
{
	menshen_RenewRequest ask = menshen_RenewRequest_init_zero;
	int err = put_csr(state_dir, id->cert.common_name, ask.csr.bytes, sizeof(ask.csr.bytes),
			  &ask.csr.size);

	if (!err)
		*ret = ask;
	return err;
}

/* That it is for a terminal, and of the terminal that the answer names. */
static int check_holder(const struct buf *cert_pem, const menshen_EnrolAnswer *answer,
			const struct identity *was)
{
	struct cert_info info;
	int err = cert_parse(cert_pem->data, cert_pem->len, &info);

	if (err)
		return err;
	if (info.holder != CERT_TERMINAL || answer->terminal.size != sizeof(info.terminal.b) ||
	    memcmp(answer->terminal.bytes, info.terminal.b, sizeof(info.terminal.b)) != 0)
		return -EBADMSG;
	return was && !uuid_equal(&was->cert.terminal, &info.terminal) ? -EBADMSG : 0;
}

static int pin_policy_key(const char *state_dir, const menshen_EnrolAnswer *answer)
{
	CLEANUP_SIGN_KEY struct sign_key *key = NULL;
	char pem[sizeof(answer->policy_key.bytes) + 1];
	int err;

	memcpy(pem, answer->policy_key.bytes, answer->policy_key.size);
	pem[answer->policy_key.size] = 0;
	err = sign_key_from_public_pem(pem, answer->policy_key.size, &key);
	return err ? err : identity_pin_policy_key(state_dir, pem);
}

int enrol_take(const char *state_dir, const char *ca_pem, int64_t now_ms,
	       const menshen_EnrolAnswer *answer, const struct identity *was)
{
	CLEANUP_SECRET_BUF struct buf key_pem = BUF_INIT;
	CLEANUP_BUF struct buf csr = BUF_INIT, cert_pem = BUF_INIT;
	int err;

	pem_encode(&cert_pem, "CERTIFICATE", answer->certificate.bytes, answer->certificate.size);
	err = cert_pem.error;
	if (!err)
		err = cert_pair_pending(state_dir, "terminal", &key_pem, &csr);
	if (!err)
		err = check_holder(&cert_pem, answer, was);
	if (!err)
		err = cert_pair_check(ca_pem, now_ms, &key_pem, &cert_pem);
	if (!err && !was)
		err = pin_policy_key(state_dir, answer);
	if (!err && answer->asset_no[0])
		err = identity_set_asset_no(state_dir, answer->asset_no);
	return err ? err : cert_pair_install(state_dir, &key_pem, &cert_pem);
}
