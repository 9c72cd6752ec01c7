/* base64.c: see base64.h. */
#include "base/base64.h"

#include <string.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const char *base64_text(Arena *a, const void *bytes, size_t n) {
  const unsigned char *from = bytes;
  char *text = arena_alloc(a, (n + 2) / 3 * 4 + 1), *out = text;
  for (size_t i = 0; i < n; i += 3) {
    size_t left = n - i;
    uint32_t three = (uint32_t)from[i] << 16;
    if (left > 1) three |= (uint32_t)from[i + 1] << 8;
    if (left > 2) three |= from[i + 2];
    *out++ = letters[three >> 18];
    *out++ = letters[three >> 12 & 63];
    *out++ = left > 1 ? letters[three >> 6 & 63] : '=';
    *out++ = left > 2 ? letters[three & 63] : '=';
  }
  return text;
}

void *base64_bytes(Arena *a, const char *text, size_t len, size_t *n) {
  unsigned char value[256], *bytes = arena_alloc(a, len / 4 * 3 + 4);
  uint32_t bits = 0;
  memset(value, 255, sizeof value);
  for (unsigned i = 0; i < 64; i++) value[(unsigned char)letters[i]] = (unsigned char)i;
  *n = 0;
  for (size_t i = 0; i < len && value[(unsigned char)text[i]] < 64; i++) {
    bits = bits << 6 | value[(unsigned char)text[i]];
    if (i % 4) bytes[(*n)++] = (unsigned char)(bits >> (6 - 2 * (i % 4)));
  }
  return bytes;
}
