#define _GNU_SOURCE
#include "agent/linux/supplicant.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "base/file.h"
#include "base/text.h"

#define ANSWER_SIZE 4096

static int path_address(struct sockaddr_un *a, const char *dir, const char *name)
{
	*a = (struct sockaddr_un){.sun_family = AF_UNIX};
	return (size_t)snprintf(a->sun_path, sizeof(a->sun_path), "%s/%s", dir, name) >=
			       sizeof(a->sun_path)
		       ? -ENAMETOOLONG
		       : 0;
}

static int open_control(const struct supplicant *s, const char *interface,
			struct sockaddr_un *ret_self)
{
	CLEANUP_FD int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const struct timeval patience = {.tv_usec = 300000};
	struct sockaddr_un peer;
	char name[40];

	snprintf(name, sizeof(name), "supplicant.%d", (int)getpid());
	if (fd < 0)
		return -errno;
	if (path_address(&peer, s->dir, interface) || path_address(ret_self, s->run_dir, name))
		return -ENAMETOOLONG;
	unlink(ret_self->sun_path);
	if (bind(fd, (struct sockaddr *)ret_self, sizeof(*ret_self)) < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0 ||
	    connect(fd, (struct sockaddr *)&peer, sizeof(peer)) < 0) {
		unlink(ret_self->sun_path);
		return -errno;
	}
	return TAKE_FD(fd);
}

/* Events of an attached monitor begin with '<'; nobody is attached here. */
static int ask(int fd, const char *request, char answer[static ANSWER_SIZE])
{
	ssize_t n;

	if (send(fd, request, strlen(request), 0) < 0)
		return -errno;
	n = recv(fd, answer, ANSWER_SIZE - 1, 0);
	if (n < 0)
		return -errno;
	answer[n] = 0;
	return 0;
}

const char *supplicant_read_status(const char *answer)
{
	if (strstr(answer, "suppPortStatus=Authorized"))
		return "authorised";
	return strstr(answer, "Supplicant PAE state=") ? "held" : "none";
}

const char *supplicant_state(const struct supplicant *s, const char *interface)
{
	char answer[ANSWER_SIZE];
	struct sockaddr_un self;
	CLEANUP_FD int fd = open_control(s, interface, &self);
	int err;

	if (fd < 0)
		return "none";
	err = ask(fd, "STATUS", answer);
	unlink(self.sun_path);
	return err ? "none" : supplicant_read_status(answer);
}

static int knock_one(const struct supplicant *s, const char *interface)
{
	char answer[ANSWER_SIZE];
	struct sockaddr_un self;
	CLEANUP_FD int fd = open_control(s, interface, &self);
	int err;

	if (fd < 0)
		return fd;
	err = ask(fd, "REASSOCIATE", answer);
	if (!err && !text_starts(answer, "OK"))
		err = -EREMOTEIO;
	unlink(self.sun_path);
	return err;
}

int supplicant_knock(const struct supplicant *s, const char *interface)
{
	CLEANUP_DIR DIR *d = NULL;
	struct dirent *entry;
	int obeyed = 0;

	if (*interface) {
		int err = knock_one(s, interface);

		return err ? err : 1;
	}
	d = opendir(s->dir);
	if (!d)
		return -errno;
	while ((entry = readdir(d)))
		if (entry->d_name[0] != '.' && strncmp(entry->d_name, "p2p-", 4) != 0)
			obeyed += knock_one(s, entry->d_name) == 0;
	return obeyed;
}
