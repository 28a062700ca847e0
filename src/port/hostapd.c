#define _GNU_SOURCE
#include "port/hostapd.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

#define RESTART_MS 1000
#define ATTACH_MS 50	 /* how often its socket is tried after a start */
#define PING_MS 5000	 /* how long it may keep silent */
#define FAREWELL_MS 1000 /* how long it may take to end */
#define LINE_MAX_BYTES 4096
#define ARGUMENTS_MAX (SETTINGS_PORTS_MAX + 4)

struct hostapd {
	struct loop *loop;
	const struct settings *settings;
	struct hostapd_server server;
	struct hostapd_events events;
	void *arg;
	pid_t pid; /* 0: not running */
	int pid_fd, control_fd;
	struct loop_watch *pid_watch, *control_watch;
	struct loop_timer *timer; /* start again, attach, or ask whether it lives */
	bool heard;		  /* since the last PING */
	char own_path[108], peer_path[108];
};

static const struct {
	const char *text;
	enum hostapd_event event;
} event_table[] = {
	/* The only event that a re-authentication gives too. */
	{"CTRL-EVENT-EAP-SUCCESS2 ", HOSTAPD_SUCCESS},
	{"AP-STA-DISCONNECTED ", HOSTAPD_GONE},
};

enum hostapd_event hostapd_read_event(const char *line, char ret_port[static IF_NAMESIZE],
				      struct mac *ret_mac)
{
	const char *name = line + strlen("IFNAME="), *end, *text;
	char port[IF_NAMESIZE];

	if (!text_starts(line, "IFNAME=") || !(end = strchr(name, ' ')) ||
	    text_copy_n(port, sizeof(port), name, (size_t)(end - name)) || end[1] != '<' ||
	    !(text = strchr(end, '>')))
		return HOSTAPD_OTHER;
	text++;
	for (size_t i = 0; i < ARRAY_SIZE(event_table); i++) {
		const char *mac = text + strlen(event_table[i].text);

		if (!text_starts(text, event_table[i].text))
			continue;
		if (mac_parse_n(mac, strcspn(mac, " \n"), ret_mac))
			return HOSTAPD_OTHER;
		memcpy(ret_port, port, sizeof(port));
		return event_table[i].event;
	}
	return HOSTAPD_OTHER;
}

static void command(struct hostapd *h, const char *port, const char *verb, const struct mac *mac,
		    const char *rest)
{
	char text[128], mac_text[MAC_TEXT_SIZE];
	int n;

	if (h->control_fd < 0)
		return; /* starting: it knows nobody yet, and the knock comes again */
	mac_format(mac_text, mac);
	n = snprintf(text, sizeof(text), "IFNAME=%s %s %s%s", port, verb, mac_text, rest);
	if (send(h->control_fd, text, (size_t)n, MSG_DONTWAIT) < 0)
		log_warn("hostapd was not told %s on %s: %s", verb, port, strerror(errno));
}

/* Its effect takes seconds, in which the MAC cannot come back: only for one that is not here. */
void hostapd_dismiss(struct hostapd *h, const char *port, const struct mac *mac)
{
	command(h, port, "DEAUTHENTICATE", mac, "");
}

/* The first two begin anew for a MAC that hostapd knows, the third makes one known. */
void hostapd_invite(struct hostapd *h, const char *port, const struct mac *mac)
{
	command(h, port, "EAPOL_SET", mac, " AdminControlledPortControl ForceUnauthorized");
	command(h, port, "EAPOL_SET", mac, " AdminControlledPortControl Auto");
	command(h, port, "NEW_STA", mac, "");
}

void hostapd_renew(struct hostapd *h, const char *port, const struct mac *mac)
{
	command(h, port, "EAPOL_REAUTH", mac, "");
}

