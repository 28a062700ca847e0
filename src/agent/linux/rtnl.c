#define _GNU_SOURCE
#include "agent/linux/rtnl.h"

#include <linux/if.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define ANSWER_SIZE 16384
#define PATIENCE_S 2

int rtnl_open_family(int family, uint32_t groups, int flags)
{
	struct sockaddr_nl self = {.nl_family = AF_NETLINK, .nl_groups = groups};
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	CLEANUP_FD int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | flags, family);

	if (fd < 0 || bind(fd, (struct sockaddr *)&self, sizeof(self)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0)
		return -errno;
	return TAKE_FD(fd);
}

int rtnl_open(uint32_t groups, int flags)
{
	return rtnl_open_family(NETLINK_ROUTE, groups, flags);
}

struct rtattr *rtnl_attr(struct rtattr *a, size_t len, unsigned type)
{
	for (; RTA_OK(a, len); a = RTA_NEXT(a, len))
		if ((a->rta_type & NLA_TYPE_MASK) == type)
			return a;
	return NULL;
}

const char *rtnl_link_kind(struct rtattr *a, size_t len)
{
	struct rtattr *info = rtnl_attr(a, len, IFLA_LINKINFO), *kind;

	if (!info)
		return "";
	kind = rtnl_attr(RTA_DATA(info), RTA_PAYLOAD(info), IFLA_INFO_KIND);
	return kind ? RTA_DATA(kind) : "";
}

int rtnl_dump(int fd, uint16_t type, void (*take)(void *arg, struct nlmsghdr *h), void *arg)
{
	struct {
		struct nlmsghdr h;
		struct rtgenmsg g;
	} ask = {{.nlmsg_len = sizeof(ask),
		  .nlmsg_type = type,
		  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		 {.rtgen_family = AF_UNSPEC}};
	_Alignas(NLMSG_ALIGNTO) char answer[ANSWER_SIZE];

	if (send(fd, &ask, sizeof(ask), 0) < 0)
		return -errno;
	for (;;) {
		ssize_t n = recv(fd, answer, sizeof(answer), 0);
		struct nlmsghdr *h = (void *)answer;
		size_t left = (size_t)n;

		if (n < 0)
			return -errno;
		for (; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
			if (h->nlmsg_type == NLMSG_DONE)
				return 0;
			if (h->nlmsg_type == NLMSG_ERROR)
				return -EIO;
			take(arg, h);
		}
	}
}

int rtnl_ask(int fd, const struct nlmsghdr *h)
{
	struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
		char echo[256];
	} answer;

	if (send(fd, h, h->nlmsg_len, 0) < 0)
		return -errno;
	if (recv(fd, &answer, sizeof(answer), 0) < (ssize_t)NLMSG_LENGTH(sizeof(answer.e)))
		return -EIO;
	return answer.h.nlmsg_type == NLMSG_ERROR ? answer.e.error : -EIO;
}

void rtnl_drain(int fd)
{
	char answer[4096];

	/* -ENOBUFS means that some were lost: everything is read anew anyway. */
	while (recv(fd, answer, sizeof(answer), MSG_DONTWAIT) > 0 || errno == ENOBUFS)
		;
}
