/* base64.h: bytes as letters, digits, + and / (RFC 4648, section 4). */
#ifndef DYN_BASE_BASE64_H
#define DYN_BASE_BASE64_H

#include "base/arena.h"

const char *base64_text(Arena *a, const void *bytes, size_t n);
/* The bytes of the letters at the start of text, up to the first that is none. */
void *base64_bytes(Arena *a, const char *text, size_t len, size_t *n);

#endif
