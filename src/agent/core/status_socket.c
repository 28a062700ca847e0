#define _GNU_SOURCE
#include "agent/core/status_socket.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/inquiry.h"
#include "base/log.h"

#define SOCKET "status.sock" /* below the run folder, as the file */
#define FILE_NAME "status.json"
#define REPORT_MAX (256U << 10)

struct status_socket {
	struct inquiry *inquiry;
	char *file;
	json_t *(*report)(void *arg);
	void *arg;
};

static char *make_text(const struct status_socket *s)
{
	json_t *report = s->report(s->arg);
	char *text = report ? json_dumps(report, JSON_COMPACT) : NULL;

	json_decref(report);
	return text;
}

static void answer(void *arg, const char *line, uid_t uid, struct buf *out)
{
	CLEANUP_FREE char *text = make_text(arg);

	(void)line, (void)uid;
	if (text)
		buf_puts(out, text);
	else
		out->error = -ENOMEM;
}

int status_socket_new(struct loop *loop, const char *run_dir, json_t *(*report)(void *arg),
		      void *arg, struct status_socket **ret)
{
	struct status_socket *s = calloc(1, sizeof(*s));
	CLEANUP_FREE char *path = NULL;
	int err = s ? file_path(run_dir, SOCKET, &path) : -ENOMEM;
	const struct inquiry_rules rules = {
		.path = path, .mode = 0666, .answer_max = REPORT_MAX, .answer = answer, .arg = s};

	if (!err)
		err = file_path(run_dir, FILE_NAME, &s->file);
	if (!err) {
		s->report = report;
		s->arg = arg;
		err = inquiry_new(loop, &rules, &s->inquiry);
	}
	if (err)
		status_socket_free(s);
	else
		*ret = s;
	return err;
}

void status_socket_free(struct status_socket *s)
{
	if (!s)
		return;
	inquiry_free(s->inquiry);
	free(s->file);
	free(s);
}

void status_socket_publish(struct status_socket *s)
{
	CLEANUP_FREE char *text = make_text(s);
	CLEANUP_BUF struct buf beside = BUF_INIT;
	CLEANUP_FD int fd = -1;

	buf_printf(&beside, "%s.new", s->file);
	if (!beside.error)
		fd = open(buf_str(&beside), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
			  0644);
	if (!text || fd < 0 || fchmod(fd, 0644) < 0 || file_write_all(fd, text, strlen(text)) ||
	    rename(buf_str(&beside), s->file) < 0)
		log_warn("%s could not be written", s->file);
}

/* ---- the asking side ---- */

static int parse(const struct buf *text, json_t **ret)
{
	json_t *report = json_loadb(buf_str(text), text->len, 0, NULL);

	if (!json_is_object(report)) {
		json_decref(report);
		return -EBADMSG;
	}
	*ret = report;
	return 0;
}

static int ask_running(const char *run_dir, json_t **ret)
{
	CLEANUP_BUF struct buf text = {.limit = REPORT_MAX};
	CLEANUP_FREE char *path = NULL;
	int err = file_path(run_dir, SOCKET, &path);

	if (!err)
		err = inquiry_ask(path, NULL, &text);
	return err ? err : parse(&text, ret);
}

static int read_last(const char *run_dir, json_t **ret)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	CLEANUP_FREE char *path = NULL;
	int err = file_path(run_dir, FILE_NAME, &path);

	if (!err)
		err = file_read(path, REPORT_MAX, &text);
	return err ? err : parse(&text, ret);
}

int status_ask(const char *run_dir, json_t **ret, bool *ret_running)
{
	bool running = ask_running(run_dir, ret) == 0;
	int err = running ? 0 : read_last(run_dir, ret);

	if (!err)
		*ret_running = running;
	return err;
}
