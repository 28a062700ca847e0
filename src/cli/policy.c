/* menshen policy: what is in force, and whether a file could be. Publishing is the console's: it
 * needs two persons. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/command.h"
#include "policy/draft.h"
#include "server/engine/publish.h"
#include "store/store.h"

#define FILE_MAX 65536

/* ---- check ---- */

static int check(const char *path)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	char where[POLICY_WHERE_SIZE] = "";
	json_error_t why;
	json_t *body;
	int err = file_read(path, FILE_MAX, &text);

	if (err)
		return command_fail("%s: %s", path, strerror(-err));
	body = json_loadb(buf_str(&text), text.len, JSON_REJECT_DUPLICATES, &why);
	if (!body) {
		printf("%s:%d: %s\n", path, why.line, why.text);
		return EXIT_NOT_GOOD;
	}
	err = policy_draft_check(body, where);
	json_decref(body);
	if (err)
		printf("%s: '%s' is not what a policy has there\n", path, where);
	else
		printf("%s: good\n", path);
	return err ? EXIT_NOT_GOOD : 0;
}

/* ---- show ---- */

struct shown {
	struct policy_version version;
	struct buf body, signature;
};

static int load(const char *dir, struct shown *s, char *error)
{
	char path[4096];
	const struct store_options o = {.dir = path};
	struct store_db *db = NULL;
	struct store *store = NULL;
	int r = snprintf(path, sizeof(path), "%s/data", dir) < (int)sizeof(path) ? 0
										 : -ENAMETOOLONG;

	if (!r)
		r = store_open(&o, &store, error);
	if (!r)
		r = store_reader_new(store, &db);
	if (!r)
		r = policy_latest(db, &s->version, &s->body, &s->signature);
	store_reader_free(db);
	store_close(store);
	return r;
}

/* True: the signature is of the key that agents have pinned. */
static bool is_ours(const char *dir, const struct shown *s, char *error, size_t size)
{
	CLEANUP_SIGN_KEY struct sign_key *key = NULL;
	CLEANUP_BUF struct buf pem = BUF_INIT;
	char path[4096];
	int err = snprintf(path, sizeof(path), "%s/keys/policy.pub", dir) < (int)sizeof(path)
			  ? file_read(path, FILE_MAX, &pem)
			  : -ENAMETOOLONG;

	if (!err)
		err = sign_key_from_public_pem(pem.data, pem.len, &key);
	if (!err)
		err = sign_verify(key, s->body.data, s->body.len, s->signature.data,
				  s->signature.len);
	if (err)
		snprintf(error, size, "NOT GOOD by %.200s: %s", path, strerror(-err));
	else
		snprintf(error, size, "good, by key %s", sign_key_id(key));
	return !err;
}

static void print_body(const struct shown *s)
{
	json_t *body = json_loadb(buf_str(&s->body), s->body.len, 0, NULL);

	if (body)
		json_dumpf(body, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);
	putchar('\n');
	json_decref(body);
}

static int show(const char *dir)
{
	struct shown s = {.body = BUF_INIT, .signature = BUF_INIT};
	char error[STORE_ERROR_SIZE + 128] = "";
	int status = 0, r = load(dir, &s, error);

	if (r < 0)
		status = command_fail("%s: %s", dir, error[0] ? error : strerror(-r));
	else if (r == 0)
		status = command_fail("%s: no policy was published", dir);
	if (!status) {
		status = is_ours(dir, &s, error, sizeof(error)) ? 0 : EXIT_NOT_GOOD;
		printf("version %llu.%llu, signature %s\n", (unsigned long long)s.version.epoch,
		       (unsigned long long)s.version.number, error);
		print_body(&s);
	}
	buf_done(&s.body);
	buf_done(&s.signature);
	return status;
}

static int run(int argc, char **argv)
{
	if (argc == 3 && text_equal(argv[1], "check"))
		return check(argv[2]);
	if (argc == 3 && text_equal(argv[1], "show"))
		return show(argv[2]);
	return command_fail("usage: menshen policy %s", command_policy.usage);
}

const struct command command_policy = {
	.name = "policy",
	.usage = "show DIR | check FILE",
	.help = "shows the policy in force in a server's folder, or says whether a file can be one",
	.run = run,
};