static void on_control(void *arg, int fd, uint32_t events)
{
	struct hostapd *h = arg;
	char line[LINE_MAX_BYTES], port[IF_NAMESIZE];
	struct mac mac;
	ssize_t n;

	(void)events;
	while (h->control_fd == fd && (n = recv(fd, line, sizeof(line) - 1, 0)) >= 0) {
		line[n] = 0;
		h->heard = true;
		switch (hostapd_read_event(line, port, &mac)) {
		case HOSTAPD_SUCCESS:
			h->events.success(h->arg, port, &mac);
			break;
		case HOSTAPD_GONE:
			h->events.gone(h->arg, port, &mac);
			break;
		case HOSTAPD_OTHER:
			break;
		}
	}
}

static void close_control(struct hostapd *h)
{
	loop_watch_remove(h->control_watch);
	h->control_watch = NULL;
	close_cleanup(&h->control_fd);
	h->control_fd = -1;
	unlink(h->own_path);
}

static int attach(struct hostapd *h)
{
	struct sockaddr_un own = {.sun_family = AF_UNIX}, peer = {.sun_family = AF_UNIX};
	int err = text_copy(own.sun_path, sizeof(own.sun_path), h->own_path);

	if (!err)
		err = text_copy(peer.sun_path, sizeof(peer.sun_path), h->peer_path);
	if (err)
		return err;
	unlink(h->own_path);
	h->control_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (h->control_fd < 0 ||
	    bind(h->control_fd, (const struct sockaddr *)&own, sizeof(own)) < 0 ||
	    connect(h->control_fd, (const struct sockaddr *)&peer, sizeof(peer)) < 0 ||
	    send(h->control_fd, "ATTACH", strlen("ATTACH"), 0) < 0)
		return -errno;
	return loop_watch_fd(h->loop, h->control_fd, EPOLLIN, on_control, h, &h->control_watch);
}

/* In the child, between fork and exec. It dies with its parent, whatever ends that. */
static void become_hostapd(const struct hostapd *h, char *const *arguments)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	execv(h->settings->hostapd, arguments);
	_exit(127);
}

static void on_exit_of_hostapd(void *arg, int fd, uint32_t events);

static int spawn(struct hostapd *h, char *const *arguments)
{
	h->pid = fork();
	if (h->pid < 0) {
		h->pid = 0;
		return -errno;
	}
	if (h->pid == 0)
		become_hostapd(h, arguments);
	h->pid_fd = (int)syscall(SYS_pidfd_open, h->pid, 0);
	if (h->pid_fd < 0)
		return -errno;
	return loop_watch_fd(h->loop, h->pid_fd, EPOLLIN, on_exit_of_hostapd, h, &h->pid_watch);
}

static void configuration(const struct hostapd *h, const char *port, struct buf *out)
{
	buf_printf(out,
		   "# Written by menshen-port at every start.\n"
		   "interface=%s\n"
		   "driver=wired\n"
		   "ieee8021x=1\n"
		   "use_pae_group_addr=1\n"
		   "eap_reauth_period=0\n"
		   "nas_identifier=menshen-port\n"
		   "auth_server_addr=127.0.0.1\n"
		   "auth_server_port=%u\n"
		   "auth_server_shared_secret=%s\n"
		   "radius_auth_req_attr=87:s:%s\n",
		   port, h->server.port, h->server.secret, port);
}

static int start(struct hostapd *h)
{
	char paths[SETTINGS_PORTS_MAX][SETTINGS_PATH_MAX + IF_NAMESIZE + 8];
	char program[] = "hostapd", option[] = "-g";
	char *arguments[ARGUMENTS_MAX] = {program, option, h->peer_path};
	size_t count = 3;
	int err = 0;

	for (size_t i = 0; !err && i < h->settings->ports.count; i++) {
		const char *port = h->settings->ports.name[i];
		CLEANUP_BUF struct buf text = BUF_INIT;

		if (if_nametoindex(port) == 0)
			continue; /* hostapd would not start for the others either */
		configuration(h, port, &text);
		snprintf(paths[i], sizeof(paths[i]), "%s/%s.conf", h->settings->run_dir, port);
		err = text.error ? text.error : file_replace(paths[i], text.data, text.len, 0600);
		arguments[count++] = paths[i];
	}
	if (err || count == 3)
		return err ? err : -ENODEV;
	unlink(h->peer_path);
	err = spawn(h, arguments);
	if (!err)
		loop_timer_arm(h->timer, ATTACH_MS);
	return err;
}

