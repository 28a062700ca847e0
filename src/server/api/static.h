/*
 * Files over HTTPS, the console's and the enrolment page's: hashed assets for a year, index.html
 * anew each time with a fresh nonce in place of __CSP_NONCE__; a path without a dot that is no file
 * gives index.html (the page routes itself); where there is no index.html, the site's own page.
 * FILE.br or FILE.gz beside a file is sent to whoever takes it.
 */
#pragma once

#include <microhttpd.h>

#include "base/util.h"

#define STATIC_TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

struct static_site {
	const char *dir;  /* NULL: there are no files */
	const char *page; /* HTML, NULL: none */
};

bool static_is_read(const char *method); /* GET or HEAD */
/* The port that a daemon listens on; 0: unknown. */
uint16_t static_port(struct MHD_Daemon *daemon);
enum MHD_Result static_reply(const struct static_site *site, struct MHD_Connection *connection,
			     const char *url, const char *method);
/* A relative path without anything that could leave the folder: segments of letters, digits,
 * ".", "_", "-", none of which begins with a dot. */
bool static_path_is_safe(const char *path);
