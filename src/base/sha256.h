/* sha256.h: the SHA-256 digest (FIPS 180-4), as 64 hexadecimal digits: of bytes at once, or piece
   by piece. */
#ifndef DYN_BASE_SHA256_H
#define DYN_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_BLOCK = 64, SHA256_HEX = 65 }; /* bytes; digits, with the NUL */

typedef struct Sha256 {
  uint32_t hash[8];
  uint64_t total; /* bytes so far */
  unsigned char rest[SHA256_BLOCK];
} Sha256;

void sha256_begin(Sha256 *s);
void sha256_add(Sha256 *s, const void *data, size_t n);
void sha256_end(Sha256 *s, char hex[SHA256_HEX]);

void sha256_hex(const void *data, size_t n, char hex[SHA256_HEX]);

#endif
