/* The passwords that everybody tries, and those that follow from an account's name. Pure. */
#pragma once

#include "agent/guards/accounts.h"

/*
 * Whether the account's hash, of crypt(5), is one of the guesses; `words` are the policy's own,
 * NULL for none. One guess takes up to a tenth of a second, by the hash's method.
 */
bool weak_password_is(const struct account *a, const json_t *words);
