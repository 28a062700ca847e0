/* menshen verify: the proof that nobody touched the log, without the server. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/command.h"
#include "journal/bundle.h"
#include "journal/verify.h"
#include "store/store.h"

#define KEPT_MAX (64U << 20)
#define KEYS_MAX 65536

struct verifying {
	struct sign_keyring keys;
	struct head_file kept;
	bool has_kept;
};

static int tell(const struct verify_report *r)
{
	char at[CLOCK_TEXT_SIZE];

	if (r->fault != VERIFY_GOOD) {
		printf("NOT GOOD: %s: %s\n", verify_fault_name(r->fault), r->sentence);
		return EXIT_NOT_GOOD;
	}
	clock_format_cst(at, r->last.at_ms);
	printf("GOOD: %llu entries, %llu heads, %llu kept heads, %llu rows, %llu batches, %llu "
	       "records; last head %llu of %s\n",
	       (unsigned long long)r->entries, (unsigned long long)r->heads,
	       (unsigned long long)r->kept_heads, (unsigned long long)r->rows,
	       (unsigned long long)r->batches, (unsigned long long)r->records,
	       (unsigned long long)r->last.size, at);
	return 0;
}

static int verify_source(const struct verifying *v, const struct log_source *source,
			 const char *what)
{
	struct verify_report report;
	int err = log_verify(source, v->has_kept ? &v->kept : NULL, &v->keys, &report);

	return err ? command_fail("%s: cannot be read: %s", what, strerror(-err)) : tell(&report);
}

static int verify_store(const struct verifying *v, const char *dir)
{
	const struct store_options o = {.dir = dir};
	char error[STORE_ERROR_SIZE] = "";
	struct log_source source;
	struct store_db *db = NULL;
	struct store *s = NULL;
	int status, err = store_open(&o, &s, error);

	if (err)
		return command_fail("%s", error);
	err = store_reader_new(s, &db);
	if (!err)
		err = store_reader_begin(db);
	if (err) {
		status = command_fail("%s: cannot be read: %s", dir, strerror(-err));
	} else {
		source = store_log_source(db);
		status = verify_source(v, &source, dir);
		store_reader_end(db);
	}
	store_reader_free(db);
	store_close(s);
	return status;
}

static int verify_mapped(const struct verifying *v, const char *path, const void *bytes, size_t len)
{
	CLEANUP_BUNDLE struct bundle *b = NULL;
	size_t offset = 0;
	int err = bundle_open(bytes, len, &b, &offset);

	if (err == -EBADMSG) {
		printf("NOT GOOD: %s: no whole bundle; byte %zu does not fit\n", path, offset);
		return EXIT_NOT_GOOD;
	}
	if (err)
		return command_fail("%s: %s", path, strerror(-err));
	return verify_source(v, bundle_source(b), path);
}

static int verify_bundle(const struct verifying *v, const char *path)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *bytes;
	int status;

	if (fd < 0 || fstat(fd, &st) < 0)
		return command_fail("%s: %s", path, strerror(errno));
	if (st.st_size == 0) {
		printf("NOT GOOD: %s: empty, no bundle\n", path);
		return EXIT_NOT_GOOD;
	}
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return command_fail("%s: %s", path, strerror(errno));
	status = verify_mapped(v, path, bytes, (size_t)st.st_size);
	munmap(bytes, (size_t)st.st_size);
	return status;
}

static int load_kept(struct verifying *v, const char *path)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	size_t line = 0;
	int err;

	buf_init(&text, KEPT_MAX);
	err = file_read(path, KEPT_MAX, &text);
	if (!err)
		err = head_file_parse(text.data, text.len, &v->kept, &line);
	if (err == -EBADMSG)
		return command_fail("%s:%zu: no head and no co-signature", path, line);
	if (err)
		return command_fail("%s: %s", path, strerror(-err));
	v->has_kept = true;
	return 0;
}

static int load_keys(struct verifying *v, const char *const *paths)
{
	for (size_t i = 0; paths[i]; i++) {
		CLEANUP_BUF struct buf pem = BUF_INIT;
		int err = file_read(paths[i], KEYS_MAX, &pem);

		if (!err)
			err = sign_keyring_add_pem(&v->keys, pem.data, pem.len);
		if (err)
			return command_fail("%s: no public keys: %s", paths[i], strerror(-err));
	}
	return 0;
}

/* Beside the data folder lies the folder of keys, as `menshen init` makes them. */
static bool find_key_beside(const char *dir, char *dst, size_t size)
{
	static const char *const places[] = {"/../keys/log.pub", "/keys/log.pub", "/log.pub"};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (snprintf(dst, size, "%s%s", dir, places[i]) < (int)size &&
		    access(dst, R_OK) == 0)
			return true;
	return false;
}

/* A server's folder means the data folder in it. */
static bool find_data(const char *path, char *dst, size_t size)
{
	struct stat st;

	snprintf(dst, size, "%s/data", path);
	if (stat(dst, &st) == 0 && S_ISDIR(st.st_mode))
		return true;
	snprintf(dst, size, "%s", path);
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int run(int argc, char **argv)
{
	const char *head = NULL, *keys[SIGN_KEYRING_MAX + 1] = {NULL};
	const struct command_option options[] = {{"--head", &head, 1},
						 {"--key", keys, SIGN_KEYRING_MAX}};
	struct verifying v = {0};
	char data[4096], beside[4200];
	bool is_store;
	int rest, status;

	if (command_options(argc, argv, options, ARRAY_SIZE(options), &rest))
		return EXIT_NOT_DONE;
	if (rest + 1 != argc)
		return command_fail("usage: menshen verify %s", command_verify.usage);
	is_store = find_data(argv[rest], data, sizeof(data));
	if (!keys[0] && is_store && find_key_beside(data, beside, sizeof(beside)))
		keys[0] = beside;
	if (!keys[0])
		return command_fail("give the log's public key with --key FILE");
	status = load_keys(&v, keys);
	if (!status && head)
		status = load_kept(&v, head);
	if (!status)
		status = is_store ? verify_store(&v, data) : verify_bundle(&v, argv[rest]);
	sign_keyring_done(&v.keys);
	head_file_done(&v.kept);
	return status;
}

const struct command command_verify = {
	.name = "verify",
	.usage = "[--head FILE] [--key FILE]... DIR|BUNDLE",
	.help = "proves that nobody touched the audit log, or names the first bad place",
	.run = run,
};