static void start_again(struct hostapd *h)
{
	int err = start(h);

	if (!err)
		return;
	log_error("hostapd cannot be started: %s", strerror(-err));
	loop_timer_arm(h->timer, RESTART_MS);
}

static void attach_or_wait(struct hostapd *h)
{
	if (attach(h)) {
		close_control(h);
		loop_timer_arm(h->timer, ATTACH_MS);
		return;
	}
	log_info("hostapd serves 802.1X");
	h->heard = true;
	loop_timer_arm(h->timer, PING_MS);
}

/* A process that hangs helps nobody; its end is noticed like any other. */
static void ask_whether_it_lives(struct hostapd *h)
{
	if (!h->heard) {
		log_error("hostapd does not answer; it is killed");
		kill(h->pid, SIGKILL);
		return;
	}
	h->heard = false;
	if (send(h->control_fd, "PING", strlen("PING"), MSG_DONTWAIT) < 0)
		log_debug("hostapd's socket is full");
	loop_timer_arm(h->timer, PING_MS);
}

static void on_timer(void *arg)
{
	struct hostapd *h = arg;

	if (h->pid == 0)
		start_again(h);
	else if (h->control_fd < 0)
		attach_or_wait(h);
	else
		ask_whether_it_lives(h);
}

static void forget_process(struct hostapd *h)
{
	loop_watch_remove(h->pid_watch);
	h->pid_watch = NULL;
	close_cleanup(&h->pid_fd);
	h->pid_fd = -1;
	h->pid = 0;
	close_control(h);
}

static void on_exit_of_hostapd(void *arg, int fd, uint32_t events)
{
	struct hostapd *h = arg;
	int status = 0;

	(void)fd;
	(void)events;
	waitpid(h->pid, &status, 0);
	forget_process(h);
	log_error("hostapd ended (%s %d); it is started again",
		  WIFSIGNALED(status) ? "signal" : "status",
		  WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	loop_timer_arm(h->timer, RESTART_MS);
	h->events.died(h->arg);
}

int hostapd_new(struct loop *loop, const struct settings *settings,
		const struct hostapd_server *server, const struct hostapd_events *events, void *arg,
		struct hostapd **ret)
{
	struct hostapd *h = calloc(1, sizeof(*h));
	int err;

	if (!h)
		return -ENOMEM;
	*h = (struct hostapd){.loop = loop,
			      .settings = settings,
			      .server = *server,
			      .events = *events,
			      .arg = arg,
			      .pid_fd = -1,
			      .control_fd = -1};
	snprintf(h->own_path, sizeof(h->own_path), "%s/hostapd-events", settings->run_dir);
	snprintf(h->peer_path, sizeof(h->peer_path), "%s/hostapd", settings->run_dir);
	err = access(settings->hostapd, X_OK) < 0 ? -errno : 0;
	if (!err)
		err = loop_timer_new(loop, on_timer, h, &h->timer);
	if (!err)
		err = start(h);
	if (err) {
		hostapd_free(h);
		return err;
	}
	*ret = h;
	return 0;
}

void hostapd_restart(struct hostapd *h)
{
	if (h->pid)
		kill(h->pid, SIGTERM);
}

static void end_process(const struct hostapd *h)
{
	siginfo_t info = {0};

	if (h->pid == 0)
		return;
	kill(h->pid, SIGTERM);
	for (int waited_ms = 0; waited_ms < FAREWELL_MS; waited_ms += 20) {
		if (waitid(P_PID, (id_t)h->pid, &info, WEXITED | WNOHANG) == 0 && info.si_pid)
			return;
		usleep(20000);
	}
	kill(h->pid, SIGKILL);
	waitid(P_PID, (id_t)h->pid, &info, WEXITED);
}

void hostapd_free(struct hostapd *h)
{
	if (!h)
		return;
	end_process(h);
	forget_process(h);
	unlink(h->peer_path);
	loop_timer_free(h->timer);
	free(h);
}
