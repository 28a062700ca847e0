#include "gate/tend/backup.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "crypto/archive.h"
#include "crypto/secret.h"

#define CONFIG_MAX 65536
#define PART_SIZE 4096

/* The files that the configuration names: where each lies in the archive and after a restore. */
static const struct part {
	const char *section, *setting, *name;
	size_t path; /* in struct settings */
	bool may_lack;
} parts[] = {
	{"gate", "sealing_key", "bundle/gate-sealing.key", offsetof(struct settings, sealing_key),
	 false},
	{"engine", "certificate", "bundle/eap.pem", offsetof(struct settings, engine_certificate),
	 true},
	{"engine", "key", "bundle/eap.key", offsetof(struct settings, engine_key), true},
	{"engine", "client_ca", "bundle/client-ca.pem", offsetof(struct settings, client_ca), true},
	{"radius", "radsec_ca", "bundle/radsec-ca.pem", offsetof(struct settings, radsec_ca), true},
	{"server", "ca", "bundle/ca.pem", offsetof(struct settings, ca), true},
	{"server", "certificate", "bundle/gate.pem", offsetof(struct settings, certificate), true},
	{"server", "key", "bundle/gate.key", offsetof(struct settings, key), true},
	{"server", "cosign_key", "bundle/cosign.key", offsetof(struct settings, cosign_key), true},
};

static const char *const state_files[] = {
	"snapshot",    "snapshot.previous", "heads",  "identity.pem", "pending.pem",
	"bypass.json", "isolations.json",   "rescue", "learnt",
};

struct job {
	const char *out, *in, *dir, *passphrase_file;
	struct buf passphrase;
};

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "menshen-gate: %s: %s\n", what, why);
	return 2;
}

/* ---- backup ---- */

static int add_parts(struct archive_writer *w, const struct settings *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		const char *path = (const char *)s + parts[i].path;
		int err = archive_add_file(w, parts[i].name, path);

		if (err && !(err == -ENOENT && parts[i].may_lack)) {
			fail(path, strerror(-err));
			return err;
		}
	}
	return 0;
}

static int add_state(struct archive_writer *w, const struct settings *s)
{
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(state_files); i++) {
		CLEANUP_FREE char *path = NULL;
		char name[ARCHIVE_NAME_SIZE];

		snprintf(name, sizeof(name), "state/%s", state_files[i]);
		err = file_path(s->state_dir, state_files[i], &path);
		if (!err)
			err = archive_add_file(w, name, path);
		if (err == -ENOENT)
			err = 0;
	}
	return err;
}

static int backup(const char *config, const struct job *j)
{
	struct archive_writer *w = NULL;
	char error[CONFIG_ERROR_SIZE];
	int64_t began_ms = clock_mono_ms();
	struct settings s;
	int err;

	if (settings_load(config, &s, error))
		return fail("backup", error);
	err = archive_create(j->out, buf_str(&j->passphrase), &w);
	if (!err)
		err = archive_add_file(w, "gate.conf", config);
	if (!err)
		err = add_parts(w, &s);
	if (!err)
		err = add_state(w, &s);
	if (!err)
		err = archive_finish(w);
	archive_writer_free(w);
	if (err)
		return fail(j->out, err == -EINVAL ? "the passphrase wants 12 to 1024 bytes"
						   : strerror(-err));
	printf("the gate %s is backed up into %s, in %lld ms\n", s.name, j->out,
	       (long long)(clock_mono_ms() - began_ms));
	return 0;
}

/* ---- restore ---- */

struct rewriting {
	const char *dir; /* absolute */
	struct buf out;
	char section[32];
	unsigned told; /* sections whose paths are written, by the index of their first part */
};

static bool has(const struct rewriting *r, const char *name)
{
	CLEANUP_FREE char *path = NULL;

	return file_path(r->dir, name, &path) == 0 && access(path, F_OK) == 0;
}

static void put_paths(struct rewriting *r, const char *section)
{
	if (text_equal(section, "gate"))
		buf_printf(&r->out, "state_dir = %s/state\n", r->dir);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (!text_equal(parts[i].section, section))
			continue;
		r->told |= 1U << i;
		if (has(r, parts[i].name))
			buf_printf(&r->out, "%s = %s/%s\n", parts[i].setting, r->dir,
				   parts[i].name);
	}
}

static bool is_path(const char *section, const char *name, size_t len)
{
	if (text_equal(section, "gate") && len == 9 && memcmp(name, "state_dir", len) == 0)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (text_equal(parts[i].section, section) && strlen(parts[i].setting) == len &&
		    memcmp(parts[i].setting, name, len) == 0)
			return true;
	return false;
}

