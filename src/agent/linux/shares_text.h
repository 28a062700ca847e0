/* Reading what names shares: smb.conf(5), net(8)'s usershares, exports(5). Linux. */
#pragma once

#include "policy/shares.h"

/* The next free place, NULL when the list is full (then it says so). */
struct share *shares_add(struct shares *s, enum share_kind kind);

#define SMB_INCLUDE_SIZE 256
#define SMB_INCLUDES_MAX 8
struct smb_includes {
	char list[SMB_INCLUDES_MAX][SMB_INCLUDE_SIZE];
	size_t count;
};

/* Each takes text that ends with a NUL, and what it does not understand it skips. */
void shares_read_smb(const char *text, struct shares *to, struct smb_includes *includes);
void shares_read_usershare(const char *name, const char *text, struct shares *to);
void shares_read_exports(const char *text, struct shares *to);
