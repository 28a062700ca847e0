/*
 * menshen restore: a server's folder out of a backup, proven before anybody relies on it. What was
 * committed after the backup is gone; so that nobody takes that for a forged history, the restored
 * log goes on under a new epoch, and its first entry says that it was restored.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/command.h"
#include "crypto/archive.h"
#include "crypto/secret.h"
#include "journal/head.h"
#include "server/engine/restored.h"
#include "server/keys.h"
#include "server/settings.h"

#define CONFIG_MAX 65536
#define KEPT_MAX (HEAD_LINES_MAX * (size_t)HEAD_TEXT_MAX)
#define PATH_SIZE 4096

struct restoring {
	const char *in, *dir, *passphrase_file, *head_file;
	char absolute[PATH_SIZE];
	struct head head; /* of the backup */
	uint64_t epoch;	  /* from now on */
};

static int path_in(const struct restoring *r, const char *name, char ret[static PATH_SIZE])
{
	return snprintf(ret, PATH_SIZE, "%s/%s", r->absolute, name) < PATH_SIZE ? 0 : -ENAMETOOLONG;
}

/* ---- the configuration, with the new folders and the next epoch ---- */

static bool sets(const char *line, const char *name)
{
	size_t len = strlen(name);
	char sign;

	line += strspn(line, " \t");
	sign = strncmp(line, name, len) ? 0 : line[len + strspn(line + len, " \t")];
	return sign == '=' || sign == ':';
}

static bool is_replaced(const char *line)
{
	return sets(line, "data_dir") || sets(line, "keys_dir") || sets(line, "epoch");
}

/* Read as the server will: it must not find the folders or the epoch of before. */
static int check_config(const struct restoring *r, const char *path, char *error)
{
	char data[PATH_SIZE], keys[PATH_SIZE];
	struct settings s;
	int err = settings_load(path, &s, error);

	if (!err)
		err = path_in(r, "data", data);
	if (!err)
		err = path_in(r, "keys", keys);
	if (err)
		return err;
	return text_equal(s.data_dir, data) && text_equal(s.keys_dir, keys) && s.epoch == r->epoch
		       ? 0
		       : -EBADMSG;
}

static int rewrite_config(const struct restoring *r, char *error)
{
	CLEANUP_BUF struct buf was = BUF_INIT, is = BUF_INIT;
	char path[PATH_SIZE];
	const char *line;
	int err = path_in(r, "menshend.conf", path);

	if (!err)
		err = file_read(path, CONFIG_MAX, &was);
	if (err)
		return err;
	for (line = buf_str(&was); *line;) {
		size_t len = strcspn(line, "\n");

		if (!is_replaced(line)) {
			buf_append(&is, line, len);
			buf_puts(&is, "\n");
		}
		line += len + (line[len] == '\n');
	}
	buf_printf(&is,
		   "\n; after the restore\n[server]\ndata_dir = %s/data\nkeys_dir = %s/keys\n"
		   "[log]\nepoch = %llu\n",
		   r->absolute, r->absolute, (unsigned long long)r->epoch);
	err = is.error ? is.error : file_replace(path, is.data, is.len, 0644);
	return err ? err : check_config(r, path, error);
}

/* ---- what the restored log says of itself ---- */

static int tell(struct store *s, const struct restoring *r, int64_t now_ms)
{
	struct head head;
	int err = store_begin(s);

	if (err)
		return err;
	err = store_mark(s);
	if (!err)
		err = restored_tell(s, now_ms, &r->head, r->epoch);
	if (err)
		store_abort(s);
	return err ? err : store_commit(s, now_ms, &head);
}

static int announce(const struct restoring *r, char *error)
{
	char keys_dir[PATH_SIZE], data[PATH_SIZE];
	struct store_options o = {.dir = data, .hash = r->head.hash, .epoch = r->epoch};
	struct store *s = NULL;
	struct keys keys;
	int err = path_in(r, "keys", keys_dir);

	if (!err)
		err = path_in(r, "data", data);
	if (!err)
		err = keys_load(keys_dir, &keys, error);
	if (err)
		return err;
	o.log_key = keys.log;
	err = store_open(&o, &s, error);
	if (!err)
		err = tell(s, r, clock_wall_ms());
	store_close(s);
	keys_done(&keys);
	return err;
}

/* ---- the command ---- */

/* What was restored from this backup before and has run since then is an epoch of its own. */
static int pass_kept_epochs(struct restoring *r)
{
	CLEANUP_BUF struct buf text;
	struct head_file kept;
	int err;

	buf_init(&text, KEPT_MAX);
	err = file_read(r->head_file, KEPT_MAX, &text);
	if (!err)
		err = head_file_parse(text.data, text.len, &kept, NULL);
	if (err)
		return command_fail("%s: %s", r->head_file,
				    err == -EBADMSG ? "no heads" : strerror(-err));
	for (size_t i = 0; i < kept.head_count; i++)
		r->epoch = MAX(r->epoch, kept.heads[i].epoch + 1);
	head_file_done(&kept);
	return 0;
}

