/* json.c: strings and numbers as JSON (RFC 8259) has them. */
#include "base/json.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/source.h"

void json_string(FILE *out, const char *text) {
  fputc('"', out);
  for (const char *s = text; s && *s;) {
    size_t n = utf8_length(s);
    if (n == 0) {
      fputs("\\ufffd", out);
      n = 1;
    } else if ((unsigned char)*s < 0x20) {
      fprintf(out, "\\u%04x", (unsigned char)*s);
    } else if (*s == '"' || *s == '\\') {
      fprintf(out, "\\%c", *s);
    } else {
      fwrite(s, 1, n, out);
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
