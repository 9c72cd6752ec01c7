/* sha256.h: the SHA-256 digest (FIPS 180-4) of a text, as 64 hexadecimal digits. */
#ifndef DYN_REPORT_SHA256_H
#define DYN_REPORT_SHA256_H

#include <stddef.h>

void sha256_hex(const void *data, size_t n, char hex[65]);

#endif
