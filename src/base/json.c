/* json.c: strings and numbers as JSON (RFC 8259) has them. */
#include "base/json.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* The length of the UTF-8 sequence at s, or 0 if it is none (Unicode 15, table 3-7). */
static int utf8_length(const unsigned char *s) {
  if (s[0] < 0x80) return 1;
  int n = s[0] >= 0xC2 && s[0] < 0xE0 ? 2 : s[0] >= 0xE0 && s[0] < 0xF0 ? 3 : s[0] <= 0xF4 ? 4 : 0;
  if (s[0] < 0xC2) n = 0;
  for (int i = 1; i < n; i++) {
    if ((s[i] & 0xC0) != 0x80) return 0;
  }
  bool overlong = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
  bool outside = (s[0] == 0xED && s[1] > 0x9F) || (s[0] == 0xF4 && s[1] > 0x8F);
  return overlong || outside ? 0 : n;
}

void json_string(FILE *out, const char *text) {
  fputc('"', out);
  for (const unsigned char *s = (const unsigned char *)text; s && *s;) {
    int n = utf8_length(s);
    if (n == 0) {
      fputs("\\ufffd", out);
      n = 1;
    } else if (*s < 0x20) {
      fprintf(out, "\\u%04x", *s);
    } else if (*s == '"' || *s == '\\') {
      fprintf(out, "\\%c", *s);
    } else {
      fwrite(s, 1, (size_t)n, out);
    }
    s += n;
  }
  fputc('"', out);
}

void json_number(FILE *out, double x) {
  char text[32];
  if (!isfinite(x)) {
    fprintf(out, "\"%g\"", x);
    return;
  }
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(text, sizeof text, "%.*g", digits, x);
    if (strtod(text, NULL) == x) break;
  }
  fputs(text, out);
}