static int load_head(struct restoring *r)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	char path[PATH_SIZE];
	int err = path_in(r, "head", path);

	if (!err)
		err = file_read(path, HEAD_TEXT_MAX, &text);
	if (!err)
		err = head_parse(buf_str(&text), text.len, &r->head);
	r->epoch = r->head.epoch + 1;
	return err;
}

/* Before anything is added: the copy is what it was, up to the backup's own head. */
static int prove(const struct restoring *r)
{
	char head[PATH_SIZE];
	char *argv[] = {(char *)(uintptr_t) "verify", (char *)(uintptr_t) "--head",
			(char *)(uintptr_t)(r->head_file ? r->head_file : head),
			(char *)(uintptr_t)r->absolute, NULL};

	if (path_in(r, "head", head))
		return EXIT_NOT_DONE;
	return command_verify.run(4, argv);
}

static int find_folder(struct restoring *r)
{
	CLEANUP_FREE char *cwd = getcwd(NULL, 0);

	if (!cwd)
		return -errno;
	if (r->dir[0] == '/')
		return text_copy(r->absolute, sizeof(r->absolute), r->dir);
	return snprintf(r->absolute, sizeof(r->absolute), "%s/%s", cwd, r->dir) < PATH_SIZE
		       ? 0
		       : -ENAMETOOLONG;
}

static int unpack(struct restoring *r, struct archive_extracted *ret)
{
	CLEANUP_SECRET_BUF struct buf passphrase = BUF_INIT;
	int err = archive_passphrase_load(r->passphrase_file, &passphrase);

	if (err)
		return command_fail("%s: %s", r->passphrase_file,
				    err == -EPERM ? "others can read it; chmod 600"
						  : strerror(-err));
	err = archive_extract(r->in, buf_str(&passphrase), r->absolute, ret);
	if (!err)
		return 0;
	return command_fail("%s: %s", err == -EEXIST ? r->absolute : r->in,
			    err == -EPERM     ? "another passphrase, or it was altered"
			    : err == -EBADMSG ? "no whole backup; what came out of it is not to be "
						"used"
			    : err == -EEXIST  ? "is there already; nothing was changed"
					      : strerror(-err));
}

static int carry_out(struct restoring *r)
{
	char error[MAX(CONFIG_ERROR_SIZE, MAX(KEYS_ERROR_SIZE, STORE_ERROR_SIZE))] = "";
	int64_t began_ms = clock_mono_ms();
	struct archive_extracted done;
	int status, err = find_folder(r);

	if (err)
		return command_fail("%s: %s", r->dir, strerror(-err));
	status = unpack(r, &done);
	if (status)
		return status;
	err = load_head(r);
	if (err)
		return command_fail("%s: no server's backup", r->in);
	status = r->head_file ? pass_kept_epochs(r) : 0;
	if (status)
		return status;
	status = prove(r);
	if (status && !r->head_file)
		return status;
	err = rewrite_config(r, error);
	if (!err)
		err = announce(r, error);
	if (err)
		return command_fail("%s: %s", r->dir, error[0] ? error : strerror(-err));
	printf("restored %zu files, %llu bytes, in %lld ms into %s\n"
	       "the log goes on from %llu entries under epoch %llu; compare the heads that gates "
	       "keep: what is newer there is lost here\n",
	       done.files, (unsigned long long)done.bytes, (long long)(clock_mono_ms() - began_ms),
	       r->absolute, (unsigned long long)r->head.size, (unsigned long long)r->epoch);
	return status;
}

static int run(int argc, char **argv)
{
	struct restoring r = {0};
	const struct command_option options[] = {{"--in", &r.in, 1},
						 {"--dir", &r.dir, 1},
						 {"--passphrase-file", &r.passphrase_file, 1},
						 {"--head", &r.head_file, 1}};
	int rest;

	if (command_options(argc, argv, options, ARRAY_SIZE(options), &rest))
		return EXIT_NOT_DONE;
	if (rest < argc || !r.in || !r.dir || !r.passphrase_file)
		return command_fail("usage: menshen restore %s", command_restore.usage);
	return carry_out(&r);
}

const struct command command_restore = {
	.name = "restore",
	.usage = "--in FILE --passphrase-file FILE --dir DIR [--head FILE]",
	.help = "makes a server's folder out of a backup and proves its log",
	.run = run,
};
