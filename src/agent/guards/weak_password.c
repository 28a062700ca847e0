#include "agent/guards/weak_password.h"

#include <crypt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

#define GUESS_SIZE 128

/* The words that lead every published list, and what Chinese desks add to them. */
static const char *const words_of_all[] = {
	"",	      "1",	   "123",	 "1234",       "12345",	    "123456",
	"1234567",    "12345678",  "123456789",	 "1234567890", "000000",    "00000000",
	"111111",     "11111111",  "112233",	 "123123",     "123321",    "654321",
	"666666",     "888888",	   "88888888",	 "520520",     "5201314",   "1314520",
	"147258369",  "abc123",	   "abc@123",	 "Abc@123",    "Abc123",    "Abcd1234",
	"Abcd@1234",  "a123456",   "a12345678",	 "Aa123456",   "Aa@123456", "Aa123456!",
	"qwerty",     "qwe123",	   "qwer1234",	 "1qaz2wsx",   "1qaz@WSX",  "1q2w3e4r",
	"zaq12wsx",   "asdf1234",  "password",	 "Password",   "password1", "Password1",
	"Password@1", "P@ssw0rd",  "p@ssw0rd",	 "Passw0rd",   "admin",	    "admin123",
	"Admin@123",  "Admin123",  "root",	 "root123",    "toor",	    "test",
	"test123",    "guest",	   "changeme",	 "iloveyou",   "woaini",    "woaini1314",
	"welcome1",   "Welcome@1", "Huawei@123", "h3capadmin",
};

/* Of the account's own name: "li" gives li123 and Li@123. */
static const char *const endings[] = {"",     "1",     "12",  "123",  "1234", "12345", "123456",
				      "@123", "@1234", "888", "2024", "2025", "2026",  "!"};

static bool is_password(const struct account *a, const char *guess, struct crypt_data *room)
{
	const char *hash = crypt_r(guess, a->hash, room);

	return hash && *hash != '*' && text_equal(hash, a->hash);
}

static bool is_of_name(const struct account *a, const char *name, struct crypt_data *room)
{
	char guess[GUESS_SIZE];

	for (size_t i = 0; *name && i < ARRAY_SIZE(endings); i++) {
		snprintf(guess, sizeof(guess), "%s%s", name, endings[i]);
		if (is_password(a, guess, room))
			return true;
		if (guess[0] >= 'a' && guess[0] <= 'z') {
			guess[0] = (char)(guess[0] - 'a' + 'A');
			if (is_password(a, guess, room))
				return true;
		}
	}
	return false;
}

bool weak_password_is(const struct account *a, const json_t *words)
{
	struct crypt_data *room = calloc(1, sizeof(*room));
	bool weak = false;

	for (size_t i = 0; room && !weak && i < ARRAY_SIZE(words_of_all); i++)
		weak = is_password(a, words_of_all[i], room);
	weak = weak || (room && is_of_name(a, a->name, room));
	for (size_t i = 0; room && !weak && i < json_array_size(words); i++) {
		const char *word = json_string_value(json_array_get(words, i));

		weak = word && (is_password(a, word, room) || is_of_name(a, word, room));
	}
	free(room);
	return weak;
}
