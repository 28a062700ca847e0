/*
 * The console's files: hashed assets for a year, index.html anew each time with a fresh nonce in
 * place of __CSP_NONCE__; a path without a dot that is no file gives index.html (the page routes
 * itself). FILE.br or FILE.gz beside a file is sent to whoever takes it.
 */
#pragma once

#include <microhttpd.h>

#include "server/api/server.h"

enum MHD_Result static_reply(struct api *a, struct MHD_Connection *connection, const char *url,
			     const char *method);
/* A relative path without anything that could leave the folder: segments of letters, digits,
 * ".", "_", "-", none of which begins with a dot. */
bool static_path_is_safe(const char *path);