static void take_line(struct rewriting *r, const char *line, size_t len)
{
	size_t name_len = strcspn(line, " \t=\n");
	size_t end = strcspn(line, "]\n");

	if (line[0] == '[' && line[end] == ']') {
		buf_append(&r->out, line, len);
		buf_puts(&r->out, "\n");
		if (text_copy_n(r->section, sizeof(r->section), line + 1, end - 1))
			r->section[0] = 0;
		put_paths(r, r->section);
		return;
	}
	if (text_equal(r->section, "gate") && name_len == 7 && memcmp(line, "run_dir", 7) == 0)
		buf_printf(&r->out, "run_dir = %s/run\n", r->dir);
	else if (!is_path(r->section, line, name_len)) {
		buf_append(&r->out, line, len);
		buf_puts(&r->out, "\n");
	}
}

static int rewrite_config(const char *dir)
{
	CLEANUP_FREE char *path = NULL;
	CLEANUP_BUF struct buf was = BUF_INIT;
	struct rewriting r = {.dir = dir, .out = BUF_INIT};
	int err = file_path(dir, "gate.conf", &path);

	if (!err)
		err = file_read(path, CONFIG_MAX, &was);
	if (err)
		return err;
	for (const char *line = buf_str(&was); *line;) {
		size_t len = strcspn(line, "\n");

		take_line(&r, line, len);
		line += len + (line[len] == '\n');
	}
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (!(r.told & 1U << i)) {
			buf_printf(&r.out, "[%s]\n", parts[i].section);
			put_paths(&r, parts[i].section);
		}
	err = r.out.error ? r.out.error : file_replace(path, r.out.data, r.out.len, 0644);
	buf_done(&r.out);
	return err;
}

static int make_absolute(const char *dir, char ret[static PART_SIZE])
{
	CLEANUP_FREE char *cwd = dir[0] == '/' ? NULL : getcwd(NULL, 0);
	int n = dir[0] == '/' ? snprintf(ret, PART_SIZE, "%s", dir)
			      : snprintf(ret, PART_SIZE, "%s/%s", cwd ? cwd : "", dir);

	return n < PART_SIZE && (cwd || dir[0] == '/') ? 0 : -ENAMETOOLONG;
}

static int restore(const struct job *j)
{
	struct archive_extracted done;
	char dir[PART_SIZE], error[CONFIG_ERROR_SIZE];
	CLEANUP_FREE char *config = NULL;
	int64_t began_ms = clock_mono_ms();
	struct settings s;
	int err = make_absolute(j->dir, dir);

	if (err)
		return fail(j->dir, strerror(-err));
	err = archive_extract(j->in, buf_str(&j->passphrase), dir, &done);
	if (err)
		return fail(err == -EEXIST ? dir : j->in,
			    err == -EPERM     ? "another passphrase, or it was altered"
			    : err == -EBADMSG ? "no whole backup; what came out of it is not to be "
						"used"
			    : err == -EEXIST  ? "is there already; nothing was changed"
					      : strerror(-err));
	/* The engine's own user passes through it to the run folder. */
	err = chmod(dir, 0711) < 0 ? -errno : rewrite_config(dir);
	if (!err)
		err = file_path(dir, "gate.conf", &config);
	if (err)
		return fail(j->in, err == -ENOENT ? "no gate's backup" : strerror(-err));
	if (settings_load(config, &s, error))
		return fail("restore", error);
	printf("the gate %s is restored into %s: %zu files, %llu bytes, in %lld ms\n"
	       "start menshen-gate -c %s; the machine it stood on must not come back\n",
	       s.name, dir, done.files, (unsigned long long)done.bytes,
	       (long long)(clock_mono_ms() - began_ms), config);
	return 0;
}

/* ---- the commands ---- */

bool backup_is_command(const char *word)
{
	return text_equal(word, "backup") || text_equal(word, "restore");
}

static int read_options(int argc, char **argv, struct job *j)
{
	const struct {
		const char *name;
		const char **value;
	} options[] = {{"--out", &j->out},
		       {"--in", &j->in},
		       {"--dir", &j->dir},
		       {"--passphrase-file", &j->passphrase_file}};

	for (int at = 1; at < argc; at += 2) {
		size_t i = 0;

		while (i < ARRAY_SIZE(options) && !text_equal(options[i].name, argv[at]))
			i++;
		if (i == ARRAY_SIZE(options) || at + 1 == argc)
			return -EINVAL;
		*options[i].value = argv[at + 1];
	}
	return 0;
}

int backup_command(const char *config, int argc, char **argv)
{
	struct job j = {.passphrase = BUF_INIT};
	bool back = text_equal(argv[0], "restore");
	int status, err = read_options(argc, argv, &j);

	if (err || !j.passphrase_file || (back ? !j.in || !j.dir : !j.out))
		return fail("usage", back ? "menshen-gate restore --in FILE --passphrase-file FILE "
					    "--dir DIR"
					  : "menshen-gate [-c CONFIG] backup --out FILE "
					    "--passphrase-file FILE");
	err = archive_passphrase_load(j.passphrase_file, &j.passphrase);
	if (err)
		status = fail(j.passphrase_file,
			      err == -EPERM ? "others can read it; chmod 600" : strerror(-err));
	else
		status = back ? restore(&j) : backup(config, &j);
	secret_buf_done(&j.passphrase);
	return status;
}
