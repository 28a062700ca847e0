/* menshen backup: the store of a running server, its keys and its configuration, in one sealed
 * file. */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/command.h"
#include "crypto/archive.h"
#include "crypto/secret.h"
#include "server/settings.h"
#include "store/store.h"

#define CONFIG_DEFAULT "/etc/menshen/menshend.conf"

struct backing {
	const char *out, *passphrase_file, *config;
	struct settings settings;
	struct buf passphrase, head;
	char copy[4096]; /* the store's copy, removed in the end */
	int lock;	 /* held while the copy stands */
	struct archive_writer *archive;
	size_t files;
};

/* A key may be a link to where it is; what a file system does not say of a name, stat() does. */
static int add_if_file(struct backing *b, const char *name, const char *path)
{
	struct stat st;
	int err;

	if (stat(path, &st) < 0)
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		return 0;
	else
		err = archive_add_file(b->archive, name, path);
	b->files++;
	if (err)
		fprintf(stderr, "menshen: %s cannot be backed up: %s\n", path, strerror(-err));
	return err;
}

static int add_folder(struct backing *b, const char *dir, const char *prefix)
{
	const struct dirent *e;
	DIR *d = opendir(dir);
	int err = d ? 0 : -errno;

	while (d && !err && (errno = 0, e = readdir(d))) {
		char name[ARCHIVE_NAME_SIZE];
		CLEANUP_FREE char *path = NULL;

		if (e->d_name[0] == '.')
			continue;
		if (snprintf(name, sizeof(name), "%s/%s", prefix, e->d_name) >= (int)sizeof(name))
			err = -ENAMETOOLONG;
		if (!err)
			err = file_path(dir, e->d_name, &path);
		if (!err)
			err = add_if_file(b, name, path);
	}
	if (!err)
		err = -errno;
	if (d)
		closedir(d);
	return err;
}

static int read_head(struct backing *b, char *error)
{
	const struct store_options o = {.dir = b->copy};
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	struct store_db *db = NULL;
	struct store *s = NULL;
	int r = store_open(&o, &s, error);

	if (!r)
		r = store_reader_new(s, &db);
	if (!r)
		r = store_select(db, STMT_LOG_HEAD_LAST, STORE_NO_ARGS, &c);
	if (!r)
		r = store_next(c);
	if (r == 1)
		buf_puts(&b->head, store_text(c, 0));
	store_cursor_free(TAKE_PTR(c));
	store_reader_free(db);
	store_close(s);
	return r == 1 ? b->head.error : r ? r : -ENODATA;
}

static void empty_copy(const struct backing *b)
{
	const struct dirent *e;
	DIR *d = opendir(b->copy);

	while (d && (e = readdir(d))) {
		CLEANUP_FREE char *path = NULL;

		if (e->d_name[0] != '.' && file_path(b->copy, e->d_name, &path) == 0)
			unlink(path);
	}
	if (d)
		closedir(d);
}

/*
 * Beside the store: it is not sealed yet, and the archive's place may be a stick or a share. One
 * name and a lock on it, so that what a killed backup left behind goes with the next.
 */
static int make_copy(struct backing *b, char *error)
{
	int err = snprintf(b->copy, sizeof(b->copy), "%s/backup", b->settings.data_dir) <
				  (int)sizeof(b->copy)
			  ? 0
			  : -ENAMETOOLONG;

	if (!err)
		err = file_lock(b->settings.data_dir, "backup.lock", &b->lock);
	if (!err && mkdir(b->copy, 0700) < 0 && errno != EEXIST)
		err = -errno;
	if (err == -EBUSY)
		snprintf(error, STORE_ERROR_SIZE, "another backup is under way");
	if (err)
		return err;
	empty_copy(b);
	err = store_backup(b->settings.data_dir, b->copy);
	return err ? err : read_head(b, error);
}

static void remove_copy(struct backing *b)
{
	if (b->lock < 0)
		return;
	empty_copy(b);
	rmdir(b->copy);
	close_cleanup(&b->lock);
}

static int write_archive(struct backing *b)
{
	int err = archive_create(b->out, buf_str(&b->passphrase), &b->archive);

	if (!err)
		err = archive_add_bytes(b->archive, "head", 0600, b->head.data, b->head.len);
	if (!err)
		err = archive_add_file(b->archive, "menshend.conf", b->config);
	if (!err)
		err = add_folder(b, b->settings.keys_dir, "keys");
	if (!err)
		err = add_folder(b, b->copy, "data");
	return err ? err : archive_finish(b->archive);
}

static int carry_out(struct backing *b)
{
	char error[MAX(CONFIG_ERROR_SIZE, STORE_ERROR_SIZE)] = "";
	int64_t began_ms = clock_mono_ms();
	int err = settings_load(b->config, &b->settings, error);

	if (err)
		return command_fail("%s", error);
	err = archive_passphrase_load(b->passphrase_file, &b->passphrase);
	if (err)
		return command_fail("%s: %s", b->passphrase_file,
				    err == -EPERM ? "others can read it; chmod 600"
						  : strerror(-err));
	err = make_copy(b, error);
	if (!err)
		err = write_archive(b);
	remove_copy(b);
	if (err)
		return command_fail("%s: %s", b->out,
				    error[0]	     ? error
				    : err == -EINVAL ? "the passphrase wants 12 to 1024 bytes"
						     : strerror(-err));
	printf("backup  %s\nfiles   %zu, in %lld ms\nhead    %s%s", b->out, b->files + 2,
	       (long long)(clock_mono_ms() - began_ms), buf_str(&b->head),
	       b->head.data[b->head.len - 1] == '\n' ? "" : "\n");
	return 0;
}

static int run(int argc, char **argv)
{
	struct backing b = {
		.config = CONFIG_DEFAULT, .lock = -1, .passphrase = BUF_INIT, .head = BUF_INIT};
	const struct command_option options[] = {{"--out", &b.out, 1},
						 {"--passphrase-file", &b.passphrase_file, 1}};
	int rest, status;

	if (command_options(argc, argv, options, ARRAY_SIZE(options), &rest))
		return EXIT_NOT_DONE;
	if (rest + 1 < argc || !b.out || !b.passphrase_file)
		return command_fail("usage: menshen backup %s", command_backup.usage);
	if (rest < argc)
		b.config = argv[rest];
	status = carry_out(&b);
	archive_writer_free(b.archive);
	secret_buf_done(&b.passphrase);
	buf_done(&b.head);
	return status;
}

const struct command command_backup = {
	.name = "backup",
	.usage = "--out FILE --passphrase-file FILE [CONFIG]",
	.help = "seals a running server's store, keys and configuration into one file",
	.run = run,
};
